//! Parameters of methods.

use std::collections::HashMap;
use std::sync::Arc;

use revm::context::TxEnv;
use revm::context::either::Either;
use revm::context::transaction::{AccessList, Authorization, SignedAuthorization};
use revm::primitives::{Address, B256, Bytes, TxKind, U256};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::RpcError;
use crate::chain::block::Block;
use crate::chain::simulate::{AccountOverride, CALL_GAS, Setting};
use crate::chain::{CHAIN_ID, Chain};

/// The parameters of one call, by position.
#[derive(Debug)]
pub struct Params(pub Vec<Value>);

impl Params {
    /// A parameter that must be there.
    pub fn required<T: DeserializeOwned>(&self, at: usize, name: &str) -> Result<T, RpcError> {
        self.optional(at, name)?
            .ok_or_else(|| RpcError::Params(format!("parameter {at} ({name}) is missing")))
    }

    /// A parameter that may be missing or null.
    pub fn optional<T: DeserializeOwned>(
        &self,
        at: usize,
        name: &str,
    ) -> Result<Option<T>, RpcError> {
        match self.0.get(at) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => T::deserialize(value)
                .map(Some)
                .map_err(|error| RpcError::Params(format!("parameter {at} ({name}): {error}"))),
        }
    }

    /// The block that a parameter names; the newest where it is missing.
    pub fn block(&self, at: usize, chain: &Chain) -> Result<Arc<Block>, RpcError> {
        self.block_id(at)?.find(chain).ok_or_else(|| {
            RpcError::NotFound("header not found: no such block on this chain".into())
        })
    }

    /// State and block that a question is asked on: now, or as a block that the parameter names by number or hash left it.
    pub fn setting(&self, at: usize, chain: &Chain) -> Result<Setting, RpcError> {
        Ok(match self.block_id(at)? {
            BlockId::Newest => Setting::now(chain),
            _ => Setting::then(self.block(at, chain)?.as_ref()),
        })
    }

    fn block_id(&self, at: usize) -> Result<BlockId, RpcError> {
        Ok(self.optional(at, "block")?.unwrap_or_default())
    }
}

/// A block by number, tag or hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BlockId {
    /// `latest`, `pending`, `safe` and `finalized` are the same on a chain that makes blocks on demand. A question at it
    /// sees the present time, as on a chain that makes four blocks a second.
    #[default]
    Newest,
    /// By number; `earliest` is 0.
    Number(u64),
    /// By hash.
    Hash(B256),
}

impl<'de> Deserialize<'de> for BlockId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let value = Value::deserialize(deserializer)?;
        let bad = || {
            D::Error::custom("a block is a hex number, a tag (latest, earliest, …) or a block hash")
        };
        match &value {
            Value::Object(fields) => {
                if let Some(hash) = fields.get("blockHash") {
                    return B256::deserialize(hash)
                        .map(Self::Hash)
                        .map_err(D::Error::custom);
                }
                let number = fields.get("blockNumber").ok_or_else(bad)?;
                quantity(number).map(Self::Number).ok_or_else(bad)
            }
            Value::String(tag) => match tag.as_str() {
                "latest" | "pending" | "safe" | "finalized" => Ok(Self::Newest),
                "earliest" => Ok(Self::Number(0)),
                text if text.len() == 66 => text.parse().map(Self::Hash).map_err(D::Error::custom),
                _ => quantity(&value).map(Self::Number).ok_or_else(bad),
            },
            _ => Err(bad()),
        }
    }
}

impl BlockId {
    /// The block, if there is one.
    pub fn find(&self, chain: &Chain) -> Option<Arc<Block>> {
        match self {
            Self::Newest => Some(chain.head()),
            Self::Number(number) => chain.block(*number),
            Self::Hash(hash) => chain.block_by_hash(*hash),
        }
    }
}

fn quantity(value: &Value) -> Option<u64> {
    let digits = value.as_str()?.strip_prefix("0x")?;
    u64::from_str_radix(digits, 16).ok()
}

/// A number as JSON-RPC writes it: hex with prefix. Decimal numbers are taken too, as geth's tools send them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity(pub u64);

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        value
            .as_u64()
            .or_else(|| quantity(&value))
            .map(Self)
            .ok_or_else(|| {
                serde::de::Error::custom("a number is hex with the prefix 0x, below 2^64")
            })
    }
}

/// What `eth_call` and its like are asked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CallRequest {
    from: Option<Address>,
    to: Option<Address>,
    gas: Option<Quantity>,
    gas_price: Option<U256>,
    max_fee_per_gas: Option<U256>,
    max_priority_fee_per_gas: Option<U256>,
    value: Option<U256>,
    nonce: Option<Quantity>,
    data: Option<Bytes>,
    input: Option<Bytes>,
    chain_id: Option<Quantity>,
    access_list: Option<Vec<AccessEntry>>,
    authorization_list: Option<Vec<AuthorizationEntry>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccessEntry {
    address: Address,
    #[serde(default)]
    storage_keys: Vec<B256>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizationEntry {
    chain_id: U256,
    address: Address,
    nonce: Quantity,
    y_parity: Quantity,
    r: U256,
    s: U256,
}

impl From<AuthorizationEntry> for SignedAuthorization {
    fn from(entry: AuthorizationEntry) -> Self {
        let inner = Authorization {
            chain_id: entry.chain_id,
            address: entry.address,
            nonce: entry.nonce.0,
        };
        Self::new_unchecked(
            inner,
            u8::try_from(entry.y_parity.0).unwrap_or(u8::MAX),
            entry.r,
            entry.s,
        )
    }
}

impl CallRequest {
    /// Gas that the request names.
    pub fn gas(&self) -> Option<u64> {
        self.gas.map(|gas| gas.0)
    }

    /// Nonce that the request names.
    pub fn nonce(&self) -> Option<u64> {
        self.nonce.map(|nonce| nonce.0)
    }

    /// The transaction as the EVM takes it, with the most gas that one without L1 data has where the request names none.
    pub fn env(self) -> Result<TxEnv, RpcError> {
        let data = match (self.input, self.data) {
            (Some(input), Some(data)) if input != data => {
                return Err(RpcError::Params(
                    "both \"data\" and \"input\" are set and not equal: send one of them".into(),
                ));
            }
            (Some(bytes), _) | (None, Some(bytes)) => bytes,
            (None, None) => Bytes::new(),
        };
        if self.chain_id.is_some_and(|id| id.0 != CHAIN_ID) {
            return Err(RpcError::Params(format!(
                "chainId does not match: this chain is {CHAIN_ID}"
            )));
        }
        let price = |wei: Option<U256>| wei.map(|wei| u128::try_from(wei).unwrap_or(u128::MAX));
        let dynamic = self.max_fee_per_gas.is_some() || self.max_priority_fee_per_gas.is_some();
        if dynamic && self.gas_price.is_some() {
            return Err(RpcError::Params(
                "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified".into(),
            ));
        }
        let access_list: Vec<_> = self.access_list.unwrap_or_default();
        let authorizations = self.authorization_list.unwrap_or_default();
        let tx_type = match () {
            () if !authorizations.is_empty() => 4,
            () if dynamic || self.gas_price.is_none() => 2,
            () if !access_list.is_empty() => 1,
            () => 0,
        };
        Ok(TxEnv {
            tx_type,
            caller: self.from.unwrap_or_default(),
            gas_limit: self.gas.map_or(CALL_GAS, |gas| gas.0),
            gas_price: price(self.max_fee_per_gas.or(self.gas_price)).unwrap_or_default(),
            kind: self.to.map_or(TxKind::Create, TxKind::Call),
            value: self.value.unwrap_or_default(),
            data,
            nonce: self.nonce.map_or(0, |nonce| nonce.0),
            chain_id: Some(CHAIN_ID),
            access_list: AccessList(access_list.into_iter().map(Into::into).collect()),
            gas_priority_fee: (tx_type >= 2)
                .then(|| price(self.max_priority_fee_per_gas).unwrap_or_default()),
            blob_hashes: Vec::new(),
            max_fee_per_blob_gas: 0,
            authorization_list: authorizations
                .into_iter()
                .map(|entry| Either::Left(entry.into()))
                .collect(),
        })
    }
}

impl From<AccessEntry> for revm::context::transaction::AccessListItem {
    fn from(entry: AccessEntry) -> Self {
        Self {
            address: entry.address,
            storage_keys: entry.storage_keys,
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct OverrideEntry {
    balance: Option<U256>,
    nonce: Option<Quantity>,
    code: Option<Bytes>,
    state: Option<HashMap<B256, B256>>,
    state_diff: Option<HashMap<B256, B256>>,
}

/// The accounts that a question overrides.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Overrides(HashMap<Address, OverrideEntry>);

impl From<Overrides> for HashMap<Address, AccountOverride> {
    fn from(overrides: Overrides) -> Self {
        let words = |slots: HashMap<B256, B256>| {
            slots
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect()
        };
        let change = |entry: OverrideEntry| AccountOverride {
            balance: entry.balance,
            nonce: entry.nonce.map(|nonce| nonce.0),
            code: entry.code,
            state: entry.state.map(words),
            state_diff: entry.state_diff.map(words),
        };
        overrides
            .0
            .into_iter()
            .map(|(address, entry)| (address, change(entry)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json};

    #[test]
    fn blocks_are_named_in_every_usual_way() {
        let block = |value: Value| from_value::<BlockId>(value).ok();
        assert_eq!(block(json!("latest")), Some(BlockId::Newest));
        assert_eq!(block(json!("0x10")), Some(BlockId::Number(16)));
        assert_eq!(
            block(json!({"blockNumber": "0x10"})),
            Some(BlockId::Number(16))
        );
        assert_eq!(
            block(json!({"blockHash": B256::ZERO})),
            Some(BlockId::Hash(B256::ZERO))
        );
        assert_eq!(block(json!("newest")), None);
        assert_eq!(block(json!(16)), None);
    }

    #[test]
    fn contradictory_requests_are_refused() {
        let request: CallRequest =
            from_value(json!({"data": "0x01", "input": "0x02"})).unwrap_or_default();
        assert!(matches!(request.env(), Err(RpcError::Params(_))));
        let request: CallRequest =
            from_value(json!({"gasPrice": "0x1", "maxFeePerGas": "0x2"})).unwrap_or_default();
        assert!(matches!(request.env(), Err(RpcError::Params(_))));
    }
}
