//! Other accounts' balance and code (rules 4).

use revm::context::{Cfg, JournalTr};
use revm::primitives::{Bytes, U256};
use stylus_rules::prices::evm;

use crate::engine::host::Call;
use crate::engine::outcome::Stop;

/// ArbOS up to this version also remembered that an account has no code (rules 1.1).
const REMEMBERS_NO_CODE_BELOW: u64 = 40;

pub fn balance(call: &mut Call<'_>, address: u32, dest: u32) -> Result<(), Stop> {
    call.meter.require_gas(evm::ACCOUNT_REQUIRED)?;
    let address = call.address(address)?;
    let Ok(account) = call
        .host
        .evm
        .parts()
        .0
        .journaled_state
        .load_account(address);
    let (balance, cold) = (account.data.info.balance, account.is_cold);
    call.pay_for_account(cold)?;
    call.put_word(dest, balance)
}

/// 0 for an account that does not exist.
pub fn codehash(call: &mut Call<'_>, address: u32, dest: u32) -> Result<(), Stop> {
    call.meter.require_gas(evm::ACCOUNT_REQUIRED)?;
    let address = call.address(address)?;
    let Ok(hash) = call.host.evm.parts().0.journaled_state.code_hash(address);
    call.pay_for_account(hash.is_cold)?;
    call.put(dest, hash.data.as_slice())
}

pub fn code(
    call: &mut Call<'_>,
    address: u32,
    offset: u32,
    size: u32,
    dest: u32,
) -> Result<u32, Stop> {
    let code = read(call, address)?;
    call.pay_for_write(code.len())?;
    let start = (offset as usize).min(code.len());
    let end = start.saturating_add(size as usize).min(code.len());
    call.put(dest, &code[start..end])?;
    Ok((end - start) as u32)
}

pub fn code_size(call: &mut Call<'_>, address: u32) -> Result<u32, Stop> {
    let size = read(call, address)?.len() as u32;
    call.note_out(size.to_be_bytes());
    Ok(size)
}

/// The account's code; free where the frame has just read the same, though what the first read needs must be left.
fn read(call: &mut Call<'_>, address: u32) -> Result<Bytes, Stop> {
    call.meter.require_gas(evm::ACCOUNT_REQUIRED)?;
    let address = call.address(address)?;
    if let Some((known, code)) = &call.host.last_code
        && *known == address
    {
        return Ok(code.clone());
    }
    let ctx = call.host.evm.parts().0;
    let Ok(code) = ctx.journaled_state.code(address);
    let max_code_size = U256::from(ctx.cfg.max_code_size()).saturating_to();
    call.meter
        .pay_gas(evm::account_code(code.is_cold, max_code_size))?;
    if !code.data.is_empty() || call.host.frame.arbos < REMEMBERS_NO_CODE_BELOW {
        call.host.last_code = Some((address, code.data.clone()));
    }
    Ok(code.data)
}
