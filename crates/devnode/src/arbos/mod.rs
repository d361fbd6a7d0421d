//! What ArbOS remembers: parameters, programs, owners, cache managers, prices.
//!
//! It lives in storage slots of one account, as on Arbitrum, so that a revert takes it back with everything else. The
//! layout is this crate's own.

pub mod pricer;
pub mod programs;
pub mod sends;
pub mod store;

use revm::primitives::{Address, address};

/// Account whose storage holds everything in this module.
pub const ARBOS_STATE: Address = address!("a4b05fffffffffffffffffffffffffffffffffff");
/// Account that blocks name as coinbase (the sequencer's batch poster).
pub const COINBASE: Address = address!("a4b000000000000000000073657175656e636572");
/// Account that collects base fees and data fees: Nitro's first chain owner, who is nobody on a development chain.
pub const NETWORK_FEE: Address = Address::ZERO;
/// Account that collects what L1 data costs, from which batch posters are paid where there is an L1 (rules 16).
pub const L1_PRICER_FUNDS: Address = address!("a4b00000000000000000000000000000000000f6");
/// Newest ArbOS version that this node knows.
pub const NEWEST: u64 = 61;

/// What an ArbOS version decides outside of Stylus' own parameters (rules 1.1, 15.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArbosVersion(pub u64);

impl ArbosVersion {
    /// Most gas that a transaction's execution sees, beside its intrinsic gas (rules 10, 15.13).
    pub const fn transaction_gas_cap(self) -> u64 {
        if self.0 >= 50 { 32_000_000 } else { u64::MAX }
    }

    /// Whether fragments, the block cache and the extra activation gas exist.
    pub const fn has_fragments(self) -> bool {
        self.0 >= 60
    }

    /// The EVM's rules at this version.
    pub const fn spec(self) -> revm::primitives::hardfork::SpecId {
        use revm::primitives::hardfork::SpecId;
        match self.0 {
            0..=39 => SpecId::CANCUN,
            40..=49 => SpecId::PRAGUE,
            _ => SpecId::OSAKA,
        }
    }
}
