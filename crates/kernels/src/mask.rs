//! Decisions without branches.
//!
//! On Stylus a branch costs 765 ink and opens a block at 2,450 more, a `select` 1,250; a
//! subtraction, a shift and a bitwise `and` cost 70 each (rules 2.1, 2.2). So a comparison becomes
//! a mask, and a decision picks by mask.
//!
//! The compiler must not recognise the mask, or it turns the pick into a `select`. Two things
//! hide it: `x` is a plain load in a function that is not inlined, so that its range is unknown;
//! and the shift is by 30, not by 31, which gives a mask only because the difference is known, to
//! us, to be small.

/// All ones if `x > threshold`, else 0 (numerics, equation 3).
///
/// `threshold - x` must lie in `-2^30..2^30`; stylus-ai proves it from the feature's range.
#[inline(always)]
#[must_use]
pub const fn above(x: i32, threshold: i32) -> i32 {
    threshold.wrapping_sub(x) >> 30
}

/// `above` for wider ranges: `threshold - x` must fit an `i32`. Dearer, since it is recognised.
#[inline(always)]
#[must_use]
pub const fn above_far(x: i32, threshold: i32) -> i32 {
    threshold.wrapping_sub(x) >> 31
}

/// All ones if `x <= threshold`, else 0: not `above`, at its price and with its condition.
#[inline(always)]
#[must_use]
pub const fn up_to(x: i32, threshold: i32) -> i32 {
    x.wrapping_sub(threshold).wrapping_sub(1) >> 30
}

/// `up_to` for wider ranges, as `above_far`.
#[inline(always)]
#[must_use]
pub const fn up_to_far(x: i32, threshold: i32) -> i32 {
    !above_far(x, threshold)
}

/// `above` in 64 bits: `threshold - x` must lie in `-2^62..2^62`, as it does for any two `i32`.
#[inline(always)]
#[must_use]
pub const fn above_wide(x: i64, threshold: i64) -> i64 {
    threshold.wrapping_sub(x) >> 62
}

/// `right` where `mask` is all ones, `left` where it is 0.
#[inline(always)]
#[must_use]
pub const fn pick(mask: i32, left: i32, right: i32) -> i32 {
    left.wrapping_add(right.wrapping_sub(left) & mask)
}

/// `pick` for values of 64 bits.
#[inline(always)]
#[must_use]
pub const fn pick_wide(mask: i64, left: i64, right: i64) -> i64 {
    left.wrapping_add(right.wrapping_sub(left) & mask)
}

#[cfg(test)]
mod tests {
    use super::{above, above_far, above_wide, pick, pick_wide, up_to, up_to_far};

    #[test]
    fn above_is_strict_and_holds_at_the_ends_of_its_range() {
        let top = 1 << 30;
        for (x, t, expected) in [
            (0, 0, 0),
            (1, 0, -1),
            (-1, 0, 0),
            (0, -1, -1),
            (top, 0, -1),
            (0, top - 1, 0),
            (i32::MAX, i32::MAX - top, -1),
            (-i32::MAX, top - 1 - i32::MAX, 0),
        ] {
            assert_eq!(above(x, t), expected, "{x} > {t}");
            assert_eq!(above_far(x, t), expected, "{x} > {t}");
            assert_eq!(up_to(x, t), !expected, "{x} <= {t}");
        }
    }

    #[test]
    fn above_far_holds_at_the_ends_of_the_widest_range() {
        for (x, t, expected) in [
            (i32::MAX, 0, -1),
            (i32::MAX, i32::MAX, 0),
            (0, i32::MAX, 0),
            (-i32::MAX, -i32::MAX - 1, -1),
            (-i32::MAX, 0, 0),
            (i32::MAX, -1, -1),
        ] {
            assert_eq!(above_far(x, t), expected, "{x} > {t}");
            assert_eq!(up_to_far(x, t), !expected, "{x} <= {t}");
            let wide = above_wide(i64::from(x), i64::from(t));
            assert_eq!(wide, i64::from(expected), "{x} > {t}");
        }
    }

    #[test]
    fn pick_follows_the_mask_for_extreme_values() {
        for left in [i32::MIN, -1, 0, 1, i32::MAX] {
            for right in [i32::MIN, -1, 0, 1, i32::MAX] {
                assert_eq!(pick(0, left, right), left);
                assert_eq!(pick(-1, left, right), right);
                let (l, r) = (i64::from(left) << 31, i64::from(right) << 31);
                assert_eq!(pick_wide(0, l, r), l);
                assert_eq!(pick_wide(-1, l, r), r);
            }
        }
    }
}
