//! The host that both runs ask: it answers every function of `vm_hooks` alike, takes a fixed price, and remembers what it
//! was asked and how much ink it found. It touches no memory.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Ink that every host function takes.
const PRICE: u64 = 8400;

/// One call of a host function.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asked {
    pub name: String,
    pub arguments: Vec<u64>,
    pub ink: u64,
}

/// The host: what it was asked so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Host(pub Vec<Asked>);

impl Host {
    /// Takes a call; the value that it answers and the ink that is left, or nothing if the ink does not suffice.
    ///
    /// The value depends on all that was asked, so that a difference anywhere makes one in the program.
    pub fn ask(&mut self, name: &str, arguments: &[u64], ink: u64) -> Option<(u64, u64)> {
        self.0.push(Asked {
            name: name.to_owned(),
            arguments: arguments.to_vec(),
            ink,
        });
        let mut hash = DefaultHasher::new();
        self.0.last().hash(&mut hash);
        Some((hash.finish(), ink.checked_sub(PRICE)?))
    }
}
