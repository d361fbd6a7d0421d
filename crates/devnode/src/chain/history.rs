//! Block hashes in the state (EIP-2935), as Arbitrum keeps them since ArbOS 40: by L2 block number, which the contract asks
//! ArbSys for, in a ring of 393,168 words.

use revm::primitives::{Address, U256, address, hex};

use super::block::Block;
use crate::state::State;

/// Where the contract stands.
pub const HISTORY: Address = address!("0000F90827F1C53a10cb7A02335B175320002935");
/// First ArbOS version that has it.
pub const HISTORY_FROM: u64 = 40;
/// Its code, from OffchainLabs' sys-asm (execution_hash): 32 bytes of calldata, a block number, give that block's hash.
pub const HISTORY_CODE: [u8; 133] = hex!(
    "3373fffffffffffffffffffffffffffffffffffffffe1460605760203603605c575f3563a3b1b31d5f5260205f6004601c60645afa15605c575f51600181038211605c57816205ffd0910311605c576205ffd09006545f5260205ff35b5f5ffd5b5f356205ffd0600163a3b1b31d5f5260205f6004601c60645afa15605c575f5103065500"
);
/// Blocks whose hashes it keeps.
const WINDOW: u64 = 393_168;

/// Notes the parent's hash, as the chain does before the transactions of each block.
pub fn note(state: &mut State, parent: &Block) {
    if state.account(&HISTORY).is_some() {
        let slot = U256::from(parent.header.number % WINDOW);
        state.edit_storage(HISTORY, false, [(slot, parent.hash.into())]);
    }
}
