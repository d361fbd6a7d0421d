//! Fixed point: from one scale to another.

/// `clamp(floor((x * multiplier + 2^(shift-1)) / 2^shift), low, high)` (numerics, equation 6).
///
/// Rounds half up and saturates. `shift` is 0..=62; at 0 nothing is added. The product and the sum
/// must fit an `i64`; stylus-ai proves it from the range of `x`. `low <= high`.
#[inline]
#[must_use]
pub const fn requantise(x: i64, multiplier: i64, shift: u32, low: i64, high: i64) -> i64 {
    let half = 1_i64.wrapping_shl(shift) >> 1;
    let scaled = x
        .wrapping_mul(multiplier)
        .wrapping_add(half)
        .wrapping_shr(shift);
    if scaled < low {
        low
    } else if scaled > high {
        high
    } else {
        scaled
    }
}

#[cfg(test)]
mod tests {
    use super::requantise;

    #[test]
    fn halves_go_up_and_the_ends_saturate() {
        for (x, expected) in [
            (5, 3),
            (-5, -2),
            (6, 3),
            (-6, -3),
            (0, 0),
            (99, 10),
            (-99, -10),
        ] {
            assert_eq!(requantise(x, 1, 1, -10, 10), expected, "{x} / 2");
        }
    }

    #[test]
    fn a_shift_of_zero_multiplies_and_nothing_else() {
        assert_eq!(requantise(7, 3, 0, i64::MIN, i64::MAX), 21);
        assert_eq!(requantise(-7, 3, 0, i64::MIN, i64::MAX), -21);
    }

    #[test]
    fn products_up_to_the_proven_limit_are_exact() {
        let x = 1_i64 << 32;
        assert_eq!(requantise(x, (1 << 30) - 1, 62, -1, 9), 1);
        assert_eq!(requantise(-x, (1 << 30) - 1, 62, -9, 9), -1);
    }
}
