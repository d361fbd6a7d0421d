//! The host functions that a transaction called, as `stylusTracer` shows them (rules 14).

use revm::primitives::Bytes;

/// One call of a host function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Name in `vm_hooks`.
    pub name: &'static str,
    /// What the program passed in, in the order of the parameters.
    pub args: Bytes,
    /// What it got back.
    pub outs: Bytes,
    /// Ink before.
    pub start_ink: u64,
    /// Ink after.
    pub end_ink: u64,
}

/// All calls of a transaction in the order in which they ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace(pub Vec<Entry>);
