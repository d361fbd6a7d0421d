//! The methods.

use std::collections::HashMap;
use std::sync::Arc;

use revm::context::TxEnv;
use revm::primitives::{Address, B256, Bytes, U256, keccak256};
use serde_json::{Value, json};

use super::account;
use super::error::RpcError;
use super::logs::Filter;
use super::node_interface::{self, NODE_INTERFACE};
use super::params::{CallRequest, Overrides, Params, Quantity};
use super::tracing;
use super::view::{self, quantity};
use crate::chain::block::{Block, Included};
use crate::chain::simulate::Setting;
use crate::chain::{BASE_FEE, CHAIN_ID, Chain};

/// All methods that are answered.
pub const METHODS: [&str; 36] = [
    "web3_clientVersion",
    "web3_sha3",
    "net_version",
    "net_listening",
    "net_peerCount",
    "eth_chainId",
    "eth_blockNumber",
    "eth_syncing",
    "eth_accounts",
    "eth_gasPrice",
    "eth_maxPriorityFeePerGas",
    "eth_feeHistory",
    "eth_getBalance",
    "eth_getCode",
    "eth_getStorageAt",
    "eth_getTransactionCount",
    "eth_call",
    "eth_estimateGas",
    "eth_sendTransaction",
    "eth_sendRawTransaction",
    "eth_getTransactionByHash",
    "eth_getTransactionByBlockNumberAndIndex",
    "eth_getTransactionByBlockHashAndIndex",
    "eth_getTransactionReceipt",
    "eth_getBlockByNumber",
    "eth_getBlockByHash",
    "eth_getBlockTransactionCountByNumber",
    "eth_getBlockTransactionCountByHash",
    "eth_getBlockReceipts",
    "eth_getLogs",
    "eth_getUncleCountByBlockNumber",
    "debug_traceTransaction",
    "debug_traceCall",
    "evm_increaseTime",
    "evm_setNextBlockTimestamp",
    "evm_mine",
];

/// Answers one call.
pub fn answer(chain: &Chain, method: &str, params: &Params) -> Result<Value, RpcError> {
    match method {
        "web3_clientVersion" => Ok(json!(concat!(
            "stylus-devnode/v",
            env!("CARGO_PKG_VERSION")
        ))),
        "web3_sha3" => Ok(json!(keccak256(params.required::<Bytes>(0, "data")?))),
        "net_version" => Ok(json!(CHAIN_ID.to_string())),
        "net_listening" => Ok(json!(true)),
        "net_peerCount" => Ok(quantity(0_u8)),
        "eth_chainId" => Ok(quantity(CHAIN_ID)),
        "eth_blockNumber" => Ok(quantity(chain.head().header.number)),
        "eth_syncing" => Ok(json!(false)),
        "eth_accounts" => Ok(json!(account::accounts())),
        "eth_gasPrice" => Ok(quantity(BASE_FEE)),
        "eth_maxPriorityFeePerGas" => Ok(quantity(0_u8)),
        "eth_feeHistory" => fee_history(chain, params),

        "eth_getBalance" => Ok(json!(
            params
                .block(1, chain)?
                .state
                .info(&address(params)?)
                .balance
        )),
        "eth_getTransactionCount" => Ok(quantity(
            params.block(1, chain)?.state.info(&address(params)?).nonce,
        )),
        "eth_getCode" => {
            let code = params
                .block(1, chain)?
                .state
                .info(&address(params)?)
                .code
                .unwrap_or_default();
            Ok(json!(code.original_bytes()))
        }
        "eth_getStorageAt" => {
            let key: U256 = params.required(1, "key")?;
            Ok(view::word(
                params.block(2, chain)?.state.slot(&address(params)?, &key),
            ))
        }

        "eth_call" => {
            let (setting, env) = question(chain, params)?;
            if env.kind.to() == Some(&NODE_INTERFACE) {
                return Ok(json!(node_interface::answer(chain, &setting, env)?));
            }
            Ok(json!(chain.call(&setting, env)?))
        }
        "eth_estimateGas" => {
            let (setting, env) = question(chain, params)?;
            if env.kind.to() == Some(&NODE_INTERFACE) {
                node_interface::answer(chain, &setting, env.clone())?;
            }
            Ok(quantity(chain.estimate(&setting, env)?))
        }
        "eth_sendTransaction" => account::send(chain, params),
        "eth_sendRawTransaction" => {
            let raw: Bytes = params.required(0, "signed transaction")?;
            let block = chain.submit(&raw)?;
            Ok(json!(block.included.as_ref().map(Included::hash)))
        }

        "eth_getTransactionByHash" => transaction(chain, params, view::transaction),
        "eth_getTransactionReceipt" => transaction(chain, params, view::receipt),
        "eth_getTransactionByBlockNumberAndIndex" | "eth_getTransactionByBlockHashAndIndex" => {
            let index: Quantity = params.required(1, "index")?;
            let block = params.block(0, chain)?;
            let included = block.included.as_ref().filter(|_| index.0 == 0);
            Ok(included
                .map(|included| view::transaction(&block, included))
                .into())
        }
        "eth_getBlockByNumber" | "eth_getBlockByHash" => {
            let full = params.optional(1, "full transactions")?.unwrap_or(false);
            Ok(found(params.block(0, chain))?
                .map(|block| view::block(&block, full))
                .into())
        }
        "eth_getBlockTransactionCountByNumber" | "eth_getBlockTransactionCountByHash" => {
            let count = |block: Arc<Block>| quantity(u8::from(block.included.is_some()));
            Ok(found(params.block(0, chain))?.map(count).into())
        }
        "eth_getUncleCountByBlockNumber" => Ok(quantity(0_u8)),
        "eth_getBlockReceipts" => {
            let receipts = |block: Arc<Block>| {
                block
                    .included
                    .iter()
                    .map(|included| view::receipt(&block, included))
                    .collect::<Value>()
            };
            Ok(found(params.block(0, chain))?.map(receipts).into())
        }
        "eth_getLogs" => params
            .optional::<Filter>(0, "filter")?
            .unwrap_or_default()
            .collect(chain),

        "debug_traceTransaction" => {
            tracing::transaction(chain, params.required(0, "hash")?, params)
        }
        "debug_traceCall" => tracing::call(chain, params),
        "evm_increaseTime" => {
            let Quantity(seconds) = params.required(0, "seconds")?;
            Ok(json!(chain.clock.advance(seconds)))
        }
        "evm_setNextBlockTimestamp" => {
            set_next_timestamp(chain, params.required(0, "unix second")?)?;
            Ok(Value::Null)
        }
        "evm_mine" => {
            if let Some(second) = params.optional(0, "unix second")? {
                set_next_timestamp(chain, second)?;
            }
            chain.mine();
            Ok(quantity(0_u8))
        }
        other => Err(RpcError::NotFound(format!(
            "the method {other} does not exist/is not available"
        ))),
    }
}

fn address(params: &Params) -> Result<Address, RpcError> {
    params.required(0, "address")
}

/// `None` where the block does not exist, which these methods answer with null.
fn found(block: Result<Arc<Block>, RpcError>) -> Result<Option<Arc<Block>>, RpcError> {
    match block {
        Ok(block) => Ok(Some(block)),
        Err(RpcError::NotFound(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The setting and the transaction of `eth_call` and `eth_estimateGas`.
fn question(chain: &Chain, params: &Params) -> Result<(Setting, TxEnv), RpcError> {
    let overrides: Overrides = params.optional(2, "state override")?.unwrap_or_default();
    let setting = params.setting(1, chain)?.with(HashMap::from(overrides))?;
    let env = env(params, &setting)?;
    Ok((setting, env))
}

/// The transaction asked about, with as much gas as a question may have.
pub fn env(params: &Params, setting: &Setting) -> Result<TxEnv, RpcError> {
    let request: CallRequest = params.required(0, "transaction")?;
    let named = request.gas();
    let mut env = request.env()?;
    let cap = setting.gas_cap(&env);
    env.gas_limit = named.unwrap_or(cap).min(cap);
    Ok(env)
}

fn transaction(
    chain: &Chain,
    params: &Params,
    show: fn(&Block, &Included) -> Value,
) -> Result<Value, RpcError> {
    let hash: B256 = params.required(0, "transaction hash")?;
    let block = chain.block_of_transaction(hash);
    Ok(block
        .and_then(|block| {
            block
                .included
                .as_ref()
                .map(|included| show(&block, included))
        })
        .into())
}

fn set_next_timestamp(chain: &Chain, Quantity(second): Quantity) -> Result<(), RpcError> {
    let newest = chain.head().header.timestamp;
    if second <= newest {
        return Err(RpcError::Params(format!(
            "timestamp {second} is not after the newest block's, {newest}"
        )));
    }
    chain.clock.set_next(second);
    Ok(())
}

fn fee_history(chain: &Chain, params: &Params) -> Result<Value, RpcError> {
    const MOST: u64 = 1024;
    let count = params.required::<Quantity>(0, "block count")?.0.min(MOST);
    let newest = params.block(1, chain)?.header.number;
    let percentiles: Vec<f64> = params
        .optional(2, "reward percentiles")?
        .unwrap_or_default();
    let count = count.min(newest + 1);
    let oldest = newest + 1 - count;
    let each = |value: Value, times: u64| (0..times).map(|_| value.clone()).collect::<Vec<_>>();
    let mut history = json!({
        "oldestBlock": quantity(oldest),
        "baseFeePerGas": each(quantity(BASE_FEE), count + 1),
        "gasUsedRatio": each(json!(0.0), count),
    });
    if !percentiles.is_empty() {
        let rewards = each(quantity(0_u8), percentiles.len() as u64);
        history["reward"] = each(rewards.into(), count).into();
    }
    Ok(history)
}
