//! The model function of a network whose weights are in blobs and that tells classes apart.

use core::fmt;

use stylus_kernels::blob::{Missing, ReadCode, Stream};

use crate::{CLASSES, Row, sums::accumulate};

/// What the model says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// Accumulator of each class in fixed point, see `INFO.frac_bits`.
    pub logits: [i64; CLASSES],
    /// Class with the largest accumulator, the first of equals.
    pub class: u16,
}

impl fmt::Display for Prediction {
    /// `logits,class`, the logits apart by spaces, as in the fixtures.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut gap = "";
        for logit in self.logits {
            write!(f, "{gap}{logit}")?;
            gap = " ";
        }
        write!(f, ",{}", self.class)
    }
}

/// Runs the model, with its weights from [`crate::FIRST_BLOB`] on.
///
/// `row` has passed `check` or `unpack`; for another row the result is unspecified, but there is
/// no panic.
///
/// # Errors
/// `Missing` if a blob is not on this chain.
pub fn predict<R: ReadCode>(row: &Row, weights: &mut Stream<'_, R>) -> Result<Prediction, Missing> {
    let logits = accumulate(row, weights)?;
    let mut class = 0;
    let mut best = i64::MIN;
    for (index, logit) in (0_u16..).zip(logits) {
        if logit > best {
            best = logit;
            class = index;
        }
    }
    Ok(Prediction { logits, class })
}
