//! The sums of `p`: equations 3 and 4 of stylus-ai's numerics.
//!
//! They are added modulo a power of two, in any order and with differences between,
//! which is exact: the program's verifier has proven that the results fit.

use stylus_kernels::{above_wide, lane};

use crate::Row;

/// Accumulators of the outputs.
type Sums = [i32; 1];

/// Sum of the leaves that `row` reaches, for each output.
pub(crate) fn accumulate(row: &Row) -> [i64; 1] {
    let mut sums: Sums = [0];
    part_0(row, &mut sums);
    sums.map(i64::from)
}

/// 2 trees, each of them a table.
#[inline(never)]
fn part_0(row: &Row, sums: &mut Sums) {
    let x0 = i64::from(row[0]);
    let x1 = i64::from(row[1]);
    let m0 = above_wide(x0, 30);
    let m1 = above_wide(x0, 60);
    let m2 = above_wide(x1, -7);
    let mut sum = 0_i64;
    // part: tree 0
    let b3 = above_wide(x1, 7);
    let b4 = above_wide(x0, 45);
    let b5 = above_wide(x1, 0);
    let w0 = 506097522914230528 ^ (m1 & 578721382704613384);
    let w1 = w0 ^ (m2 & 1157442765409226768);
    let w2 = w1 ^ (m0 & 2314885530818453536);
    let at = (b3 & 32) | (b4 & 16) | (b5 & 8);
    sum = sum.wrapping_add(lane(w2, at, 8));
    // part: tree 1
    let at = (m0 & 32) | (m2 & 16) | (m1 & 8);
    sum = sum.wrapping_add(lane(506097522914230528, at, 8));
    // part: sums of tables
    let sum = sum.wrapping_add(-8);
    sums[0] = sums[0].wrapping_add(sum as i32);
}
