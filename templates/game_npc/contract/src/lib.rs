//! The bandits' mind on-chain: a policy tree that says what each of them does.
//!
//! The numbers come from the crate `model`, which `stylus-ai build` generates. The game itself is
//! the contract in `arena/`, which asks this one through the registry.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
extern crate alloc;

mod entry;
mod errors;

use alloc::{vec, vec::Vec};

use alloy_primitives::FixedBytes;
use errors::Refusal;
use model::CLASSES;
use stylus_sdk::{abi::Bytes, prelude::*};

// What the contract stores: nothing. A mind that remembers would answer differently in Python.
sol_storage! {
    pub struct Npc {}
}

#[public]
impl Npc {
    /// The action of one bandit, and the model's sum for each action.
    pub fn predict(&self, features: Bytes) -> Result<(u16, [i64; CLASSES]), Refusal> {
        let prediction = model::answer(&features)?;
        Ok((prediction.class, prediction.logits))
    }

    /// The actions of many bandits in one call: a byte for each row, rows one behind the other.
    ///
    /// One call is paid for once, however many bandits ask. The last row must be whole.
    pub fn predict_many(&self, rows: Bytes) -> Result<Bytes, Refusal> {
        let mut actions = Vec::with_capacity(rows.len() / model::PACKED_LEN);
        for row in rows.chunks(model::PACKED_LEN) {
            let class = model::answer(row)?.class;
            actions.push(u8::try_from(class).unwrap_or(u8::MAX));
        }
        Ok(actions.into())
    }

    /// Digest of the integer program, as `stylus-ai train` printed it: which model is this?
    pub fn model_hash(&self) -> FixedBytes<32> {
        FixedBytes(model::PROGRAM_DIGEST)
    }

    /// Features, trees, depth, fraction bits, family, cut-off.
    ///
    /// Families: 0 tree, 1 forest, 2 boosting, 3 linear, 4 MLP, 5 CNN.
    pub fn model_info(&self) -> (u16, u16, u16, u8, u8, i64) {
        let info = model::INFO;
        (
            info.features,
            info.trees,
            info.depth,
            info.frac_bits,
            info.family,
            info.cutoff,
        )
    }
}
