//! How the data pricer of `stylus-rules` is stored.

use revm::primitives::U256;
use stylus_rules::fees::DataPricer;

/// Demand in the low 64 bits, the last update's unix second above them. The other figures of the pricer are constant.
pub fn pack(pricer: &DataPricer) -> U256 {
    U256::from_limbs([pricer.demand.into(), pricer.last_update, 0, 0])
}

/// Reads what [`pack`] wrote.
pub fn unpack(word: U256) -> DataPricer {
    let [demand, last_update, ..] = *word.as_limbs();
    DataPricer {
        demand: u32::try_from(demand).unwrap_or(u32::MAX),
        last_update,
        ..DataPricer::default()
    }
}
