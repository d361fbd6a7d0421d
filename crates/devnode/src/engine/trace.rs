//! The host functions that a transaction called, as `stylusTracer` shows them (rules 14).

use revm::primitives::Bytes;

/// Bytes of a trace, each call counted with a fixed part: about what an answer may hold.
const MAX_BYTES: usize = 16 << 20;
/// What a call counts beside its arguments and results.
const FIXED: usize = 64;

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

/// The calls of a transaction in the order in which they ended, as far as there is room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    entries: Vec<Entry>,
    bytes: usize,
}

impl Trace {
    /// Adds a call; those beyond the limit are only counted.
    pub fn push(&mut self, entry: Entry) {
        self.bytes = self
            .bytes
            .saturating_add(FIXED + entry.args.len() + entry.outs.len());
        if self.bytes <= MAX_BYTES {
            self.entries.push(entry);
        }
    }

    /// All calls, or `None` where they were too many.
    pub fn entries(&self) -> Option<&[Entry]> {
        (self.bytes <= MAX_BYTES).then_some(&self.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_without_end_is_not_kept() {
        let entry = Entry {
            name: "write_result",
            args: vec![0; MAX_BYTES / 2].into(),
            outs: Bytes::new(),
            start_ink: 2,
            end_ink: 1,
        };
        let mut trace = Trace::default();
        trace.push(entry.clone());
        assert_eq!(trace.entries().map(<[_]>::len), Some(1));
        trace.push(entry.clone());
        trace.push(entry);
        assert_eq!(trace.entries(), None);
    }
}
