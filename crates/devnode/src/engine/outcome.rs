//! How a program ends and what its frame was charged.

use revm::primitives::Bytes;

/// What ends a program from within a host function.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The ink has run out: the frame loses all its gas.
    #[error("out of ink")]
    OutOfInk,
    /// The host function cannot do what was asked: the frame reverts without data and keeps its gas.
    #[error("host function failed: {0}")]
    Failure(&'static str),
    /// `exit_early` with this status.
    #[error("exit with status {0}")]
    Exit(u32),
    /// The EVM's machinery failed; never the contract's doing.
    #[error("{0}")]
    Machine(String),
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Entry point or `exit_early` gave 0.
    Success,
    /// Entry point or `exit_early` gave anything else.
    Revert,
    /// A trap or a failed host function, with the cause in words.
    Failure(String),
    /// No ink left.
    OutOfInk,
    /// No stack depth left.
    OutOfStack,
}

impl Ending {
    /// The ending by its name alone.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::Revert => "Revert",
            Self::Failure(_) => "Failure",
            Self::OutOfInk => "OutOfInk",
            Self::OutOfStack => "OutOfStack",
        }
    }
}

/// What a program did.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// What it set as its result.
    pub output: Bytes,
    /// Ink left.
    pub ink_left: u64,
    /// Stack depth left, in words.
    pub stack_left: u32,
    /// Refund that its storage writes earned, sub-calls included.
    pub refund: i64,
}

/// The charges of one program frame, for `replay`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgramFrame {
    /// Gas that the frame began with.
    pub gas_start: u64,
    /// Gas of opening the program's memory.
    pub memory_gas: u64,
    /// Gas of starting it, memory aside.
    pub start_gas: u64,
    /// Ink at the entry point.
    pub ink_start: u64,
    /// Ink at the end.
    pub ink_left: u64,
    /// Gas that the frame gave back.
    pub gas_left: u64,
    /// Least gas that the return data costs.
    pub return_data_floor: u64,
    /// Words of stack depth left.
    pub stack_left: u32,
    /// How the program ended, by name.
    pub status: &'static str,
}
