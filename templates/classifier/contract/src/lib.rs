//! A classifier of drawn digits on-chain, and a small game that believes it.
//!
//! The numbers come from the crate `model`, which `stylus-ai build` generates. What stands here is
//! yours to change: who may ask, in which form, and what happens with the answer.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
extern crate alloc;

mod entry;
mod errors;

use alloc::{vec, vec::Vec};

use alloy_primitives::{Address, FixedBytes, U256};
use errors::Refusal;
use model::CLASSES;
use stylus_sdk::{abi::Bytes, crypto::keccak, prelude::*};

/// Seconds of a day.
const DAY: u64 = 86_400;

// What the contract stores, written as in Solidity.
sol_storage! {
    pub struct Classifier {
        /// The last day on which a player drew the digit of the day, counted from 1970.
        mapping(address => uint256) solved;
    }
}

#[public]
impl Classifier {
    /// The class of a drawing, and the model's sum for each class: the larger, the likelier.
    ///
    /// A drawing is 98 bytes: 14 rows of 14 pixels, each 4 bits, 0 for paper and 15 for ink.
    pub fn predict(&self, features: Bytes) -> Result<(u16, [i64; CLASSES]), Refusal> {
        let prediction = model::answer(&features)?;
        Ok((prediction.class, prediction.logits))
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

    // The game: draw the digit of the day. What else could believe the answer? A door, a bounty, a
    // character of another game.

    /// The digit to draw today. Everybody can work out tomorrow's: nothing is at stake.
    pub fn digit_of_the_day(&self) -> u16 {
        let hash = keccak(self.today().to_be_bytes());
        u16::from(hash[0]) % 10
    }

    /// The last day on which a player has solved, counted from 1970; 0 for never.
    pub fn solved(&self, player: Address) -> U256 {
        self.solved.get(player)
    }

    /// Hand in a drawing. True if the model sees the digit of the day in it: then the day is noted.
    pub fn solve(&mut self, drawing: Bytes) -> Result<bool, Refusal> {
        let right = model::answer(&drawing)?.class == self.digit_of_the_day();
        if right {
            let (player, today) = (self.vm().msg_sender(), self.today());
            self.solved.insert(player, U256::from(today));
        }
        Ok(right)
    }
}

impl Classifier {
    /// Days since 1970.
    fn today(&self) -> u64 {
        self.vm().block_timestamp() / DAY
    }
}
