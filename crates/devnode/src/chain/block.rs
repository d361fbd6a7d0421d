//! Blocks as they are kept.

use alloy_consensus::proofs::{calculate_receipt_root, calculate_transaction_root};
use alloy_consensus::{
    EMPTY_OMMER_ROOT_HASH, Header, Receipt, ReceiptEnvelope, Transaction, TxType, Typed2718,
};
use revm::primitives::alloy_primitives::B64;
use revm::primitives::{Address, B256, Bytes, Log, U256};

use super::tx::PooledTx;
use super::{BASE_FEE, CHAIN_ID};
use crate::arbos::store::Arbos;
use crate::arbos::{ArbosVersion, COINBASE};
use crate::evm::transact::{BLOCK_GAS_LIMIT, BlockFacts, Execution};
use crate::state::State;

/// A block with the state after it.
#[derive(Debug)]
pub struct Block {
    /// Its header. The state root is not computed and stands as 0.
    pub header: Header,
    /// Hash of the header.
    pub hash: B256,
    /// What the EVM was told of it.
    pub facts: BlockFacts,
    /// All accounts after it.
    pub state: State,
    /// Its transaction; the genesis block and those that a client asked for have none.
    pub included: Option<Included>,
}

/// A transaction in a block and what it did.
#[derive(Debug)]
pub struct Included {
    /// The transaction.
    pub tx: PooledTx,
    /// Whether it succeeded.
    pub success: bool,
    /// Gas that it was charged.
    pub gas_used: u64,
    /// Part of that for L1 data.
    pub l1_gas: u64,
    /// Its events.
    pub logs: Vec<Log>,
    /// The account that it created.
    pub created: Option<Address>,
    /// Return or revert data.
    pub output: Bytes,
    /// Why it failed, in words.
    pub failure: Option<String>,
}

impl Included {
    /// From what the execution gave.
    pub fn new(tx: PooledTx, execution: Execution) -> Self {
        let failure = super::simulate::failure(&execution);
        let result = execution.result;
        Self {
            success: result.is_success(),
            gas_used: result.tx_gas_used(),
            l1_gas: execution.l1_gas,
            created: tx
                .envelope
                .is_create()
                .then(|| result.created_address())
                .flatten(),
            output: result.output().cloned().unwrap_or_default(),
            logs: if result.is_success() {
                result.into_logs()
            } else {
                Vec::new()
            },
            failure,
            tx,
        }
    }

    /// Hash of the transaction.
    pub fn hash(&self) -> B256 {
        *self.tx.envelope.tx_hash()
    }

    fn receipt(&self) -> ReceiptEnvelope {
        let receipt = Receipt {
            status: self.success.into(),
            cumulative_gas_used: self.gas_used,
            logs: self.logs.clone(),
        };
        let ty = TxType::try_from(self.tx.envelope.ty()).unwrap_or(TxType::Legacy);
        ReceiptEnvelope::from_typed(ty, receipt)
    }
}

/// The first block.
pub fn genesis(state: State, arbos: ArbosVersion, timestamp: u64) -> Block {
    let facts = BlockFacts {
        number: 0,
        timestamp,
        base_fee: BASE_FEE,
        arbos,
        chain_id: CHAIN_ID,
        debug: true,
        gas_cap: arbos.transaction_gas_cap(),
    };
    seal(B256::ZERO, facts, state, None)
}

/// The block that follows `parent`.
pub fn after(parent: &Block, facts: BlockFacts, state: State, included: Option<Included>) -> Block {
    seal(parent.hash, facts, state, included)
}

fn seal(
    parent_hash: B256,
    facts: BlockFacts,
    mut state: State,
    included: Option<Included>,
) -> Block {
    let receipts: Vec<_> = included.iter().map(Included::receipt).collect();
    let transactions: Vec<_> = included
        .iter()
        .map(|included| included.tx.envelope.clone())
        .collect();
    let sends = Arbos(&mut state).sends();
    let header = Header {
        parent_hash,
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        beneficiary: COINBASE,
        state_root: B256::ZERO,
        transactions_root: calculate_transaction_root(&transactions),
        receipts_root: calculate_receipt_root(&receipts),
        logs_bloom: receipts
            .first()
            .map(|receipt| *receipt.logs_bloom())
            .unwrap_or_default(),
        difficulty: U256::ONE,
        number: facts.number,
        gas_limit: BLOCK_GAS_LIMIT,
        gas_used: included.as_ref().map_or(0, |included| included.gas_used),
        timestamp: facts.timestamp,
        extra_data: sends.root().into(),
        mix_hash: mix_hash(sends.count, facts.arbos),
        nonce: B64::ZERO,
        base_fee_per_gas: Some(facts.base_fee),
        ..Header::default()
    };
    let hash = header.hash_slow();
    state.push_block_hash(hash);
    Block {
        header,
        hash,
        facts,
        state,
        included,
    }
}

/// Arbitrum's use of the field: messages sent, L1 block, ArbOS version, 8 bytes each.
fn mix_hash(sends: u64, arbos: ArbosVersion) -> B256 {
    let mut hash = B256::ZERO;
    hash[..8].copy_from_slice(&sends.to_be_bytes());
    hash[16..24].copy_from_slice(&arbos.0.to_be_bytes());
    hash
}
