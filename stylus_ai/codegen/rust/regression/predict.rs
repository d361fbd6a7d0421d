//! The model function of a model that predicts a number.

use core::fmt;

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

/// Runs the model.
///
/// `row` has passed `check` or `unpack`; for another row the result is unspecified, but there is
/// no panic.
// Not inlined: the compiler must not learn the features' ranges, see stylus-kernels.
#[inline(never)]
#[must_use]
pub fn predict(row: &Row) -> Prediction {
    let [value] = accumulate(row);
    Prediction { value }
}
