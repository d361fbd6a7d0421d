//! Columns made from a feature (numerics, equation 12).
//!
//! Each is a comparison or two without a branch.

/// `x`, or `fill` where it is `missing`.
#[inline(always)]
#[must_use]
pub const fn filled(x: i32, missing: i32, fill: i32) -> i32 {
    if x == missing { fill } else { x }
}

/// 1 if `x` is one of the codes `first + i` for which bit `i` of `codes` is set, else 0.
#[inline(always)]
#[must_use]
pub const fn chosen(x: i32, first: i32, codes: u64) -> i32 {
    let at = x.wrapping_sub(first) as u32;
    // A shift takes the distance modulo 64, so codes beyond are cut off by the comparison.
    ((codes >> (at & 63)) as i32) & ((at < 64) as i32)
}

/// 1 if `x > edge`, else 0: a column of bins is a sum of these.
#[inline(always)]
#[must_use]
pub const fn over(x: i32, edge: i32) -> i32 {
    (x > edge) as i32
}

/// 1 if `low <= x <= high`, else 0.
#[inline(always)]
#[must_use]
pub const fn within(x: i32, low: i32, high: i32) -> i32 {
    ((x >= low) & (x <= high)) as i32
}

/// `x`, no less than `low` and no more than `high`.
#[inline(always)]
#[must_use]
pub const fn clipped(x: i32, low: i32, high: i32) -> i32 {
    let raised = if x < low { low } else { x };
    if raised > high { high } else { raised }
}

#[cfg(test)]
mod tests {
    use super::{chosen, clipped, filled, over, within};

    const POINTS: [i32; 9] = [i32::MIN, -i32::MAX, -65, -1, 0, 1, 63, 64, i32::MAX];

    #[test]
    fn only_the_missing_value_is_filled() {
        assert_eq!(filled(7, 7, -1), -1);
        assert_eq!(filled(6, 7, -1), 6);
    }

    #[test]
    fn a_code_is_chosen_by_its_bit_and_no_other() {
        for x in POINTS {
            for first in POINTS {
                let distance = i64::from(x) - i64::from(first);
                assert_eq!(
                    chosen(x, first, u64::MAX),
                    i32::from((0..64).contains(&distance))
                );
                assert_eq!(chosen(x, first, 1), i32::from(distance == 0));
                assert_eq!(chosen(x, first, 1 << 63), i32::from(distance == 63));
                assert_eq!(chosen(x, first, 0), 0);
            }
        }
    }

    #[test]
    fn comparisons_hold_at_the_ends_of_an_i32() {
        for x in POINTS {
            for low in POINTS {
                assert_eq!(over(x, low), i32::from(x > low));
                for high in POINTS.into_iter().filter(|high| *high >= low) {
                    assert_eq!(within(x, low, high), i32::from((low..=high).contains(&x)));
                    assert_eq!(clipped(x, low, high), x.clamp(low, high));
                }
            }
        }
    }
}
