//! What activation costs: engine gas, program info and the data fee (rules 7.2 to 7.4).

/// The figures of a module that its costs are computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ModuleFigures {
    /// Bytes of the wasm, uncompressed, before instrumentation.
    pub wasm_len: u64,
    /// Functions with a body.
    pub functions: u64,
    /// Parameters and results of those functions, summed.
    pub signature_values: u64,
    /// Globals, the four of the instrumentation included.
    pub globals: u64,
    /// Payload bytes of all data segments, passive ones included.
    pub data_bytes: u64,
    /// Bytes of all element segments as encoded.
    pub element_bytes: u64,
    /// Bytes of all data segments as encoded (flag, offset, length, payload).
    pub data_encoded_bytes: u64,
    /// Initial pages of the memory.
    pub pages: u16,
    /// Operators of all bodies after instrumentation.
    pub operators: u64,
}

/// Gas per microsecond of engine time (rules 7.2).
const GAS_PER_MICROSECOND: u64 = 28;
/// First ArbOS version that charges activation by the wasm's length (rules 1.1).
const LENGTH_CHARGE: u64 = 32;

/// Names of [`engine_gas_steps`], in the order of payment.
pub const ENGINE_STEPS: [&str; 6] = [
    "wasm length",
    "functions",
    "data",
    "elements",
    "memory",
    "operators",
];

/// Engine gas of an activation in the order in which it is paid (rules 7.2).
pub fn engine_gas_steps(figures: &ModuleFigures, arbos: u64) -> [u64; 6] {
    let length = if arbos < LENGTH_CHARGE {
        0
    } else {
        figures.wasm_len * 31_733 / 100_000
    };
    [
        length,
        figures.functions * 17_263 / 100_000,
        figures.data_bytes * 17_376 / 100_000,
        figures.element_bytes * 17_376 / 100_000,
        u64::from(figures.pages) * 2217,
        figures.operators * 535 / 1000,
    ]
    .map(|microseconds| GAS_PER_MICROSECOND * microseconds)
}

/// Why a module's costs cannot be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CostTooHigh {
    /// The start cost does not fit 16 bits.
    #[error("init cost {0} is above 65,535: fewer functions or less data")]
    Init(u64),
    /// The start cost of a cached program does not fit 16 bits.
    #[error(
        "cached init cost {0} is above 65,535: less data, for instance constants instead of data segments"
    )]
    Cached(u64),
    /// The estimate of the compiled size does not fit 32 bits.
    #[error("estimate of compiled size, {0} bytes, is above 32 bits")]
    Asm(u64),
}

/// What the chain stores about a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct ProgramInfo {
    /// Stylus version of the activation.
    pub version: u16,
    /// Cost of starting it, before scaling: see [`crate::params::StylusParams::init_gas`].
    pub init_cost: u16,
    /// Cost of starting it when cached, before scaling.
    pub cached_cost: u16,
    /// Estimate of the compiled size in bytes; the data fee is by this.
    pub asm_estimate: u32,
    /// Initial pages of its memory.
    pub footprint: u16,
    /// Bytes of the wasm, uncompressed.
    pub wasm_len: u32,
}

impl ProgramInfo {
    /// Computes the costs of a module (rules 7.3).
    pub fn new(figures: &ModuleFigures, version: u16) -> Result<Self, CostTooHigh> {
        let ModuleFigures {
            wasm_len,
            functions,
            signature_values,
            globals,
            pages,
            ..
        } = *figures;
        let segments = figures.data_encoded_bytes + figures.element_bytes;
        let cached = functions * 13_420 / 100_000
            + signature_values * 89 / 100_000
            + wasm_len * 122 / 100_000
            + globals * 1628 / 1000
            + segments * 75_244 / 100_000
            + u64::from(pages) * 5;
        let init = if version == 1 { cached } else { 0 }
            + functions * 8252 / 1000
            + signature_values * 1059 / 1000
            + wasm_len * 1286 / 10_000;
        let asm = 512_000
            + functions * 996_829 / 1000
            + signature_values * 11_416 / 1000
            + wasm_len * 62_628 / 10_000;
        Ok(Self {
            version,
            init_cost: u16::try_from(init).map_err(|_| CostTooHigh::Init(init))?,
            cached_cost: u16::try_from(cached).map_err(|_| CostTooHigh::Cached(cached))?,
            asm_estimate: u32::try_from(asm).map_err(|_| CostTooHigh::Asm(asm))?,
            footprint: pages,
            wasm_len: u32::try_from(wasm_len).unwrap_or(u32::MAX),
        })
    }

    /// The estimate as stored: KB of 1024 bytes, rounded up (rules 7.3).
    pub const fn asm_estimate_kb(&self) -> u32 {
        self.asm_estimate.div_ceil(1024)
    }
}

/// The chain's price of compiled program data: rises with each activation, falls with time (rules 7.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataPricer {
    /// Bytes in demand.
    pub demand: u32,
    /// Bytes that demand falls by per second.
    pub bytes_per_second: u32,
    /// Unix seconds of the last activation.
    pub last_update: u64,
    /// Wei per byte at no demand.
    pub min_price: u32,
    /// Bytes of demand that multiply the price by e.
    pub inertia: u32,
}

impl Default for DataPricer {
    fn default() -> Self {
        Self {
            demand: 0,
            bytes_per_second: 34_865,
            last_update: ARBITRUM_START,
            min_price: 82_928_201,
            inertia: 21_360_419,
        }
    }
}

/// Unix seconds that program ages are counted from.
pub const ARBITRUM_START: u64 = 1_421_388_000;

const ONE_IN_BIPS: u128 = 10_000;

impl DataPricer {
    /// Adds `bytes` of compiled program at unix second `now` and returns their fee in wei (rules 7.4).
    pub fn charge(&mut self, bytes: u32, now: u64) -> u128 {
        let elapsed = u32::try_from(now.saturating_sub(self.last_update)).unwrap_or(u32::MAX);
        let fallen = self.bytes_per_second.saturating_mul(elapsed);
        self.demand = self.demand.saturating_sub(fallen).saturating_add(bytes);
        self.last_update = now;
        self.fee(bytes)
    }

    /// Fee in wei of `bytes` at the present demand.
    fn fee(&self, bytes: u32) -> u128 {
        let exponent = ONE_IN_BIPS * u128::from(self.demand) / u128::from(self.inertia.max(1));
        let price = u128::from(self.min_price).saturating_mul(exp_bips(exponent)) / ONE_IN_BIPS;
        price.saturating_mul(u128::from(bytes))
    }
}

/// Fee in wei of activating a program of `asm_estimate` bytes when nothing else was activated lately.
pub fn data_fee_at_zero_demand(asm_estimate: u32) -> u128 {
    DataPricer {
        demand: asm_estimate,
        ..DataPricer::default()
    }
    .fee(asm_estimate)
}

/// `e^x` by twelve terms of its series, `x` and result in ten-thousandths (rules 7.4).
fn exp_bips(x: u128) -> u128 {
    const TERMS: u128 = 12;
    let last = ONE_IN_BIPS + x / TERMS;
    (1..TERMS).rev().fold(last, |sum, term| {
        ONE_IN_BIPS + sum.saturating_mul(x) / (term * ONE_IN_BIPS)
    })
}

/// Hours since [`ARBITRUM_START`] that the chain stores as the time of activation, 24 bits (rules 7.4).
pub const fn hours_since_start(now: u64) -> u32 {
    (now.saturating_sub(ARBITRUM_START) / 3600) as u32 & 0x00ff_ffff
}

/// Seconds since an activation at `hours` (rules 7.4).
pub const fn age(hours: u32, now: u64) -> u64 {
    now.saturating_sub(ARBITRUM_START + hours as u64 * 3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demand_falls_with_time_and_rises_with_bytes() {
        let mut pricer = DataPricer {
            demand: 1_000_000,
            last_update: 100,
            ..DataPricer::default()
        };
        pricer.charge(500_000, 110);
        assert_eq!(pricer.demand, 1_000_000 - 348_650 + 500_000);
        assert_eq!(pricer.last_update, 110);
    }

    #[test]
    fn the_fee_rises_by_e_with_the_inertia() {
        let idle = DataPricer {
            demand: 0,
            ..DataPricer::default()
        };
        let busy = DataPricer {
            demand: 21_360_419,
            ..DataPricer::default()
        };
        assert_eq!(idle.fee(1), 82_928_201);
        assert_eq!(busy.fee(1), 82_928_201 * 27_182 / 10_000);
    }

    #[test]
    fn an_absurd_demand_saturates() {
        let pricer = DataPricer {
            demand: u32::MAX,
            inertia: 1,
            ..DataPricer::default()
        };
        assert!(pricer.fee(u32::MAX) > u128::from(u64::MAX));
    }

    #[test]
    fn a_cost_that_does_not_fit_is_refused() {
        let figures = ModuleFigures {
            data_encoded_bytes: 96_000,
            ..ModuleFigures::default()
        };
        assert_eq!(
            ProgramInfo::new(&figures, 2),
            Err(CostTooHigh::Cached(72_234))
        );
    }
}
