//! Eight pixels in one 64-bit word: the price of one operation for all of them.
//!
//! A word of `Lanes` has `64 / bits` lanes, the first in the lowest bits. Sums and products by a
//! constant act on all lanes at once, exactly, as long as each result fits its lane; stylus-ai
//! proves it. `bits` is 8, 16 or 32, or 64 for a single lane, and always a constant, so that
//! nothing of it is left after inlining.

use core::num::Wrapping;

/// A word of lanes. It wraps as a whole, so that sums may pass through states that no lane holds.
pub type Lanes = Wrapping<u64>;

/// A word with 1 in each lane.
#[inline(always)]
const fn ones(bits: usize) -> Lanes {
    Wrapping(match bits {
        8 => 0x0101_0101_0101_0101,
        16 => 0x0001_0001_0001_0001,
        32 => 0x0000_0001_0000_0001,
        _ => 1,
    })
}

/// The eight bytes from `at` on, the first in the lowest lane; 0 where they are not all there.
#[inline(always)]
#[must_use]
pub fn word(bytes: &[u8], at: usize) -> Lanes {
    match bytes.get(at..).and_then(<[u8]>::first_chunk) {
        Some(chunk) => Wrapping(u64::from_le_bytes(*chunk)),
        None => Wrapping(0),
    }
}

/// Writes a word to the eight bytes from `at` on; nothing where they are not all there.
#[inline(always)]
pub fn put(bytes: &mut [u8], at: usize, lanes: Lanes) {
    if let Some(chunk) = bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *chunk = lanes.0.to_le_bytes();
    }
}

/// `N` bytes from `at` on, their number known to the compiler; zeros where they are not all there.
#[inline(always)]
#[must_use]
pub fn window<const N: usize>(bytes: &[u8], at: usize) -> &[u8; N] {
    match bytes.get(at..).and_then(<[u8]>::first_chunk) {
        Some(chunk) => chunk,
        None => &[0; N],
    }
}

/// One word of lanes of `bits` from two of twice the width, whose values fit `bits`.
///
/// Lane `2i` is lane `i` of `even`, lane `2i + 1` is lane `i` of `odd`; what lies above the lowest
/// `bits` of a lane is cut off.
#[inline(always)]
#[must_use]
pub fn join(even: Lanes, odd: Lanes, bits: usize) -> Lanes {
    let low = even_lanes(bits);
    (even & low) | ((odd & low) << bits)
}

/// The bits of every second lane, from the lowest on.
#[inline(always)]
#[must_use]
pub fn even_lanes(bits: usize) -> Lanes {
    let ones = ones(bits.wrapping_mul(2));
    (ones << bits) - ones
}

/// `max(x, 0)` in each lane, given `x + 2^(bits-1)`; `x` is in `-2^(bits-1)..2^(bits-1)`.
#[inline(always)]
#[must_use]
pub fn at_least_zero(lanes: Lanes, bits: usize) -> Lanes {
    lanes & filled(lanes & tops(bits), bits)
}

/// `min(x, most)` in each lane; `x` and `most` are in `0..2^(bits-1)`.
#[inline(always)]
#[must_use]
pub fn at_most(lanes: Lanes, most: u64, bits: usize) -> Lanes {
    let ones = ones(bits);
    let limit = ones * Wrapping(most);
    let above = (lanes + (tops(bits) - ones - limit)) & tops(bits);
    let mask = filled(above, bits);
    if most & most.wrapping_add(1) == 0 {
        (lanes | mask) & limit
    } else {
        lanes ^ ((lanes ^ limit) & mask)
    }
}

/// The larger of two numbers in each lane; both are in `0..2^(bits-1)`.
#[inline(always)]
#[must_use]
pub fn larger(a: Lanes, b: Lanes, bits: usize) -> Lanes {
    let not_below = ((b | tops(bits)) - a) & tops(bits);
    a ^ ((a ^ b) & filled(not_below, bits))
}

/// The topmost bit of each lane.
#[inline(always)]
fn tops(bits: usize) -> Lanes {
    ones(bits) << bits.wrapping_sub(1)
}

/// All bits of a lane but the topmost, in lanes whose topmost bit is set in `tops`.
#[inline(always)]
fn filled(tops: Lanes, bits: usize) -> Lanes {
    tops - (tops >> bits.wrapping_sub(1))
}

#[cfg(test)]
mod tests {
    use core::num::Wrapping;

    use super::{Lanes, at_least_zero, at_most, even_lanes, join, larger, put, window, word};

    fn lanes(values: [u8; 8]) -> Lanes {
        Wrapping(u64::from_le_bytes(values))
    }

    #[test]
    fn words_are_read_and_written_anywhere_and_never_in_part() {
        let mut bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        assert_eq!(word(&bytes, 1), lanes([2, 3, 4, 5, 6, 7, 8, 9]));
        assert_eq!(word(&bytes, 2), Wrapping(0));
        put(&mut bytes, 1, lanes([9, 8, 7, 6, 5, 4, 3, 2]));
        put(&mut bytes, 2, Wrapping(0));
        assert_eq!(bytes, [1, 9, 8, 7, 6, 5, 4, 3, 2]);
        assert_eq!(window::<2>(&bytes, 7), &[3, 2]);
        assert_eq!(window::<3>(&bytes, 7), &[0, 0, 0]);
    }

    #[test]
    fn join_interleaves_and_cuts_off() {
        let even = Wrapping(0xff04_ff03_ff02_ff01);
        let odd = Wrapping(0x0008_0007_0006_0005);
        assert_eq!(join(even, odd, 8), lanes([1, 5, 2, 6, 3, 7, 4, 8]));
        assert_eq!(even_lanes(16), Wrapping(0x0000_ffff_0000_ffff));
    }

    #[test]
    fn bytes_are_limited_on_both_sides() {
        let x = lanes([0, 1, 127, 128, 129, 143, 200, 255]);
        let positive = at_least_zero(x, 8);
        assert_eq!(positive, lanes([0, 0, 0, 0, 1, 15, 72, 127]));
        assert_eq!(at_most(positive, 15, 8), lanes([0, 0, 0, 0, 1, 15, 15, 15]));
        assert_eq!(at_most(positive, 14, 8), lanes([0, 0, 0, 0, 1, 14, 14, 14]));
        assert_eq!(at_most(positive, 0, 8), Wrapping(0));
        assert_eq!(at_most(positive, 127, 8), positive);
    }

    #[test]
    fn wider_lanes_are_limited_alike() {
        for bits in [16, 32, 64] {
            let half = 1_u64 << (bits - 1);
            for (x, expected) in [(0, 0), (half, 0), (half + 1, 1), (2 * (half - 1) + 1, 77)] {
                assert_eq!(
                    at_most(at_least_zero(Wrapping(x), bits), 77, bits).0 & (2 * (half - 1) + 1),
                    expected
                );
            }
        }
    }

    #[test]
    fn the_larger_is_found_lane_by_lane() {
        let a = lanes([0, 127, 5, 5, 6, 0, 127, 1]);
        let b = lanes([0, 0, 5, 6, 5, 127, 127, 2]);
        assert_eq!(larger(a, b, 8), lanes([0, 127, 5, 6, 6, 127, 127, 2]));
    }
}
