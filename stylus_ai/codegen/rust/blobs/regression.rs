//! The model function of a network whose weights are in blobs and that predicts a number.

use core::fmt;

use stylus_kernels::blob::{Missing, ReadCode, Stream};

use crate::{Row, sums::accumulate};

/// What the model says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// The number in fixed point, see `INFO.frac_bits`.
    pub value: i64,
}

impl fmt::Display for Prediction {
    /// `value`, as in the fixtures.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value)
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
    let [value] = accumulate(row, weights)?;
    Ok(Prediction { value })
}
