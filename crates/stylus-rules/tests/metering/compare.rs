//! Both runs of one module, and that they are equal. The fuzz target `instrument` uses it too.

#![allow(dead_code, reason = "each user takes its own part")]

use stylus_rules::activate::{ActivationContext, activate};

use super::interpreter::{Exit, Interpreter, Outcome};
use super::metered::Metered;

/// The deepest recursion of a generated module stays well within the interpreter's own stack.
pub const STACK_WORDS: u32 = 2000;

/// Compares runs that end in different places: with ink for all of the program, with ink that ends on the way, and with
/// stack depth that does. How the first one ended, or `None` if the module is not accepted.
pub fn compare_endings(wasm: &[u8]) -> Option<Exit> {
    const INK: u64 = 2_000_000;
    let pair = Pair::new(wasm)?;
    let all = pair.run(7, INK, STACK_WORDS);
    let spent = INK - all.ink_left;
    for ink in [spent, spent.saturating_sub(1), spent / 3] {
        pair.run(7, ink, STACK_WORDS);
    }
    pair.run(-1, INK, STACK_WORDS / 50);
    Some(all.end)
}

/// A module as both run it.
pub struct Pair<'w> {
    wasm: &'w [u8],
    /// Words of each function's frame.
    frames: Vec<u32>,
    metered: Metered,
}

impl<'w> Pair<'w> {
    /// `None` if the module is not accepted.
    pub fn new(wasm: &'w [u8]) -> Option<Self> {
        let activated = activate(wasm, &ActivationContext::for_arbos(51), u64::MAX).ok()?;
        let functions = &activated.program.functions;
        Some(Self {
            wasm,
            frames: functions
                .iter()
                .map(|function| function.frame_words)
                .collect(),
            metered: Metered::new(&activated.program),
        })
    }

    /// Runs both; what came of them.
    pub fn run(&self, argument: i32, ink: u64, stack_words: u32) -> Outcome {
        let counted = Interpreter::new(self.wasm, self.frames.clone())
            .unwrap()
            .run(argument, ink, stack_words);
        assert_eq!(
            self.metered.run(argument, ink, stack_words),
            counted,
            "argument {argument}, ink {ink}, stack {stack_words}, module {}",
            hex::encode(self.wasm)
        );
        counted
    }
}
