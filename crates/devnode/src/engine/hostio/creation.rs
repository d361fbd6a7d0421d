//! Creation of contracts (rules 4.3, 15.1).

use revm::context_interface::CreateScheme;
use revm::handler::FrameResult;
use revm::interpreter::{CreateInputs, FrameInput};
use revm::primitives::{Address, Bytes, U256};
use stylus_rules::prices::evm;

use super::calls::{is_revert, pay_for_data};
use crate::engine::host::Call;
use crate::engine::outcome::Stop;
use crate::evm::frames::returned_gas;

pub fn create1(
    call: &mut Call<'_>,
    code: u32,
    len: u32,
    endowment: u32,
    contract: u32,
    ret_len: u32,
) -> Result<(), Stop> {
    pay_for_data(call, len)?;
    let (code, endowment) = (call.bytes(code, len)?, call.word(endowment)?);
    create(call, code, endowment, None, contract, ret_len)
}

pub fn create2(
    call: &mut Call<'_>,
    code: u32,
    len: u32,
    endowment: u32,
    salt: u32,
    contract: u32,
    ret_len: u32,
) -> Result<(), Stop> {
    pay_for_data(call, len)?;
    let (code, endowment, salt) = (
        call.bytes(code, len)?,
        call.word(endowment)?,
        call.word(salt)?,
    );
    create(call, code, endowment, Some(salt), contract, ret_len)
}

fn create(
    call: &mut Call<'_>,
    code: Bytes,
    endowment: U256,
    salt: Option<U256>,
    contract: u32,
    ret_len: u32,
) -> Result<(), Stop> {
    call.refuse_static()?;
    let gas_left = call.meter.gas();
    let base = evm::create_base(salt.is_some(), code.len() as u64);
    let after_base = gas_left
        .checked_sub(base)
        .ok_or(Stop::Failure("too little gas to create a contract"))?;
    let kept = evm::create_kept(after_base);
    let scheme = salt.map_or(CreateScheme::Create, |salt| CreateScheme::Create2 { salt });
    let inputs = CreateInputs::new(
        call.host.frame.address,
        scheme,
        endowment,
        code,
        after_base - kept,
        0,
    );
    let result = call
        .host
        .evm
        .run_nested(FrameInput::Create(Box::new(inputs)))
        .map_err(|error| Stop::Machine(format!("{error:?}")))?;
    call.meter
        .pay_gas(gas_left - kept - returned_gas(&result))?;
    let created = settle(call, result);
    let returned = call.host.return_data.len() as u32;
    call.put(ret_len, &returned.to_le_bytes())?;
    call.put(contract, created.as_slice())
}

/// Keeps the data of a revert; the address created, or 0.
fn settle(call: &mut Call<'_>, result: FrameResult) -> Address {
    let ending = result.instruction_result();
    call.host.return_data = if is_revert(ending) {
        result.output().into_data()
    } else {
        Bytes::new()
    };
    let FrameResult::Create(outcome) = result else {
        return Address::ZERO;
    };
    if !ending.is_ok() {
        return Address::ZERO;
    }
    call.host.refund += outcome.gas().refunded();
    outcome.address.unwrap_or_default()
}
