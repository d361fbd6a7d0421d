//! Calls of Solidity contracts, typed by their interfaces.

use alloy_primitives::{Address, Bytes, U256, hex};
use alloy_sol_types::{SolCall, SolError, SolEvent};
use serde_json::{Value, json};

use super::{DEV, Node, Tx, sign};

/// The key of an account that owns nothing and may nothing.
pub const OTHER_KEY: [u8; 32] = [7; 32];
/// Its account.
pub const OTHER: &str = "0x4a62316623ad457F02cDC5D997deD67a383EC569";

impl Node {
    /// What a function answers to the development account, or the data it reverts with.
    pub fn view<C: SolCall>(&self, to: Address, call: &C) -> Result<C::Return, Vec<u8>> {
        self.view_as(DEV, U256::ZERO, to, call)
    }

    /// As [`Self::view`], asked by another account that sends a value.
    pub fn view_as<C: SolCall>(
        &self,
        from: &str,
        value: U256,
        to: Address,
        call: &C,
    ) -> Result<C::Return, Vec<u8>> {
        let fields = json!({
            "from": from, "to": to, "value": value, "data": hex::encode_prefixed(call.abi_encode()),
        });
        match self.rpc("eth_call", json!([fields, "latest"])) {
            Ok(answer) => Ok(C::abi_decode_returns(&bytes(&answer)).unwrap()),
            Err(error) => Err(bytes(&error["data"])),
        }
    }

    /// Sends a call of the development account, which must succeed.
    pub fn act<C: SolCall>(&self, to: Address, call: &C, value: U256) -> Value {
        let receipt = self.send(Tx {
            value,
            ..Tx::call(to, call.abi_encode())
        });
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        receipt
    }

    /// Gives [`OTHER`] 1 ETH.
    pub fn fund_other(&self) {
        self.send(Tx {
            value: U256::from(10).pow(U256::from(18)),
            ..Tx::call(OTHER.parse().unwrap(), vec![])
        });
    }

    /// Sends a call of [`OTHER`], which must succeed.
    pub fn act_as_other<C: SolCall>(&self, to: Address, call: &C, value: U256) -> Value {
        let nonce = self.ask("eth_getTransactionCount", json!([OTHER, "latest"]));
        let signed = sign(
            &OTHER_KEY,
            Tx {
                value,
                nonce: Some(super::number(&nonce)),
                ..Tx::call(to, call.abi_encode())
            },
        );
        let hash = self.ask("eth_sendRawTransaction", json!([signed]));
        let receipt = self.ask("eth_getTransactionReceipt", json!([hash]));
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        receipt
    }

    /// Balance of an account now.
    pub fn balance(&self, account: impl ToString) -> U256 {
        let answer = self.ask("eth_getBalance", json!([account.to_string(), "latest"]));
        answer.as_str().unwrap().parse().unwrap()
    }
}

/// The bytes of a hex string.
pub fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap_or_default()).unwrap()
}

/// The events of one kind in a receipt.
pub fn events<E: SolEvent>(receipt: &Value) -> Vec<E> {
    let logs = receipt["logs"].as_array().unwrap();
    logs.iter()
        .filter_map(|log| {
            let topics = log["topics"].as_array().unwrap();
            let topics = topics
                .iter()
                .map(|topic| topic.as_str().unwrap().parse().unwrap());
            E::decode_raw_log(
                topics.collect::<Vec<alloy_primitives::B256>>(),
                &bytes(&log["data"]),
            )
            .ok()
        })
        .collect()
}

/// The data of a revert with this error.
pub fn failed<T>(error: &impl SolError) -> Result<T, Vec<u8>> {
    Err(error.abi_encode())
}

/// Init code that returns this code, as cargo-stylus makes it.
pub fn init_code(wasm: &[u8]) -> Bytes {
    stylus_rules::code::init_code(&stylus_rules::code::program_code(wasm)).into()
}
