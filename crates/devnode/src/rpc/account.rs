//! The account that the node signs for: the public development account, as other development nodes unlock theirs.
//!
//! Its key is published anyway, and it lets a local page, or a wallet backed by this node, send without a key of its own.

use revm::primitives::{Address, B256, Bytes, b256};
use serde_json::{Value, json};

use super::error::RpcError;
use super::params::{CallRequest, Params};
use crate::chain::Chain;
use crate::chain::block::Included;
use crate::chain::genesis::DEV_ACCOUNT;
use crate::chain::signing::{PRICE, Signer, Unsigned};
use crate::chain::simulate::Setting;

/// The published key of [`DEV_ACCOUNT`] (rules 10).
const DEV_KEY: B256 = b256!("b6b15c8cb491557369f3c7d2c287b053eb229daa9c22138887752191c9520659");
/// The type whose fields every request can have.
const DYNAMIC_FEE: u64 = 2;

/// The accounts that the node signs for.
pub fn accounts() -> [Address; 1] {
    [DEV_ACCOUNT]
}

/// Signs a transaction of the development account and puts it in a block; its hash.
///
/// What the request leaves out is filled in: the least gas with which it succeeds, the next nonce, a price that is taken.
pub fn send(chain: &Chain, params: &Params) -> Result<Value, RpcError> {
    let request: CallRequest = params.required(0, "transaction")?;
    let (gas, nonce) = (request.gas(), request.nonce());
    let mut env = request.env()?;
    if env.caller != DEV_ACCOUNT {
        return Err(RpcError::NotFound(format!(
            "unknown account: this node signs for {DEV_ACCOUNT} only, so sign yourself and use eth_sendRawTransaction"
        )));
    }
    if !env.authorization_list.is_empty() {
        return Err(RpcError::Params(
            "an authorizationList is not signed here: sign yourself and use eth_sendRawTransaction"
                .into(),
        ));
    }
    let price = match env.gas_price {
        0 => PRICE,
        named => named,
    };
    let setting = Setting::now(chain);
    let nonce = nonce.unwrap_or_else(|| setting.state.info(&DEV_ACCOUNT).nonce);
    let gas = match gas {
        Some(gas) => gas,
        None => {
            env.gas_limit = setting.gas_cap(&env);
            chain.estimate(&setting, env.clone())?
        }
    };
    let raw = sign(Unsigned {
        ty: DYNAMIC_FEE,
        nonce,
        gas,
        price,
        to: env.kind,
        value: env.value,
        data: env.data,
        access_list: env.access_list,
        authorizations: Vec::new(),
    })?;
    let block = chain.submit(&raw)?;
    Ok(json!(block.included.as_ref().map(Included::hash)))
}

fn sign(tx: Unsigned) -> Result<Bytes, RpcError> {
    let signed = Signer::new(DEV_KEY).and_then(|signer| signer.transaction(tx));
    signed.map(Bytes::from).map_err(|_| RpcError::Internal)
}
