//! What is stored about activated programs and when one may run (rules 6.1, 7.4).

use stylus_rules::fees::{self, ProgramInfo};
use stylus_rules::params::StylusParams;

/// Seconds of a day.
pub const DAY: u64 = 86_400;

/// The stored entry of one code hash; version 0 means "never activated".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProgramEntry {
    /// Stylus version of the activation.
    pub version: u16,
    /// Cost of starting it, before scaling.
    pub init_cost: u16,
    /// Cost of starting it when cached, before scaling.
    pub cached_cost: u16,
    /// Initial pages of its memory.
    pub footprint: u16,
    /// Hours since Arbitrum's start at which it was activated or last kept alive.
    pub activated_at: u32,
    /// Estimate of the compiled size, in KB.
    pub asm_estimate_kb: u32,
    /// Whether a cache manager cached it.
    pub cached: bool,
}

/// Why a program may not run or be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Inactive {
    /// Never activated.
    #[error("error ProgramNotActivated()")]
    NotActivated,
    /// Activated for another Stylus version.
    #[error("error ProgramNeedsUpgrade({version}, {current})")]
    NeedsUpgrade {
        /// Version of the activation.
        version: u16,
        /// Version of the chain.
        current: u16,
    },
    /// Activated too long ago.
    #[error("error ProgramExpired({0})")]
    Expired(u64),
}

impl ProgramEntry {
    /// The entry of a fresh activation.
    pub fn activated(info: &ProgramInfo, now: u64) -> Self {
        Self {
            version: info.version,
            init_cost: info.init_cost,
            cached_cost: info.cached_cost,
            footprint: info.footprint,
            activated_at: fees::hours_since_start(now),
            asm_estimate_kb: info.asm_estimate_kb(),
            cached: false,
        }
    }

    /// Seconds since the activation.
    pub fn age(&self, now: u64) -> u64 {
        fees::age(self.activated_at, now)
    }

    /// Whether the program may run now (rules 6.1).
    pub fn check_active(&self, params: &StylusParams, now: u64) -> Result<(), Inactive> {
        self.check_version(params)?;
        let age = self.age(now);
        if age > u64::from(params.expiry_days) * DAY {
            return Err(Inactive::Expired(age));
        }
        Ok(())
    }

    /// Whether the program was activated for the chain's Stylus version.
    pub fn check_version(&self, params: &StylusParams) -> Result<(), Inactive> {
        if self.version == 0 {
            return Err(Inactive::NotActivated);
        }
        if self.version != params.version {
            return Err(Inactive::NeedsUpgrade {
                version: self.version,
                current: params.version,
            });
        }
        Ok(())
    }

    /// The word that is stored, big-endian (rules 7.4).
    pub fn pack(&self) -> [u8; 32] {
        let mut word = [0; 32];
        word[0..2].copy_from_slice(&self.version.to_be_bytes());
        word[2..4].copy_from_slice(&self.init_cost.to_be_bytes());
        word[4..6].copy_from_slice(&self.cached_cost.to_be_bytes());
        word[6..8].copy_from_slice(&self.footprint.to_be_bytes());
        word[8..11].copy_from_slice(&self.activated_at.to_be_bytes()[1..]);
        word[11..14].copy_from_slice(&self.asm_estimate_kb.to_be_bytes()[1..]);
        word[14] = u8::from(self.cached);
        word
    }

    /// Reads what [`Self::pack`] wrote.
    pub fn unpack(word: &[u8; 32]) -> Self {
        let short = |at: usize| u16::from_be_bytes([word[at], word[at + 1]]);
        let medium = |at: usize| u32::from_be_bytes([0, word[at], word[at + 1], word[at + 2]]);
        Self {
            version: short(0),
            init_cost: short(2),
            cached_cost: short(4),
            footprint: short(6),
            activated_at: medium(8),
            asm_estimate_kb: medium(11),
            cached: word[14] != 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: ProgramEntry = ProgramEntry {
        version: 2,
        init_cost: 62,
        cached_cost: 11,
        footprint: 1,
        activated_at: 0x00ab_cdef,
        asm_estimate_kb: 0x0001_0203,
        cached: true,
    };

    #[test]
    fn the_packed_word_reads_back() {
        assert_eq!(ProgramEntry::unpack(&ENTRY.pack()), ENTRY);
        assert_eq!(ProgramEntry::unpack(&[0; 32]), ProgramEntry::default());
    }

    #[test]
    fn a_program_expires_one_second_after_its_last_day() {
        let params = StylusParams::for_arbos(51);
        let start = fees::ARBITRUM_START + u64::from(ENTRY.activated_at) * 3600;
        let last = start + 365 * DAY;
        assert_eq!(ENTRY.check_active(&params, last), Ok(()));
        assert_eq!(
            ENTRY.check_active(&params, last + 1),
            Err(Inactive::Expired(365 * DAY + 1))
        );
    }

    #[test]
    fn another_version_needs_an_upgrade() {
        let params = StylusParams::for_arbos(30);
        assert_eq!(
            ENTRY.check_version(&params),
            Err(Inactive::NeedsUpgrade {
                version: 2,
                current: 1
            })
        );
        assert_eq!(
            ProgramEntry::default().check_version(&params),
            Err(Inactive::NotActivated)
        );
    }
}
