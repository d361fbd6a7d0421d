//! Recursion and nested calls end where gas or the counted stack depth ends, whatever native stack there is.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use alloy_primitives::{Address, U256, hex, keccak256};
use common::contracts::{Evm, op, program};
use common::{Node, Tx, words};
use serde_json::json;

const ARB_OWNER: Address = Address::with_last_byte(0x70);
/// The most that Nitro's chains have had; new ones have 22,000.
const MOST_WORDS: u32 = 262_144;
/// Address space in which no large stack and no large reservation fits, in GB.
const LITTLE: u64 = 2;

/// A program that recurses as often as its calldata says (32 bits, little end first). `$down` takes the count first, then
/// `more` parameters, has `locals`, and gives `results`.
fn recursive(more: usize, locals: usize, results: usize) -> Vec<u8> {
    let (values, zeros) = (|count| "i64 ".repeat(count), "i64.const 0 ".repeat(results));
    let arguments = "i64.const 0 ".repeat(more);
    let parts = format!(
        "(type $results (func (result {results})))
         (func $down (param i32) (param {more_types}) (result {results}) (local {locals})
           local.get 0
           if (type $results)
             local.get 0 i32.const 1 i32.sub {arguments} call $down
           else
             {zeros}
           end)",
        results = values(results),
        more_types = values(more),
        locals = values(locals),
    );
    let drops = "drop ".repeat(results);
    program(
        &parts,
        &format!(
            "i32.const 0 call $read_args i32.const 0 i32.load {arguments} call $down {drops} i32.const 0"
        ),
    )
}

/// The deepest recursion that succeeds; one more must be refused for its depth.
fn deepest(node: &Node, address: Address) -> u32 {
    let recurse = |depth: u32| {
        let data = hex::encode_prefixed(depth.to_le_bytes());
        node.rpc("eth_call", json!([{ "to": address, "data": data }]))
    };
    let (mut succeeds, mut fails) = (0, 100_000);
    while fails - succeeds > 1 {
        let depth = u32::midpoint(succeeds, fails);
        match recurse(depth) {
            Ok(_) => succeeds = depth,
            Err(error) => {
                assert_eq!(error["message"], "max call depth exceeded");
                fails = depth;
            }
        }
    }
    succeeds
}

/// As the chain's owner: words of stack depth that a program may use.
fn allow(node: &Node, words: u32) {
    let selector = &keccak256("setWasmMaxStackDepth(uint32)")[..4];
    let data = [selector, &U256::from(words).to_be_bytes::<32>()].concat();
    let receipt = node.send(Tx::call(ARB_OWNER, data));
    assert_eq!(receipt["status"], "0x1", "{receipt}");
}

#[test]
fn recursion_goes_as_deep_by_either_compiler_and_on_any_native_stack() {
    let nodes = [
        Node::start(&["--compiler", "optimizing"]),
        Node::start(&["--compiler", "baseline"]),
        Node::start_within(LITTLE),
    ];
    for node in &nodes {
        allow(node, MOST_WORDS);
    }
    for (more, locals, results) in [(0, 0, 0), (0, 340, 0), (990, 0, 0), (0, 0, 990)] {
        let wasm = recursive(more, locals, results);
        let depths = nodes
            .each_ref()
            .map(|node| deepest(node, node.deploy_program(&wasm)));
        assert_eq!(depths, [depths[0]; 3], "{more}, {locals}, {results}");
        assert!(depths[0] > 100, "{depths:?}");
    }
}

/// A program that calls the address in its calldata with the same calldata and all gas, and returns as a word how many
/// calls below it succeeded.
fn nesting() -> Vec<u8> {
    program(
        "",
        "(call $read_args (i32.const 0))
         (if (i32.eqz (call $call_contract (i32.const 12) (i32.const 0) (i32.const 32) (i32.const 64)
               (i64.const -1) (i32.const 96)))
           (then (drop (call $read_return_data (i32.const 128) (i32.const 0) (i32.const 32)))))
         (i32.store8 (i32.const 159) (i32.add (i32.load8_u (i32.const 159)) (i32.const 1)))
         (if (i32.eqz (i32.load8_u (i32.const 159)))
           (then (i32.store8 (i32.const 158) (i32.add (i32.load8_u (i32.const 158)) (i32.const 1)))))
         (call $write_result (i32.const 128) (i32.const 32))
         (i32.const 0)",
    )
}

/// The same as EVM code, which calls `to` and hands on its own address.
fn between(to: Address) -> Evm {
    let mut code = Evm::new().op(op::ADDRESS).store(0);
    let arguments = code.push(32).push(0).push(32).push(0).push(0);
    code = arguments.address(to).op(op::GAS).op(op::CALL);
    // The answer of a call that failed is empty, so that word 0 must be overwritten: by 0 times what stands there.
    code = code.push(0).op(op::MLOAD);
    code.0.extend([0x02]); // MUL
    code.push(1).op(op::ADD).store(0).give(1)
}

#[test]
fn programs_nest_until_the_gas_ends() {
    let (plenty, little) = (Node::start(&[]), Node::start_within(LITTLE));
    let counts = [&plenty, &little].map(|node| {
        let nested = node.deploy_program(&nesting());
        let evm = node.deploy(&between(nested));
        [nested, evm].map(|first| {
            let data = hex::encode_prefixed(first.into_word());
            let call = json!([{ "to": nested, "data": data, "gas": "0xffffffffff" }]);
            words(&node.ask("eth_call", call))[0]
        })
    });
    assert_eq!(counts[0], counts[1]);
    // Each call keeps 1/64 of the gas back, so that 32 million end before the 1,024 calls that the EVM allows.
    for count in counts[0] {
        assert!(count > U256::from(100), "{counts:?}");
        assert!(count < U256::from(1024), "{counts:?}");
    }
    assert_eq!(plenty.ask("eth_chainId", json!([])), "0x64aba");
}
