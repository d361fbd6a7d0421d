//! The leaves that decide in `p`: the reason for a prediction.

use stylus_kernels::{above, pick};

use crate::{Row, TREES};

/// Leaf that `row` reaches in each tree, counted from left to right.
#[must_use]
pub fn leaves(row: &Row) -> [u16; TREES] {
    let mut leaves = [0; TREES];
    part_0(row, &mut leaves);
    leaves
}

/// Trees 0 to 1.
#[inline(never)]
fn part_0(row: &Row, leaves: &mut [u16; TREES]) {
    let x0 = row[0];
    // part: tree 0
    let n2 = pick(above(x0, 17), 0, 1);
    let n3 = pick(above(x0, 24), 2, 3);
    let n1 = pick(above(x0, 10), n2, n3);
    let n5 = pick(above(x0, 38), 4, 5);
    let n6 = pick(above(x0, 45), 6, 7);
    let n4 = pick(above(x0, 31), n5, n6);
    let n0 = pick(above(x0, 3), n1, n4);
    leaves[0] = n0 as u16;
    // part: tree 1
    let n0 = pick(above(x0, 30), 0, 1);
    leaves[1] = n0 as u16;
}
