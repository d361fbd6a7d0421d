//! The index of the largest number, without branches.

/// Index of the largest of `N` numbers, the first of equals (numerics, equation 8).
///
/// The numbers must lie within `-2^39..2^39` and be fewer than 65,536; stylus-ai proves it. A
/// `select` costs 1,250 ink on Stylus, so the larger of two is taken by a mask: an index in the
/// lower bits makes one number of value and place, and the shift by 60 is a mask only because
/// differences are known to be small, so that the compiler does not recognise it.
#[inline]
#[must_use]
pub fn argmax<const N: usize>(values: &[i64; N]) -> u16 {
    let mut best = i64::MIN >> 4;
    for (value, index) in values.iter().zip(0_i64..) {
        let key = (value << 16) | (0xffff_i64.wrapping_sub(index));
        best = larger(best, key);
    }
    !best as u16
}

/// The larger of two numbers whose difference fits 60 bits.
#[inline(always)]
const fn larger(a: i64, b: i64) -> i64 {
    let less = a.wrapping_sub(b);
    a.wrapping_sub(less & (less >> 60))
}

#[cfg(test)]
mod tests {
    use super::argmax;

    #[test]
    fn the_first_of_equals_wins() {
        assert_eq!(argmax(&[3, 7, 7, -1]), 1);
        assert_eq!(argmax(&[0; 5]), 0);
        assert_eq!(argmax(&[-5]), 0);
    }

    #[test]
    fn the_ends_of_the_range_compare() {
        let (low, high) = (-(1_i64 << 39), (1_i64 << 39) - 1);
        assert_eq!(argmax(&[low, high, low]), 1);
        assert_eq!(argmax(&[low, low + 1]), 1);
        assert_eq!(argmax(&[high - 1, low, high]), 2);
    }
}
