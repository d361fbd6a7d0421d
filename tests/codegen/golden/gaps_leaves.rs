//! The leaves that decide in `p`: the reason for a prediction.

use stylus_kernels::above;

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

/// Tree 0.
#[inline(never)]
fn part_0(row: &Row, leaves: &mut [u16; TREES]) {
    let gap_x0 = stylus_kernels::above(row[0], 99);
    let x0 = stylus_kernels::pick(gap_x0, row[0], -1);
    // part: tree 0
    let n0 = above(x0, 30) & 1;
    leaves[0] = n0 as u16;
}
