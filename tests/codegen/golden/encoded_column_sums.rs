//! The sums of `p`: equations 3 and 4 of stylus-ai's numerics.
//!
//! `wrapping_add` never wraps: the program's verifier has bounded every partial sum.

use stylus_kernels::{above, pick};

use crate::columns::Columns as Row;

/// Accumulators of the outputs.
type Sums = [i32; 1];

/// Sum of the leaves that `row` reaches, for each output.
pub(crate) fn accumulate(row: &Row) -> [i64; 1] {
    let mut sums: Sums = [0; 1];
    part_0(row, &mut sums);
    sums.map(i64::from)
}

/// Tree 0.
#[inline(never)]
fn part_0(row: &Row, sums: &mut Sums) {
    let x0 = row[0];
    let mut s0 = 0_i32;
    // part: tree 0
    let n0 = pick(above(x0, 30), 5, -7);
    s0 = s0.wrapping_add(n0);
    sums[0] = sums[0].wrapping_add(s0);
}
