//! The storage cache of one program frame (rules 4.1).

use std::collections::BTreeMap;

use revm::primitives::U256;
use stylus_rules::prices::evm::{storage_read_fee, storage_write_fee};

#[derive(Clone, Copy, Debug)]
struct Cached {
    value: U256,
    /// What the chain holds, where the program has read or flushed it.
    known: Option<U256>,
}

impl Cached {
    fn is_dirty(&self) -> bool {
        self.known != Some(self.value)
    }
}

/// Slots that the program has read or written. Kept in the order of their keys, so that a flush is deterministic.
#[derive(Clone, Debug, Default)]
pub struct StorageCache {
    slots: BTreeMap<U256, Cached>,
    reads: u64,
    writes: u64,
}

impl StorageCache {
    /// Counts a read and gives its fee in gas.
    pub fn read_fee(&mut self) -> u64 {
        self.reads += 1;
        storage_read_fee(self.reads)
    }

    /// Counts a write and gives its fee in gas.
    pub fn write_fee(&mut self) -> u64 {
        self.writes += 1;
        storage_write_fee(self.writes)
    }

    /// The cached value.
    pub fn get(&self, key: U256) -> Option<U256> {
        self.slots.get(&key).map(|slot| slot.value)
    }

    /// Remembers what the chain holds.
    pub fn learn(&mut self, key: U256, value: U256) {
        self.slots.insert(
            key,
            Cached {
                value,
                known: Some(value),
            },
        );
    }

    /// Changes the cached value.
    pub fn write(&mut self, key: U256, value: U256) {
        self.slots
            .entry(key)
            .and_modify(|slot| slot.value = value)
            .or_insert(Cached { value, known: None });
    }

    /// Slots that a flush must write.
    pub fn dirty(&self) -> Vec<(U256, U256)> {
        self.slots
            .iter()
            .filter(|(_, slot)| slot.is_dirty())
            .map(|(key, slot)| (*key, slot.value))
            .collect()
    }

    /// Marks every slot as written.
    pub fn mark_flushed(&mut self) {
        for slot in self.slots.values_mut() {
            slot.known = Some(slot.value);
        }
    }

    /// Forgets all slots; the counts of reads and writes go on.
    pub fn clear(&mut self) {
        self.slots.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: U256 = U256::ONE;

    #[test]
    fn writing_back_the_known_value_is_clean() {
        let mut cache = StorageCache::default();
        cache.learn(KEY, U256::from(5));
        cache.write(KEY, U256::from(6));
        assert_eq!(cache.dirty(), [(KEY, U256::from(6))]);
        cache.write(KEY, U256::from(5));
        assert!(cache.dirty().is_empty());
    }

    #[test]
    fn an_unread_slot_is_dirty_whatever_is_written() {
        let mut cache = StorageCache::default();
        cache.write(KEY, U256::ZERO);
        assert_eq!(cache.dirty().len(), 1);
        cache.mark_flushed();
        assert!(cache.dirty().is_empty());
    }

    #[test]
    fn fees_rise_with_the_number_of_accesses() {
        let mut cache = StorageCache::default();
        let fees: Vec<_> = (0..129).map(|_| cache.read_fee()).collect();
        assert_eq!((fees[31], fees[32], fees[127], fees[128]), (0, 2, 2, 10));
        let fees: Vec<_> = (0..65).map(|_| cache.write_fee()).collect();
        assert_eq!((fees[7], fees[8], fees[63], fees[64]), (0, 7, 7, 10));
    }
}
