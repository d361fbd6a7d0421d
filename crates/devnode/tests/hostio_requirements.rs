//! Gas that must be left when a host function begins, though it costs less (rules 4, "require").

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use alloy_primitives::Address;
use common::Node;
use common::contracts::{data, program};
use serde_json::{Value, json};

/// A program of which calls with different gas limits are made.
struct Gauge {
    node: Node,
    address: Address,
    access_list: Value,
}

impl Gauge {
    fn call(&self, gas: u64) -> Value {
        json!({ "to": self.address, "gas": format!("{gas:#x}"), "accessList": self.access_list })
    }

    /// Ink before the last function of a call with this gas limit.
    fn ink_before(&self, gas: u64) -> u64 {
        let trace = self.node.ask(
            "debug_traceCall",
            json!([self.call(gas), "latest", { "tracer": "stylusTracer" }]),
        );
        trace.as_array().unwrap().last().unwrap()["startInk"]
            .as_u64()
            .unwrap()
    }

    /// Whether a call with this gas limit succeeds; a failure must be for want of gas.
    fn succeeds(&self, gas: u64) -> bool {
        match self.node.rpc("eth_call", json!([self.call(gas)])) {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error["message"], "out of gas");
                false
            }
        }
    }
}

/// The last call of `body` needs `required` gas beside `base` ink before it does anything, though it costs less.
fn requires(body: &str, base: u64, required: u64) {
    const PLENTY: u64 = 10_000_000;
    let node = Node::start(&[]);
    let parts = data(0, &[0x11; 20]);
    let address = node.deploy_program(&program(&parts, &format!("{body} i32.const 0")));
    // Slots 0 and account 0x11… are warm, so that nothing costs as much as is required.
    let key = format!("0x{}{}", "11".repeat(20), "00".repeat(12));
    let access_list = json!([
        { "address": address, "storageKeys": [key] },
        { "address": format!("0x{}", "11".repeat(20)), "storageKeys": [] }
    ]);
    let gauge = Gauge {
        node,
        address,
        access_list,
    };
    // One gas of the limit is 10,000 ink.
    let spare = gauge.ink_before(PLENTY) - (base + required * 10_000);
    let least = PLENTY - spare / 10_000;
    assert!(gauge.succeeds(least), "{body}");
    assert!(!gauge.succeeds(least - 1), "{body}");
}

#[test]
fn loading_a_slot_requires_what_a_cold_one_costs() {
    requires(
        "(call $storage_load_bytes32 (i32.const 0) (i32.const 64))",
        18_480,
        2100 + 10 + 5,
    );
}

#[test]
fn caching_a_slot_requires_2310_gas() {
    requires(
        "(call $storage_cache_bytes32 (i32.const 0) (i32.const 64))",
        18_480,
        2300 + 10,
    );
}

#[test]
fn flushing_requires_2300_gas() {
    requires("(call $storage_flush_cache (i32.const 0))", 68_073, 2300);
}

#[test]
fn reading_an_account_requires_what_a_cold_one_costs() {
    requires(
        "(call $account_balance (i32.const 0) (i32.const 64))",
        78_153,
        2600,
    );
    requires(
        "(call $account_codehash (i32.const 0) (i32.const 64))",
        78_153,
        2600,
    );
    requires(
        "(drop (call $account_code_size (i32.const 0)))",
        68_073,
        2600,
    );
    let code =
        "(drop (call $account_code (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64)))";
    requires(code, 68_073, 2600);
}

#[test]
fn reading_the_same_code_again_requires_as_much_though_it_is_free() {
    let own = "(call $contract_address (i32.const 0))";
    let size = "(drop (call $account_code_size (i32.const 0)))";
    requires(&format!("{own} {size} {size}"), 68_073, 2600);
}
