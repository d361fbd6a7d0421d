//! The model function of a model with several classes.

use core::fmt;

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

/// Runs the model.
///
/// `row` has passed `check` or `unpack`; for another row the result is unspecified, but there is
/// no panic.
// Not inlined: the compiler must not learn the features' ranges, see stylus-kernels.
#[inline(never)]
#[must_use]
pub fn predict(row: &Row) -> Prediction {
    let logits = accumulate(row);
    let mut class = 0;
    let mut best = i64::MIN;
    for (index, logit) in (0_u16..).zip(logits) {
        if logit > best {
            best = logit;
            class = index;
        }
    }
    Prediction { logits, class }
}
