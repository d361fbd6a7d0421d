//! Activation: validation, metering and the costs that the chain stores (rules 3, 7).

use wasmparser::BinaryReaderError;

use crate::fees::{ENGINE_STEPS, ModuleFigures, ProgramInfo, engine_gas_steps};
use crate::instrument::{self, Form, Instrumented};
use crate::meter::FunctionMeter;
use crate::module::Module;
use crate::validate;

/// What activation depends on beside the wasm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivationContext {
    /// ArbOS version.
    pub arbos: u64,
    /// Whether the chain allows debug host functions, start functions and any exports.
    pub debug: bool,
    /// Pages that the memory may begin with: the chain's limit less the pages open in this transaction.
    pub page_limit: u16,
    /// Stylus version that the program is activated for.
    pub version: u16,
}

impl ActivationContext {
    /// The context of a fresh transaction on a production chain of this ArbOS version.
    pub const fn for_arbos(arbos: u64) -> Self {
        let params = crate::params::StylusParams::for_arbos(arbos);
        Self {
            arbos,
            debug: false,
            page_limit: params.page_limit,
            version: params.version,
        }
    }

    /// The context of preparing a program again that is active: what the chain has come to refuse since, multi-value
    /// and memories above a lowered limit, still runs (rules 3).
    pub fn of_active(self) -> Self {
        Self {
            arbos: self.arbos.min(validate::NO_MULTI_VALUE_FROM - 1),
            page_limit: u16::MAX,
            ..self
        }
    }
}

/// An activated program and what it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activated {
    /// The metered module.
    pub program: Instrumented,
    /// What the chain stores.
    pub info: ProgramInfo,
    /// The figures that the costs come from.
    pub figures: ModuleFigures,
    /// Engine gas by step, in the order of payment; [`ENGINE_STEPS`] names them.
    pub steps: [u64; 6],
    /// Sum of the steps.
    pub engine_gas: u64,
}

/// Why a module is not accepted, in words for the person who built it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the chain refuses this module: {0}")]
pub struct Refusal(String);

impl Refusal {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    pub(crate) fn invalid(error: BinaryReaderError) -> Self {
        Self(format!(
            "invalid wasm at byte {}: {}",
            error.offset(),
            error.message()
        ))
    }

    /// The reason alone.
    pub fn reason(&self) -> &str {
        &self.0
    }
}

/// Why an activation fails. Either way the chain takes all gas of the call (rules 7.1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActivationError {
    /// Too little gas for a step of the engine's work.
    #[error("out of gas: the activation's part for {step} needs {needed} gas, {left} are left")]
    OutOfGas {
        /// One of [`ENGINE_STEPS`].
        step: &'static str,
        /// Gas of this step.
        needed: u64,
        /// Gas left before it.
        left: u64,
    },
    /// The module is not accepted.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Activates a wasm (uncompressed) with `gas` for the engine's work.
///
/// The order of failures is the chain's: parsing and limits, payment, then what only translation finds (operators).
pub fn activate(
    wasm: &[u8],
    context: &ActivationContext,
    gas: u64,
) -> Result<Activated, ActivationError> {
    let (module, meters) = prepare(wasm, context)?;
    let figures = figures(&module, &meters);
    let steps = engine_gas_steps(&figures, context.arbos);
    let engine_gas = pay(&steps, gas)?;
    for body in 0..module.bodies.len() {
        validate::check_operators(&module, body)?;
    }
    let info = ProgramInfo::new(&figures, context.version)
        .map_err(|cost| Refusal::new(cost.to_string()))?;
    let program = instrument::emit(&module, &meters, Form::Metered)?;
    Ok(Activated {
        program,
        info,
        figures,
        steps,
        engine_gas,
    })
}

/// Parses, validates and meters, without emitting.
pub(crate) fn prepare<'a>(
    wasm: &'a [u8],
    context: &ActivationContext,
) -> Result<(Module<'a>, Vec<FunctionMeter>), Refusal> {
    let module = validate::parse(wasm, context)?;
    validate::check_module(&module, context)?;
    let mut meters = Vec::with_capacity(module.bodies.len());
    for (index, body) in module.bodies.iter().enumerate() {
        let meter = FunctionMeter::new(&module, body).map_err(Refusal::invalid)?;
        validate::check_function(&module, index, &meter)?;
        meters.push(meter);
    }
    Ok((module, meters))
}

fn figures(module: &Module<'_>, meters: &[FunctionMeter]) -> ModuleFigures {
    let defined = module
        .functions
        .iter()
        .skip(module.imported_functions() as usize);
    let values = defined
        .map(|ty| module.signature(*ty))
        .map(|ty| ty.params.len() + ty.results.len());
    ModuleFigures {
        wasm_len: module.wasm.len() as u64,
        functions: meters.len() as u64,
        signature_values: values.sum::<usize>() as u64,
        globals: u64::from(module.global_count + validate::ADDED_GLOBALS),
        data_bytes: module
            .data
            .iter()
            .map(|segment| segment.data.len() as u64)
            .sum(),
        element_bytes: validate::element_bytes(module),
        data_encoded_bytes: module
            .data
            .iter()
            .map(|segment| segment.range.len() as u64)
            .sum(),
        pages: module
            .memories
            .first()
            .map_or(0, |memory| memory.initial as u16),
        operators: meters
            .iter()
            .map(|meter| meter.operators_after(module.grows()))
            .sum(),
    }
}

/// Pays step by step; the sum, or where the gas ends.
fn pay(steps: &[u64; 6], gas: u64) -> Result<u64, ActivationError> {
    let mut left = gas;
    for (step, needed) in ENGINE_STEPS.into_iter().zip(*steps) {
        left = left
            .checked_sub(needed)
            .ok_or(ActivationError::OutOfGas { step, needed, left })?;
    }
    Ok(gas - left)
}
