//! Several numbers in one word.

/// The lane of `bits` that begins at bit `at` of `word`, as a number that is not negative.
#[inline(always)]
#[must_use]
pub const fn lane(word: i64, at: i64, bits: u32) -> i64 {
    // Bits that come in from the left are masked away.
    word.wrapping_shr(at as u32) & !(-1_i64).wrapping_shl(bits)
}

/// The signed numbers of `bits` each that `word` is the sum of, the k-th times `2^(bits * k)`.
///
/// `N * bits` is at most 64.
#[inline(always)]
#[must_use]
pub fn lanes<const N: usize>(word: i64, bits: u32) -> [i64; N] {
    let above = 64_u32.wrapping_sub(bits);
    let mut rest = word;
    [(); N].map(|()| {
        let lowest = rest.wrapping_shl(above).wrapping_shr(above);
        // A negative number has borrowed from the lanes above it.
        rest = rest.wrapping_sub(lowest).wrapping_shr(bits);
        lowest
    })
}

#[cfg(test)]
mod tests {
    use super::{lane, lanes};

    #[test]
    fn a_lane_is_read_without_its_sign() {
        let word = i64::from_be_bytes([255, 1, 2, 3, 128, 5, 6, 7]);
        assert_eq!(lane(word, 0, 8), 7);
        assert_eq!(lane(word, 24, 8), 128);
        assert_eq!(lane(word, 56, 8), 255);
        assert_eq!(lane(word, 48, 16), 0xff01);
        assert_eq!(lane(word, 32, 32), 0xff01_0203);
    }

    #[test]
    fn lanes_are_apart_whatever_their_signs() {
        let ends = [-128, -1, 0, 1, 127];
        for a in ends {
            for b in ends {
                for c in ends {
                    let word = a + (b << 8) + (c << 16);
                    assert_eq!(lanes::<3>(word, 8), [a, b, c]);
                }
            }
        }
    }

    #[test]
    fn lanes_fill_a_word() {
        let (low, high) = (i64::from(i32::MIN), i64::from(i32::MAX));
        assert_eq!(lanes::<2>(low + (high << 32), 32), [low, high]);
        assert_eq!(lanes::<2>(high.wrapping_add(low << 32), 32), [high, low]);
        assert_eq!(lanes::<1>(i64::MIN, 64), [i64::MIN]);
    }
}
