//! The leaves that decide in `p`: the reason for a prediction.

use stylus_kernels::{above, pick};

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

/// 2 trees.
#[inline(never)]
fn part_0(row: &Row, leaves: &mut [u16; TREES]) {
    let x0 = row[0];
    // part: tree 0
    let n2 = above(x0, 17) & 1;
    let n3 = above(x0, 24) & 1;
    let n1 = pick(above(x0, 10), n2, n3.wrapping_add(2));
    let n5 = above(x0, 38) & 1;
    let n6 = above(x0, 45) & 1;
    let n4 = pick(above(x0, 31), n5, n6.wrapping_add(2));
    let n0 = pick(above(x0, 3), n1, n4.wrapping_add(4));
    leaves[0] = n0 as u16;
    // part: tree 1
    let n0 = above(x0, 30) & 1;
    leaves[1] = n0 as u16;
}
