//! The chain's clock: the system's, moved as a client asks.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// What time blocks have.
#[derive(Debug, Default)]
pub struct Clock(Mutex<Setting>);

#[derive(Clone, Copy, Debug, Default)]
struct Setting {
    /// Seconds that the chain is ahead of the system; below 0 where it is behind.
    ahead: i64,
    /// Unix second that the next block must have.
    next: Option<u64>,
}

impl Setting {
    fn time(self) -> u64 {
        now().saturating_add_signed(self.ahead)
    }
}

impl Clock {
    fn setting(&self) -> MutexGuard<'_, Setting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Unix second of the block after one of `parent`.
    pub fn next_block(&self, parent: u64) -> u64 {
        let setting = self.setting();
        setting.next.unwrap_or(setting.time()).max(parent)
    }

    /// Moves the clock ahead; how far it is ahead now.
    pub fn advance(&self, seconds: u64) -> i64 {
        let mut setting = self.setting();
        setting.ahead = setting.ahead.saturating_add_unsigned(seconds);
        setting.ahead
    }

    /// Gives the next block this unix second; the clock goes on from there.
    pub fn set_next(&self, second: u64) {
        self.setting().next = Some(second);
    }

    /// Tells that a block was made of what [`Self::next_block`] gave.
    pub fn block_made(&self) {
        let mut setting = self.setting();
        if let Some(next) = setting.next.take() {
            setting.ahead = next.cast_signed().saturating_sub_unsigned(now());
        }
    }
}

/// The system's present unix second.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR: u64 = 365 * 86_400;

    #[test]
    fn time_goes_on_from_where_it_was_set() {
        let clock = Clock::default();
        let start = now();
        clock.set_next(start + YEAR);
        assert_eq!(clock.next_block(start), start + YEAR);
        clock.block_made();
        let next = clock.next_block(start + YEAR);
        assert!((start + YEAR..start + YEAR + 60).contains(&next), "{next}");
    }

    #[test]
    fn a_block_is_never_before_its_parent() {
        let clock = Clock::default();
        let parent = now() + YEAR;
        assert_eq!(clock.next_block(parent), parent);
        clock.advance(2 * YEAR);
        assert!(clock.next_block(parent) >= parent + YEAR);
    }
}
