//! The whole table of rules 2.1, and where blocks end (2.2): each operator stands alone in a function, in code that is
//! never reached, where wasm asks for no operands.

#![allow(
    clippy::unwrap_used,
    reason = "a module that cannot be built fails the test"
)]

use std::collections::BTreeSet;

use stylus_rules::activate::{ActivationContext, activate};

/// Rules 2.1, row by row.
const TABLE: [(u64, &str); 24] = [
    (1, "unreachable return nop i32.const i64.const"),
    (1, "block loop else end"),
    (9, "drop"),
    (
        70,
        "i32.add i32.sub i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr",
    ),
    (75, "local.get local.tee"),
    (
        100,
        "i64.add i64.sub i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr i32.wrap_i64 \
         i64.extend_i32_s i64.extend_i32_u i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s",
    ),
    (160, "i32.mul i64.mul"),
    (
        170,
        "i32.eqz i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u",
    ),
    (210, "local.set i32.clz i32.ctz i64.clz i64.ctz"),
    (
        225,
        "global.get i64.eqz i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u",
    ),
    (575, "global.set"),
    (
        670,
        "i32.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u",
    ),
    (
        680,
        "i64.load i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u",
    ),
    (765, "br br_if if"),
    (825, "i32.store i32.store8 i32.store16"),
    (
        950,
        "i64.store i64.store8 i64.store16 i64.store32 memory.copy memory.fill",
    ),
    (1120, "i32.div_s i32.div_u i32.rem_s i32.rem_u"),
    (1250, "select"),
    (1270, "i64.div_s i64.div_u i64.rem_s i64.rem_u"),
    (2650, "i32.popcnt"),
    (3000, "memory.size"),
    (3800, "call"),
    (6000, "i64.popcnt"),
    (8050, "memory.grow"),
];

/// Operators whose price depends on their immediate: `br_table` and `call_indirect`.
const BY_IMMEDIATE: [&str; 2] = ["br_table", "call_indirect"];

/// Rules 2.2: operators that end a block.
const ENDS: &str = "end else return loop br br_table br_if if call call_indirect";
/// Rules 2.2: what each block costs beside its operators.
const HEADER: u64 = 2450;

/// Ink of all blocks of the second function, whose body this is; the first is the entry point.
fn static_ink(body: &str) -> u64 {
    let wat = format!(
        "(module
            (type $five (func (param i32 i32 i64 i32 i32)))
            (memory (export \"memory\") 1 1)
            (table 1 1 funcref)
            (global $g (mut i32) (i32.const 0))
            (func (export \"user_entrypoint\") (param i32) (result i32) i32.const 0)
            (func $f (param i32) {body}))"
    );
    let wasm = wat::parse_str(&wat).unwrap();
    let activated = activate(&wasm, &ActivationContext::for_arbos(51), u64::MAX);
    activated.unwrap().program.functions[1].static_ink
}

/// The operator with what it needs to be valid, and the price of that.
fn in_context(name: &str) -> (String, u64) {
    let end = 1 + HEADER;
    match name {
        "i32.const" | "i64.const" | "local.get" | "local.tee" | "local.set" | "br" | "br_if" => {
            (format!("{name} 0"), 0)
        }
        "global.get" | "global.set" => (format!("{name} $g"), 0),
        "call" => ("call $f".to_owned(), 0),
        // Each closes a scope with an `end`, which ends a block of its own.
        "loop" | "if" => (format!("{name} end"), end),
        // `block` itself does not end a block; its `end` does.
        "block" => ("block end".to_owned(), 1 + HEADER),
        // An `if` before it and an `end` after it.
        "else" => ("if else end".to_owned(), 765 + HEADER + end),
        "end" => ("block end".to_owned(), 1),
        _ => (name.to_owned(), 0),
    }
}

/// Price that the rules give to a function of `unreachable`, the operator with its context, `unreachable`, `end`.
fn expected(name: &str, price: u64, context: u64) -> u64 {
    let ends = ENDS.split(' ').any(|end| end == name);
    let own_header = if ends { HEADER } else { 0 };
    1 + price + own_header + context + 1 + 1 + HEADER
}

#[test]
fn every_operator_costs_what_the_table_says() {
    for (price, row) in TABLE {
        for name in row.split_whitespace() {
            let (code, context) = in_context(name);
            let found = static_ink(&format!("unreachable {code} unreachable"));
            assert_eq!(found, expected(name, price, context), "{name}");
        }
    }
}

#[test]
fn a_branch_table_costs_by_its_targets_without_the_default() {
    for targets in [0, 1, 2, 7, 100] {
        let code = format!("br_table {}0", "0 ".repeat(targets as usize));
        let found = static_ink(&format!("unreachable {code} unreachable"));
        let price = 2400 + 325 * targets;
        assert_eq!(
            found,
            expected("br_table", price, 0),
            "{targets} targets beside the default"
        );
    }
}

#[test]
fn an_indirect_call_costs_by_the_parameters_of_its_type() {
    for (ty, params) in [("", 0), ("(param i32)", 1), ("(type $five)", 5)] {
        let found = static_ink(&format!("unreachable call_indirect {ty} unreachable"));
        let price = 13_610 + 650 * params;
        assert_eq!(found, expected("call_indirect", price, 0), "{ty}");
    }
}

#[test]
fn a_block_with_a_float_can_never_be_paid() {
    for float in [
        "f32.const 0",
        "f64.const 0",
        "f32.load",
        "f64.load",
        "f32.store",
        "f64.store",
    ] {
        let found = static_ink(&format!("unreachable {float} unreachable"));
        assert_eq!(found, u64::MAX, "{float}");
    }
}

/// Names of wasmparser's operators of the proposals that the chain has, as `I32Extend8S`.
fn operators_of_the_chain() -> BTreeSet<String> {
    macro_rules! names {
        ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident $arity:tt )*) => {
            [$( (stringify!($proposal), stringify!($op)) ),*]
        };
    }
    let all = wasmparser::for_each_operator!(names);
    let of_mvp = all
        .into_iter()
        .filter(|(proposal, _)| matches!(*proposal, "mvp" | "sign_extension"))
        .map(|(_, name)| name);
    of_mvp
        .chain(["MemoryCopy", "MemoryFill"])
        .filter(|name| !name.contains("F32") && !name.contains("F64"))
        .map(str::to_owned)
        .collect()
}

/// `i32.extend8_s` as `I32Extend8S`.
fn camel_case(name: &str) -> String {
    let capitalised = |part: &str| part[..1].to_uppercase() + &part[1..];
    name.split(['.', '_']).map(capitalised).collect()
}

#[test]
fn the_table_names_every_integer_operator() {
    let named: BTreeSet<String> = TABLE
        .iter()
        .flat_map(|(_, row)| row.split_whitespace())
        .chain(BY_IMMEDIATE)
        .map(camel_case)
        .collect();
    assert_eq!(named, operators_of_the_chain());
}
