//! Words of a stack frame: worst operand height + declared locals + 4 (rules 2.4, 15.15).

#![allow(
    clippy::unwrap_used,
    reason = "a module that cannot be built fails the test"
)]

use stylus_rules::activate::{ActivationContext, activate};

/// Words of the frame of a function with this body.
fn frame(body: &str) -> u32 {
    let wat = format!(
        "(module
            (type $two_to_one (func (param i32 i32) (result i32)))
            (type $to_two (func (result i32 i32)))
            (memory (export \"memory\") 1 1)
            (table 1 1 funcref)
            (global $g (mut i32) (i32.const 0))
            (func (export \"user_entrypoint\") (param i32) (result i32) i32.const 0)
            (func $pair (result i32 i32) i32.const 1 i32.const 2)
            (func $sum (param i32 i32) (result i32) i32.const 0)
            (func (param i32 i64) {body}))"
    );
    let wasm = wat::parse_str(&wat).unwrap();
    let activated = activate(&wasm, &ActivationContext::for_arbos(51), u64::MAX).unwrap();
    activated.program.functions.last().unwrap().frame_words
}

/// A function that does nothing: the header of its one block is two operands above an empty stack.
const HEADER: u32 = 2;
const FIXED: u32 = 4;

#[test]
fn parameters_do_not_count_and_locals_do() {
    assert_eq!(frame(""), HEADER + FIXED);
    assert_eq!(frame("(local i32 i64 i64)"), HEADER + 3 + FIXED);
}

#[test]
fn operands_count_at_their_highest() {
    assert_eq!(
        frame("i32.const 1 i32.const 2 i32.const 3 drop drop drop"),
        3 + FIXED
    );
    assert_eq!(
        frame("local.get 0 global.get $g i32.add memory.size i32.add i32.eqz drop"),
        2 + FIXED
    );
    assert_eq!(
        frame("i32.const 0 i32.const 0 i32.const 0 select drop"),
        3 + FIXED
    );
    assert_eq!(frame("i32.const 0 i32.const 0 i32.store"), 2 + FIXED);
}

#[test]
fn each_blocks_header_stands_on_what_is_there() {
    // Three operands wait while a branch ends one block and another begins.
    let waiting = "i32.const 1 i32.const 2 i32.const 3";
    let body = format!("block {waiting} i32.const 0 br_if 0 drop drop drop end");
    assert_eq!(frame(&body), 3 + HEADER + FIXED);
}

#[test]
fn a_calls_results_count_before_its_parameters_are_gone() {
    assert_eq!(
        frame("i32.const 1 i32.const 2 call $sum drop"),
        2 + 1 + FIXED
    );
    assert_eq!(
        frame("i32.const 1 i32.const 2 i32.const 0 call_indirect (type $two_to_one) drop"),
        3 + 1 + FIXED
    );
    // The block after the call begins on both results.
    assert_eq!(frame("call $pair drop drop"), 2 + HEADER + FIXED);
}

#[test]
fn a_blocks_results_count_from_its_start() {
    // The result of the block counts before the constant that becomes it; the block ends in one header above both.
    assert_eq!(
        frame("block (result i32) i32.const 1 i32.const 2 drop end drop"),
        1 + 2 + FIXED
    );
    // Two results of a function type.
    assert_eq!(
        frame("block (type $to_two) i32.const 1 i32.const 2 end drop drop"),
        2 + 2 + FIXED
    );
}

#[test]
fn the_height_goes_on_after_a_branch_and_back_at_an_end() {
    // Dead code after `br` counts; after `end` the height is what it was.
    assert_eq!(
        frame("block br 0 i32.const 1 i32.const 2 i32.const 3 drop drop drop end"),
        3 + FIXED
    );
    // The block that is the `end` after `br` begins on the two operands; the one after it on none.
    assert_eq!(
        frame("block i32.const 1 i32.const 2 br 0 end i32.const 1 drop"),
        2 + HEADER + FIXED
    );
}

#[test]
fn filling_and_copying_memory_reaches_six_words() {
    // Destination and value wait, the length is put aside, four operands stand above (rules 15.15).
    let operands = "i32.const 0 i32.const 0 i32.const 0";
    assert_eq!(frame(&format!("{operands} memory.fill")), 2 + 4 + FIXED);
    assert_eq!(frame(&format!("{operands} memory.copy")), 2 + 4 + FIXED);
}
