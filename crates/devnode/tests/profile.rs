//! `stylusProfiler`: every unit of ink is accounted for, at the place where it went.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{CALL_CONTRACT, ENTRY, Node, READ_ARGS, Tx, echo, number, program};
use serde_json::{Value, json};

fn profile_of(node: &Node, receipt: &Value) -> Value {
    let tracer = json!({ "tracer": "stylusProfiler" });
    node.ask(
        "debug_traceTransaction",
        json!([receipt["transactionHash"], tracer]),
    )
}

fn ink(node: &Value) -> u64 {
    node["ink"].as_u64().unwrap()
}

fn of_kind<'p>(profile: &'p Value, kind: &str) -> Vec<&'p Value> {
    let nodes = profile["nodes"].as_array().unwrap();
    nodes.iter().filter(|node| node["kind"] == kind).collect()
}

fn total(profile: &Value) -> u64 {
    profile["nodes"].as_array().unwrap().iter().map(ink).sum()
}

#[test]
fn the_ink_of_all_places_is_the_gas_of_the_transaction() {
    let node = Node::start(&[]);
    let address = node.deploy_program(&echo(1));
    let receipt = node.send(Tx::call(address, vec![7]));
    let profile = profile_of(&node, &receipt);
    assert_eq!(
        (profile["gasUsed"].as_u64(), total(&profile)),
        (
            Some(number(&receipt["gasUsed"])),
            number(&receipt["gasUsed"]) * 10_000
        )
    );
    // Intrinsic gas: 21,000 and 16 for a byte that is not 0.
    assert_eq!(ink(&profile["nodes"][0]), 21_016 * 10_000);
    let hosts: Vec<_> = of_kind(&profile, "host")
        .iter()
        .map(|host| (host["name"].as_str().unwrap(), ink(host)))
        .collect();
    // 8,400 + write(1); 8,400 + 2 read(1) (rules 4).
    let (read_args, write_result) = (8400 + 5040, 8400 + 2 * 16_381);
    assert_eq!(
        hosts,
        [("read_args", read_args), ("write_result", write_result)]
    );
}

#[test]
fn blocks_tell_how_often_they_ran() {
    let node = Node::start(&[]);
    // Counts its local down from 5: one block before the loop, one for each turn, one after it.
    let looping = program(2, |body| {
        body.i32_const(5).local_set(0);
        body.loop_(wasm_encoder::BlockType::Empty);
        body.local_get(0)
            .i32_const(1)
            .i32_sub()
            .local_tee(0)
            .br_if(0)
            .end();
        body.i32_const(0).end();
    });
    let address = node.deploy_program(&looping);
    let receipt = node.send(Tx::call(address, vec![]));
    let profile = profile_of(&node, &receipt);
    let functions = of_kind(&profile, "function");
    assert_eq!(functions.len(), 1);
    let header = 2450;
    let before = header + 1 + 210 + 1;
    let turn = header + 75 + 1 + 70 + 75 + 765;
    let ends = [header + 1, header + 1 + 1];
    assert_eq!(
        functions[0]["blocks"],
        json!([
            [0, 1, before],
            [1, 5, 5 * turn],
            [2, 1, ends[0]],
            [3, 1, ends[1]]
        ])
    );
}

#[test]
fn what_a_program_calls_stands_below_the_host_function_that_called_it() {
    let node = Node::start(&[]);
    let callee = node.deploy_program(&echo(3));
    // Calls the address in its calldata with one byte.
    let calling = program(4, |body| {
        body.i32_const(0).call(READ_ARGS);
        body.i32_const(0).i32_const(0).i32_const(1).i32_const(64);
        body.i64_const(-1).i32_const(128).call(CALL_CONTRACT).end();
    });
    let address = node.deploy_program(&calling);
    let receipt = node.send(Tx::call(address, callee.to_vec()));
    assert_eq!(receipt["status"], "0x1");
    let profile = profile_of(&node, &receipt);
    assert_eq!(total(&profile), number(&receipt["gasUsed"]) * 10_000);
    let nodes = profile["nodes"].as_array().unwrap();
    let called = nodes
        .iter()
        .find(|node| node["address"] == json!(callee))
        .unwrap();
    let parent = &nodes[called["parent"].as_u64().unwrap() as usize];
    assert_eq!(parent["name"], "call_contract");
    // 83,193 + 2 read(1), and 2,600 gas for the cold account (rules 4, 4.2).
    assert_eq!(ink(parent), 83_193 + 2 * 16_381 + 2600 * 10_000);
}

#[test]
fn a_frame_that_runs_out_of_ink_loses_the_rest() {
    let node = Node::start(&[]);
    let endless = program(5, |body| {
        body.loop_(wasm_encoder::BlockType::Empty).br(0).end();
        body.unreachable().end();
    });
    let address = node.deploy_program(&endless);
    let receipt = node.send(Tx {
        gas: 100_000,
        ..Tx::call(address, vec![])
    });
    let profile = profile_of(&node, &receipt);
    assert_eq!(total(&profile), 100_000 * 10_000);
    let turn = 2450 + 765;
    let lost = of_kind(&profile, "lost");
    assert!(lost.len() == 1 && ink(lost[0]) < turn, "{lost:?}");
}

#[test]
fn recursion_is_a_chain_of_places() {
    let node = Node::start(&[]);
    // Calls itself once if there is calldata, without any the second time.
    let recursive = program(6, |body| {
        body.local_get(0).if_(wasm_encoder::BlockType::Empty);
        body.i32_const(0).call(ENTRY).drop().end();
        body.i32_const(0).end();
    });
    let address = node.deploy_program(&recursive);
    let receipt = node.send(Tx::call(address, vec![1]));
    let profile = profile_of(&node, &receipt);
    let functions = of_kind(&profile, "function");
    let calls: Vec<_> = functions
        .iter()
        .map(|function| &function["calls"])
        .collect();
    assert_eq!(calls, [1, 1]);
    assert_eq!(total(&profile), number(&receipt["gasUsed"]) * 10_000);
}
