//! Several small integers in one word of 64 bits.
//!
//! A 64-bit operation costs as much on eight lanes as on one, so sums that are proven to fit share
//! a word. Lanes are named by their width: lane `k` of 16 bits is bits `16 * k..16 * k + 16`.

/// Eight bytes of an array from `at` on, little-endian: one load.
///
/// Bytes beyond the array's end are 0.
#[inline(always)]
#[must_use]
pub const fn word<const N: usize>(bytes: &[u8; N], at: usize) -> u64 {
    let Some((_, tail)) = bytes.split_at_checked(at) else {
        return 0;
    };
    if let Some(eight) = tail.first_chunk::<8>() {
        return u64::from_le_bytes(*eight);
    }
    let mut value = 0;
    let mut rest = tail;
    while let Some((last, before)) = rest.split_last() {
        value = (value << 8) | *last as u64;
        rest = before;
    }
    value
}

/// Writes a word as eight bytes, little-endian, to `at`: one store. Does nothing where the array
/// has no eight bytes there.
#[inline(always)]
pub const fn put_word<const N: usize>(bytes: &mut [u8; N], at: usize, word: u64) {
    if let Some((_, tail)) = bytes.split_at_mut_checked(at)
        && let Some(eight) = tail.first_chunk_mut::<8>()
    {
        *eight = word.to_le_bytes();
    }
}

/// All ones if bit `bit` of a word is set, else 0. `bit` is 0..=63.
#[inline(always)]
#[must_use]
pub const fn bit_mask(word: u64, bit: u32) -> u64 {
    (word.wrapping_shl(63_u32.wrapping_sub(bit)) as i64 >> 63) as u64
}

/// In each lane of 16 bits: the lower 15 bits if the highest is set, else 0.
///
/// With `2^15 + v` in the lane that is `max(0, v)`, for `v` in `-2^15..2^15`.
#[inline(always)]
#[must_use]
pub const fn positive16(x: u64) -> u64 {
    x & ((x >> 15) & 0x0001_0001_0001_0001).wrapping_mul(0x7fff)
}

/// In each lane of 32 bits: the lower 31 bits if the highest is set, else 0.
#[inline(always)]
#[must_use]
pub const fn positive32(x: u64) -> u64 {
    x & ((x >> 31) & 0x0000_0001_0000_0001).wrapping_mul(0x7fff_ffff)
}

/// In each lane of 16 bits: `(x * multiplier + half) >> shift`.
///
/// The products must fit 32 bits and the results 16; `shift` is below 32.
#[inline(always)]
#[must_use]
pub const fn steps16(x: u64, multiplier: u64, half: u64, shift: u32) -> u64 {
    let even = steps32(x & 0x0000_ffff_0000_ffff, multiplier, half, shift);
    let odd = steps32((x >> 16) & 0x0000_ffff_0000_ffff, multiplier, half, shift);
    even | (odd << 16)
}

/// In each lane of 32 bits: `(x * multiplier + half) >> shift`.
///
/// The products must fit 32 bits; `shift` is below 32.
#[inline(always)]
#[must_use]
pub const fn steps32(x: u64, multiplier: u64, half: u64, shift: u32) -> u64 {
    let halves = half | (half << 32);
    let scaled = x.wrapping_mul(multiplier).wrapping_add(halves);
    // What comes down from the lane above lies beyond the bits that a lane has left.
    let left = 0xffff_ffff_u64.wrapping_shr(shift);
    scaled.wrapping_shr(shift) & (left | (left << 32))
}

/// `(x * multiplier + half) >> shift`, which must not overflow.
#[inline(always)]
#[must_use]
pub const fn step(x: u64, multiplier: u64, half: u64, shift: u32) -> u64 {
    x.wrapping_mul(multiplier)
        .wrapping_add(half)
        .wrapping_shr(shift)
}

/// `steps16` for products that fit 16 bits; `shift` is below 16.
#[inline(always)]
#[must_use]
pub const fn steps16_narrow(x: u64, multiplier: u64, half: u64, shift: u32) -> u64 {
    let halves = half.wrapping_mul(0x0001_0001_0001_0001);
    let scaled = x.wrapping_mul(multiplier).wrapping_add(halves);
    let left = 0xffff_u64.wrapping_shr(shift);
    scaled.wrapping_shr(shift) & left.wrapping_mul(0x0001_0001_0001_0001)
}

#[cfg(test)]
mod tests {
    use super::{
        bit_mask, positive16, positive32, put_word, step, steps16, steps16_narrow, steps32, word,
    };

    #[test]
    fn a_word_is_little_endian_and_ends_with_the_array() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        assert_eq!(word(&bytes, 0), 0x0807_0605_0403_0201);
        assert_eq!(word(&bytes, 1), 0x0908_0706_0504_0302);
        assert_eq!(word(&bytes, 7), 0x0908);
        assert_eq!(word(&bytes, 9), 0);
        assert_eq!(word(&bytes, 10), 0);
        assert_eq!(word(&[7], 0), 7);
    }

    #[test]
    fn a_word_is_written_where_it_fits_and_nowhere_else() {
        let mut bytes = [0; 9];
        put_word(&mut bytes, 1, 0x0908_0706_0504_0302);
        assert_eq!(bytes, [0, 2, 3, 4, 5, 6, 7, 8, 9]);
        put_word(&mut bytes, 2, 0);
        put_word(&mut bytes, 10, 0);
        assert_eq!(bytes, [0, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn a_bit_becomes_a_mask() {
        for bit in 0..64 {
            assert_eq!(bit_mask(1 << bit, bit), u64::MAX);
            assert_eq!(bit_mask(!(1 << bit), bit), 0);
        }
    }

    #[test]
    fn lanes_keep_what_is_positive() {
        assert_eq!(positive16(0x8000_7fff_ffff_8001), 0x0000_0000_7fff_0001);
        assert_eq!(positive32(0x8000_0003_7fff_ffff), 0x0000_0003_0000_0000);
        assert_eq!(positive32(0x7fff_ffff_ffff_ffff), 0x0000_0000_7fff_ffff);
    }

    #[test]
    fn every_lane_is_scaled_by_itself_whatever_lies_in_the_others() {
        let lanes = [0_u64, 1, 0x0fff, 0x7fff];
        for (multiplier, half, shift) in [(0x1_0000, 0x7fff, 23), (1, 0, 0), (3, 5, 17), (7, 9, 9)]
        {
            for (low, high) in lanes.into_iter().flat_map(|a| lanes.map(|b| (a, b))) {
                let wanted = [low, high].map(|x| step(x, multiplier, half, shift));
                let both = steps32(low | (high << 32), multiplier, half, shift);
                assert_eq!([both & 0xffff_ffff, both >> 32], wanted);
                if wanted.into_iter().all(|result| result <= 0xffff) {
                    let four = low | (high << 16) | (high << 32) | (low << 48);
                    let found = steps16(four, multiplier, half, shift);
                    let [l, h] = wanted;
                    assert_eq!(found, l | (h << 16) | (h << 32) | (l << 48));
                }
            }
        }
    }

    #[test]
    fn narrow_lanes_are_scaled_by_themselves_at_every_shift() {
        for shift in 0..16 {
            for (low, high) in [(0x0fff, 0), (0, 0x0fff), (0x0fff, 0x0fff), (1, 0x0ffe)] {
                let wanted = [low, high].map(|x| step(x, 15, 15, shift));
                let found = steps16_narrow(low | (high << 16), 15, 15, shift);
                assert_eq!([found & 0xffff, (found >> 16) & 0xffff], wanted, "{shift}");
            }
        }
    }
}
