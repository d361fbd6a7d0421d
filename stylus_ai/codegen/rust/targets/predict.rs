//! The model function of a model that predicts several numbers.

use core::fmt;

use crate::{Row, TARGETS, sums::accumulate};

/// What the model says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// The number of each target in fixed point, see `INFO.frac_bits`.
    pub values: [i64; TARGETS],
}

impl fmt::Display for Prediction {
    /// `values`, apart by spaces, as in the fixtures.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut gap = "";
        for value in self.values {
            write!(f, "{gap}{value}")?;
            gap = " ";
        }
        Ok(())
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
    let values = accumulate(row);
    Prediction { values }
}
