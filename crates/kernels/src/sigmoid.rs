//! The logistic function in basis points.

/// Probability 1 as a score.
pub const SCORE_MAX: i64 = 10_000;

/// Beyond this the curve is flat.
pub(crate) const CLAMP: i64 = 11;
const ONE_Q30: i64 = 1 << 30;
/// `log2(e) * 2^30`.
const LOG2_E_Q30: i64 = 1_549_082_005;
/// Coefficients of `2^-r` for `r` in 0..1, Q30, constant first; exact at both ends.
const EXP2_Q30: [i64; 5] = [
    1_073_741_824,
    -744_180_571,
    257_158_261,
    -57_204_804,
    7_356_202,
];

/// `10000 / (1 + e^-z)` for `z = x / 2^frac_bits`, rounded, 0..=10000 (numerics, equation 9).
///
/// Monotone, and within 0.6 of the exact value. `frac_bits` is 0..=52; any `x` is allowed.
#[inline]
#[must_use]
pub const fn sigmoid(x: i64, frac_bits: u32) -> u16 {
    let high = CLAMP.wrapping_shl(frac_bits);
    let low = high.wrapping_neg();
    let clamped = if x < low {
        low
    } else if x > high {
        high
    } else {
        x
    };
    let z = to_z16(clamped, frac_bits);
    let sign = z >> 63;
    let size = (z ^ sign).wrapping_sub(sign);
    let score = upper(size);
    // For a negative z the mirror image, 10000 - score.
    let mirrored = (score ^ sign).wrapping_add((SCORE_MAX + 1) & sign);
    // 0..=10000, so that nothing is cut off.
    mirrored as u16
}

/// From `frac_bits` to 16 fractional bits, rounded down; for values that the limits have bounded.
#[inline(always)]
pub(crate) const fn to_z16(z: i64, frac_bits: u32) -> i64 {
    if frac_bits <= 16 {
        z.wrapping_shl(16_u32.wrapping_sub(frac_bits))
    } else {
        z.wrapping_shr(frac_bits.wrapping_sub(16))
    }
}

/// About `e^-z` in Q30, at most `2^30`: `z` has 16 fractional bits, 0..=11 * 2^16.
#[inline(always)]
pub(crate) const fn exp_q30(z: i64) -> u64 {
    let power = z.wrapping_mul(LOG2_E_Q30);
    let whole = (power >> 46) as u32;
    let rest = (power >> 16) & (ONE_Q30 - 1);
    let [c0, c1, c2, c3, c4] = EXP2_Q30;
    let p = times(c4, rest).wrapping_add(c3);
    let p = times(p, rest).wrapping_add(c2);
    let p = times(p, rest).wrapping_add(c1);
    let p = times(p, rest).wrapping_add(c0);
    p.wrapping_shr(whole) as u64
}

/// The upper half of the curve: `size` is `|z|` with 16 fractional bits, 0..=11 * 2^16.
#[inline(always)]
const fn upper(size: i64) -> i64 {
    // 2^30 <= denominator <= 2^31; said by a mask, so that no check against 0 is compiled.
    let denominator = (exp_q30(size) & 0x7fff_ffff).wrapping_add(1 << 30);
    let numerator = (10_000_u64 << 30).wrapping_add(denominator >> 1);
    match numerator.checked_div(denominator) {
        Some(score) => score as i64,
        None => 0,
    }
}

/// Product of two Q30 numbers, rounded down.
#[inline(always)]
const fn times(a: i64, b: i64) -> i64 {
    a.wrapping_mul(b) >> 30
}

#[cfg(test)]
mod tests {
    use super::{CLAMP, sigmoid};

    #[test]
    fn known_points() {
        for (z, expected) in [
            (0, 5_000),
            (1, 7_311),
            (-1, 2_689),
            (3, 9_526),
            (11, 10_000),
        ] {
            assert_eq!(sigmoid(z << 16, 16), expected, "z = {z}");
        }
        assert_eq!(sigmoid(i64::MAX, 52), 10_000);
        assert_eq!(sigmoid(i64::MIN, 52), 0);
        assert_eq!(sigmoid(i64::MAX, 0), 10_000);
    }

    #[test]
    fn it_never_falls_over_the_whole_domain() {
        let end = (CLAMP + 1) << 16;
        let mut last = 0;
        for x in -end..=end {
            let score = sigmoid(x, 16);
            assert!(score >= last, "falls at {x}");
            last = score;
        }
        assert_eq!(last, 10_000);
    }

    #[test]
    fn other_scales_give_the_same_scores() {
        for z in -(12 << 16)..(12 << 16) {
            if z % 97 == 0 {
                assert_eq!(sigmoid(z << 36, 52), sigmoid(z, 16));
                assert_eq!(sigmoid(z << 4, 20), sigmoid(z, 16));
            }
        }
    }
}
