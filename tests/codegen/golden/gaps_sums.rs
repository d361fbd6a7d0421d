//! The sums of `p`: equations 3 and 4 of stylus-ai's numerics.
//!
//! They are added modulo a power of two, in any order and with differences between,
//! which is exact: the program's verifier has proven that the results fit.

use stylus_kernels::above;

use crate::Row;

/// Accumulators of the outputs.
type Sums = [i32; 1];

/// Sum of the leaves that `row` reaches, for each output.
pub(crate) fn accumulate(row: &Row) -> [i64; 1] {
    let mut sums: Sums = [0];
    part_0(row, &mut sums);
    sums.map(i64::from)
}

/// Tree 0.
#[inline(never)]
fn part_0(row: &Row, sums: &mut Sums) {
    let gap_x0 = stylus_kernels::above(row[0], 99);
    let x0 = stylus_kernels::pick(gap_x0, row[0], -1);
    let mut s0 = 5_i32;
    // part: tree 0
    let n0 = above(x0, 30) & -12;
    s0 = s0.wrapping_add(n0);
    sums[0] = sums[0].wrapping_add(s0);
}
