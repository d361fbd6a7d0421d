//! The metered form of random contracts, run by an engine that knows nothing of Stylus, takes exactly the ink and stack
//! depth that an interpreter counts on the original, operator by operator.

#![allow(
    clippy::unwrap_used,
    reason = "a module that does not load fails the test"
)]

mod arithmetic;
#[path = "../common/mod.rs"]
mod common;
mod compare;
#[path = "../common/corpus.rs"]
mod corpus;
mod host;
mod interpreter;
mod loading;
mod metered;
mod recorded;

use compare::{Pair, STACK_WORDS, compare_endings};
use interpreter::Exit;
use metered::Metered;
use stylus_rules::activate::{ActivationContext, activate};
use stylus_rules::instrument::MAX_INK;

/// How both runs of a module end.
fn end(wasm: &[u8], argument: i32, ink: u64) -> Option<Exit> {
    Some(Pair::new(wasm)?.run(argument, ink, STACK_WORDS).end)
}

#[test]
fn random_modules_take_the_ink_that_is_counted() {
    let (mut returned, mut trapped, mut out_of_ink) = (0, 0, 0);
    for seed in 0..500 {
        let Some(wasm) = common::random_contract(seed) else {
            continue;
        };
        let Some(pair) = Pair::new(&wasm) else {
            continue;
        };
        for (argument, ink) in [(0, 5_000_000), (7, 5_000_000), (-1, 40_000), (1, 9000)] {
            match pair.run(argument, ink, STACK_WORDS).end {
                Exit::Returned(_) => returned += 1,
                Exit::Trapped => trapped += 1,
                Exit::OutOfInk => out_of_ink += 1,
                Exit::OutOfStack => {}
            }
        }
    }
    println!("{returned} returned, {trapped} trapped, {out_of_ink} ran out of ink");
    assert!(
        returned > 100 && trapped > 100 && out_of_ink > 100,
        "{returned} returned, {trapped} trapped, {out_of_ink} out of ink"
    );
}

#[test]
fn what_fuzzing_the_instrumenter_kept_takes_the_ink_that_is_counted() {
    let accepted = corpus::count("instrument", |input| {
        common::contract_of(input).is_some_and(|wasm| compare_endings(&wasm).is_some())
    });
    assert!(accepted > 1000, "only {accepted} were accepted");
}

fn contract(functions: &str) -> Vec<u8> {
    wat::parse_str(format!(
        "(module (memory (export \"memory\") 1 1) {functions})"
    ))
    .unwrap()
}

#[test]
fn ink_of_the_figures_in_the_rules() {
    let spent = |body: &str| {
        let entry = format!(
            "(func (export \"user_entrypoint\") (param i32) (result i32) {body} i32.const 0)"
        );
        let program = activate(
            &contract(&entry),
            &ActivationContext::for_arbos(51),
            u64::MAX,
        )
        .unwrap()
        .program;
        let ink = 1_000_000;
        ink - Metered::new(&program).run(0, ink, STACK_WORDS).ink_left
    };
    let empty = 2452;
    assert_eq!(spent(""), empty);
    assert_eq!(
        spent("(if (i32.const 1) (then nop) (else nop nop))"),
        empty + 5668
    );
    assert_eq!(
        spent("(if (i32.const 0) (then nop) (else nop nop))"),
        empty + 5669
    );
    assert_eq!(spent("(if (i32.const 0) (then nop))"), empty + 3216);
    assert_eq!(spent("(if (i32.const 1) (then nop))"), empty + 5668);
    assert_eq!(spent("(block (br 0))"), empty + 3216);
    assert_eq!(
        spent("(memory.fill (i32.const 0) (i32.const 0) (i32.const 50))"),
        empty + 3 + 950 + 50 * 100
    );
}

#[test]
fn recursion_ends_when_the_stack_depth_does() {
    let wasm = contract(
        "(func $f (export \"user_entrypoint\") (param i32) (result i32) (call $f (local.get 0)))",
    );
    assert_eq!(end(&wasm, 0, MAX_INK), Some(Exit::OutOfStack));
}

#[test]
fn a_branch_to_the_functions_own_label_keeps_its_frame() {
    let wasm = contract(
        "(func $leaf (br 0))
         (func (export \"user_entrypoint\") (param i32) (result i32) (call $leaf) (call $leaf) (i32.const 3))",
    );
    assert_eq!(end(&wasm, 0, 100_000), Some(Exit::Returned(3)));
}

#[test]
fn all_the_ink_there_is_can_be_used() {
    let wasm =
        contract("(func (export \"user_entrypoint\") (param i32) (result i32) (i32.const 0))");
    assert_eq!(end(&wasm, 0, MAX_INK), Some(Exit::Returned(0)));
    assert_eq!(end(&wasm, 0, 2452), Some(Exit::Returned(0)));
    assert_eq!(end(&wasm, 0, 2451), Some(Exit::OutOfInk));
}
