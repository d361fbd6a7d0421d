//! How host functions fail (rules 4, 15): pointers outside the memory, static frames, too little gas to create. What other
//! functions require is in `hostio_requirements.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use alloy_primitives::Address;
use common::contracts::{Evm, data, op, program, statement};
use common::{Node, SCRATCH, words};
use serde_json::json;

/// End of the memory of [`program`].
const END: u32 = 65_536;

/// Functions with pointers: `@n` stands for a pointer to n bytes, which the test moves to the end of the memory and one
/// byte beyond. The others point to zeroes. Identity's address is at 1,000, so that calls return what they are given.
const POINTERS: [&str; 33] = [
    // The calldata has two bytes, see [`choice`].
    "read_args @2",
    "write_result @1 1",
    "storage_load_bytes32 @32 @32",
    "storage_cache_bytes32 @32 @32",
    "transient_load_bytes32 @32 @32",
    "transient_store_bytes32 @32 @32",
    "call_contract @20 @9 9 @32 -1 @4",
    "delegate_call_contract @20 @9 9 -1 @4",
    "static_call_contract @20 @9 9 -1 @4",
    "create1 @9 9 @32 @20 @4",
    "create2 @9 9 @32 @32 @20 @4",
    "emit_log @40 40 1",
    "account_balance @20 @32",
    "account_code @20 0 9 @0",
    "account_code_size @20",
    "account_codehash @20 @32",
    "block_basefee @32",
    "block_coinbase @20",
    "contract_address @20",
    "math_div @32 @32",
    "math_mod @32 @32",
    "math_pow @32 @32",
    "math_add_mod @32 @32 @32",
    "math_mul_mod @32 @32 @32",
    "msg_sender @20",
    "msg_value @32",
    "native_keccak256 @9 9 @32",
    "tx_gas_price @32",
    "tx_origin @20",
    // Nothing is written or read, yet the pointer counts (rules 15.5).
    "write_result @0 0",
    "emit_log @0 0 0",
    "native_keccak256 @0 0 @32",
    "create1 @0 0 @32 @20 @4",
];

/// The function with its pointer number `moved` ending `beyond` bytes after the memory.
fn moved(function: &str, moved: usize, beyond: u32) -> String {
    let mut pointers = 0..;
    let is_long = |at: usize, name: &str| match name {
        "call_contract" => at == 5,
        "delegate_call_contract" | "static_call_contract" => at == 4,
        _ => false,
    };
    let mut parts = function.split(' ');
    let name = parts.next().unwrap();
    let arguments = (1..)
        .zip(parts)
        .map(|(at, part)| match part.strip_prefix('@') {
            Some(len) if pointers.next() == Some(moved) => {
                let len: u32 = len.parse().unwrap();
                format!("(i32.const {})", END - len + beyond)
            }
            Some(_) => "(i32.const 2048)".to_owned(),
            None if is_long(at, name) => format!("(i64.const {part})"),
            None => format!("(i32.const {part})"),
        });
    let arguments: Vec<String> = arguments.collect();
    format!("{name} {}", arguments.join(" "))
}

/// A program that runs the statement whose number its calldata says, in two bytes.
fn choosing(parts: &str, statements: &[String]) -> Vec<u8> {
    const CHOICE: u32 = 3000;
    let cases: String = statements
        .iter()
        .enumerate()
        .map(|(number, statement)| {
            format!(
                "(if (i32.eq (i32.load16_u (i32.const {CHOICE})) (i32.const {number}))
                    (then {statement} (return (i32.const 0))))"
            )
        })
        .collect();
    let body = format!("(call $read_args (i32.const {CHOICE})) {cases} unreachable");
    program(parts, &body)
}

fn choice(number: usize) -> String {
    alloy_primitives::hex::encode_prefixed((number as u16).to_le_bytes())
}

#[test]
fn every_pointer_may_end_with_the_memory_and_not_after_it() {
    let node = Node::start(&[]);
    let mut calls = Vec::new();
    for function in POINTERS {
        for pointer in 0..function.matches('@').count() {
            for beyond in [0, 1] {
                calls.push((function, pointer, beyond));
            }
        }
    }
    let statements: Vec<String> = calls
        .iter()
        .map(|(function, pointer, beyond)| statement(&moved(function, *pointer, *beyond)))
        .collect();
    let address = node.deploy_program(&choosing("", &statements));
    for (number, (function, pointer, beyond)) in calls.iter().enumerate() {
        let call = json!([{ "to": address, "data": choice(number) }]);
        match node.rpc("eth_call", call) {
            Ok(_) => assert_eq!(*beyond, 0, "{function}, pointer {pointer}"),
            Err(error) => {
                assert_eq!(*beyond, 1, "{function}, pointer {pointer}: {error}");
                // A revert without data; the gas that is left stays.
                assert_eq!((&error["code"], &error["data"]), (&json!(3), &json!("0x")));
            }
        }
    }
}

#[test]
fn return_data_of_no_bytes_may_go_anywhere() {
    let node = Node::start(&[]);
    let identity = data(1012, &[0, 0, 0, 0, 0, 0, 0, 4]);
    let call = "(drop (call $call_contract (i32.const 1000) (i32.const 0) (i32.const 9) (i32.const 0) (i64.const -1) (i32.const 64)))";
    let read = |dest: u32, size: u32| {
        format!(
            "{call} {}",
            statement(&format!(
                "read_return_data (i32.const {dest}) (i32.const 0) (i32.const {size})"
            ))
        )
    };
    let statements = [read(END + 9, 0), read(END - 9, 9), read(END - 8, 9)];
    let address = node.deploy_program(&choosing(&identity, &statements));
    let succeeds = |number| {
        node.rpc(
            "eth_call",
            json!([{ "to": address, "data": choice(number) }]),
        )
        .is_ok()
    };
    assert_eq!([0, 1, 2].map(succeeds), [true, true, false]);
}

#[test]
fn logs_have_at_most_four_topics_within_their_bytes() {
    let node = Node::start(&[]);
    let log = |len: u32, topics: u32| {
        statement(&format!(
            "emit_log (i32.const 0) (i32.const {len}) (i32.const {topics})"
        ))
    };
    let statements = [
        log(128, 4),
        log(160, 5),
        log(64, 2),
        log(63, 2),
        log(0, 0),
        log(0, 1),
    ];
    let address = node.deploy_program(&choosing("", &statements));
    let succeeds = |number| {
        node.rpc(
            "eth_call",
            json!([{ "to": address, "data": choice(number) }]),
        )
        .is_ok()
    };
    assert_eq!(
        [0, 1, 2, 3, 4, 5].map(succeeds),
        [true, false, true, false, true, false]
    );
}

/// What a static call of each statement gives: success, and whether gas was kept.
fn statically(node: &Node, program: Address, number: usize) -> (bool, bool) {
    let call = Evm::new().forward(op::STATICCALL, program).store(1);
    let code = Evm::new().measure(0, call).give(2);
    let output = node.run_with(&code, json!({ "data": choice(number), "gas": "0x1312d00" }));
    let kept = output[0] < alloy_primitives::U256::from(10_000_000);
    (output[1] == alloy_primitives::U256::ONE, kept)
}

#[test]
fn static_frames_refuse_changes_and_keep_their_gas() {
    let node = Node::start(&[]);
    // Value 1 at 100 (last byte at 131); zeroes elsewhere.
    let parts = data(131, &[1]);
    let cache = "(call $storage_cache_bytes32 (i32.const 0) (i32.const 100))";
    let flush = "(call $storage_flush_cache (i32.const 0))";
    let load = "(call $storage_load_bytes32 (i32.const 0) (i32.const 200))";
    let status_2 = |call: &str| format!("(if (i32.ne {call} (i32.const 2)) (then unreachable))");
    let cases = [
        // What changes something fails (rules 4).
        (false, format!("{cache} {flush}")),
        (
            false,
            statement("transient_store_bytes32 (i32.const 0) (i32.const 100)"),
        ),
        (
            false,
            statement("emit_log (i32.const 0) (i32.const 0) (i32.const 0)"),
        ),
        (
            false,
            statement(
                "create1 (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 96)",
            ),
        ),
        (
            false,
            statement(
                "create2 (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 96)",
            ),
        ),
        // The cache may be written, and flushed where nothing is dirty (rules 15.3).
        (true, cache.to_owned()),
        (true, flush.to_owned()),
        (true, format!("{load} {flush}")),
        (
            true,
            statement("transient_load_bytes32 (i32.const 0) (i32.const 64)"),
        ),
        // A call with value gives status 2; the frame goes on (rules 4.2).
        (
            true,
            status_2(
                "(call $call_contract (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 100) (i64.const -1) (i32.const 200))",
            ),
        ),
        (
            true,
            statement(
                "call_contract (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i64.const -1) (i32.const 200)",
            ),
        ),
    ];
    let statements: Vec<String> = cases
        .iter()
        .map(|(_, statement)| statement.clone())
        .collect();
    let program = node.deploy_program(&choosing(&parts, &statements));
    for (number, (succeeds, statement)) in cases.iter().enumerate() {
        assert_eq!(
            statically(&node, program, number),
            (*succeeds, true),
            "{statement}"
        );
    }
}

#[test]
fn a_call_with_value_in_a_static_frame_costs_nothing_beside_its_base() {
    let node = Node::start(&[]);
    let parts = data(131, &[1]);
    let call = statement(
        "call_contract (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 100) (i64.const -1) (i32.const 200)",
    );
    let program = node.deploy_program(&program(&parts, &format!("{call} i32.const 0")));
    let code = Evm::new().forward(op::STATICCALL, program);
    let overrides =
        json!({ SCRATCH.to_string(): { "code": alloy_primitives::hex::encode_prefixed(&code.0) } });
    let options = json!({ "tracer": "stylusTracer", "stateOverrides": overrides });
    let trace = node.ask(
        "debug_traceCall",
        json!([{ "to": SCRATCH }, "latest", options]),
    );
    let ink = |name: &str| trace[0][name].as_u64().unwrap();
    assert_eq!(ink("startInk") - ink("endInk"), 83_193 + 2 * 16_381);
}

#[test]
fn a_creation_below_its_base_reverts_and_keeps_its_gas() {
    let node = Node::start(&[]);
    let create = statement(
        "create1 (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 96)",
    );
    let create2 = statement(
        "create2 (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 96)",
    );
    let address = node.deploy_program(&choosing("", &[create, create2]));
    for number in [0, 1] {
        // Starting a program and its few operators take less than 15,000 gas; 32,000 are not left.
        let error = node
            .rpc(
                "eth_call",
                json!([{ "to": address, "data": choice(number), "gas": "0xc350" }]),
            )
            .unwrap_err();
        assert_eq!(
            (&error["code"], &error["data"]),
            (&json!(3), &json!("0x")),
            "{error}"
        );
        assert!(
            node.rpc(
                "eth_call",
                json!([{ "to": address, "data": choice(number), "gas": "0x186a0" }])
            )
            .is_ok()
        );
    }
}

#[test]
fn traps_revert_without_data_whatever_was_set_as_result() {
    let node = Node::start(&[]);
    let result = "(call $write_result (i32.const 0) (i32.const 32))";
    let traps = [
        "unreachable",
        "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
        "(drop (i32.load (i32.const 65533)))",
    ];
    let ends = ["(call $exit_early (i32.const 1))", "(return (i32.const 7))"];
    let statements: Vec<String> = traps
        .iter()
        .chain(&ends)
        .map(|end| format!("{result} {end}"))
        .collect();
    let address = node.deploy_program(&choosing("", &statements));
    for (number, statement) in statements.iter().enumerate() {
        let error = node
            .rpc(
                "eth_call",
                json!([{ "to": address, "data": choice(number) }]),
            )
            .unwrap_err();
        let data = words(&error["data"]).len();
        assert_eq!(
            (&error["code"], data),
            (&json!(3), usize::from(number >= traps.len())),
            "{statement}"
        );
    }
}
