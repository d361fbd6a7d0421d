//! The sums of `p`: equation 5 of stylus-ai's numerics.
//!
//! Nothing wraps: the program's verifier has bounded every partial sum.

use crate::Row;

/// Weighted sum of `row` for each output.
pub(crate) fn accumulate(row: &Row) -> [i64; 1] {
    let x0 = i64::from(stylus_kernels::filled(row[0], 41, 9));
    let mut x1 = stylus_kernels::chosen(row[1], -3, 0x21);
    x1 |= stylus_kernels::chosen(row[1], 70, 0x1);
    let x1 = i64::from(x1);
    let mut x2 = stylus_kernels::over(row[0], 12);
    x2 = x2.wrapping_add(stylus_kernels::over(row[0], 30));
    let x2 = i64::from(x2);
    let x3 = i64::from(stylus_kernels::within(row[1], 0, 3));
    let x4 = i64::from(stylus_kernels::clipped(row[1], -1, 1));
    let x5 = i64::from(row[0]);
    let mut sums = [0; 1];
    let mut sum = 1_i64;
    sum = sum.wrapping_add(x0.wrapping_mul(5));
    sum = sum.wrapping_add(x1.wrapping_mul(6));
    sum = sum.wrapping_add(x2.wrapping_mul(7));
    sum = sum.wrapping_add(x3.wrapping_mul(8));
    sum = sum.wrapping_add(x4.wrapping_mul(9));
    sum = sum.wrapping_add(x5.wrapping_mul(10));
    sums[0] = sum;
    sums
}
