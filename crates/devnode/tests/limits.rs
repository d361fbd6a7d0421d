//! Programs that want too much: the node goes on.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{CALL_CONTRACT, ENTRY, Node, READ_ARGS, Tx, echo, number, program};
use serde_json::json;

#[test]
fn an_endless_loop_ends_with_its_gas() {
    let node = Node::start(&[]);
    let endless = program(1, |body| {
        body.loop_(wasm_encoder::BlockType::Empty)
            .br(0)
            .end()
            .unreachable()
            .end();
    });
    let receipt = node.send(Tx {
        gas: 30_000_000,
        ..Tx::call(node.deploy_program(&endless), vec![])
    });
    assert_eq!(
        (receipt["status"].as_str(), number(&receipt["gasUsed"])),
        (Some("0x0"), 30_000_000)
    );
}

#[test]
fn endless_recursion_ends_with_its_stack_depth() {
    let node = Node::start(&[]);
    let recursive = program(2, |body| {
        body.local_get(0).call(ENTRY).end();
    });
    let address = node.deploy_program(&recursive);
    let error = node
        .rpc("eth_call", json!([{ "to": address }]))
        .unwrap_err();
    assert_eq!(error["message"], "max call depth exceeded");
}

#[test]
fn programs_nest_as_deep_as_the_chain_allows() {
    let node = Node::start(&[]);
    // Calls the address in its calldata with the same calldata and all gas, and returns 0 whatever comes of it.
    let nesting = program(3, |body| {
        body.i32_const(0).call(READ_ARGS);
        body.i32_const(0)
            .i32_const(0)
            .local_get(0)
            .i32_const(64)
            .i64_const(-1)
            .i32_const(128);
        body.call(CALL_CONTRACT).drop().i32_const(0).end();
    });
    let address = node.deploy_program(&nesting);
    let answer = node.rpc(
        "eth_call",
        json!([{ "to": address, "data": address, "gas": "0x1e84800" }]),
    );
    assert_eq!(answer.unwrap(), "0x");
    assert_eq!(node.ask("eth_chainId", json!([])), "0x64aba");
}

#[test]
fn code_that_decompresses_without_end_is_refused() {
    let node = Node::start(&[]);
    let bomb = stylus_rules::code::program_code(&vec![0; 64 << 20]);
    let deployed = node.send(Tx {
        data: stylus_rules::code::init_code(&bomb).into(),
        ..Tx::create()
    });
    let address = deployed["contractAddress"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let activation = Tx {
        value: "1000000000000000000".parse().unwrap(),
        ..Tx::call(common::ARB_WASM, common::activation_of(address))
    };
    let receipt = node.send(activation);
    assert_eq!(receipt["status"], "0x0");
    // Undecompressable code fails cheaply (rules 15.7).
    assert!(number(&receipt["gasUsed"]) < 1_700_000, "{receipt}");
}

#[test]
fn memory_stays_small_when_idle() {
    let node = Node::start(&[]);
    let program = node.deploy_program(&echo(9));
    node.ask("eth_call", json!([{ "to": program, "data": "0x01" }]));
    let status = std::fs::read_to_string(format!("/proc/{}/status", node.pid())).unwrap();
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    let kilobytes: u64 = resident
        .trim()
        .trim_end_matches(" kB")
        .trim()
        .parse()
        .unwrap();
    assert!(kilobytes < 40_000, "{kilobytes} kB");
}

#[test]
fn growth_that_the_payment_does_not_see_fails() {
    let node = Node::start(&[]);
    // 65,536 pages are 0 in the 16 bits that are paid; the growth itself must give -1.
    let address = node.deploy_program(&growing_by(65_536));
    let answer = node.rpc("eth_call", json!([{ "to": address }]));
    assert_eq!(answer.unwrap(), "0x");
}

/// A program without memory at first, which succeeds if growing by `pages` fails.
fn growing_by(pages: i32) -> Vec<u8> {
    use wasm_encoder::*;
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    types.ty().function([ValType::I32], []);
    let mut imports = ImportSection::new();
    imports.import("vm_hooks", "pay_for_memory_grow", EntityType::Function(1));
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 0,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports
        .export("memory", ExportKind::Memory, 0)
        .export("user_entrypoint", ExportKind::Func, 1);
    let mut function = Function::new([]);
    function
        .instructions()
        .i32_const(pages)
        .memory_grow(0)
        .i32_const(-1)
        .i32_ne()
        .end();
    let mut code = CodeSection::new();
    code.function(&function);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&imports)
        .section(&functions)
        .section(&memories)
        .section(&exports)
        .section(&code);
    module.finish()
}
