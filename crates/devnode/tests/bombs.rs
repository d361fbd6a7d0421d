//! Small requests and small modules that unfold into much: the node answers, in bounded memory.
//!
//! Time is not asserted: what is not bounded does not end.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;
#[path = "../benches/hostile/shapes.rs"]
mod shapes;

use alloy_primitives::{Address, TxKind, hex};
use common::contracts::{Evm, op, program, program_with_memory};
use common::{ARB_WASM, Node, SCRATCH, Tx, activation_of, number};
use serde_json::{Value, json};
use shapes::SHAPES;
use stylus_rules::code;

/// Peak memory of a node in MB, which starts at 10.
fn peak(node: &Node) -> u64 {
    node.peak_memory() / 1024
}

#[test]
fn the_worst_modules_known_are_compiled_or_refused() {
    let node = Node::start(&[]);
    let mut refused = Vec::new();
    for shape in SHAPES {
        let wasm = shape.wasm(shape.full);
        if node.try_activation(&wasm).is_err() {
            let receipt = activate(&node, deploy(&node, &code::program_code(&wasm)));
            let reason = receipt["error"].as_str().unwrap();
            assert!(reason.contains("does not compile"), "{reason}");
            refused.push(shape.what);
        }
    }
    assert_eq!(
        refused,
        [
            "calls that give 1,000 results",
            "nested loops of 1,000 results"
        ]
    );
    assert!(peak(&node) < 300, "{} MB", peak(&node));
}

/// Deploys code; the account's address.
fn deploy(node: &Node, account: &[u8]) -> Address {
    let receipt = node.send(Tx {
        data: code::init_code(account).into(),
        ..Tx::create()
    });
    receipt["contractAddress"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

/// The receipt of an activation.
fn activate(node: &Node, address: Address) -> Value {
    node.send(Tx {
        value: "1000000000000000000".parse().unwrap(),
        ..Tx::call(ARB_WASM, activation_of(address))
    })
}

#[test]
fn code_that_decompresses_without_end_is_refused() {
    let bomb = code::compress(&vec![0; 64 << 20]);
    for version in ["51", "60", "61"] {
        let node = Node::start(&["--arbos", version]);
        let whole = [hex!("eff00000").as_slice(), &bomb].concat();
        let mut accounts = vec![deploy(&node, &whole)];
        if version != "51" {
            let middle = bomb.len() / 2;
            let mut root = [hex!("eff00200").as_slice(), &131_072_u32.to_be_bytes()].concat();
            for part in [&bomb[..middle], &bomb[middle..]] {
                root.extend(deploy(&node, &[hex!("eff001").as_slice(), part].concat()));
            }
            accounts.push(deploy(&node, &root));
        }
        for account in accounts {
            let receipt = activate(&node, account);
            assert_eq!(receipt["status"], "0x0");
            // Code that does not decompress fails cheaply (rules 15.7).
            assert!(number(&receipt["gasUsed"]) < 1_800_000, "{receipt}");
        }
        assert!(peak(&node) < 60, "{} MB", peak(&node));
    }
}

/// Code that does this for as long as its gas lasts.
fn forever(body: &str) -> Vec<u8> {
    program("", &format!("(loop $again {body} (br $again)) unreachable"))
}

#[test]
fn traces_and_profiles_without_end_are_cut_off() {
    let node = Node::start(&[]);
    let chatty = node.deploy_program(&forever("(drop (call $msg_reentrant))"));
    let call = json!({ "to": chatty, "gas": "0x989680" });
    let ask = |tracer: &str| {
        node.rpc(
            "debug_traceCall",
            json!([call, "latest", { "tracer": tracer }]),
        )
    };
    let refused = ask("stylusTracer").unwrap_err();
    assert!(
        refused["message"].as_str().unwrap().contains("trace"),
        "{refused}"
    );
    let profile = ask("stylusProfiler").unwrap();
    assert_eq!(profile["error"], "out of gas");
    assert!(profile["nodes"].as_array().unwrap().len() < 20);
    assert!(peak(&node) < 100, "{} MB", peak(&node));
}

#[test]
fn memory_that_grows_for_ever_ends_with_its_gas() {
    let node = Node::start(&[]);
    let body = "(loop $again (drop (memory.grow (i32.const 1))) (br $again)) unreachable";
    let growing = node.deploy_program(&program_with_memory("1", "", body));
    for gas in [32_000_000, u64::MAX] {
        let call = json!({ "to": growing, "gas": format!("{gas:#x}") });
        let error = node.rpc("eth_call", json!([call])).unwrap_err();
        assert_eq!(error["message"], "out of gas");
    }
    assert!(peak(&node) < 60, "{} MB", peak(&node));
}

#[test]
fn a_batch_of_large_answers_is_cut_off() {
    let node = Node::start(&[]);
    let two_megabytes = Evm::new().push(2 << 20).push(0).op(op::RETURN);
    let call = json!({
        "jsonrpc": "2.0", "id": 1, "method": "eth_call",
        "params": [{ "to": SCRATCH }, "latest", { SCRATCH.to_string(): { "code": hex::encode_prefixed(&two_megabytes.0) } }],
    });
    let answer: Value =
        serde_json::from_str(&node.post(&json!(vec![call; 500]).to_string())).unwrap();
    assert_eq!(
        answer["error"]["message"],
        "The batch response was too large"
    );
    assert!(peak(&node) < 250, "{} MB", peak(&node));
}

#[test]
fn batches_of_any_shape_are_answered() {
    let node = Node::start(&[]);
    let code = |body: &str| {
        let answer: Value = serde_json::from_str(&node.post(body)).unwrap();
        let first = answer.get(0).unwrap_or(&answer);
        first["error"]["code"].as_i64()
    };
    assert_eq!(code("[]"), Some(-32600));
    assert_eq!(code("[[]]"), Some(-32600));
    assert_eq!(code(&"[".repeat(1 << 20)), Some(-32700));
    let one = r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#;
    let many = |count: usize| format!("[{}]", vec![one; count].join(","));
    assert_eq!(code(&many(1_000)), None);
    assert_eq!(code(&many(1_001)), Some(-32010));
}

#[test]
fn endless_loops_end_while_others_are_answered_and_a_signal_ends_all() {
    let mut node = Node::start(&[]);
    let program = node.deploy_program(&forever(""));
    let call = json!([{ "to": program, "gas": "0x7fffffffffffffff" }]);
    std::thread::scope(|scope| {
        let loops: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| node.rpc("eth_call", call.clone())))
            .collect();
        assert_eq!(node.ask("eth_chainId", json!([])), "0x64aba");
        for ended in loops {
            assert_eq!(ended.join().unwrap().unwrap_err()["message"], "out of gas");
        }
    });
    let estimate = node.rpc("eth_estimateGas", call).unwrap_err();
    assert!(
        estimate["message"]
            .as_str()
            .unwrap()
            .starts_with("gas required exceeds allowance"),
        "{estimate}"
    );

    // Nobody reads these answers; they need not be finished.
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "eth_call",
        "params": [{ "to": program, "gas": "0x1e84800" }],
    })
    .to_string();
    let requests: Vec<_> = (0..50).map(|_| node.begin(&body)).collect();
    node.signal("INT");
    assert_eq!(node.wait(), Some(0));
    drop(requests);
}

#[test]
fn an_endless_loop_in_a_transaction_takes_all_its_gas() {
    let node = Node::start(&[]);
    let endless = node.deploy_program(&forever(""));
    let receipt = node.send(Tx {
        gas: 30_000_000,
        to: TxKind::Call(endless),
        ..Tx::create()
    });
    assert_eq!(
        (receipt["status"].as_str(), number(&receipt["gasUsed"])),
        (Some("0x0"), 30_000_000)
    );
}
