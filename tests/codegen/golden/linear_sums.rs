//! The sums of `p`: equation 5 of stylus-ai's numerics.
//!
//! Nothing wraps: the program's verifier has bounded every partial sum.

use crate::Row;

/// Weighted sum of `row` for each output.
pub(crate) fn accumulate(row: &Row) -> [i64; 1] {
    let x0 = i64::from(row[0]);
    let x1 = i64::from(row[1]);
    let mut sums = [0; 1];
    let mut sum = 41_i64;
    sum = sum.wrapping_add(x0.wrapping_mul(700));
    sum = sum.wrapping_add(x1.wrapping_mul(-3));
    sums[0] = sum;
    sums
}
