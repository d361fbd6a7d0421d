//! Gas of memory pages of 64 KiB: a linear price and an exponential ramp (rules 5).

use crate::params::StylusParams;

/// Bytes of one page.
pub const PAGE: u64 = 65_536;

/// `RAMP[p] = floor(31,874,000^(p/128))`: gas that having had `p` pages open in a transaction costs in all (rules 5).
pub const RAMP: [u32; 129] = [
    1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 6, 7, 8, 9, 11, 12, 14, 17, 19, 22, 25, 29, 33, 38,
    43, 50, 57, 65, 75, 85, 98, 112, 128, 147, 168, 193, 221, 253, 289, 331, 379, 434, 497, 569,
    651, 745, 853, 976, 1117, 1279, 1463, 1675, 1917, 2194, 2511, 2874, 3290, 3765, 4309, 4932,
    5645, 6461, 7395, 8464, 9687, 11_087, 12_689, 14_523, 16_621, 19_024, 21_773, 24_919, 28_521,
    32_642, 37_359, 42_758, 48_938, 56_010, 64_104, 73_368, 83_971, 96_106, 109_994, 125_890,
    144_082, 164_904, 188_735, 216_010, 247_226, 282_953, 323_844, 370_643, 424_206, 485_509,
    555_672, 635_973, 727_880, 833_067, 953_456, 1_091_243, 1_248_941, 1_429_429, 1_636_000,
    1_872_423, 2_143_012, 2_452_704, 2_807_151, 3_212_820, 3_677_113, 4_208_502, 4_816_684,
    5_512_756, 6_309_419, 7_221_210, 8_264_766, 9_459_129, 10_826_093, 12_390_601, 14_181_199,
    16_230_562, 18_576_084, 21_260_563, 24_332_984, 27_849_408, 31_873_999,
];

/// Gas of opening `new` pages in a transaction that has `open` pages open now and had `ever` at most.
///
/// Saturates at `u64::MAX`, which no frame can pay, above 128 pages.
pub fn cost(new: u16, open: u16, ever: u16, params: &StylusParams) -> u64 {
    let new_open = open.saturating_add(new);
    let new_ever = ever.max(new_open);
    if new_ever <= params.free_pages {
        return 0;
    }
    let charged = |pages: u16| u64::from(pages.saturating_sub(params.free_pages));
    let linear = u64::from(params.page_gas) * (charged(new_open) - charged(open));
    linear.saturating_add(ramp(new_ever) - ramp(ever))
}

fn ramp(pages: u16) -> u64 {
    RAMP.get(usize::from(pages))
        .map_or(u64::MAX, |gas| u64::from(*gas))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: StylusParams = StylusParams::for_arbos(51);

    #[test]
    fn the_first_two_pages_are_free() {
        assert_eq!(cost(2, 0, 0, &PARAMS), 0);
        assert_eq!(cost(3, 0, 0, &PARAMS), 1000);
        assert_eq!(cost(8, 0, 0, &PARAMS), 6000 + 1);
    }

    #[test]
    fn all_pages_of_a_transaction_cost_just_under_32_million() {
        assert_eq!(cost(128, 0, 0, &PARAMS), 31_999_998);
        assert_eq!(cost(129, 0, 0, &PARAMS), u64::MAX);
        assert_eq!(cost(u16::MAX, 128, 128, &PARAMS), u64::MAX);
    }

    #[test]
    fn pages_that_were_open_before_cost_the_linear_price_only() {
        assert_eq!(cost(10, 0, 128, &PARAMS), 8000);
        assert_eq!(cost(0, 40, 40, &PARAMS), 0);
    }

    #[test]
    fn opening_in_two_steps_costs_the_same_as_in_one() {
        let two_steps = cost(20, 0, 0, &PARAMS) + cost(33, 20, 20, &PARAMS);
        assert_eq!(two_steps, cost(53, 0, 0, &PARAMS));
    }
}
