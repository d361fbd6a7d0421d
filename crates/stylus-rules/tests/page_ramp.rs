//! The ramp of rules 5 is its formula, compared without rounding: `E(p) = floor(31,874,000^(p/128))` means that
//! `E^128 <= 31,874,000^p < (E+1)^128`.

use stylus_rules::pages::RAMP;

/// A natural number, least significant digit first, in base 2^32.
#[derive(Clone, PartialEq, Eq)]
struct Natural(Vec<u32>);

impl Natural {
    fn power(base: u32, exponent: usize) -> Self {
        let mut digits = vec![1_u32];
        for _ in 0..exponent {
            let mut carry = 0_u64;
            for digit in &mut digits {
                let product = u64::from(*digit) * u64::from(base) + carry;
                *digit = product as u32;
                carry = product >> 32;
            }
            if carry > 0 {
                digits.push(carry as u32);
            }
        }
        Self(digits)
    }

    fn at_most(&self, other: &Self) -> bool {
        let key = |number: &Self| {
            (
                number.0.len(),
                number.0.iter().rev().copied().collect::<Vec<_>>(),
            )
        };
        key(self) <= key(other)
    }
}

#[test]
fn every_figure_but_the_last_is_the_formulas() {
    for (pages, &gas) in RAMP.iter().enumerate().take(128) {
        let exact = Natural::power(31_874_000, pages);
        assert!(Natural::power(gas, 128).at_most(&exact), "{pages} pages");
        assert!(
            !Natural::power(gas + 1, 128).at_most(&exact),
            "{pages} pages"
        );
    }
}

#[test]
fn the_last_figure_is_one_less_as_the_node_measured() {
    assert_eq!(RAMP[128], 31_874_000 - 1);
}
