//! Blocks, transactions, receipts and logs as JSON-RPC shows them.

use alloy_consensus::{Transaction, TxEnvelope, Typed2718};
use revm::primitives::{B256, Log, U256};
use serde_json::{Value, json};

use crate::chain::block::{Block, Included};
use crate::engine::trace::Entry;

/// A number as JSON-RPC writes it.
pub fn quantity(number: impl Into<u128>) -> Value {
    json!(format!("{:#x}", number.into()))
}

/// A block; its transaction in full or by hash.
pub fn block(block: &Block, full: bool) -> Value {
    let header = &block.header;
    let transactions: Vec<Value> = block
        .included
        .iter()
        .map(|included| {
            if full {
                transaction(block, included)
            } else {
                json!(included.hash())
            }
        })
        .collect();
    json!({
        "number": quantity(header.number),
        "hash": block.hash,
        "parentHash": header.parent_hash,
        "sha3Uncles": header.ommers_hash,
        "miner": header.beneficiary,
        "stateRoot": header.state_root,
        "transactionsRoot": header.transactions_root,
        "receiptsRoot": header.receipts_root,
        "logsBloom": header.logs_bloom,
        "difficulty": quantity(1_u8),
        "totalDifficulty": quantity(header.number + 1),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "timestamp": quantity(header.timestamp),
        "extraData": header.extra_data,
        "mixHash": header.mix_hash,
        "nonce": header.nonce,
        "baseFeePerGas": quantity(block.facts.base_fee),
        "size": quantity(alloy_rlp::Encodable::length(header) as u64),
        "uncles": [],
        "transactions": transactions,
        "l1BlockNumber": quantity(0_u8),
        "sendCount": quantity(send_count(block)),
        // Arbitrum's use of the field.
        "sendRoot": header.extra_data,
    })
}

/// Number of messages to L1, which stands in the first 8 bytes of a field that has no other use on Arbitrum.
fn send_count(block: &Block) -> u64 {
    let first = block.header.mix_hash.first_chunk::<8>();
    first.map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// A transaction in its block.
pub fn transaction(block: &Block, included: &Included) -> Value {
    let tx = &included.tx.envelope;
    let signature = tx.signature();
    let parity = u64::from(signature.v());
    let mut view = json!({
        "hash": included.hash(),
        "type": quantity(tx.ty()),
        "nonce": quantity(tx.nonce()),
        "from": included.tx.sender,
        "to": tx.to(),
        "value": tx.value(),
        "gas": quantity(tx.gas_limit()),
        "gasPrice": quantity(block.facts.base_fee),
        "input": tx.input(),
        "blockHash": block.hash,
        "blockNumber": quantity(block.header.number),
        "transactionIndex": quantity(0_u8),
        "v": quantity(parity),
        "r": signature.r(),
        "s": signature.s(),
    });
    if let Some(id) = tx.chain_id() {
        view["chainId"] = quantity(id);
    }
    if tx.is_legacy() {
        view["gasPrice"] = quantity(tx.max_fee_per_gas());
        view["v"] = quantity(tx.chain_id().map_or(27 + parity, |id| 35 + 2 * id + parity));
        return view;
    }
    view["yParity"] = quantity(parity);
    view["accessList"] = tx.access_list().map_or_else(|| json!([]), access_list);
    if let Some(tip) = tx.max_priority_fee_per_gas() {
        view["maxFeePerGas"] = quantity(tx.max_fee_per_gas());
        view["maxPriorityFeePerGas"] = quantity(tip);
    } else {
        view["gasPrice"] = quantity(tx.max_fee_per_gas());
    }
    if let TxEnvelope::Eip7702(signed) = tx {
        view["authorizationList"] = signed
            .tx()
            .authorization_list
            .iter()
            .map(authorization)
            .collect();
    }
    view
}

fn access_list(list: &alloy_eips::eip2930::AccessList) -> Value {
    list.iter()
        .map(|item| json!({"address": item.address, "storageKeys": item.storage_keys}))
        .collect()
}

fn authorization(signed: &alloy_eips::eip7702::SignedAuthorization) -> Value {
    json!({
        "chainId": signed.chain_id,
        "address": signed.address,
        "nonce": quantity(signed.nonce),
        "yParity": quantity(signed.y_parity()),
        "r": signed.r(),
        "s": signed.s(),
    })
}

/// What a transaction did.
pub fn receipt(block: &Block, included: &Included) -> Value {
    let logs: Vec<Value> = logs(block).collect();
    let mut view = json!({
        "transactionHash": included.hash(),
        "transactionIndex": quantity(0_u8),
        "blockHash": block.hash,
        "blockNumber": quantity(block.header.number),
        "from": included.tx.sender,
        "to": included.tx.envelope.to(),
        "contractAddress": included.created,
        "type": quantity(included.tx.envelope.ty()),
        "status": quantity(u8::from(included.success)),
        "gasUsed": quantity(included.gas_used),
        "cumulativeGasUsed": quantity(included.gas_used),
        "gasUsedForL1": quantity(included.l1_gas),
        "effectiveGasPrice": quantity(block.facts.base_fee),
        "l1BlockNumber": quantity(0_u8),
        "logs": logs,
        "logsBloom": block.header.logs_bloom,
        "timeboosted": false,
    });
    // Not of the standard: why it failed, in words.
    if let Some(failure) = &included.failure {
        view["error"] = json!(failure);
    }
    view
}

/// The logs of a block.
pub fn logs(block: &Block) -> impl Iterator<Item = Value> + '_ {
    let included = block.included.iter();
    included.flat_map(move |included| {
        (0_u64..)
            .zip(&included.logs)
            .map(move |(index, entry)| log(block, included, index, entry))
    })
}

/// One log.
pub fn log(block: &Block, included: &Included, index: u64, log: &Log) -> Value {
    json!({
        "address": log.address,
        "topics": log.data.topics(),
        "data": log.data.data,
        "blockHash": block.hash,
        "blockNumber": quantity(block.header.number),
        "blockTimestamp": quantity(block.header.timestamp),
        "transactionHash": included.hash(),
        "transactionIndex": quantity(0_u8),
        "logIndex": quantity(index),
        "removed": false,
    })
}

/// The host functions that a transaction called.
pub fn trace(entries: &[Entry]) -> Value {
    let show = |entry: &Entry| {
        json!({
            "name": entry.name,
            "args": entry.args,
            "outs": entry.outs,
            "startInk": entry.start_ink,
            "endInk": entry.end_ink,
        })
    };
    entries.iter().map(show).collect()
}

/// A word of storage.
pub fn word(value: U256) -> Value {
    json!(B256::from(value))
}
