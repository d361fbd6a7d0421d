//! The leaves that decide in `p`: the reason for a prediction.

use stylus_kernels::{above, pick};

use crate::{TREES, columns::Columns as Row};

/// Leaf that `row` reaches in each tree, counted from left to right.
#[must_use]
pub fn leaves(row: &Row) -> [u16; TREES] {
    let mut leaves = [0; TREES];
    part_0(row, &mut leaves);
    leaves
}

/// Tree 0.
#[inline(never)]
fn part_0(row: &Row, leaves: &mut [u16; TREES]) {
    let x0 = row[0];
    // part: tree 0
    let n0 = pick(above(x0, 30), 0, 1);
    leaves[0] = n0 as u16;
}
