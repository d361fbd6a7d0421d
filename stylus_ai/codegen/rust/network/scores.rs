//! The model function of a network that tells classes apart and how sure it is.

use core::fmt;

use stylus_kernels::argmax;

use crate::{CLASSES, Row, head, sums::accumulate};

/// What the model says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// The last layer's sum for each class.
    pub logits: [i64; CLASSES],
    /// Share of each class in basis points.
    pub scores: [u16; CLASSES],
    /// Class with the largest sum, the first of equals.
    pub class: u16,
}

impl fmt::Display for Prediction {
    /// `logits,scores,class`, those of several classes apart by spaces, as in the fixtures.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut gap = "";
        for logit in self.logits {
            write!(f, "{gap}{logit}")?;
            gap = " ";
        }
        gap = ",";
        for score in self.scores {
            write!(f, "{gap}{score}")?;
            gap = " ";
        }
        write!(f, ",{}", self.class)
    }
}

/// Runs the model.
///
/// `row` has passed `check` or `unpack`; for another row the result is unspecified, but there is
/// no panic.
// Inlined, so that a caller who wants the class alone does not pay for the scores. The layers
// are functions of their own.
#[inline]
#[must_use]
pub fn predict(row: &Row) -> Prediction {
    let logits = accumulate(row);
    let scores = head::scores(&logits);
    let class = argmax(&logits);
    Prediction {
        logits,
        scores,
        class,
    }
}
