//! The model function of a yes-or-no model.

use core::fmt;

use crate::{INFO, Row, head::score, sums::accumulate};

/// What the model says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// Accumulator: probability or log-odds in fixed point, see `INFO.frac_bits`.
    pub logit: i64,
    /// Probability of yes in basis points, 0..=10000.
    pub score: u16,
    /// Yes: the accumulator has reached `INFO.cutoff`.
    pub decision: bool,
}

impl fmt::Display for Prediction {
    /// `logit,score,decision`, as in the fixtures.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{},{},{}",
            self.logit,
            self.score,
            u8::from(self.decision)
        )
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
    let [logit] = accumulate(row);
    Prediction {
        logit,
        score: score(logit),
        decision: logit >= INFO.cutoff,
    }
}
