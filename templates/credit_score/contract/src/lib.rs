//! A credit score on-chain: the model answers, this contract lets others ask.
//!
//! The numbers come from the crate `model`, which `stylus-ai build` generates. What stands here is
//! yours to change: who may ask, in which form, and what happens with the answer.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
extern crate alloc;

mod entry;
mod errors;

use alloc::{vec, vec::Vec};

use alloy_primitives::FixedBytes;
use errors::Refusal;
use model::abi::Applicant;
use stylus_sdk::{abi::Bytes, prelude::*};

// What the contract stores: nothing yet. Add fields as in Solidity, e.g. `address owner;`.
sol_storage! {
    pub struct CreditScore {}
}

#[public]
impl CreditScore {
    /// Score and decision for features packed as `abi.encodePacked` does: the cheapest call.
    ///
    /// The score is the probability of repayment in basis points, 0 to 10,000.
    pub fn predict(&self, features: Bytes) -> Result<(u16, bool), Refusal> {
        let row = model::unpack(&features)?;
        let prediction = model::predict(&row);
        Ok((prediction.score, prediction.decision))
    }

    /// The same for a struct with a named field per feature: easier from Solidity, dearer to call.
    pub fn assess(&self, applicant: Applicant) -> Result<(u16, bool), Refusal> {
        let row = model::Row::try_from(applicant)?;
        let prediction = model::predict(&row);
        Ok((prediction.score, prediction.decision))
    }

    /// Score and decision with the reasons.
    ///
    /// Returns also the leaf that each tree ended in and, for each feature, the points by which
    /// this applicant's value moved the score, compared with the median applicant's value. A model
    /// of very many splits names no leaves: their numbers would double the contract.
    pub fn explain(&self, features: Bytes) -> Result<(u16, bool, Vec<u16>, Vec<i32>), Refusal> {
        let row = model::unpack(&features)?;
        let prediction = model::predict(&row);
        let leaves = model::leaves(&row).to_vec();
        let points = model::explain(&row).to_vec();
        Ok((prediction.score, prediction.decision, leaves, points))
    }

    /// Digest of the integer program, as `stylus-ai train` printed it: which model is this?
    pub fn model_hash(&self) -> FixedBytes<32> {
        FixedBytes(model::PROGRAM_DIGEST)
    }

    /// Features, trees, depth, fraction bits, family, cut-off.
    ///
    /// Families: 0 tree, 1 forest, 2 boosting, 3 linear.
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
