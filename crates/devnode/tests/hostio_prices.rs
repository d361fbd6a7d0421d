//! The price of every host function (rules 4), taken from the trace: ink before less ink after.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::Node;
use common::contracts::{data, program, statement};
use serde_json::json;

/// The rules' building blocks, in ink.
const HOSTIO: u64 = 8400;
const PTR: u64 = 5040;
const EVM_API: u64 = 59_673;

/// Ink of gas at the default price.
const fn gas(gas: u64) -> u64 {
    gas * 10_000
}

/// `write(n)` and `read(n)` of the rules.
const fn write(len: u64) -> u64 {
    5040 + 30 * len.saturating_sub(32)
}
const fn read(len: u64) -> u64 {
    16_381 + 55 * len.saturating_sub(32)
}

/// One call of a host function in a program's entry point, and its price.
type Step<'a> = (&'a str, u64);

/// Runs the steps one after the other in one program; each must take its ink.
fn check(parts: &str, steps: &[Step<'_>], calldata: &[u8]) {
    let node = Node::start(&[]);
    let body: String = steps.iter().map(|(call, _)| statement(call)).collect();
    let address = node.deploy_program(&program(parts, &format!("{body} i32.const 0")));
    let calldata = alloy_primitives::hex::encode_prefixed(calldata);
    let found = node.ink(json!({ "to": address, "data": calldata, "gas": "0x1c9c380" }));
    let expected: Vec<(String, u64)> = steps
        .iter()
        .map(|(call, ink)| (call.split(' ').next().unwrap().to_owned(), *ink))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn context_and_gas() {
    let at = "(i32.const 0)";
    let pointer = HOSTIO + PTR;
    let steps = [
        ("evm_gas_left".to_owned(), HOSTIO),
        ("evm_ink_left".to_owned(), HOSTIO),
        ("chainid".to_owned(), HOSTIO),
        ("block_gas_limit".to_owned(), HOSTIO),
        ("block_number".to_owned(), HOSTIO),
        ("block_timestamp".to_owned(), HOSTIO),
        ("msg_reentrant".to_owned(), HOSTIO),
        ("tx_ink_price".to_owned(), HOSTIO),
        ("return_data_size".to_owned(), HOSTIO),
        (format!("block_basefee {at}"), pointer),
        (format!("block_coinbase {at}"), pointer),
        (format!("contract_address {at}"), pointer),
        (format!("msg_sender {at}"), pointer),
        (format!("msg_value {at}"), pointer),
        (format!("tx_gas_price {at}"), pointer),
        (format!("tx_origin {at}"), pointer),
    ];
    let steps: Vec<Step<'_>> = steps
        .iter()
        .map(|(call, ink)| (call.as_str(), *ink))
        .collect();
    check("", &steps, &[]);
}

#[test]
fn calldata_and_result_by_their_length() {
    for len in [0, 1, 32, 33, 1000] {
        let write_result = format!("write_result (i32.const 0) (i32.const {len})");
        let steps = [
            ("read_args (i32.const 0)", HOSTIO + write(len)),
            (write_result.as_str(), HOSTIO + 2 * read(len)),
            ("exit_early (i32.const 0)", 0),
        ];
        check("", &steps, &vec![7; len as usize]);
    }
}

#[test]
fn storage() {
    let steps = [
        (
            "storage_load_bytes32 (i32.const 0) (i32.const 32)",
            18_480 + gas(2100 + 5),
        ),
        ("storage_load_bytes32 (i32.const 0) (i32.const 32)", 18_480),
        ("storage_cache_bytes32 (i32.const 0) (i32.const 64)", 18_480),
        // Zero to zero: nothing is dirty, as the slot was read.
        ("storage_flush_cache (i32.const 0)", 68_073),
        ("storage_flush_cache (i32.const 1)", 68_073),
        // The cache is empty now, the slot warm.
        (
            "storage_load_bytes32 (i32.const 0) (i32.const 32)",
            18_480 + gas(100 + 5),
        ),
        (
            "transient_load_bytes32 (i32.const 0) (i32.const 32)",
            78_153 + gas(100),
        ),
        (
            "transient_store_bytes32 (i32.const 0) (i32.const 32)",
            78_153 + gas(100),
        ),
    ];
    check("", &steps, &[]);
}

#[test]
fn accounts() {
    // A cold account without code at 0, ArbSys (code of one byte, warm as every precompile) at 32.
    let mut arb_sys = [0; 20];
    arb_sys[19] = 0x64;
    let parts = [data(0, &[0xcc; 20]), data(32, &arb_sys)].concat();
    let code = HOSTIO + EVM_API;
    let steps = [
        (
            "account_balance (i32.const 0) (i32.const 64)",
            78_153 + gas(2600),
        ),
        (
            "account_balance (i32.const 0) (i32.const 64)",
            78_153 + gas(100),
        ),
        (
            "account_codehash (i32.const 0) (i32.const 64)",
            78_153 + gas(100),
        ),
        ("account_code_size (i32.const 0)", code + gas(700 + 100)),
        // An account without code is not remembered (from ArbOS 40).
        ("account_code_size (i32.const 0)", code + gas(700 + 100)),
        (
            "account_code (i32.const 0) (i32.const 0) (i32.const 9) (i32.const 64)",
            code + gas(700 + 100) + write(0),
        ),
        (
            "account_code (i32.const 32) (i32.const 0) (i32.const 9) (i32.const 64)",
            code + gas(700 + 100) + write(1),
        ),
        (
            "account_code (i32.const 32) (i32.const 0) (i32.const 9) (i32.const 64)",
            code + write(1),
        ),
        ("account_code_size (i32.const 32)", code),
    ];
    check(&parts, &steps, &[]);
}

#[test]
fn logs_by_topics_and_length() {
    for (len, topics) in [(0, 0), (31, 0), (33, 1), (128, 4), (500, 2)] {
        let call = format!("emit_log (i32.const 0) (i32.const {len}) (i32.const {topics})");
        let price = 68_073 + read(len) + gas(375 * (1 + topics) + 8 * (len - 32 * topics));
        check("", &[(call.as_str(), price)], &[]);
    }
}

#[test]
fn hashing_by_words() {
    for len in [0, 1, 64, 65, 96, 97, 3000] {
        let call = format!("native_keccak256 (i32.const 0) (i32.const {len}) (i32.const 4096)");
        let words = u64::div_ceil(len, 32);
        let price = 121_800 + if words > 2 { 21_000 * (words - 2) } else { 0 };
        check("", &[(call.as_str(), price)], &[]);
    }
}

#[test]
fn arithmetic() {
    let power = |leading_zeroes: u64| 23_520 + 3000 + 17_500 * (33 - leading_zeroes);
    let steps = [
        ("math_div (i32.const 0) (i32.const 32)", 43_520),
        ("math_mod (i32.const 0) (i32.const 32)", 43_520),
        (
            "math_add_mod (i32.const 0) (i32.const 32) (i32.const 64)",
            49_560,
        ),
        (
            "math_mul_mod (i32.const 0) (i32.const 32) (i32.const 64)",
            52_660,
        ),
        // The exponent is 0, 1, 255, 256 and one of 32 bytes.
        ("math_pow (i32.const 0) (i32.const 96)", power(32)),
        ("math_pow (i32.const 0) (i32.const 128)", power(31)),
        ("math_pow (i32.const 0) (i32.const 160)", power(31)),
        ("math_pow (i32.const 0) (i32.const 192)", power(30)),
        ("math_pow (i32.const 0) (i32.const 224)", power(0)),
    ];
    let parts = [
        data(159, &[1]),
        data(191, &[255]),
        data(222, &[1]),
        data(224, &[1]),
    ]
    .concat();
    check(&parts, &steps, &[]);
}

#[test]
fn calls_by_their_data_and_gas() {
    // The identity precompile at 0, always warm: 15 gas and 3 per word. A cold account without code at 32. Value at 64.
    let mut identity = [0; 20];
    identity[19] = 4;
    let parts = [data(0, &identity), data(32, &[0xcc; 20])].concat();
    let base = 83_193;
    let steps = [
        (
            "call_contract (i32.const 0) (i32.const 0) (i32.const 40) (i32.const 64) (i64.const -1) (i32.const 96)",
            base + 2 * read(40) + gas(100 + 15 + 3 * 2),
        ),
        ("return_data_size", HOSTIO),
        (
            "read_return_data (i32.const 256) (i32.const 0) (i32.const 40)",
            68_073 + write(40),
        ),
        (
            "read_return_data (i32.const 256) (i32.const 30) (i32.const 40)",
            68_073 + write(10),
        ),
        (
            "read_return_data (i32.const 256) (i32.const 41) (i32.const 40)",
            68_073 + write(0),
        ),
        (
            "static_call_contract (i32.const 0) (i32.const 0) (i32.const 0) (i64.const -1) (i32.const 96)",
            base + 2 * read(0) + gas(100 + 15),
        ),
        (
            "delegate_call_contract (i32.const 32) (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 96)",
            base + 2 * read(0) + gas(2600),
        ),
        (
            "delegate_call_contract (i32.const 32) (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 96)",
            base + 2 * read(0) + gas(100),
        ),
        // Value goes to an empty account without there being any: the base is charged, its stipend comes back.
        (
            "call_contract (i32.const 32) (i32.const 0) (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 96)",
            base + 2 * read(0) + gas(100 + 9000 + 25_000),
        ),
    ];
    check(&parts, &steps, &[]);
}

#[test]
fn creations_by_their_code_and_gas() {
    // Init code that returns 5 zero bytes: PUSH1 5, PUSH1 0, RETURN, in 40 bytes. 3 + 3 + 3 gas of memory and 200 per byte.
    let parts = data(0, &[0x60, 5, 0x60, 0, 0xf3]);
    let runs = 3 + 3 + 3 + 200 * 5;
    let steps = [
        (
            "create1 (i32.const 0) (i32.const 40) (i32.const 64) (i32.const 96) (i32.const 128)",
            83_193 + 2 * read(40) + gas(32_000 + runs),
        ),
        (
            "create2 (i32.const 0) (i32.const 40) (i32.const 64) (i32.const 64) (i32.const 96) (i32.const 128)",
            88_233 + 2 * read(40) + gas(32_000 + 6 * 2 + runs),
        ),
        // Without code there is nothing to run or to keep.
        (
            "create1 (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 96) (i32.const 128)",
            83_193 + 2 * read(0) + gas(32_000),
        ),
    ];
    check(&parts, &steps, &[]);
}

#[test]
fn memory_pages() {
    // One page is open; two are free (rules 5).
    let steps = [
        ("pay_for_memory_grow (i32.const 0)", HOSTIO),
        ("pay_for_memory_grow (i32.const 1)", 0),
        ("pay_for_memory_grow (i32.const 1)", gas(1000)),
        // From 3 to 8 pages: 5 are paid, and the ramp E(8) - E(3) = 2 - 1.
        ("pay_for_memory_grow (i32.const 5)", gas(5000 + 1)),
        // 65,536 are none in 16 bits.
        ("pay_for_memory_grow (i32.const 65536)", HOSTIO),
    ];
    check("", &steps, &[]);
}
