//! The sums of `p`: equations 3 and 4 of stylus-ai's numerics.
//!
//! They are added modulo a power of two, in any order and with differences between,
//! which is exact: the program's verifier has proven that the results fit.

use stylus_kernels::{above, pick};

use crate::Row;

/// Accumulators of the outputs.
type Sums = [i32; 1];

/// Sum of the leaves that `row` reaches, for each output.
pub(crate) fn accumulate(row: &Row) -> [i64; 1] {
    let mut sums: Sums = [-9];
    part_0(row, &mut sums);
    sums.map(i64::from)
}

/// 2 trees.
#[inline(never)]
fn part_0(row: &Row, sums: &mut Sums) {
    let x0 = row[0];
    let mut s0 = 5_i32;
    // part: tree 0
    let n2 = above(x0, 17) & 1;
    let n3 = above(x0, 24) & 1;
    let n1 = pick(above(x0, 10), n2, n3.wrapping_add(2));
    let n5 = above(x0, 38) & 1;
    let n6 = above(x0, 45) & 1;
    let n4 = pick(above(x0, 31), n5, n6.wrapping_add(2));
    let n0 = pick(above(x0, 3), n1, n4.wrapping_add(4));
    s0 = s0.wrapping_add(n0);
    // part: tree 1
    let n0 = above(x0, 30) & -12;
    s0 = s0.wrapping_add(n0);
    sums[0] = sums[0].wrapping_add(s0);
}
