//! Signed transactions: decoding, the checks before a block is made, the EVM's view of them.

use alloy_consensus::transaction::SignerRecoverable;
use alloy_consensus::{Transaction, TxEnvelope, Typed2718};
use alloy_eips::eip2718::Decodable2718;
use revm::context::TxEnv;
use revm::context::either::Either;
use revm::context::result::InvalidTransaction;
use revm::primitives::{Address, U256};

use crate::evm::transact::BlockFacts;
use crate::state::State;

/// Largest transaction, in bytes, that is taken. The recorded node refused one of 90,113 bytes as oversized and took
/// none near that; where exactly its limit lies was not measured.
const MAX_TX_BYTES: usize = 90_000;
/// Largest init code (EIP-3860).
const MAX_INIT_CODE: usize = 49_152;

/// Why a transaction is refused before it is in a block.
#[derive(Debug, thiserror::Error)]
pub enum Rejected {
    /// Not a signed transaction.
    #[error(
        "the transaction does not decode ({0}): send the RLP of a signed transaction of type 0, 1, 2 or 4"
    )]
    Undecodable(String),
    /// A type that Arbitrum does not take.
    #[error("transaction type {0} not supported: send type 0, 1, 2 or 4")]
    Type(u8),
    /// The signature gives no sender.
    #[error("invalid sender: the signature does not recover to an account")]
    Sender,
    /// Signed for another chain, or for none.
    #[error("invalid chain id for signer: have {have} want {want}: sign for chain {want}")]
    ChainId {
        /// Chain id signed for.
        have: String,
        /// This chain's.
        want: u64,
    },
    /// Too many bytes.
    #[error("oversized data: transaction size {0}, limit {MAX_TX_BYTES}")]
    Oversized(usize),
    /// Too much init code.
    #[error("max initcode size exceeded: code size {0} limit {MAX_INIT_CODE}")]
    InitCode(usize),
    /// A nonce that was used already.
    #[error("nonce too low: address {address}, tx: {tx} state: {state}")]
    NonceTooLow {
        /// Sender.
        address: Address,
        /// The transaction's nonce.
        tx: u64,
        /// The account's.
        state: u64,
    },
    /// A nonce that is not next.
    #[error(
        "nonce too high: address {address}, tx: {tx} state: {state}: send the transactions before it first"
    )]
    NonceTooHigh {
        /// Sender.
        address: Address,
        /// The transaction's nonce.
        tx: u64,
        /// The account's.
        state: u64,
    },
    /// A price below the base fee.
    #[error(
        "max fee per gas less than block base fee: address {address}, maxFeePerGas: {have}, baseFee: {want}"
    )]
    FeeTooLow {
        /// Sender.
        address: Address,
        /// Offered.
        have: u128,
        /// Needed.
        want: u64,
    },
    /// Less money than gas limit times price plus value.
    #[error(
        "insufficient funds for gas * price + value: address {address} have {have} want {want}"
    )]
    Funds {
        /// Sender.
        address: Address,
        /// Balance.
        have: U256,
        /// Needed.
        want: U256,
    },
    /// Refused by the EVM's own checks.
    #[error("{}", invalid(.0))]
    Invalid(InvalidTransaction),
    /// The node failed.
    #[error("internal error: {0}")]
    Machine(String),
}

fn invalid(error: &InvalidTransaction) -> String {
    match error {
        InvalidTransaction::CallGasCostMoreThanGasLimit {
            gas_limit,
            initial_gas,
        } => {
            format!("intrinsic gas too low: have {gas_limit}, want {initial_gas}")
        }
        other => other.to_string(),
    }
}

/// A signed transaction and its sender.
#[derive(Clone, Debug)]
pub struct PooledTx {
    /// The transaction as signed.
    pub envelope: TxEnvelope,
    /// Its sender.
    pub sender: Address,
}

impl PooledTx {
    /// Decodes a transaction and recovers its sender.
    pub fn decode(raw: &[u8]) -> Result<Self, Rejected> {
        if raw.len() > MAX_TX_BYTES {
            return Err(Rejected::Oversized(raw.len()));
        }
        let envelope = TxEnvelope::decode_2718_exact(raw)
            .map_err(|error| Rejected::Undecodable(error.to_string()))?;
        if envelope.is_eip4844() {
            return Err(Rejected::Type(envelope.ty()));
        }
        let sender = envelope.recover_signer().map_err(|_| Rejected::Sender)?;
        Ok(Self { envelope, sender })
    }

    /// The checks that Arbitrum's sequencer makes before it takes a transaction.
    pub fn check(&self, state: &State, facts: &BlockFacts) -> Result<(), Rejected> {
        let (tx, address) = (&self.envelope, self.sender);
        match tx.chain_id() {
            Some(id) if id == facts.chain_id => {}
            // Unprotected legacy transactions fit every chain; the CREATE2 factory is deployed by one.
            None if tx.is_legacy() => {}
            other => {
                let have = other.map_or_else(|| "none".to_owned(), |id| id.to_string());
                return Err(Rejected::ChainId {
                    have,
                    want: facts.chain_id,
                });
            }
        }
        if tx.is_create() && tx.input().len() > MAX_INIT_CODE {
            return Err(Rejected::InitCode(tx.input().len()));
        }
        let account = state.info(&address);
        let (tx_nonce, state_nonce) = (tx.nonce(), account.nonce);
        if tx_nonce < state_nonce {
            return Err(Rejected::NonceTooLow {
                address,
                tx: tx_nonce,
                state: state_nonce,
            });
        }
        if tx_nonce > state_nonce {
            return Err(Rejected::NonceTooHigh {
                address,
                tx: tx_nonce,
                state: state_nonce,
            });
        }
        if tx.max_fee_per_gas() < u128::from(facts.base_fee) {
            return Err(Rejected::FeeTooLow {
                address,
                have: tx.max_fee_per_gas(),
                want: facts.base_fee,
            });
        }
        let fee = U256::from(tx.gas_limit()).saturating_mul(U256::from(tx.max_fee_per_gas()));
        let want = fee.saturating_add(tx.value());
        if want > account.balance {
            return Err(Rejected::Funds {
                address,
                have: account.balance,
                want,
            });
        }
        Ok(())
    }

    /// The transaction as the EVM takes it.
    pub fn env(&self) -> TxEnv {
        let tx = &self.envelope;
        TxEnv {
            tx_type: tx.ty(),
            caller: self.sender,
            gas_limit: tx.gas_limit(),
            gas_price: tx.max_fee_per_gas(),
            kind: tx.kind(),
            value: tx.value(),
            data: tx.input().clone(),
            nonce: tx.nonce(),
            chain_id: tx.chain_id(),
            access_list: tx.access_list().cloned().unwrap_or_default(),
            gas_priority_fee: tx.max_priority_fee_per_gas(),
            blob_hashes: Vec::new(),
            max_fee_per_blob_gas: 0,
            authorization_list: tx
                .authorization_list()
                .unwrap_or_default()
                .iter()
                .map(|authorization| Either::Left(authorization.clone()))
                .collect(),
        }
    }
}
