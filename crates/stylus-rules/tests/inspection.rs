//! What `inspect` reports about a module, refused or not.

#![allow(
    clippy::unwrap_used,
    reason = "a module that cannot be built fails the test"
)]

use stylus_rules::activate::{ActivationContext, activate};
use stylus_rules::inspect::symbols::symbols;
use stylus_rules::inspect::{Facts, inspect};

fn facts(wat: &str) -> Facts {
    inspect(&wat::parse_str(wat).unwrap()).unwrap()
}

const ACCEPTED: &str = r#"(module
    (import "vm_hooks" "msg_value" (func (param i32)))
    (memory (export "memory") 1 1)
    (data (i32.const 0) "abc")
    (func $_ZN5model7predict17h0123456789abcdefE (param i32) (result i32)
        (local i64 i64) (i32.add (local.get 0) (i32.const 1)))
    (func (export "user_entrypoint") (param i32) (result i32)
        (call $_ZN5model7predict17h0123456789abcdefE (local.get 0))))"#;

#[test]
fn an_accepted_module_has_a_verdict_and_costs_for_each_profile() {
    let facts = facts(ACCEPTED);
    let arbos: Vec<u64> = facts
        .activation
        .iter()
        .map(|verdict| verdict.arbos)
        .collect();
    assert_eq!(arbos, [51, 60, 61]);
    for verdict in &facts.activation {
        assert!(verdict.accepted, "{:?}", verdict.refusal);
        let wasm = wat::parse_str(ACCEPTED).unwrap();
        let activated = activate(
            &wasm,
            &ActivationContext::for_arbos(verdict.arbos),
            u64::MAX,
        )
        .unwrap();
        assert_eq!(
            verdict.costs.as_ref().unwrap().engine_gas,
            activated.engine_gas
        );
    }
}

#[test]
fn functions_are_named_and_measured() {
    let facts = facts(ACCEPTED);
    let predict = &facts.functions[0];
    assert_eq!(
        (predict.index, predict.name.as_deref()),
        (1, Some("model::predict"))
    );
    assert_eq!(predict.origin.as_deref(), Some("model"));
    assert_eq!(
        (predict.operators, predict.locals, predict.blocks),
        (4, 2, 1)
    );
    assert_eq!(predict.metered_operators, 4 + 12 + 17);
    assert_eq!(predict.static_ink, 2450 + 75 + 1 + 70 + 1);
    assert_eq!(predict.frame_words, 2 + 2 + 4);
    assert_eq!((facts.data_bytes, facts.globals), (3, 0));
    assert!(facts.imports[0].known);
}

#[test]
fn floats_are_listed_with_function_crate_and_place() {
    let wat = r#"(module (memory (export "memory") 1 1)
        (func $_ZN4libm3sin17h0123456789abcdefE (result i32)
            (i32.trunc_sat_f64_s (f64.mul (f64.const 1.5) (f64.convert_i32_s (i32.const 2)))))
        (func (export "user_entrypoint") (param i32) (result i32) (call $_ZN4libm3sin17h0123456789abcdefE)))"#;
    let facts = facts(wat);
    let operators: Vec<&str> = facts
        .floats
        .iter()
        .map(|float| float.operator.as_str())
        .collect();
    assert_eq!(
        operators,
        [
            "f64.const",
            "f64.convert_i32_s",
            "f64.mul",
            "i32.trunc_sat_f64_s"
        ]
    );
    let wasm = wat::parse_str(wat).unwrap();
    for float in &facts.floats {
        assert_eq!((float.origin.as_deref(), float.function), (Some("libm"), 0));
    }
    assert_eq!(
        wasm[facts.floats[2].offset], 0xa2,
        "f64.mul stands where the offset says"
    );
    let refusal = facts.activation[0].refusal.as_deref().unwrap();
    assert!(
        refusal.contains("function 0 (libm::sin): floating-point operator f64.convert_i32_s"),
        "{refusal}"
    );
}

#[test]
fn unsupported_operators_are_listed() {
    let facts = facts(
        r#"(module (memory (export "memory") 1 1) (table 1 funcref)
        (func (export "user_entrypoint") (param i32) (result i32) (drop (ref.null func)) (drop (v128.const i64x2 0 0)) (table.size)))"#,
    );
    let operators: Vec<&str> = facts
        .unsupported
        .iter()
        .map(|operator| operator.operator.as_str())
        .collect();
    assert_eq!(operators, ["ref.null", "v128.const", "table.size"]);
    assert!(!facts.activation[0].accepted);
}

#[test]
fn a_module_over_the_profiles_size_says_so() {
    let padding = "\\00".repeat(140_000);
    let facts = facts(&format!(
        r#"(module (memory (export "memory") 3 3) (data (i32.const 0) "{padding}")
        (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))"#
    ));
    let refusals: Vec<&str> = facts
        .activation
        .iter()
        .map(|verdict| verdict.refusal.as_deref().unwrap())
        .collect();
    assert!(
        refusals[0].contains("the chain accepts 131072"),
        "{}",
        refusals[0]
    );
    assert!(refusals[2].contains("cached init cost"), "{}", refusals[2]);
}

#[test]
fn facts_are_stable_json() {
    let json = serde_json::to_value(facts(ACCEPTED)).unwrap();
    for key in [
        "wasm_bytes",
        "compressed_bytes",
        "code_bytes",
        "memory",
        "imports",
        "functions",
        "floats",
        "activation",
    ] {
        assert!(!json[key].is_null(), "{key}");
    }
    assert_eq!(json["functions"][0]["crate"], "model");
    assert!(json["activation"][0]["costs"]["data_fee_wei"].is_string());
}

#[test]
fn symbols_name_every_block_and_its_ink() {
    let wasm = wat::parse_str(
        "(module (memory (export \"memory\") 1 1)
           (func $helper (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2))))
           (func $entry (export \"user_entrypoint\") (param i32) (result i32) (call $helper (local.get 0))))",
    )
    .unwrap();
    let found = symbols(&wasm).unwrap();
    let names: Vec<_> = found
        .stacks
        .iter()
        .map(|stack| &stack[0].function)
        .collect();
    assert_eq!(
        names,
        [&Some("helper".to_owned()), &Some("entry".to_owned())]
    );
    let header = 2450;
    let [helper, entry] = &found.functions[..] else {
        unreachable!("two functions have a body")
    };
    // if; then-arm with its else; else-arm with its end; the function's end.
    assert_eq!(
        helper.blocks,
        [
            vec![(0, header + 75 + 765)],
            vec![(0, header + 1 + 1)],
            vec![(0, header + 1 + 1)],
            vec![(0, header + 1)]
        ]
    );
    assert_eq!((entry.first_block, entry.blocks[0][0].0), (4, 1));
}

#[test]
fn damaged_debug_information_counts_as_none() {
    let mut wasm = wat::parse_str("(module (func $f))").unwrap();
    for name in [".debug_info", ".debug_abbrev", ".debug_line"] {
        let mut section = vec![name.len() as u8];
        section.extend(name.bytes());
        section.extend([0xff; 40]);
        wasm.extend([0, section.len() as u8]);
        wasm.extend(section);
    }
    assert_eq!(
        symbols(&wasm).unwrap().stacks[0][0].function.as_deref(),
        Some("f")
    );
}
