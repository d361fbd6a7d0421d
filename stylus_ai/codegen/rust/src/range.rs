//! Ranges, checked without branches.

/// Negative unless `low <= value <= high`.
///
/// Exact for every `value`: were neither difference negative after wrapping, they would add up to
/// `high - low` without wrapping, and `value` would lie between.
#[inline(always)]
pub(crate) const fn outside(value: i32, low: i32, high: i32) -> i32 {
    value.wrapping_sub(low) | high.wrapping_sub(value)
}

#[cfg(test)]
mod tests {
    use super::outside;

    #[test]
    fn only_values_within_the_range_are_not_negative() {
        let points = [i32::MIN, -i32::MAX, -7, -6, -1, 0, 1, 6, 7, i32::MAX];
        for low in points {
            for high in points.into_iter().filter(|high| *high >= low) {
                if i64::from(high) - i64::from(low) > i64::from(i32::MAX) {
                    continue; // no feature has such a range
                }
                for value in points {
                    let inside = (low..=high).contains(&value);
                    assert_eq!(
                        outside(value, low, high) >= 0,
                        inside,
                        "{value} {low} {high}"
                    );
                }
            }
        }
    }
}
