//! Precompiled contracts: Ethereum's, and ArbOS' on top (rules 9).

mod arb_aggregator;
mod arb_debug;
mod arb_gas_info;
mod arb_info;
mod arb_owner;
mod arb_owner_public;
mod arb_retryable_tx;
mod arb_sys;
mod arb_wasm;
mod arb_wasm_cache;
mod call;

use revm::context::Cfg;
use revm::handler::{EthPrecompiles, PrecompileProvider, precompile_output_to_interpreter_result};
use revm::interpreter::{CallInputs, Gas, InstructionResult, InterpreterResult};
use revm::precompile::secp256r1::P256VERIFY;
use revm::primitives::hardfork::SpecId;
use revm::primitives::{Address, AddressSet, Bytes};
use stylus_rules::prices::arbos::data;

use crate::evm::Ctx;
use call::{Call, Fail};

/// Address of an ArbOS precompile.
const fn low(byte: u8) -> Address {
    Address::with_last_byte(byte)
}

/// ArbSys: the L2 chain's own system contract.
pub const ARB_SYS: Address = low(0x64);
/// ArbInfo: balances and code.
pub const ARB_INFO: Address = low(0x65);
/// ArbOwnerPublic: what anyone may know of the owners.
pub const ARB_OWNER_PUBLIC: Address = low(0x6b);
/// ArbGasInfo: prices.
pub const ARB_GAS_INFO: Address = low(0x6c);
/// ArbAggregator: who posts batches.
pub const ARB_AGGREGATOR: Address = low(0x6d);
/// ArbRetryableTx: tickets from L1.
pub const ARB_RETRYABLE_TX: Address = low(0x6e);
/// ArbStatistics: counters of the chain before Nitro.
pub const ARB_STATISTICS: Address = low(0x6f);
/// ArbOwner: what only chain owners may do.
pub const ARB_OWNER: Address = low(0x70);
/// ArbWasm: activation.
pub const ARB_WASM: Address = low(0x71);
/// ArbWasmCache: cached programs.
pub const ARB_WASM_CACHE: Address = low(0x72);
/// ArbDebug: only on debug chains.
pub const ARB_DEBUG: Address = low(0xff);

/// All addresses that ArbOS takes. Those without functions here refuse every call, as an unknown function does.
pub const ARBOS_PRECOMPILES: [Address; 15] = [
    ARB_SYS,
    ARB_INFO,
    low(0x66),
    low(0x67),
    low(0x68),
    low(0x69),
    ARB_OWNER_PUBLIC,
    ARB_GAS_INFO,
    ARB_AGGREGATOR,
    ARB_RETRYABLE_TX,
    ARB_STATISTICS,
    ARB_OWNER,
    ARB_WASM,
    ARB_WASM_CACHE,
    ARB_DEBUG,
];

/// Ethereum's precompiles of the fork, and ArbOS'.
#[derive(Clone, Debug)]
pub struct Precompiles {
    ethereum: EthPrecompiles,
    warm: AddressSet,
}

impl Precompiles {
    /// The precompiles of a fork.
    pub fn new(spec: SpecId) -> Self {
        let ethereum = EthPrecompiles::new(spec);
        let warm = ethereum
            .warm_addresses()
            .iter()
            .copied()
            .chain([*P256VERIFY.address()])
            .chain(ARBOS_PRECOMPILES)
            .collect();
        Self { ethereum, warm }
    }

    /// Whether P256VERIFY is here by RIP-7212, which Arbitrum has had since ArbOS 30, and not yet by the fork.
    fn has_early_p256(&self) -> bool {
        !self.ethereum.spec.is_enabled_in(SpecId::OSAKA)
    }
}

impl PrecompileProvider<Ctx> for Precompiles {
    type Output = InterpreterResult;

    fn set_spec(&mut self, spec: <revm::context::CfgEnv as Cfg>::Spec) -> bool {
        if spec == self.ethereum.spec {
            return false;
        }
        *self = Self::new(spec);
        true
    }

    fn run(
        &mut self,
        ctx: &mut Ctx,
        inputs: &CallInputs,
    ) -> Result<Option<InterpreterResult>, String> {
        if ARBOS_PRECOMPILES.contains(&inputs.bytecode_address) {
            return Ok(Some(run_arbos(ctx, inputs)));
        }
        if inputs.bytecode_address == *P256VERIFY.address() && self.has_early_p256() {
            return verify_p256(ctx, inputs).map(Some);
        }
        self.ethereum.run(ctx, inputs)
    }

    fn warm_addresses(&self) -> &AddressSet {
        &self.warm
    }
}

/// P256VERIFY before Osaka: by RIP-7212, at 3,450 gas.
fn verify_p256(ctx: &mut Ctx, inputs: &CallInputs) -> Result<InterpreterResult, String> {
    let (input, gas) = (inputs.input.bytes(ctx), inputs.gas_limit);
    let output = P256VERIFY
        .execute(&input, gas, inputs.reservoir)
        .map_err(|error| error.to_string())?;
    Ok(precompile_output_to_interpreter_result(output, gas))
}

fn run_arbos(ctx: &mut Ctx, inputs: &CallInputs) -> InterpreterResult {
    let input = inputs.input.bytes(ctx);
    let mut call = Call::new(ctx, inputs, input.len());
    let outcome = match inputs.bytecode_address {
        ARB_SYS => arb_sys::run(&mut call, &input),
        ARB_INFO => arb_info::run(&mut call, &input),
        ARB_OWNER_PUBLIC => arb_owner_public::run(&mut call, &input),
        ARB_GAS_INFO => arb_gas_info::run(&mut call, &input),
        ARB_AGGREGATOR => arb_aggregator::run(&mut call, &input),
        ARB_RETRYABLE_TX => arb_retryable_tx::run(&mut call, &input),
        ARB_STATISTICS => arb_aggregator::run_statistics(&mut call, &input),
        ARB_OWNER => arb_owner::run(&mut call, &input),
        ARB_WASM => arb_wasm::run(&mut call, &input),
        ARB_WASM_CACHE => arb_wasm_cache::run(&mut call, &input),
        ARB_DEBUG => arb_debug::run(&mut call, &input),
        _ => Err(Fail::AllGas),
    };
    let settled = settle(&mut call, outcome);
    let free = inputs.bytecode_address == ARB_OWNER && !matches!(settled, Err(Fail::AllGas));
    let left = if free {
        inputs.gas_limit
    } else {
        call.gas_left()
    };
    result(settled, inputs.gas_limit, left)
}

/// Charges for result or error data.
fn settle(call: &mut Call<'_>, outcome: Result<Vec<u8>, Fail>) -> Result<Vec<u8>, Fail> {
    let len = match &outcome {
        Ok(output) | Err(Fail::Revert(output)) => output.len(),
        Err(Fail::AllGas | Fail::Plain) => 0,
    };
    call.burn(data(len as u64))?;
    outcome
}

fn result(outcome: Result<Vec<u8>, Fail>, limit: u64, left: u64) -> InterpreterResult {
    let (result, output, left) = match outcome {
        Ok(output) => (InstructionResult::Return, output, left),
        Err(Fail::Revert(output)) => (InstructionResult::Revert, output, left),
        Err(Fail::Plain) => (InstructionResult::Revert, Vec::new(), left),
        Err(Fail::AllGas) => (InstructionResult::Revert, Vec::new(), 0),
    };
    let mut gas = Gas::new(limit);
    gas.set_remaining(left);
    InterpreterResult::new(result, Bytes::from(output), gas)
}

/// Name and arguments of an error of ArbOS' precompiles, if the data is one.
pub fn error_name(data: &[u8]) -> Option<String> {
    arb_wasm::error_name(data)
}
