//! One step of one frame: a Stylus program as a whole, or EVM code until it calls or ends.

use revm::context::ContextTr;
use revm::handler::{EvmTr, FrameData, FrameInitOrResult};
use revm::interpreter::{InstructionResult, InterpreterAction};
use stylus_rules::code;

use super::{Frame, MachineError, StylusEvm};
use crate::engine;

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
