//! Shares of several classes in basis points.

use crate::sigmoid::{CLAMP, SCORE_MAX, exp_q30, to_z16};

/// `10000 * e^z_k / sum of e^z_j` for `z = x / 2^frac_bits`, rounded (numerics, equation 15).
///
/// A class that lies more than 11 below the largest gets 0. `frac_bits` is 0..=52; any `x` are
/// allowed, and up to 65,536 of them.
#[inline]
#[must_use]
pub fn softmax<const N: usize>(x: &[i64; N], frac_bits: u32) -> [u16; N] {
    let top = x.iter().copied().fold(i64::MIN, i64::max);
    let limit = CLAMP.wrapping_shl(frac_bits);
    let powers = x.map(|value| {
        // A distance that wraps is negative: it is far, too.
        let below = top.wrapping_sub(value);
        if below < 0 || below > limit {
            0
        } else {
            exp_q30(to_z16(below, frac_bits))
        }
    });
    // At least 2^30, the largest's own; said once more so that no check against 0 is compiled.
    let total = powers
        .iter()
        .fold(0, |sum: u64, e| sum.wrapping_add(*e))
        .max(1);
    powers.map(|e| {
        let scaled = e.wrapping_mul(SCORE_MAX as u64).wrapping_add(total >> 1);
        // 0..=10000, so that nothing is cut off.
        scaled.checked_div(total).unwrap_or(0) as u16
    })
}

#[cfg(test)]
mod tests {
    use super::softmax;

    #[test]
    fn equals_share_alike() {
        assert_eq!(softmax(&[7, 7, 7, 7], 0), [2_500; 4]);
        assert_eq!(softmax(&[i64::MIN; 2], 52), [5_000; 2]);
    }

    #[test]
    fn one_unit_apart_is_a_factor_of_e() {
        assert_eq!(softmax(&[1 << 16, 0], 16), [7_311, 2_689]);
        assert_eq!(softmax(&[0, 1 << 40], 40), [2_689, 7_311]);
    }

    #[test]
    fn what_is_far_below_gets_nothing_even_where_the_distance_wraps() {
        assert_eq!(softmax(&[i64::MAX, i64::MIN], 3), [10_000, 0]);
        assert_eq!(softmax(&[12, 0], 0), [10_000, 0]);
    }
}
