//! Stylus' chain parameters (rules 1.2).

/// What the chain owner can set about Stylus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StylusParams {
    /// Stylus version, 1 or 2.
    pub version: u16,
    /// Ink per gas; stored in 24 bits.
    pub ink_price: u32,
    /// Stack depth in words that a program may use.
    pub max_stack_depth: u32,
    /// Pages of memory per transaction that cost nothing.
    pub free_pages: u16,
    /// Gas per page above the free ones.
    pub page_gas: u16,
    /// Pages that the programs of a transaction may have open at activation.
    pub page_limit: u16,
    /// Least gas of starting a program, in units of 128 gas.
    pub min_init_gas: u8,
    /// Least gas of starting a cached program, in units of 32 gas.
    pub min_cached_init_gas: u8,
    /// Share of the start cost that is charged, in units of 2 percent.
    pub init_cost_scalar: u8,
    /// Share of the cached start cost that is charged, in units of 2 percent.
    pub cached_cost_scalar: u8,
    /// Days after which an activation expires.
    pub expiry_days: u16,
    /// Days after which an activation may be prolonged.
    pub keepalive_days: u16,
    /// Number of programs of one block that count as cached (from ArbOS 60).
    pub block_cache_size: u16,
    /// Largest wasm in bytes, uncompressed.
    pub max_wasm_size: u32,
    /// Largest number of fragments of one program; 0 before ArbOS 60.
    pub max_fragment_count: u8,
}

/// Gas per unit of [`StylusParams::min_init_gas`].
pub const MIN_INIT_GAS_UNIT: u64 = 128;
/// Gas per unit of [`StylusParams::min_cached_init_gas`].
pub const MIN_CACHED_GAS_UNIT: u64 = 32;
/// Percent per unit of the cost scalars.
pub const COST_SCALAR_PERCENT: u64 = 2;
/// Figure reported by `pageRamp()` and used nowhere; the ramp itself is [`crate::pages::RAMP`].
pub const PAGE_RAMP: u64 = 620_674_314;

impl StylusParams {
    /// Parameters of a chain that starts at this ArbOS version (rules 1.1, 1.2, 14).
    pub const fn for_arbos(arbos: u64) -> Self {
        Self {
            version: if arbos < 31 { 1 } else { 2 },
            ink_price: 10_000,
            max_stack_depth: if arbos < 50 { 262_144 } else { 22_000 },
            free_pages: 2,
            page_gas: 1000,
            page_limit: 128,
            min_init_gas: if arbos < 31 { 72 } else { 69 },
            min_cached_init_gas: 11,
            init_cost_scalar: 50,
            cached_cost_scalar: 50,
            expiry_days: 365,
            keepalive_days: 31,
            block_cache_size: 32,
            max_wasm_size: if arbos < 61 { 128 * 1024 } else { 256 * 1024 },
            max_fragment_count: match arbos {
                0..=59 => 0,
                60 => 2,
                _ => 4,
            },
        }
    }

    /// Gas of starting a program that is not cached (rules 6.2), without [`Self::cached_gas`]; `cost` is its stored
    /// init cost.
    pub fn init_gas(&self, cost: u16) -> u64 {
        u64::from(self.min_init_gas) * MIN_INIT_GAS_UNIT + scaled(cost, self.init_cost_scalar)
    }

    /// Gas of starting a cached program (rules 6.2); `cost` is its stored cached cost.
    pub fn cached_gas(&self, cost: u16) -> u64 {
        u64::from(self.min_cached_init_gas) * MIN_CACHED_GAS_UNIT
            + scaled(cost, self.cached_cost_scalar)
    }

    /// Gas of starting a program before its memory is counted (rules 6.2). From version 2 on the cached part is paid
    /// by uncached calls too.
    pub fn call_gas(&self, init_cost: u16, cached_cost: u16, cached: bool) -> u64 {
        let cached_part = if cached || self.version > 1 {
            self.cached_gas(cached_cost)
        } else {
            0
        };
        let init_part = if cached { 0 } else { self.init_gas(init_cost) };
        cached_part + init_part
    }

    /// The word that ArbOS stores: big-endian fields from the first byte on (rules 1.2).
    pub fn pack(&self) -> [u8; 32] {
        let mut word = [0; 32];
        let mut at = 0;
        let mut put = |bytes: &[u8]| {
            word[at..at + bytes.len()].copy_from_slice(bytes);
            at += bytes.len();
        };
        put(&self.version.to_be_bytes());
        put(&self.ink_price.to_be_bytes()[1..]);
        put(&self.max_stack_depth.to_be_bytes());
        put(&self.free_pages.to_be_bytes());
        put(&self.page_gas.to_be_bytes());
        put(&self.page_limit.to_be_bytes());
        put(&[self.min_init_gas, self.min_cached_init_gas]);
        put(&[self.init_cost_scalar, self.cached_cost_scalar]);
        put(&self.expiry_days.to_be_bytes());
        put(&self.keepalive_days.to_be_bytes());
        put(&self.block_cache_size.to_be_bytes());
        put(&self.max_wasm_size.to_be_bytes());
        put(&[self.max_fragment_count]);
        word
    }

    /// Reads what [`Self::pack`] wrote.
    pub fn unpack(word: &[u8; 32]) -> Self {
        let u16_at = |at: usize| u16::from_be_bytes([word[at], word[at + 1]]);
        let u32_at =
            |at: usize| u32::from_be_bytes([word[at], word[at + 1], word[at + 2], word[at + 3]]);
        Self {
            version: u16_at(0),
            ink_price: u32_at(1) & 0x00ff_ffff,
            max_stack_depth: u32_at(5),
            free_pages: u16_at(9),
            page_gas: u16_at(11),
            page_limit: u16_at(13),
            min_init_gas: word[15],
            min_cached_init_gas: word[16],
            init_cost_scalar: word[17],
            cached_cost_scalar: word[18],
            expiry_days: u16_at(19),
            keepalive_days: u16_at(21),
            block_cache_size: u16_at(23),
            max_wasm_size: u32_at(25),
            max_fragment_count: word[29],
        }
    }
}

/// `ceil(cost * scalar * 2 / 100)`.
fn scaled(cost: u16, scalar: u8) -> u64 {
    (u64::from(cost) * u64::from(scalar) * COST_SCALAR_PERCENT).div_ceil(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packed_word_reads_back() {
        for arbos in [30, 31, 32, 40, 50, 51, 60, 61] {
            let params = StylusParams {
                ink_price: 0x00ab_cdef,
                ..StylusParams::for_arbos(arbos)
            };
            assert_eq!(StylusParams::unpack(&params.pack()), params);
        }
    }

    #[test]
    fn a_launch_chain_starts_programs_for_9216_gas() {
        assert_eq!(StylusParams::for_arbos(30).init_gas(0), 9216);
        assert_eq!(StylusParams::for_arbos(51).init_gas(0), 8832);
        assert_eq!(StylusParams::for_arbos(51).cached_gas(0), 352);
        assert_eq!(
            StylusParams::for_arbos(51).call_gas(0, 0, false),
            8832 + 352
        );
        assert_eq!(StylusParams::for_arbos(30).call_gas(0, 0, false), 9216);
    }

    #[test]
    fn scaled_costs_are_rounded_up() {
        let params = StylusParams {
            init_cost_scalar: 1,
            ..StylusParams::for_arbos(51)
        };
        assert_eq!(params.init_gas(1), 8832 + 1);
        assert_eq!(params.init_gas(50), 8832 + 1);
        assert_eq!(params.init_gas(51), 8832 + 2);
    }
}
