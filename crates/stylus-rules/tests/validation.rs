//! What activation accepts and refuses (rules 3), sentence by sentence. Limits are in `activation_limits.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use stylus_rules::activate::{ActivationContext, activate};
use wasm_encoder::{CodeSection, Function, RawSection, SectionId};

const PRODUCTION: ActivationContext = ActivationContext::for_arbos(51);
const DEVELOPMENT: ActivationContext = ActivationContext {
    debug: true,
    ..PRODUCTION
};

const MEMORY: &str = "(memory (export \"memory\") 1 1)";
const ENTRY: &str = "(func (export \"user_entrypoint\") (param i32) (result i32) i32.const 0)";

/// Why the module is refused; `None` if it is accepted.
fn refusal(wasm: &[u8], context: &ActivationContext) -> Option<String> {
    activate(wasm, context, u64::MAX)
        .err()
        .map(|error| error.to_string())
}

/// The verdict on a whole module in text.
fn module(wat: &str, context: &ActivationContext) -> Option<String> {
    refusal(&wat::parse_str(wat).unwrap(), context)
}

/// The verdict on a contract with these parts.
fn contract(parts: &str, context: &ActivationContext) -> Option<String> {
    module(&format!("(module {parts} {MEMORY} {ENTRY})"), context)
}

/// The verdict on a contract with a function of this body.
fn function(body: &str) -> Option<String> {
    contract(
        &format!(
            "(type $t (func)) (table $table 1 1 funcref) (global $g (mut i32) (i32.const 0)) (func {body})"
        ),
        &PRODUCTION,
    )
}

#[track_caller]
fn refused(verdict: Option<String>, reason: &str) {
    let found = verdict.unwrap_or_else(|| panic!("accepted; refused was expected: {reason}"));
    assert!(found.contains(reason), "{found}, not: {reason}");
}

#[track_caller]
fn accepted(verdict: Option<String>) {
    assert_eq!(verdict, None);
}

#[test]
fn features_that_are_on() {
    accepted(contract(
        "(global (export \"g\") (mut i32) (i32.const 0))",
        &PRODUCTION,
    ));
    accepted(function(
        "i32.const 0 i32.extend8_s i64.extend_i32_s i64.extend32_s drop",
    ));
    accepted(function("i32.const 0 i32.const 0 i32.const 0 memory.fill"));
    accepted(contract("(data \"passive\")", &PRODUCTION));
}

#[test]
fn multi_value_ends_with_arbos_60() {
    let results = "(func (result i32 i32) i32.const 0 i32.const 0)";
    let block = "(type $t (func (result i32 i32))) (func block (type $t) i32.const 0 i32.const 0 end drop drop)";
    for parts in [results, block] {
        accepted(contract(parts, &PRODUCTION));
        for arbos in [60, 61] {
            refused(
                contract(parts, &ActivationContext::for_arbos(arbos)),
                "multi-value",
            );
        }
    }
}

#[test]
fn what_is_active_still_runs_whatever_the_chain_has_come_to_refuse() {
    let parts = "(func (result i32 i32) i32.const 0 i32.const 0)";
    let later = ActivationContext {
        page_limit: 0,
        ..ActivationContext::for_arbos(60)
    };
    assert!(contract(parts, &later).is_some());
    accepted(contract(parts, &later.of_active()));
}

#[test]
fn features_that_are_off() {
    for (body, reason) in [
        ("ref.null func drop", "reference types"),
        ("i32.const 0 table.get $table drop", "reference types"),
        ("table.size $table drop", "reference types"),
        (
            "ref.null func i32.const 1 table.grow $table drop",
            "reference types",
        ),
        ("v128.const i64x2 0 0 drop", "SIMD"),
        ("i32.const 0 i32.atomic.load drop", "threads"),
        ("return_call 0", "tail call"),
        (
            "i32.const 0 i32.const 0 i32.const 0 select (result i32) drop",
            "reference types",
        ),
    ] {
        refused(function(body), reason);
    }
    refused(contract("(tag)", &PRODUCTION), "exception");
    refused(
        contract(
            "(global i32 (i32.add (i32.const 1) (i32.const 2)))",
            &PRODUCTION,
        ),
        "constant expression",
    );
    refused(
        contract("(table 0 externref)", &PRODUCTION),
        "reference types",
    );
    refused(
        contract("(table 0 funcref) (table 0 funcref)", &PRODUCTION),
        "table",
    );
    refused(contract("(memory 1)", &PRODUCTION), "memories");
    refused(
        module(
            &format!("(module (memory (export \"memory\") i64 1 1) {ENTRY})"),
            &PRODUCTION,
        ),
        "memory64",
    );
}

#[test]
fn bulk_operators_beyond_fill_and_copy() {
    for body in [
        "i32.const 0 i32.const 0 i32.const 0 table.init $table $e",
        "elem.drop $e",
        "i32.const 0 i32.const 0 i32.const 0 table.copy $table $table",
    ] {
        let parts = format!("(table $table 1 1 funcref) (elem $e func) (func {body})");
        refused(contract(&parts, &PRODUCTION), "unsupported operator");
    }
    // These two need a DataCount section, which is refused itself.
    for body in [
        "i32.const 0 i32.const 0 i32.const 0 memory.init $d",
        "data.drop $d",
    ] {
        refused(
            contract(&format!("(data $d \"\") (func {body})"), &PRODUCTION),
            "DataCount",
        );
    }
}

#[test]
fn floats_may_be_moved_but_not_computed() {
    for body in [
        "f32.const 1 drop",
        "i32.const 0 f64.load drop",
        "i32.const 0 f32.const 0 f32.store",
        "(local f32 f64)",
    ] {
        accepted(function(body));
    }
    for body in [
        "f32.const 1 f32.const 1 f32.add drop",
        "i32.const 0 f32.convert_i32_s drop",
        "f32.const 0 i32.trunc_sat_f32_u drop",
        "f64.const 0 i64.reinterpret_f64 drop",
        "f64.const 0 f64.const 0 f64.lt drop",
    ] {
        refused(function(body), "floating-point operator");
    }
}

/// A contract whose second function has this body: raw bytes without the count of locals and the last `end`.
fn raw_function(body: &[u8]) -> Vec<u8> {
    let wat =
        format!("(module {MEMORY} (table 1 1 funcref) {ENTRY} (func (result i32) i32.const 0))");
    let template = wat::parse_str(wat).unwrap();
    let mut code = CodeSection::new();
    let mut entry = Function::new([]);
    entry.instructions().i32_const(0).end();
    let mut raw = Function::new([]);
    raw.raw(body.iter().copied().chain([0x0b]));
    code.function(&entry).function(&raw);
    let mut output = wasm_encoder::Module::new();
    for payload in wasmparser::Parser::new(0).parse_all(&template) {
        let payload = payload.unwrap();
        match payload.as_section() {
            Some((id, _)) if id == SectionId::Code as u8 => {
                output.section(&code);
            }
            Some((id, range)) => {
                let data = &template[range];
                output.section(&RawSection { id, data });
            }
            None => {}
        }
    }
    output.finish()
}

#[test]
fn table_and_memory_indices_are_one_byte() {
    const CALL_INDIRECT: [u8; 4] = [0x41, 0x00, 0x11, 0x01]; // i32.const 0, call_indirect of type 1
    const MEMORY_SIZE: u8 = 0x3f;
    let plain = [CALL_INDIRECT.as_slice(), &[0x00]].concat();
    let padded = [CALL_INDIRECT.as_slice(), &[0x80, 0x80, 0x80, 0x80, 0x00]].concat();
    accepted(refusal(&raw_function(&plain), &PRODUCTION));
    refused(
        refusal(&raw_function(&padded), &PRODUCTION),
        "zero byte expected",
    );
    accepted(refusal(&raw_function(&[MEMORY_SIZE, 0x00]), &PRODUCTION));
    refused(
        refusal(&raw_function(&[MEMORY_SIZE, 0x80, 0x00]), &PRODUCTION),
        "zero byte expected",
    );
}

#[test]
fn imports_are_host_functions_of_the_right_type() {
    let import = |text: &str, context| contract(&format!("(import {text})"), context);
    accepted(import(
        "\"vm_hooks\" \"chainid\" (func (result i64))",
        &PRODUCTION,
    ));
    let twice = "(import \"vm_hooks\" \"chainid\" (func (result i64)))";
    accepted(contract(&twice.repeat(2), &PRODUCTION));
    refused(
        import("\"vm_hooks\" \"chainid\" (func (result i32))", &PRODUCTION),
        "wrong type",
    );
    refused(
        import("\"vm_hooks\" \"chain_id\" (func (result i64))", &PRODUCTION),
        "not a host function",
    );
    refused(
        import("\"env\" \"chainid\" (func (result i64))", &PRODUCTION),
        "not a host function",
    );
    refused(
        import("\"vm_hooks\" \"g\" (global i32)", &PRODUCTION),
        "not a function",
    );
    refused(
        import("\"vm_hooks\" \"stylus_ink\" (func)", &PRODUCTION),
        "reserved",
    );
}

#[test]
fn debug_functions_belong_to_development_chains() {
    for import in [
        "\"console\" \"log_txt\" (func (param i32 i32))",
        "\"console\" \"tee_f64\" (func (param f64) (result f64))",
        "\"debug\" \"null_host\" (func)",
    ] {
        let parts = format!("(import {import})");
        accepted(contract(&parts, &DEVELOPMENT));
        refused(contract(&parts, &PRODUCTION), "not a host function");
    }
}

#[test]
fn the_memory_is_exported_and_the_only_one() {
    refused(module(&format!("(module {ENTRY})"), &PRODUCTION), "memory");
    refused(
        module(&format!("(module (memory 1 1) {ENTRY})"), &PRODUCTION),
        "exported as `memory`",
    );
    refused(
        module(
            &format!("(module (memory (export \"mem\") 1 1) {ENTRY})"),
            &PRODUCTION,
        ),
        "exported as `memory`",
    );
}

#[test]
fn the_entry_point_is_exported_with_its_type() {
    refused(
        module(&format!("(module {MEMORY})"), &PRODUCTION),
        "user_entrypoint",
    );
    for ty in [
        "",
        "(param i32)",
        "(param i64) (result i32)",
        "(param i32 i32) (result i32)",
    ] {
        let wat = format!("(module {MEMORY} (func (export \"user_entrypoint\") {ty} unreachable))");
        refused(
            module(&wat, &PRODUCTION),
            "user_entrypoint has the wrong type",
        );
    }
    let global =
        format!("(module {MEMORY} (global (export \"user_entrypoint\") i32 (i32.const 0)))");
    refused(
        module(&global, &PRODUCTION),
        "exports no function user_entrypoint",
    );
}

#[test]
fn exports_do_not_clash_with_imports_or_the_instrumentation() {
    let import = "(import \"vm_hooks\" \"chainid\" (func (result i64)))";
    for name in ["chainid", "a__chainid", "__chainid"] {
        refused(
            contract(&format!("{import} (func (export \"{name}\"))"), &PRODUCTION),
            "name of an import",
        );
    }
    accepted(contract(
        &format!("{import} (func (export \"chainid__a\"))"),
        &PRODUCTION,
    ));
    refused(
        contract("(func (export \"stylus_start\"))", &PRODUCTION),
        "reserved",
    );
}

#[test]
fn growable_memory_is_paid_for() {
    let memory = |limits: &str, import: &str| {
        module(
            &format!("(module {import} (memory (export \"memory\") {limits}) {ENTRY})"),
            &PRODUCTION,
        )
    };
    const PAY: &str = "(import \"vm_hooks\" \"pay_for_memory_grow\" (func (param i32)))";
    for growable in ["1", "1 2", "0 1"] {
        refused(memory(growable, ""), "pay_for_memory_grow");
        accepted(memory(growable, PAY));
    }
    for fixed in ["1 1", "0 0"] {
        accepted(memory(fixed, ""));
    }
}

#[test]
fn a_start_function_is_for_development_chains_only() {
    let start = "(func $f) (start $f)";
    refused(contract(start, &PRODUCTION), "start function");
    accepted(contract(start, &DEVELOPMENT));
}

#[test]
fn active_segments_lie_within_what_is_there() {
    accepted(contract("(data (i32.const 65535) \"x\")", &PRODUCTION));
    refused(
        contract("(data (i32.const 65536) \"x\")", &PRODUCTION),
        "out of bounds of the initial memory",
    );
    accepted(contract("(data (i32.const 65536) \"\")", &PRODUCTION));
    refused(
        contract("(data (i32.const -1) \"x\")", &PRODUCTION),
        "out of bounds of the initial memory",
    );
    let table = |elements: &str| {
        contract(
            &format!("(table 2 funcref) (func $f) {elements}"),
            &PRODUCTION,
        )
    };
    accepted(table("(elem (i32.const 1) func $f)"));
    refused(
        table("(elem (i32.const 2) func $f)"),
        "out of bounds of the table",
    );
    refused(
        table("(elem (i32.const 0) func $f $f $f)"),
        "out of bounds of the table",
    );
}

#[test]
fn unknown_sections_are_refused() {
    let mut wasm = wat::parse_str(format!("(module {MEMORY} {ENTRY})")).unwrap();
    wasm.extend([14, 0]); // a section of id 14
    assert!(refusal(&wasm, &PRODUCTION).is_some());
}

#[test]
fn names_and_other_exports_are_dropped_on_production_chains() {
    let wasm = wat::parse_str(format!(
        "(module $name {MEMORY} {ENTRY} (func $f (export \"f\")))"
    ))
    .unwrap();
    let program = activate(&wasm, &PRODUCTION, u64::MAX).unwrap().program;
    let mut exports = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(&program.bytes) {
        match payload.unwrap() {
            wasmparser::Payload::ExportSection(section) => {
                exports.extend(
                    section
                        .into_iter()
                        .map(|export| export.unwrap().name.to_owned()),
                );
            }
            wasmparser::Payload::CustomSection(section) => panic!("section {}", section.name()),
            _ => {}
        }
    }
    exports.sort();
    assert_eq!(
        exports,
        [
            "memory",
            "stylus_ink_left",
            "stylus_stack_left",
            "user_entrypoint"
        ]
    );
}
