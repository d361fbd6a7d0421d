//! The block, the transaction, the frame and what is left to spend.

use revm::context::{Block, Transaction};
use revm::primitives::U256;

use crate::engine::host::Call;
use crate::engine::outcome::Stop;

fn give(call: &mut Call<'_>, value: u64) -> Result<u64, Stop> {
    call.note_out(value.to_be_bytes());
    Ok(value)
}

pub fn gas_left(call: &mut Call<'_>) -> Result<u64, Stop> {
    give(call, call.meter.gas())
}

pub fn ink_left(call: &mut Call<'_>) -> Result<u64, Stop> {
    give(call, call.meter.ink())
}

pub fn block_basefee(call: &mut Call<'_>, dest: u32) -> Result<(), Stop> {
    let fee = call.host.evm.parts().0.block.basefee();
    call.put_word(dest, U256::from(fee))
}

pub fn chainid(call: &mut Call<'_>) -> Result<u64, Stop> {
    let id = call.host.evm.parts().0.cfg.chain_id;
    give(call, id)
}

pub fn block_coinbase(call: &mut Call<'_>, dest: u32) -> Result<(), Stop> {
    let coinbase = call.host.evm.parts().0.block.beneficiary();
    call.put(dest, coinbase.as_slice())
}

pub fn block_gas_limit(call: &mut Call<'_>) -> Result<u64, Stop> {
    let limit = call.host.evm.parts().0.block.gas_limit();
    give(call, limit)
}

/// The L1 block's number.
pub fn block_number(call: &mut Call<'_>) -> Result<u64, Stop> {
    let number = call.host.evm.parts().0.block.number();
    give(call, number.saturating_to())
}

pub fn block_timestamp(call: &mut Call<'_>) -> Result<u64, Stop> {
    let timestamp = call.host.evm.parts().0.block.timestamp();
    give(call, timestamp.saturating_to())
}

pub fn contract_address(call: &mut Call<'_>, dest: u32) -> Result<(), Stop> {
    let address = call.host.frame.address;
    call.put(dest, address.as_slice())
}

pub fn msg_reentrant(call: &mut Call<'_>) -> Result<u32, Stop> {
    let address = call.host.frame.address;
    let reentrant = u32::from(call.host.evm.tx().is_reentered(address));
    call.note_out(reentrant.to_be_bytes());
    Ok(reentrant)
}

pub fn msg_sender(call: &mut Call<'_>, dest: u32) -> Result<(), Stop> {
    let caller = call.host.frame.caller;
    call.put(dest, caller.as_slice())
}

pub fn msg_value(call: &mut Call<'_>, dest: u32) -> Result<(), Stop> {
    let value = call.host.frame.value;
    call.put_word(dest, value)
}

/// The price offered: legacy transactions pay the base fee but see their own price (rules 15.12).
pub fn tx_gas_price(call: &mut Call<'_>, dest: u32) -> Result<(), Stop> {
    let ctx = call.host.evm.parts().0;
    let price = ctx.tx.effective_gas_price(ctx.block.basefee().into());
    call.put_word(dest, U256::from(price))
}

pub fn tx_ink_price(call: &mut Call<'_>) -> Result<u32, Stop> {
    let price = call.meter.ink_price();
    call.note_out(price.to_be_bytes());
    Ok(price)
}

pub fn tx_origin(call: &mut Call<'_>, dest: u32) -> Result<(), Stop> {
    let origin = call.host.evm.parts().0.tx.caller;
    call.put(dest, origin.as_slice())
}
