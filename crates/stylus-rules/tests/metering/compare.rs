//! Both runs of one module, and that they are equal. The fuzz target `instrument` uses it too.

#![allow(dead_code, reason = "each user takes its own part")]

use stylus_rules::activate::{ActivationContext, activate};
use stylus_rules::instrument::Instrumented;

use super::interpreter::{Exit, Interpreter, Outcome};
use super::metered::run_metered;

/// The deepest recursion of a generated module stays well within the interpreter's own stack.
pub const STACK_WORDS: u32 = 2000;

/// Compares both runs of one module; what came of them, or `None` if the module is not accepted.
pub fn compare(wasm: &[u8], argument: i32, ink: u64, stack_words: u32) -> Option<Outcome> {
    Some(run_both(wasm, &program(wasm)?, argument, ink, stack_words))
}

/// Compares runs that end in different places: with ink for all of the program, with ink that ends on the way, and with
/// stack depth that does. How the first one ended, or `None` if the module is not accepted.
pub fn compare_endings(wasm: &[u8]) -> Option<Exit> {
    const INK: u64 = 2_000_000;
    let program = program(wasm)?;
    let all = run_both(wasm, &program, 7, INK, STACK_WORDS);
    let spent = INK - all.ink_left;
    for ink in [spent, spent.saturating_sub(1), spent / 3] {
        run_both(wasm, &program, 7, ink, STACK_WORDS);
    }
    run_both(wasm, &program, -1, INK, STACK_WORDS / 50);
    Some(all.end)
}

fn program(wasm: &[u8]) -> Option<Instrumented> {
    let activated = activate(wasm, &ActivationContext::for_arbos(51), u64::MAX);
    activated.ok().map(|activated| activated.program)
}

fn run_both(
    wasm: &[u8],
    program: &Instrumented,
    argument: i32,
    ink: u64,
    stack_words: u32,
) -> Outcome {
    let frames = program
        .functions
        .iter()
        .map(|function| function.frame_words)
        .collect();
    let counted = Interpreter::new(wasm, frames)
        .unwrap()
        .run(argument, ink, stack_words);
    assert_eq!(
        run_metered(program, argument, ink, stack_words),
        counted,
        "argument {argument}, ink {ink}, stack {stack_words}, module {}",
        hex::encode(wasm)
    );
    counted
}
