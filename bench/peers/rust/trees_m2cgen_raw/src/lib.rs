//! What m2cgen writes of the trees, as it is: with floats, so that Stylus refuses the contract.
//!
//! `trees.rs` (its functions and `logit`) and `row.rs` are written beside this file before it is built.
#![no_std]
extern crate alloc;

mod row;
mod trees;

pub use row::LEN;

/// The logit, truncated to an int256: what matters is that it builds.
pub fn answer(packed: &[u8; LEN]) -> [u8; 32] {
    let mut out = [0; 32];
    out[24..].copy_from_slice(&(trees::logit(&row::decode(packed)) as i64).to_be_bytes());
    out
}
