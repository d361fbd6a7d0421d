//! Programs that want too much: the node goes on.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{ENTRY, Node, echo, program};
use serde_json::json;

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
fn memory_stays_small_when_idle() {
    let node = Node::start(&[]);
    let program = node.deploy_program(&echo(9));
    node.ask("eth_call", json!([{ "to": program, "data": "0x01" }]));
    let kilobytes = common::memory(node.pid(), "VmRSS:");
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
