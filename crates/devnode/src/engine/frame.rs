//! A frame whose code is a Stylus program: whether it may run, what starting it costs, how its end looks to the EVM
//! (rules 6).

use std::sync::Arc;

use revm::interpreter::{Gas, InputsImpl, InstructionResult, InterpreterAction, InterpreterResult};
use revm::primitives::{B256, Bytes};
use stylus_rules::activate::ActivationContext;
use stylus_rules::instrument::Form;
use stylus_rules::params::StylusParams;
use stylus_rules::prices::evm::return_data_floor;
use stylus_rules::prices::{gas_to_ink, ink_to_gas};

use super::host::FrameFacts;
use super::outcome::{Ending, Outcome, ProgramFrame, Stop};
use super::run::{self, Start};
use super::{EngineError, Program};
use crate::arbos::programs::ProgramEntry;
use crate::arbos::store::Arbos;
use crate::evm::{Ctx, MachineError, StylusEvm};
use crate::programs;

/// What the frame is about.
struct Callee {
    input: InputsImpl,
    code: Bytes,
    code_hash: B256,
    is_static: bool,
    gas: Gas,
}

/// Runs the program on top of the frame stack to its end.
pub fn run(evm: &mut StylusEvm) -> Result<InterpreterAction, MachineError> {
    let callee = callee(evm);
    let gas = callee.gas;
    let result = match start(evm, &callee) {
        Ok(program) => {
            finish(evm, callee, program).map_err(|stop| MachineError::Custom(stop.to_string()))?
        }
        Err(Refused::Machine(error)) => return Err(MachineError::Custom(error.to_string())),
        Err(Refused::Frame(result, reason)) => {
            evm.tx().fail(reason);
            failed(result, gas)
        }
    };
    Ok(InterpreterAction::Return(result))
}

fn callee(evm: &mut StylusEvm) -> Callee {
    let (_, frame) = evm.parts();
    let interpreter = &mut frame.interpreter;
    Callee {
        input: interpreter.input.clone(),
        code: interpreter.bytecode.original_bytes(),
        code_hash: interpreter.bytecode.get_or_calculate_hash(),
        is_static: interpreter.runtime_flag.is_static,
        gas: interpreter.gas,
    }
}

/// Why a program does not start.
enum Refused {
    /// By the chain's rules: the frame loses all its gas.
    Frame(InstructionResult, String),
    /// By a failure of this node.
    Machine(EngineError),
}

struct Ready {
    program: Arc<Program>,
    params: StylusParams,
    memory_gas: u64,
    start_gas: u64,
    footprint: u16,
}

/// Checks the activation and computes the price of starting (rules 6.1, 6.2).
fn start(evm: &mut StylusEvm, callee: &Callee) -> Result<Ready, Refused> {
    let (ctx, _) = evm.parts();
    let params = Arbos(&mut ctx.journaled_state).params();
    let entry = Arbos(&mut ctx.journaled_state).program(callee.code_hash);
    let now = ctx.block.timestamp.saturating_to();
    entry.check_active(&params, now).map_err(|inactive| {
        Refused::Frame(InstructionResult::NotActivated, inactive.to_string())
    })?;

    let cached = is_cached(ctx, &entry, callee.code_hash, &params);
    let memory_gas = ctx.chain.pages.cost(entry.footprint, &params);
    let start_gas = params.call_gas(entry.init_cost, entry.cached_cost, cached);
    if memory_gas.saturating_add(start_gas) > callee.gas.remaining() {
        return Err(Refused::Frame(
            InstructionResult::OutOfGas,
            "out of gas".into(),
        ));
    }
    let program = compiled(ctx, callee, &params).map_err(Refused::Machine)?;
    Ok(Ready {
        program,
        params,
        memory_gas,
        start_gas,
        footprint: entry.footprint,
    })
}

/// Whether the call is charged as cached; from ArbOS 60 this notes the call of a program that no manager has cached in
/// the block's cache (rules 6.2).
fn is_cached(ctx: &mut Ctx, entry: &ProgramEntry, code_hash: B256, params: &StylusParams) -> bool {
    let cache = &mut ctx.chain.block_cache;
    entry.cached
        || (ctx.chain.env.arbos.has_fragments()
            && cache.insert(code_hash, params.block_cache_size.into()))
}

fn compiled(
    ctx: &mut Ctx,
    callee: &Callee,
    params: &StylusParams,
) -> Result<Arc<Program>, EngineError> {
    let engine = Arc::clone(&ctx.chain.engine);
    let form = match ctx.chain.profile {
        Some(_) => Form::Profiled,
        None => Form::Metered,
    };
    let arbos = ctx.chain.env.arbos.0;
    let context = ActivationContext {
        arbos,
        debug: ctx.chain.env.debug,
        page_limit: params.page_limit,
        version: params.version,
    }
    .of_active();
    // Limits that the owner has lowered since are for activations to come.
    let params = StylusParams {
        max_wasm_size: u32::MAX,
        max_fragment_count: u8::MAX,
        ..*params
    };
    engine.program(callee.code_hash, &context, form, || {
        programs::load(&ctx.journaled_state, &callee.code, arbos, &params)
            .map_err(|error| EngineError::Prepare(error.to_string()))
    })
}

fn finish(evm: &mut StylusEvm, callee: Callee, ready: Ready) -> Result<InterpreterResult, Stop> {
    let (ctx, _) = evm.parts();
    let open_before = ctx.chain.pages.open;
    ctx.chain.pages.add(ready.footprint);
    let arbos = ctx.chain.env.arbos.0;
    let gas_start = callee.gas.remaining();
    let frame = FrameFacts {
        address: callee.input.target_address,
        caller: callee.input.caller_address,
        value: callee.input.call_value,
        is_static: callee.is_static,
        input: callee.input.input.bytes(ctx),
        params: ready.params,
        arbos,
    };
    let ink = gas_to_ink(
        gas_start - ready.memory_gas - ready.start_gas,
        ready.params.ink_price,
    );
    let start = Start {
        frame,
        ink,
        stack: ready.params.max_stack_depth,
    };
    if let Some(profile) = &mut evm.tx().profile {
        profile.start(
            ready.start_gas,
            ready.memory_gas,
            ink,
            &ready.program.starts,
        );
    }
    let outcome = run::run(evm, &ready.program, start)?;
    if let Some(profile) = &mut evm.tx().profile {
        let lost = matches!(outcome.ending, Ending::OutOfInk | Ending::OutOfStack);
        profile.end(outcome.ink_left, lost);
    }
    evm.tx().pages.open = open_before;

    let mut charges = ProgramFrame {
        gas_start,
        memory_gas: ready.memory_gas,
        start_gas: ready.start_gas,
        ink_start: ink,
        ink_left: outcome.ink_left,
        gas_left: 0,
        return_data_floor: return_data_floor(arbos, outcome.output.len() as u64),
        stack_left: outcome.stack_left,
        status: outcome.ending.name(),
    };
    let result = end(evm, callee.gas, outcome, arbos, ready.params.ink_price);
    charges.gas_left = if result.result.is_ok_or_revert() {
        result.gas.remaining()
    } else {
        0
    };
    evm.tx().last_program = Some(charges);
    Ok(result)
}

/// The end of a program as the EVM sees it (rules 6.4, 6.5).
fn end(
    evm: &mut StylusEvm,
    mut gas: Gas,
    outcome: Outcome,
    arbos: u64,
    ink_price: u32,
) -> InterpreterResult {
    let (result, output, reason) = match outcome.ending {
        Ending::Success => (InstructionResult::Return, outcome.output, None),
        Ending::Revert => (InstructionResult::Revert, outcome.output, None),
        Ending::Failure(cause) => (InstructionResult::Revert, Bytes::new(), Some(cause)),
        Ending::OutOfInk => (
            InstructionResult::OutOfGas,
            Bytes::new(),
            Some("out of gas".to_owned()),
        ),
        Ending::OutOfStack => (
            InstructionResult::StackOverflow,
            Bytes::new(),
            Some("max call depth exceeded".to_owned()),
        ),
    };
    if let Some(reason) = reason {
        evm.tx().fail(reason);
    }
    if !result.is_ok_or_revert() {
        return failed(result, gas);
    }
    let floor = return_data_floor(arbos, output.len() as u64);
    let Some(most_left) = gas.remaining().checked_sub(floor) else {
        evm.tx().fail("out of gas");
        return failed(InstructionResult::OutOfGas, gas);
    };
    gas.set_remaining(ink_to_gas(outcome.ink_left, ink_price).min(most_left));
    gas.record_refund(outcome.refund);
    InterpreterResult::new(result, output, gas)
}

fn failed(result: InstructionResult, mut gas: Gas) -> InterpreterResult {
    gas.spend_all();
    InterpreterResult::new(result, Bytes::new(), gas)
}
