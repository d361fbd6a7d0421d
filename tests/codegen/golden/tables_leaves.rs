//! The leaves that decide in `p`: the reason for a prediction.

use crate::{Row, TREES};

/// Number of leaves that `leaves` names: one for each tree.
pub const LEAVES: usize = TREES;

/// Leaf that `row` reaches in each tree, counted from left to right.
#[must_use]
pub fn leaves(row: &Row) -> [u16; LEAVES] {
    let mut leaves = [0; TREES];
    part_0(row, &mut leaves);
    leaves
}

/// 2 trees, each of them a table.
#[inline(never)]
fn part_0(row: &Row, leaves: &mut [u16; TREES]) {
    let x0 = row[0];
    let x1 = row[1];
    // part: tree 0
    let mut leaf = 0_u16;
    leaf = leaf << 1 | u16::from(x0 > 30);
    leaf = leaf << 1 | u16::from(x1 > -7);
    leaf = leaf << 1 | u16::from(x0 > 60);
    leaf = leaf << 1 | u16::from(x1 > 7);
    leaf = leaf << 1 | u16::from(x0 > 45);
    leaf = leaf << 1 | u16::from(x1 > 0);
    leaves[0] = leaf;
    // part: tree 1
    let mut leaf = 0_u16;
    leaf = leaf << 1 | u16::from(x0 > 30);
    leaf = leaf << 1 | u16::from(x1 > -7);
    leaf = leaf << 1 | u16::from(x0 > 60);
    leaves[1] = leaf;
}
