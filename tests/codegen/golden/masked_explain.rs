//! Which features decide.

use crate::{FEATURES, Row, predict, probe::score_with};

/// For each feature: the score, less what it would be with the feature as in
/// `REFERENCE`; basis points.
#[must_use]
pub fn explain(row: &Row) -> [i32; FEATURES] {
    let score = i32::from(predict(row).score);
    let mut other = *row;
    let mut points = [0; FEATURES];
    points[0] = score.wrapping_sub(score_with(&mut other, 0, 10));
    points[1] = score.wrapping_sub(score_with(&mut other, 1, 0));
    points
}
