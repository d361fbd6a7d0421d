//! What the model would say if one feature were otherwise.

use crate::{Row, predict};

/// Score of `row` with one feature replaced; `row` is as before on return.
#[inline(never)]
pub(crate) fn score_with(row: &mut Row, feature: usize, value: i32) -> i32 {
    let kept = replace(row, feature, value);
    let score = predict(row).score;
    replace(row, feature, kept);
    i32::from(score)
}

/// Puts `value` into a row and returns what was there.
fn replace(row: &mut Row, feature: usize, value: i32) -> i32 {
    match row.get_mut(feature) {
        Some(slot) => core::mem::replace(slot, value),
        None => value,
    }
}
