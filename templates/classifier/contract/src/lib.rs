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
use alloy_sol_types::sol;
use errors::Refusal;
use model::CLASSES;
use stylus_sdk::{abi::Bytes, crypto::keccak, prelude::*};

/// Seconds of a day.
const DAY: u64 = 86_400;

sol! {
    event Solved(address indexed player, uint64 day, uint256 streak);
}

// What the contract stores, written as in Solidity.
sol_storage! {
    pub struct Classifier {
        /// The day on which a player solved last, counted from 1970.
        mapping(address => uint64) solved;
        /// Days in a row that a player has solved.
        mapping(address => uint256) streaks;
        /// Drawings that have been used, by hash: each counts once, whoever copies it.
        mapping(bytes32 => bool) drawn;
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

    // The game: draw the digit of the day, and keep your streak.

    /// The digit to draw today. Everybody can know tomorrow's: nothing is at stake but a streak.
    pub fn digit_of_the_day(&self) -> u16 {
        let hash = keccak(self.today().to_be_bytes());
        hash.iter()
            .fold(0_u16, |rest, byte| (rest * 256 + u16::from(*byte)) % 10)
    }

    /// Days in a row that a player has solved, up to the last one.
    pub fn streak(&self, player: Address) -> U256 {
        self.streaks.get(player)
    }

    /// Hand in a drawing of the digit of the day.
    ///
    /// True if the model agrees, nobody has handed in the same drawing before, and the sender has
    /// not solved today; else nothing changes.
    pub fn solve(&mut self, drawing: Bytes) -> Result<bool, Refusal> {
        let class = model::answer(&drawing)?.class;
        let (player, today, hash) = (self.vm().msg_sender(), self.today(), keccak(&drawing));
        let last = self.solved.get(player).to::<u64>();
        if class != self.digit_of_the_day() || self.drawn.get(hash) || last == today {
            return Ok(false);
        }
        let streak = if last.checked_add(1) == Some(today) {
            self.streaks.get(player).saturating_add(U256::ONE)
        } else {
            U256::ONE
        };
        self.drawn.insert(hash, true);
        self.solved
            .insert(player, alloy_primitives::U64::from(today));
        self.streaks.insert(player, streak);
        self.vm().log(Solved {
            player,
            day: today,
            streak,
        });
        Ok(true)
    }
}

impl Classifier {
    /// Days since 1970.
    fn today(&self) -> u64 {
        self.vm().block_timestamp() / DAY
    }
}
