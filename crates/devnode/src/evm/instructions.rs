//! EVM instructions that differ on Arbitrum (rules 6 end, 15.13).

use revm::bytecode::opcode::{BLOBBASEFEE, GASPRICE, SELFDESTRUCT};
use revm::context::JournalTr;
use revm::handler::instructions::EthInstructions;
use revm::interpreter::instructions::{block_info, host};
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::{
    Instruction, InstructionContext, InstructionExecResult, InstructionResult,
};
use revm::primitives::Address;
use revm::primitives::hardfork::SpecId;
use stylus_rules::code;

use super::{Ctx, Instructions};

/// The instructions of a fork with Arbitrum's changes.
pub fn arbitrum(spec: SpecId) -> Instructions {
    let mut instructions = EthInstructions::new_mainnet_with_spec(spec);
    instructions.insert_instruction(BLOBBASEFEE, Instruction::unknown(), 0);
    let replaced = [
        // What is paid is the base fee, whatever was offered; tips are not taken.
        (GASPRICE, Instruction::new(block_info::basefee)),
        (SELFDESTRUCT, Instruction::new(selfdestruct)),
    ];
    for (opcode, instruction) in replaced {
        let gas = instructions.gas_table()[usize::from(opcode)];
        instructions.insert_instruction(opcode, instruction, gas);
    }
    instructions
}

/// SELFDESTRUCT that reverts where the frame acts as a Stylus account (rules 6, end). The instruction's own effects go
/// with the reverted frame; its gas is paid.
fn selfdestruct(context: InstructionContext<'_, Ctx, EthInterpreter>) -> InstructionExecResult {
    let actor = context.interpreter.input.target_address;
    let acts_as_program = is_program(context.host, actor);
    match host::selfdestruct(context) {
        Err(InstructionResult::SelfDestruct) if acts_as_program => Err(InstructionResult::Revert),
        outcome => outcome,
    }
}

fn is_program(ctx: &mut Ctx, address: Address) -> bool {
    let arbos = ctx.chain.env.arbos.0;
    let Ok(code) = ctx.journaled_state.code(address);
    code::is_program(&code.data, arbos)
}
