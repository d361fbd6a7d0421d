//! The tree of messages to L1, as far as a chain keeps it: of every level the node that waits for its sibling.
//!
//! Its root stands in every block; where there is an L1, messages are executed there by a proof against it.

use revm::primitives::{B256, U256, keccak256};

use super::store::{Arbos, Field, Slots};

/// A node of the tree that a message completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its height above the messages.
    pub level: u64,
    /// Number of the message that completed it.
    pub leaf: u64,
    /// Its hash.
    pub hash: B256,
}

impl Node {
    /// Level and message in one number, as events have it.
    pub fn position(&self) -> U256 {
        (U256::from(self.level) << 192) | U256::from(self.leaf)
    }
}

/// The messages sent so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sends {
    /// How many.
    pub count: u64,
    /// The nodes that wait, from the lowest level on; 0 where none waits.
    pub waiting: Vec<B256>,
}

impl Sends {
    /// Root of the tree; places that no message has are 0.
    pub fn root(&self) -> B256 {
        let mut root: Option<(usize, B256)> = None;
        for (level, node) in self.waiting.iter().enumerate() {
            if node.is_zero() {
                continue;
            }
            root = Some(match root {
                None => (level, *node),
                Some((height, below)) => {
                    let filled = (height..level).fold(below, |hash, _| pair(hash, B256::ZERO));
                    (level + 1, pair(*node, filled))
                }
            });
        }
        root.map_or(B256::ZERO, |(_, hash)| hash)
    }
}

/// Levels at which nodes may wait when `count` messages were sent.
pub const fn levels(count: u64) -> u64 {
    (u64::BITS - count.leading_zeros()) as u64
}

fn pair(left: B256, right: B256) -> B256 {
    keccak256([left, right].concat())
}

impl<S: Slots> Arbos<'_, S> {
    /// The messages sent so far.
    pub fn sends(&mut self) -> Sends {
        let count = self.field(Field::SendCount).saturating_to();
        Sends {
            count,
            waiting: (0..levels(count)).map(|level| self.send(level)).collect(),
        }
    }

    /// Adds a message by its hash; gives the nodes that it completed, from the lowest on.
    pub fn append_send(&mut self, message: B256) -> Vec<Node> {
        let leaf: u64 = self.field(Field::SendCount).saturating_to();
        self.set_field(Field::SendCount, U256::from(leaf) + U256::ONE);
        // Hashed again, so that no message is taken for an inner node.
        let mut hash = keccak256(message);
        let mut completed: Vec<Node> = Vec::new();
        for level in 0.. {
            let waiting = self.send(level);
            if waiting.is_zero() {
                self.set_send(level, hash);
                break;
            }
            self.set_send(level, B256::ZERO);
            hash = pair(waiting, hash);
            let level = level + 1;
            completed.push(Node { level, leaf, hash });
        }
        completed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::State;

    /// Root by the definition: messages hashed, filled up with 0 to a power of two, hashed in pairs.
    fn plain_root(messages: &[B256]) -> B256 {
        let mut row: Vec<B256> = messages.iter().map(keccak256).collect();
        row.resize(row.len().next_power_of_two(), B256::ZERO);
        while row.len() > 1 {
            row = row
                .chunks(2)
                .map(|nodes| match nodes {
                    // An empty subtree is 0, whatever its height.
                    [left, right] if left.is_zero() && right.is_zero() => B256::ZERO,
                    [left, right] => pair(*left, *right),
                    _ => B256::ZERO,
                })
                .collect();
        }
        row.first().copied().unwrap_or_default()
    }

    #[test]
    fn the_root_is_that_of_the_whole_tree() {
        let mut state = State::default();
        let mut arbos = Arbos(&mut state);
        let mut messages = Vec::new();
        assert_eq!(arbos.sends().root(), B256::ZERO);
        for number in 0..20 {
            messages.push(B256::with_last_byte(number));
            arbos.append_send(B256::with_last_byte(number));
            assert_eq!(arbos.sends().root(), plain_root(&messages), "{number}");
        }
    }

    #[test]
    fn every_second_message_completes_a_node() {
        let mut state = State::default();
        let mut arbos = Arbos(&mut state);
        let mut completed = || {
            let nodes = arbos.append_send(B256::ZERO);
            nodes.iter().map(Node::position).collect::<Vec<_>>()
        };
        let position = |level: u64, leaf: u64| (U256::from(level) << 192) + U256::from(leaf);
        assert_eq!(completed(), Vec::<U256>::new());
        assert_eq!(completed(), [position(1, 1)]);
        assert_eq!(completed(), Vec::<U256>::new());
        assert_eq!(completed(), [position(1, 3), position(2, 3)]);
    }
}
