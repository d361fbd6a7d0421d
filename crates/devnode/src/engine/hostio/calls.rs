//! Calls of other contracts (rules 4.2, 15.2).

use revm::bytecode::Bytecode;
use revm::context::JournalTr;
use revm::handler::FrameResult;
use revm::interpreter::{
    CallInput, CallInputs, CallScheme, CallValue, FrameInput, InstructionResult,
};
use revm::primitives::{Address, B256, Bytes, U256};
use stylus_rules::prices::evm;

use crate::engine::host::Call;
use crate::engine::outcome::Stop;
use crate::evm::Ctx;
use crate::evm::frames::returned_gas;
use crate::state::peek;

/// What the program is told of a call that failed, whatever the reason.
const FAILED: u32 = 2;
const OK: u32 = 0;

/// What the program asks for.
struct Request {
    to: Address,
    data: Bytes,
    value: U256,
    gas: u64,
    scheme: CallScheme,
}

pub fn call(
    call: &mut Call<'_>,
    to: u32,
    data: u32,
    len: u32,
    value: u32,
    gas: u64,
    ret_len: u32,
) -> Result<u32, Stop> {
    pay_for_data(call, len)?;
    let request = Request {
        to: call.address(to)?,
        data: call.bytes(data, len)?,
        value: call.word(value)?,
        gas,
        scheme: CallScheme::Call,
    };
    perform(call, request, ret_len)
}

pub fn delegate_call(
    call: &mut Call<'_>,
    to: u32,
    data: u32,
    len: u32,
    gas: u64,
    ret_len: u32,
) -> Result<u32, Stop> {
    let request = without_value(call, CallScheme::DelegateCall, to, data, len, gas)?;
    perform(call, request, ret_len)
}

pub fn static_call(
    call: &mut Call<'_>,
    to: u32,
    data: u32,
    len: u32,
    gas: u64,
    ret_len: u32,
) -> Result<u32, Stop> {
    let request = without_value(call, CallScheme::StaticCall, to, data, len, gas)?;
    perform(call, request, ret_len)
}

fn without_value(
    call: &mut Call<'_>,
    scheme: CallScheme,
    to: u32,
    data: u32,
    len: u32,
    gas: u64,
) -> Result<Request, Stop> {
    pay_for_data(call, len)?;
    Ok(Request {
        to: call.address(to)?,
        data: call.bytes(data, len)?,
        value: U256::ZERO,
        gas,
        scheme,
    })
}

/// The data is paid twice: once to read it, once to hand it on (rules 4).
pub fn pay_for_data(call: &mut Call<'_>, len: u32) -> Result<(), Stop> {
    call.pay_for_read(len)?;
    call.pay_for_read(len)
}

fn perform(call: &mut Call<'_>, request: Request, ret_len: u32) -> Result<u32, Stop> {
    call.note_arg(request.gas.to_be_bytes());
    let gas_left = call.meter.gas();
    let (status, cost) = execute(call, request, gas_left)?;
    call.meter.pay_gas(cost)?;
    let returned = call.host.return_data.len() as u32;
    call.put(ret_len, &returned.to_le_bytes())?;
    call.note_out([status as u8]);
    Ok(status)
}

/// Runs the call; the status for the program and the gas it costs.
fn execute(call: &mut Call<'_>, request: Request, gas_left: u64) -> Result<(u32, u64), Stop> {
    call.host.return_data = Bytes::new();
    let has_value = !request.value.is_zero();
    if call.host.frame.is_static && has_value {
        return Ok((FAILED, 0));
    }
    let ctx = call.host.evm.parts().0;
    let Ok(account) = ctx.journaled_state.load_account(request.to);
    let base = evm::call_base(
        account.is_cold,
        has_value,
        account.data.state_clear_aware_is_empty(ctx.cfg.spec),
    );
    let Some(forwarded) = evm::call_gas(gas_left, base, request.gas) else {
        return Ok((FAILED, gas_left));
    };
    let granted = forwarded + if has_value { evm::CALL_STIPEND } else { 0 };
    let input = inputs(call, request, granted);
    let result = call
        .host
        .evm
        .run_nested(input)
        .map_err(|error| Stop::Machine(format!("{error:?}")))?;
    let consumed = granted - returned_gas(&result);
    Ok((settle(call, result), base + consumed))
}

/// Keeps return data and refund of the callee; the status for the program.
fn settle(call: &mut Call<'_>, result: FrameResult) -> u32 {
    let (ending, refund) = (result.instruction_result(), result.gas().refunded());
    if ending.is_ok_or_revert() {
        call.host.return_data = result.output().into_data();
    }
    if ending.is_ok() {
        call.host.refund += refund;
        return OK;
    }
    FAILED
}

fn inputs(call: &mut Call<'_>, request: Request, gas: u64) -> FrameInput {
    let frame = call.host.frame.clone();
    let is_delegate = request.scheme.is_delegate_call();
    let ctx = call.host.evm.parts().0;
    FrameInput::Call(Box::new(CallInputs {
        input: CallInput::Bytes(request.data),
        return_memory_offset: 0..0,
        gas_limit: gas,
        reservoir: 0,
        bytecode_address: request.to,
        known_bytecode: code_to_run(ctx, request.to),
        target_address: if is_delegate {
            frame.address
        } else {
            request.to
        },
        caller: if is_delegate {
            frame.caller
        } else {
            frame.address
        },
        value: if is_delegate {
            CallValue::Apparent(frame.value)
        } else {
            CallValue::Transfer(request.value)
        },
        is_static: frame.is_static || request.scheme.is_static_call(),
        scheme: request.scheme,
        charged_new_account_state_gas: false,
    }))
}

/// The code of an account, or of the account that it delegates to (EIP-7702), which stays as cold as it is: unlike the
/// EVM's own calls, a program's pay nothing for it (rules 4.2).
fn code_to_run(ctx: &Ctx, address: Address) -> (B256, Bytecode) {
    let own = code_of(ctx, address);
    match own.1.eip7702_address() {
        Some(delegate) => code_of(ctx, delegate),
        None => own,
    }
}

fn code_of(ctx: &Ctx, address: Address) -> (B256, Bytecode) {
    let account = peek(&ctx.journaled_state, &address);
    (account.code_hash, account.code.unwrap_or_default())
}

/// Whether a frame's end is a revert, as opposed to another failure.
pub const fn is_revert(ending: InstructionResult) -> bool {
    matches!(ending, InstructionResult::Revert)
}
