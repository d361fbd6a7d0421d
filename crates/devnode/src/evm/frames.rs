//! One step of one frame: a Stylus program as a whole, or EVM code until it calls or ends.

use revm::context::ContextTr;
use revm::handler::{EvmTr, FrameData, FrameInitOrResult, FrameResult};
use revm::interpreter::{FrameInput, InstructionResult, InterpreterAction};
use revm::primitives::Address;
use stylus_rules::code;

use super::{Frame, MachineError, StylusEvm};
use crate::engine;
use crate::engine::profile::Kind;

/// Runs the frame on top until it calls or ends.
pub fn run(evm: &mut StylusEvm) -> Result<FrameInitOrResult<Frame>, MachineError> {
    let mut action = if runs_program(evm) {
        engine::frame::run(evm)?
    } else {
        run_code(evm)
    };
    let (ctx, frame) = evm.parts();
    refuse_ef_code(frame, ctx.chain().env.arbos.0, &mut action);
    let outcome = frame.process_next_action::<_, MachineError>(ctx, action)?;
    if outcome.is_result() {
        frame.set_finished(true);
    }
    Ok(outcome)
}

/// Notes the frame on top, which begins.
pub fn open(evm: &mut StylusEvm) {
    let is_program = runs_program(evm);
    let (ctx, frame) = evm.parts();
    ctx.chain.open_frame(&frame.input, &frame.data);
    let Some(profile) = &mut ctx.chain.profile else {
        return;
    };
    let kind = match (&frame.data, is_program) {
        (FrameData::Create(create), _) => Kind::Contract(create.created_address),
        (_, true) => {
            let code_hash = frame.interpreter.bytecode.get_or_calculate_hash();
            Kind::Program(called(&frame.input), code_hash)
        }
        _ => Kind::Contract(called(&frame.input)),
    };
    profile.open(kind, frame.interpreter.gas.limit());
}

/// Notes the frame on top, which ends.
pub fn close(evm: &mut StylusEvm, result: &FrameResult) {
    let (ctx, frame) = evm.parts();
    ctx.chain.close_frame(&frame.input, &frame.data);
    if let Some(profile) = &mut ctx.chain.profile {
        profile.close(returned_gas(result));
    }
}

/// Gas that comes back from a frame: nothing where it ended exceptionally.
pub fn returned_gas(result: &FrameResult) -> u64 {
    if result.instruction_result().is_ok_or_revert() {
        result.gas().remaining()
    } else {
        0
    }
}

/// The account whose code a frame runs; none yet for a creation.
pub fn called(input: &FrameInput) -> Address {
    match input {
        FrameInput::Call(call) => call.bytecode_address,
        _ => Address::ZERO,
    }
}

fn run_code(evm: &mut StylusEvm) -> InterpreterAction {
    let (ctx, instructions, _, frames) = evm.all_mut();
    frames.get().interpreter.run_plain(
        instructions.instruction_table(),
        instructions.gas_table(),
        ctx,
    )
}

fn runs_program(evm: &mut StylusEvm) -> bool {
    let (ctx, frame) = evm.parts();
    let arbos = ctx.chain.env.arbos.0;
    matches!(frame.data, FrameData::Call(_))
        && code::is_program(frame.interpreter.bytecode.original_byte_slice(), arbos)
}

/// EIP-3541 with the exception for Stylus (rules 8): created code may begin with 0xEF only as a program or a fragment.
fn refuse_ef_code(frame: &Frame, arbos: u64, action: &mut InterpreterAction) {
    let (FrameData::Create(_), InterpreterAction::Return(result)) = (&frame.data, action) else {
        return;
    };
    if result.result.is_ok()
        && result.output.first() == Some(&0xef)
        && !code::may_deploy(&result.output, arbos)
    {
        result.result = InstructionResult::CreateContractStartingWithEF;
    }
}
