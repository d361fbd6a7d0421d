//! What starting a program costs (rules 6.2), the caches that make it cheaper (11), and programs in fragments (8).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use alloy_primitives::{Address, B256, Bytes, U256, hex, keccak256};
use common::contracts::{Evm, op};
use common::{ARB_WASM, DEV, Node, Tx, activation_of, echo, number, words};
use serde_json::json;

const ARB_OWNER: Address = Address::with_last_byte(0x70);
const ARB_WASM_CACHE: Address = Address::with_last_byte(0x72);

/// Calldata of a function with words as arguments.
fn calldata(signature: &str, arguments: &[B256]) -> Bytes {
    let mut data = keccak256(signature)[..4].to_vec();
    data.extend(arguments.iter().flatten());
    data.into()
}

fn word(number: u64) -> B256 {
    U256::from(number).into()
}

/// Sends a transaction that must succeed.
fn succeed(node: &Node, to: Address, data: Bytes) {
    let receipt = node.send(Tx::call(to, data));
    assert_eq!(receipt["status"], "0x1", "{receipt}");
}

/// What ArbWasm says about starting a program: gas, and gas when cached. From version 2 on the former includes the latter.
fn init_gas(node: &Node, program: Address) -> (u64, u64) {
    let data = calldata("programInitGas(address)", &[program.into_word()]);
    let output = words(&node.ask("eth_call", json!([{ "to": ARB_WASM, "data": data }])));
    (output[0].to(), output[1].to())
}

/// Gas of each of several calls in one transaction, the account being warm.
fn calls(node: &Node, programs: &[Address]) -> Vec<u64> {
    let warmed = programs.iter().fold(Evm::new(), |code, program| {
        code.address(*program).op(op::BALANCE).op(op::POP)
    });
    let code = (0..).zip(programs).fold(warmed, |code, (at, program)| {
        let call = Evm::new().forward(op::CALL, *program).op(op::POP);
        code.measure(at, call)
    });
    let output = node.run(&code.give(programs.len() as u64));
    output.into_iter().map(|gas| gas.to()).collect()
}

#[test]
fn before_arbos_60_every_call_pays_for_the_start() {
    let node = Node::start(&[]);
    let program = node.deploy_program(&echo(1));
    let [first, second] = calls(&node, &[program; 2]).try_into().unwrap();
    assert_eq!(first, second);
}

#[test]
fn from_arbos_60_the_second_call_in_a_block_is_cached() {
    for version in ["60", "61"] {
        let node = Node::start(&["--arbos", version]);
        let program = node.deploy_program(&echo(1));
        let (gas, cached) = init_gas(&node, program);
        let found = calls(&node, &[program; 3]);
        assert_eq!(found[0] - found[1], gas - cached);
        assert_eq!(found[1], found[2]);
        // The next transaction is in the next block.
        assert_eq!(calls(&node, &[program; 3]), found);
    }
}

#[test]
fn the_blocks_cache_forgets_the_least_recent_program() {
    let node = Node::start(&["--arbos", "60"]);
    let [a, b] = [echo(1), echo(2)].map(|wasm| node.deploy_program(&wasm));
    let set = |count| {
        succeed(
            &node,
            ARB_OWNER,
            calldata("setWasmBlockCacheSize(uint16)", &[word(count)]),
        )
    };
    set(1);
    let found = calls(&node, &[a, b, a, a]);
    assert_eq!((found[0], found[1]), (found[2], found[0]));
    assert!(found[3] < found[2]);
    set(0);
    let found = calls(&node, &[a, a]);
    assert_eq!(found[0], found[1]);
    set(2);
    let found = calls(&node, &[a, b, a]);
    assert!(found[2] < found[0]);
}

#[test]
fn a_failed_call_is_in_the_blocks_cache_all_the_same() {
    let node = Node::start(&["--arbos", "60"]);
    let trap = common::contracts::program("", "unreachable");
    let program = node.deploy_program(&trap);
    let (gas, cached) = init_gas(&node, program);
    let found = calls(&node, &[program; 2]);
    assert_eq!(found[0] - found[1], gas - cached);
}

#[test]
fn a_cached_program_starts_for_its_cached_cost_at_every_call() {
    for version in ["51", "60"] {
        let node = Node::start(&["--arbos", version]);
        let program = node.deploy_program(&echo(1));
        let (gas, cached) = init_gas(&node, program);
        let before = calls(&node, &[program])[0];
        succeed(
            &node,
            ARB_WASM_CACHE,
            calldata("cacheProgram(address)", &[program.into_word()]),
        );
        let found = calls(&node, &[program; 2]);
        assert_eq!(
            (before - found[0], found[0]),
            (gas - cached, found[1]),
            "{version}"
        );
    }
}

#[test]
fn only_managers_and_owners_may_cache() {
    let node = Node::start(&[]);
    let program = node.deploy_program(&echo(1));
    let manager = Address::repeat_byte(0xcc);
    let cache = calldata("cacheProgram(address)", &[program.into_word()]);
    let allowed = |from: Address| {
        node.rpc(
            "eth_call",
            json!([{ "from": from, "to": ARB_WASM_CACHE, "data": cache }]),
        )
        .is_ok()
    };
    assert!(allowed(DEV.parse().unwrap()) && !allowed(manager));
    for (change, may) in [
        ("addWasmCacheManager(address)", true),
        ("removeWasmCacheManager(address)", false),
    ] {
        succeed(&node, ARB_OWNER, calldata(change, &[manager.into_word()]));
        assert_eq!(allowed(manager), may, "{change}");
    }
}

/// Deploys code; its address.
fn deploy(node: &Node, code: &[u8]) -> Address {
    let receipt = node.send(Tx {
        data: stylus_rules::code::init_code(code).into(),
        ..Tx::create()
    });
    receipt["contractAddress"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

/// Sends the activation; its receipt.
fn activate(node: &Node, program: Address) -> serde_json::Value {
    node.send(Tx {
        value: U256::from(10).pow(U256::from(18)),
        gas: 32_000_000,
        ..Tx::call(ARB_WASM, activation_of(program))
    })
}

/// The echo program with so many bytes in all, by a custom section of zeroes whose length takes three bytes.
fn echo_of(bytes: usize) -> Vec<u8> {
    let mut wasm = echo(1);
    let content = bytes - wasm.len() - 4;
    let seven_bits = |shift: usize| (content >> shift & 0x7f) as u8;
    wasm.extend([
        0,
        seven_bits(0) | 0x80,
        seven_bits(7) | 0x80,
        seven_bits(14),
    ]);
    wasm.extend([1, b'n']);
    wasm.resize(bytes, 0);
    wasm
}

/// Deploys a program as a root with so many fragments; the root's address.
fn deploy_in_fragments(node: &Node, wasm: &[u8], count: usize) -> Address {
    let stream = stylus_rules::code::compress(wasm);
    let fragments: Vec<Address> = stream
        .chunks(stream.len().div_ceil(count))
        .map(|part| deploy(node, &[hex!("eff001").as_slice(), part].concat()))
        .collect();
    assert_eq!(fragments.len(), count);
    let mut root = [
        hex!("eff00200").as_slice(),
        &(wasm.len() as u32).to_be_bytes(),
    ]
    .concat();
    root.extend(fragments.iter().flatten());
    deploy(node, &root)
}

#[test]
fn fragments_make_a_program_up_to_the_versions_count() {
    for (version, most) in [("60", 2), ("61", 4)] {
        let node = Node::start(&["--arbos", version]);
        for count in 1..=most + 1 {
            let root = deploy_in_fragments(&node, &echo(count as u32), count);
            let activated = activate(&node, root);
            assert_eq!(
                activated["status"],
                if count <= most { "0x1" } else { "0x0" },
                "{count} at {version}"
            );
            let answer = node.rpc("eth_call", json!([{ "to": root, "data": "0x1234" }]));
            assert_eq!(answer.ok(), (count <= most).then(|| json!("0x1234")));
        }
    }
}

#[test]
fn a_fragment_is_neither_activated_nor_called() {
    let node = Node::start(&["--arbos", "60"]);
    let fragment = deploy(
        &node,
        &[
            hex!("eff001").as_slice(),
            &stylus_rules::code::compress(&echo(1)),
        ]
        .concat(),
    );
    assert_eq!(activate(&node, fragment)["status"], "0x0");
    let receipt = node.send(Tx {
        gas: 100_000,
        ..Tx::call(fragment, vec![])
    });
    assert_eq!(
        (&receipt["status"], number(&receipt["gasUsed"])),
        (&json!("0x0"), 100_000)
    );
}

#[test]
fn fragments_that_a_call_reads_stay_cold() {
    let node = Node::start(&["--arbos", "60"]);
    let root = deploy_in_fragments(&node, &echo(1), 1);
    assert_eq!(activate(&node, root)["status"], "0x1");
    let code: Bytes =
        serde_json::from_value(node.ask("eth_getCode", json!([root, "latest"]))).unwrap();
    let fragment = Address::from_slice(&code[8..28]);
    let call = Evm::new().forward(op::CALL, root).op(op::POP);
    let balance = Evm::new().address(fragment).op(op::BALANCE).op(op::POP);
    let code = Evm([call.0, Evm::new().measure(0, balance).0].concat()).give(1);
    assert_eq!(node.run(&code), [U256::from(3 + 2600 + 2)]);
}

#[test]
fn wasm_has_at_most_the_versions_size() {
    for (version, limit) in [("51", 128 * 1024), ("60", 128 * 1024), ("61", 256 * 1024)] {
        let node = Node::start(&["--arbos", version]);
        for (bytes, fits) in [(limit, true), (limit + 1, false)] {
            let code = stylus_rules::code::program_code(&echo_of(bytes));
            let activated = activate(&node, deploy(&node, &code));
            assert_eq!(
                activated["status"],
                if fits { "0x1" } else { "0x0" },
                "{bytes} at {version}"
            );
            if !fits {
                // Undecompressable code fails cheaply (rules 15.7).
                assert!(number(&activated["gasUsed"]) < 1_700_000, "{activated}");
            }
        }
    }
}

#[test]
fn the_owner_sets_the_largest_wasm_and_the_most_fragments() {
    let node = Node::start(&["--arbos", "60"]);
    let wasm = echo(1);
    let code = stylus_rules::code::program_code(&wasm);
    let program = deploy(&node, &code);
    let limit = |bytes: usize| {
        succeed(
            &node,
            ARB_OWNER,
            calldata("setWasmMaxSize(uint32)", &[word(bytes as u64)]),
        )
    };
    limit(wasm.len() - 1);
    assert_eq!(activate(&node, program)["status"], "0x0");
    limit(wasm.len());
    assert_eq!(activate(&node, program)["status"], "0x1");
    limit(128 * 1024);
    let root = deploy_in_fragments(&node, &echo(2), 3);
    assert_eq!(activate(&node, root)["status"], "0x0");
    succeed(
        &node,
        ARB_OWNER,
        calldata("setMaxStylusContractFragments(uint8)", &[word(3)]),
    );
    assert_eq!(activate(&node, root)["status"], "0x1");
}

#[test]
fn activation_costs_what_the_owner_adds_from_arbos_60() {
    let node = Node::start(&["--arbos", "60"]);
    let [first, second] =
        [echo(1), echo(2)].map(|wasm| deploy(&node, &stylus_rules::code::program_code(&wasm)));
    // Addresses of different bytes cost differently in the calldata.
    let gas = |program: Address| {
        let calldata: u64 = activation_of(program)
            .iter()
            .map(|byte| if *byte == 0 { 4 } else { 16 })
            .sum();
        number(&activate(&node, program)["gasUsed"]) - calldata
    };
    let usual = gas(first);
    succeed(
        &node,
        ARB_OWNER,
        calldata("setWasmActivationGas(uint64)", &[word(12_345)]),
    );
    let asked = node.ask(
        "eth_call",
        json!([{ "to": ARB_WASM, "data": calldata("activationGas()", &[]) }]),
    );
    assert_eq!(words(&asked), [U256::from(12_345)]);
    assert_eq!(gas(second), usual + 12_345);
}

#[test]
fn a_program_of_an_earlier_version_outlives_an_upgrade() {
    let node = Node::start(&[]);
    let multi_value = common::contracts::program(
        "(func $pair (result i32 i32) i32.const 0 i32.const 0)",
        "call $pair i32.add",
    );
    let program = node.deploy_program(&multi_value);
    let upgrade = calldata("scheduleArbOSUpgrade(uint64,uint64)", &[word(60), word(0)]);
    succeed(&node, ARB_OWNER, upgrade);
    let run = || node.rpc("eth_call", json!([{ "to": program }])).is_ok();
    assert!(run());
    // A day after it has expired it would have to be activated again, which version 60 refuses.
    node.ask("evm_increaseTime", json!([366 * 86_400]));
    assert!(!run());
    assert_eq!(activate(&node, program)["status"], "0x0");
    let fragments = node.ask(
        "eth_call",
        json!([{ "to": Address::with_last_byte(0x6b), "data": "0xe5a7f893" }]),
    );
    assert_eq!(words(&fragments), [U256::from(2)]);
}
