//! What a transaction's data costs on L1, in gas of L2 (rules 16).
//!
//! The chain's owner, or the price of L1 itself, sets a price in wei per *unit*; a transaction has 16 units for each byte
//! of its compressed encoding. What comes of it is charged as gas that is bought before the execution begins.

pub mod brotli;

/// Units of one compressed byte: L1 gas of a byte of calldata.
pub const UNITS_PER_BYTE: u64 = 16;
/// Units that are added for a transaction that is not there yet and has to be made up.
const ASSUMED_PADDING: u64 = 16 * UNITS_PER_BYTE;
/// Share of the units that are then counted: 1 percent more.
const ASSUMED_BIPS: u64 = 10_100;
/// Share of the cost that an estimate of gas counts: 10 percent more, as the price may rise.
const ESTIMATE_BIPS: u128 = 11_000;
/// Ten thousandths, of which the shares above are counted.
const BIPS: u64 = 10_000;

/// Units of a signed transaction, by its EIP-2718 encoding.
pub fn units(encoded: &[u8]) -> u64 {
    (brotli::length(encoded) as u64).saturating_mul(UNITS_PER_BYTE)
}

/// Units counted for a question, by the encoding of a transaction that was made up for it.
pub fn assumed_units(encoded: &[u8]) -> u64 {
    let padded = units(encoded).saturating_add(ASSUMED_PADDING);
    padded.saturating_mul(ASSUMED_BIPS) / BIPS
}

/// Gas that `units` cost at `price` wei per unit, where a gas costs `base_fee` wei; rounded down.
pub fn gas(price: u128, units: u64, base_fee: u64) -> u64 {
    in_gas(price.saturating_mul(units.into()), base_fee)
}

/// As [`gas`], with the reserve that an estimate of gas has: the cost is raised, the price of gas taken for lower than it
/// is, down to its minimum.
pub fn estimated_gas(price: u128, units: u64, base_fee: u64, min_base_fee: u64) -> u64 {
    let cost = price.saturating_mul(units.into());
    let raised = cost.saturating_mul(ESTIMATE_BIPS) / u128::from(BIPS);
    let lowered = u64::try_from(u128::from(base_fee) * 7 / 8).unwrap_or(base_fee);
    in_gas(raised, lowered.max(min_base_fee))
}

fn in_gas(cost: u128, base_fee: u64) -> u64 {
    let gas = cost.checked_div(base_fee.into()).unwrap_or_default();
    u64::try_from(gas).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GWEI: u128 = 1_000_000_000;
    const BASE_FEE: u64 = 100_000_000;

    #[test]
    fn a_part_of_a_gas_is_not_charged() {
        assert_eq!(gas(GWEI, 16, BASE_FEE), 160);
        assert_eq!(gas(1, 16, BASE_FEE), 0);
        assert_eq!(gas(BASE_FEE.into(), 1, BASE_FEE), 1);
        assert_eq!(gas(u128::from(BASE_FEE) - 1, 1, BASE_FEE), 0);
    }

    #[test]
    fn prices_beyond_all_money_saturate() {
        assert_eq!(gas(u128::MAX, u64::MAX, BASE_FEE), u64::MAX);
        assert_eq!(
            estimated_gas(u128::MAX, u64::MAX, BASE_FEE, BASE_FEE),
            u64::MAX
        );
    }

    #[test]
    fn an_estimate_has_a_tenth_more() {
        assert_eq!(estimated_gas(GWEI, 1600, BASE_FEE, BASE_FEE), 17_600);
        // A base fee above the minimum is taken for an eighth lower.
        assert_eq!(estimated_gas(GWEI, 1600, 800, 100), 1_760_000_000_000 / 700);
    }

    #[test]
    fn a_made_up_transaction_counts_for_more() {
        let encoded = [0x5a; 20];
        assert_eq!(assumed_units(&encoded), (units(&encoded) + 256) * 101 / 100);
    }
}
