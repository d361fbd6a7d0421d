//! The one table of prices.
//!
//! Units: *ink* is Stylus' fine unit, 1 gas buys `ink_price` of it (10,000 by default). What the chain's own rules price
//! (storage, calls, creation) is in *gas*. Sub-modules: [`opcode`] for what the instrumentation charges inside wasm,
//! [`hostio`] for what a host function charges in ink, [`evm`] for what a host function charges in gas, [`arbos`] for precompiles.

pub mod arbos;
pub mod evm;
pub mod hostio;
pub mod opcode;

/// Ink that `gas` buys: `gas * ink_price`, saturating (rules, units).
pub const fn gas_to_ink(gas: u64, ink_price: u32) -> u64 {
    gas.saturating_mul(ink_price as u64)
}

/// Gas that `ink` is worth, rounded down (rules, units). An ink price of 0, which no chain can set, counts as 1.
pub const fn ink_to_gas(ink: u64, ink_price: u32) -> u64 {
    ink / if ink_price == 0 { 1 } else { ink_price as u64 }
}

/// Number of 32-byte words that hold `bytes` bytes.
pub const fn words(bytes: u64) -> u64 {
    bytes.div_ceil(32)
}
