//! What host functions give (rules 4), against the EVM's own answer where it has one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use alloy_primitives::{Address, Bytes, U256, keccak256};
use common::Node;
use common::contracts::{Evm, data, op, program, statement};
use serde_json::{Value, json};

/// The words that a call returns.
fn ask(node: &Node, call: Value) -> Vec<U256> {
    common::words(&node.ask("eth_call", json!([call])))
}

/// Numbers whose arithmetic is special or large.
fn numbers() -> [U256; 6] {
    let high: U256 = U256::from(1) << 255;
    [
        U256::ZERO,
        U256::ONE,
        U256::from(7),
        U256::MAX,
        high,
        high - U256::from(3),
    ]
}

#[test]
fn arithmetic_is_the_evms() {
    let (div, modulo, addmod, mulmod, exp) = (0x04, 0x06, 0x08, 0x09, 0x0a);
    let node = Node::start(&[]);
    let body = [
        ("math_div", 0, 2),
        ("math_mod", 32, 2),
        ("math_pow", 64, 2),
        ("math_add_mod", 96, 3),
        ("math_mul_mod", 128, 3),
    ]
    .map(|(name, at, operands)| {
        // The first operand is copied to where the result shall be; the others stay in the calldata, from 1,024 on.
        let copy = format!("(memory.copy (i32.const {at}) (i32.const 1024) (i32.const 32))");
        let others = ["(i32.const 1056)", "(i32.const 1088)"][..operands - 1].join(" ");
        format!("{copy} (call ${name} (i32.const {at}) {others})")
    })
    .join("\n");
    let body = format!(
        "(call $read_args (i32.const 1024)) {body} (call $write_result (i32.const 0) (i32.const 160)) i32.const 0"
    );
    let address = node.deploy_program(&program("", &body));
    let operand = |code: Evm, at: u64| code.push(32 * at).op(op::CALLDATALOAD);
    let evm = [(div, 2), (modulo, 2), (exp, 2), (addmod, 3), (mulmod, 3)];
    let evm = (0..)
        .zip(evm)
        .fold(Evm::new(), |code, (at, (opcode, operands))| {
            (0..operands).rev().fold(code, operand).op(opcode).store(at)
        });
    let evm = evm.give(5);
    for a in numbers() {
        for b in numbers() {
            for c in numbers() {
                let input: Bytes = [a, b, c].iter().flat_map(U256::to_be_bytes::<32>).collect();
                let found = ask(&node, json!({ "to": address, "data": input }));
                assert_eq!(
                    found,
                    node.run_with(&evm, json!({ "data": input })),
                    "{a} {b} {c}"
                );
            }
        }
    }
}

#[test]
fn context_is_the_evms() {
    let node = Node::start(&[]);
    let body = "
        (call $block_basefee (i32.const 0))
        (call $block_coinbase (i32.const 44))
        (call $contract_address (i32.const 76))
        (call $msg_sender (i32.const 108))
        (call $msg_value (i32.const 128))
        (call $tx_origin (i32.const 172))
        (call $write_result (i32.const 0) (i32.const 192))
        i32.const 0";
    let address = node.deploy_program(&program("", body));
    let opcodes = [
        op::BASEFEE,
        op::COINBASE,
        op::ADDRESS,
        op::CALLER,
        0x34,
        op::ORIGIN,
    ];
    let evm = (0..)
        .zip(opcodes)
        .fold(Evm::new(), |code, (at, opcode)| code.op(opcode).store(at));
    let code = evm.give(6).0;
    // Both are asked at the program's address, the EVM's code by an override.
    let call =
        json!({ "from": common::DEV, "to": address, "value": "0x2a", "gasPrice": "0x5f5e100" });
    let overrides = json!({ address.to_string(): { "code": Bytes::from(code) } });
    let evm = common::words(&node.ask("eth_call", json!([call, "latest", overrides])));
    assert_eq!(ask(&node, call), evm);
}

#[test]
fn numbers_of_the_block_and_what_is_left() {
    let node = Node::start(&[]);
    let store = |at: u32, call: &str| format!("(i64.store (i32.const {at}) {call})");
    let body = [
        store(0, "(call $chainid)"),
        store(8, "(call $block_gas_limit)"),
        store(16, "(call $block_number)"),
        store(24, "(call $block_timestamp)"),
        store(32, "(call $evm_ink_left)"),
        store(40, "(call $evm_gas_left)"),
        store(48, "(i64.extend_i32_u (call $tx_ink_price))"),
        "(call $write_result (i32.const 0) (i32.const 64)) i32.const 0".to_owned(),
    ]
    .join("\n");
    let address = node.deploy_program(&program("", &body));
    let newest = node.ask("eth_getBlockByNumber", json!(["latest", false]));
    let time = common::number(&newest["timestamp"]) + 100_000;
    node.ask("evm_setNextBlockTimestamp", json!([time]));
    let output = node.ask("eth_call", json!([{ "to": address }]));
    let bytes = alloy_primitives::hex::decode(output.as_str().unwrap()).unwrap();
    let found: Vec<u64> = bytes
        .chunks(8)
        .map(|chunk| u64::from_le_bytes(chunk.try_into().unwrap()))
        .collect();
    assert_eq!(found[..4], [412_346, 1 << 50, 0, time]);
    // Between the two: storing, two blocks' headers at most, a constant, the call and its price; less than 2 gas and a part.
    let (ink, gas) = (found[4], found[5]);
    assert!(
        (ink - 30_000..ink).contains(&(gas * 10_000)),
        "{ink} ink, {gas} gas"
    );
    assert_eq!(found[6], 10_000);
}

#[test]
fn accounts_are_told_apart_by_code_and_existence() {
    let node = Node::start(&[]);
    let contract = node.deploy(&Evm::new().push(7).store(0).give(1));
    let code: Bytes =
        serde_json::from_value(node.ask("eth_getCode", json!([contract, "latest"]))).unwrap();
    let (nobody, dev) = (
        Address::repeat_byte(0xcc),
        common::DEV.parse::<Address>().unwrap(),
    );
    let body = "(call $read_args (i32.const 12))
        (call $account_codehash (i32.const 12) (i32.const 64))
        (call $account_balance (i32.const 12) (i32.const 96))
        (i32.store8 (i32.const 159) (call $account_code_size (i32.const 12)))
        (call $write_result (i32.const 64) (i32.const 96))
        i32.const 0";
    let address = node.deploy_program(&program("", body));
    let found = |account: Address| ask(&node, json!({ "to": address, "data": account }));
    assert_eq!(found(nobody), [U256::ZERO; 3]);
    let balance: U256 =
        serde_json::from_value(node.ask("eth_getBalance", json!([dev, "latest"]))).unwrap();
    assert_eq!(found(dev), [keccak256([]).into(), balance, U256::ZERO]);
    assert_eq!(
        found(contract),
        [keccak256(&code).into(), U256::ZERO, U256::from(code.len())]
    );
}

#[test]
fn code_and_return_data_are_cut_at_their_end() {
    let node = Node::start(&[]);
    let contract = node.deploy(&Evm::new().push(0x0102).store(0).give(1));
    let code: Bytes =
        serde_json::from_value(node.ask("eth_getCode", json!([contract, "latest"]))).unwrap();
    let len = code.len() as u32;
    let called = statement(
        "static_call_contract (i32.const 0) (i32.const 0) (i32.const 0) (i64.const -1) (i32.const 64)",
    );
    let mut returned = [0; 32];
    returned[30..].copy_from_slice(&[1, 2]);
    let cases = [
        ("account_code (i32.const 0)", code.as_ref(), len),
        ("read_return_data", &returned, 32),
    ];
    for (function, all, len) in cases {
        for (offset, size) in [
            (0, len),
            (1, len),
            (len - 1, 9),
            (len, 9),
            (len + 1, 9),
            (0, 0),
            (u32::MAX, u32::MAX),
        ] {
            // The functions take their destination last and first.
            let call = if function.starts_with("account") {
                format!(
                    "(call ${function} (i32.const {offset}) (i32.const {size}) (i32.const 256))"
                )
            } else {
                format!(
                    "(call ${function} (i32.const 256) (i32.const {offset}) (i32.const {size}))"
                )
            };
            let body = format!("{called} (call $write_result (i32.const 256) {call}) i32.const 0");
            let salt = format!(
                "(global i32 (i32.const {offset})) {}",
                data(0, contract.as_slice())
            );
            let address = node.deploy_program(&program(&salt, &body));
            let start = (offset as usize).min(all.len());
            let end = start.saturating_add(size as usize).min(all.len());
            let expected = Bytes::copy_from_slice(&all[start..end]);
            assert_eq!(
                node.ask("eth_call", json!([{ "to": address }])),
                json!(expected),
                "{function} {offset} {size}"
            );
        }
    }
}

#[test]
fn a_program_is_reentered_by_calls_and_not_by_delegation() {
    let node = Node::start(&[]);
    // Tells whether it is re-entered; first calls what its calldata names, by which it is called again without calldata.
    let body = |call: &str| {
        format!(
        "(if (local.get $len)
            (then
                (call $read_args (i32.const 0))
                (drop (call ${call}))
                (call $write_result (i32.const 96) (call $read_return_data (i32.const 96) (i32.const 0) (i32.const 32))))
            (else
                (i32.store8 (i32.const 127) (call $msg_reentrant))
                (call $write_result (i32.const 96) (i32.const 32))))
         i32.const 0"
    )
    };
    let by_call = "call_contract (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64) (i64.const -1) (i32.const 60)";
    let by_delegation = "delegate_call_contract (i32.const 0) (i32.const 0) (i32.const 0) (i64.const -1) (i32.const 60)";
    for (call, reentrant) in [(by_call, 1), (by_delegation, 0)] {
        let address = node.deploy_program(&program("", &body(call)));
        assert_eq!(ask(&node, json!({ "to": address })), [U256::ZERO], "{call}");
        let found = ask(&node, json!({ "to": address, "data": address }));
        assert_eq!(found, [U256::from(reentrant)], "{call}");
    }
}

#[test]
fn functions_of_debug_chains_are_free() {
    let node = Node::start(&[]);
    let imports = "
        (import \"console\" \"log_txt\" (func $log_txt (param i32 i32)))
        (import \"console\" \"tee_i32\" (func $tee_i32 (param i32) (result i32)))
        (import \"debug\" \"null_host\" (func $null_host))";
    let calls = [
        ("(call $log_txt (i32.const 0) (i32.const 9))", 1 + 1),
        ("(drop (call $tee_i32 (i32.const 5)))", 1 + 9),
        ("(call $null_host)", 0),
    ];
    for (call, around) in calls {
        let wat = format!(
            "(module {imports} (import \"vm_hooks\" \"evm_ink_left\" (func $ink (result i64)))
                (memory (export \"memory\") 1 1)
                (func (export \"user_entrypoint\") (param i32) (result i32) (drop (call $ink)) {call} (drop (call $ink)) i32.const 0))"
        );
        let address = node.deploy_program(&wat::parse_str(wat).unwrap());
        let trace = node.ask(
            "debug_traceCall",
            json!([{ "to": address }, "latest", { "tracer": "stylusTracer" }]),
        );
        let between = trace[0]["endInk"].as_u64().unwrap() - trace[1]["startInk"].as_u64().unwrap();
        // `drop` of the first, the arguments and the drop of this call; two calls end two blocks (rules 2.1, 2.2).
        assert_eq!(between, 9 + around + 2 * (3800 + 2450), "{call}");
    }
    let beyond = "(import \"console\" \"log_txt\" (func $log_txt (param i32 i32)))";
    let wat = format!(
        "(module {beyond} (memory (export \"memory\") 1 1)
            (func (export \"user_entrypoint\") (param i32) (result i32) (call $log_txt (i32.const 65530) (i32.const 7)) i32.const 0))"
    );
    let address = node.deploy_program(&wat::parse_str(wat).unwrap());
    let error = node
        .rpc("eth_call", json!([{ "to": address }]))
        .unwrap_err();
    assert_eq!((&error["code"], &error["data"]), (&json!(3), &json!("0x")));
}
