//! The leaves that decide: the reason for a prediction.

use crate::{Row, TREES, column_leaves, columns::columns};

/// Leaf that `row` reaches in each tree, counted from left to right.
#[must_use]
pub fn leaves(row: &Row) -> [u16; TREES] {
    column_leaves::leaves(&columns(row))
}
