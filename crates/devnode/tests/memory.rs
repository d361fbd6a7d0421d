//! Memory pages across frames (rules 5): pages that are open count while their program runs, those that ever were, for
//! the whole transaction.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use alloy_primitives::{Address, U256};
use common::contracts::{Evm, data, op, program_with_memory, statement};
use common::{Node, Tx, activation_of};
use serde_json::json;

/// The ramp at the page counts of these tests (rules 5).
const E_10: u64 = 3;
const E_30: u64 = 57;
const E_40: u64 = 221;
/// Gas per page above the two free ones.
const PAGE: u64 = 1000;

fn pages(count: u32) -> String {
    format!("{count} {count}")
}

/// Ink that each call of `callee` takes in a program of 10 pages that calls it twice.
fn two_calls(node: &Node, callee: Address) -> [u64; 2] {
    let call = statement(
        "call_contract (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64) (i64.const -1) (i32.const 96)",
    );
    let caller = program_with_memory(
        &pages(10),
        &data(0, callee.as_slice()),
        &format!("{call}{call} i32.const 0"),
    );
    let caller = node.deploy_program(&caller);
    let taken: Vec<u64> = node
        .ink(json!({ "to": caller }))
        .into_iter()
        .filter(|(name, _)| name == "call_contract")
        .map(|(_, ink)| ink)
        .collect();
    taken.try_into().unwrap()
}

/// What the first of two calls costs more than the second, in gas: the cold account, and its pages' part of the ramp.
fn first_costs_more(node: &Node, body: &str) -> u64 {
    let callee = node.deploy_program(&program_with_memory(&pages(20), "", body));
    let [first, second] = two_calls(node, callee);
    (first - second) / 10_000
}

#[test]
fn a_callees_pages_are_closed_when_it_returns_and_the_ramp_is_paid_once() {
    let node = Node::start(&[]);
    // 10 pages are open, 20 more make 30, twice: the linear price is the same, the ramp is paid by the first.
    assert_eq!(first_costs_more(&node, "i32.const 0"), 2500 + E_30 - E_10);
}

#[test]
fn a_reverted_callee_had_its_pages_all_the_same() {
    let node = Node::start(&[]);
    assert_eq!(first_costs_more(&node, "i32.const 1"), 2500 + E_30 - E_10);
    assert_eq!(first_costs_more(&node, "unreachable"), 2500 + E_30 - E_10);
}

#[test]
fn growth_of_a_callee_is_closed_with_it() {
    let node = Node::start(&[]);
    let grows = "(drop (memory.grow (i32.const 10))) i32.const 0";
    let callee = node.deploy_program(&program_with_memory("20 30", "", grows));
    let [first, second] = two_calls(&node, callee);
    assert_eq!((first - second) / 10_000, 2500 + E_40 - E_10);
}

#[test]
fn a_programs_pages_are_paid_before_it_starts() {
    let node = Node::start(&[]);
    let start_gas = |count: u32| {
        let address = node.deploy_program(&program_with_memory(&pages(count), "", "i32.const 0"));
        let call = Evm::new().forward(op::CALL, address).op(op::POP);
        node.run(&Evm::new().measure(0, call).give(1))[0]
    };
    let [one, two, three, ten, forty] = [1, 2, 3, 10, 40].map(start_gas);
    // Each page also adds 5 to the stored cost of starting, which is charged in full (rules 7.3, 6.2).
    assert_eq!(two - one, U256::from(5));
    assert_eq!(three - two, U256::from(PAGE + 5));
    assert_eq!(ten - three, U256::from(7 * (PAGE + 5) + E_10 - 1));
    assert_eq!(forty - ten, U256::from(30 * (PAGE + 5) + E_40 - E_10));
}

#[test]
fn no_more_than_128_pages_can_be_open_at_once() {
    let node = Node::start(&[]);
    let grown_by = |count: u32| {
        // In two steps: what a transaction could pay in one ends far below.
        let body = format!("(i32.eq (memory.grow (i32.const {count})) (i32.const -1))");
        let address = node.deploy_program(&program_with_memory("1", "", &body));
        node.rpc("eth_call", json!([{ "to": address }]))
    };
    // 32 million gas are not quite enough for 128 pages beside the rest; 127 pages take 125,000 and the ramp's 27,849,408.
    assert!(grown_by(126).is_ok());
    for count in [127, 128, 65_535] {
        assert_eq!(
            grown_by(count).unwrap_err()["message"],
            "out of gas",
            "{count}"
        );
    }
}

#[test]
fn activation_counts_the_pages_that_are_open() {
    let node = Node::start(&[]);
    // Forwards its calldata and value to ArbWasm and gives the status of the call; 10 pages are open.
    let mut arb_wasm = [0; 20];
    arb_wasm[19] = 0x71;
    let body = "(call $read_args (i32.const 256)) (call $msg_value (i32.const 64))
        (call $call_contract (i32.const 0) (i32.const 256) (local.get $len) (i32.const 64) (i64.const 20000000) (i32.const 96))";
    let forwarder =
        node.deploy_program(&program_with_memory(&pages(10), &data(0, &arb_wasm), body));
    let activates = |count: u32| {
        let wasm = program_with_memory(&pages(count), "", "i32.const 0");
        let code = stylus_rules::code::program_code(&wasm);
        let deployed = node.send(Tx {
            data: stylus_rules::code::init_code(&code).into(),
            ..Tx::create()
        });
        let address: Address = deployed["contractAddress"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let call = json!([{
            "from": common::DEV, "to": forwarder, "data": activation_of(address), "value": "0x16345785d8a0000",
            "gas": "0x1e84800"
        }]);
        node.rpc("eth_call", call).is_ok()
    };
    assert!(activates(118));
    assert!(!activates(119));
}
