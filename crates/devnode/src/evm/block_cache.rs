//! Programs that were called in this block already (rules 11.2).

use std::collections::VecDeque;

use revm::primitives::B256;

/// The code hashes called last in a block, at most as many as the chain's parameter says. Reverts do not touch it.
#[derive(Clone, Debug, Default)]
pub struct BlockCache(VecDeque<B256>);

impl BlockCache {
    /// Notes a call of `code_hash` and tells whether it was there already.
    pub fn insert(&mut self, code_hash: B256, capacity: usize) -> bool {
        let known = self.0.iter().position(|hash| *hash == code_hash);
        if let Some(at) = known {
            self.0.remove(at);
        }
        self.0.push_back(code_hash);
        while self.0.len() > capacity {
            self.0.pop_front();
        }
        known.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_called_program_leaves_first() {
        let [a, b, c] = [1, 2, 3].map(B256::with_last_byte);
        let mut cache = BlockCache::default();
        assert!(!cache.insert(a, 2));
        assert!(!cache.insert(b, 2));
        assert!(cache.insert(a, 2));
        assert!(!cache.insert(c, 2));
        assert!(!cache.insert(b, 2));
        assert!(cache.insert(c, 2));
    }
}
