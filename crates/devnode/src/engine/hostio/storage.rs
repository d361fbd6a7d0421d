//! Storage through the frame's cache, and transient storage (rules 4, 4.1).

use revm::context::{Cfg, JournalTr};
use stylus_rules::prices::evm;

use crate::engine::host::Call;
use crate::engine::outcome::Stop;

pub fn load(call: &mut Call<'_>, key: u32, dest: u32) -> Result<(), Stop> {
    let (arbos, ink_price) = (call.host.frame.arbos, call.meter.ink_price());
    call.meter
        .require_gas(evm::storage_load_required(arbos, ink_price))?;
    let key = call.word(key)?;
    let fee = call.host.storage.read_fee();
    let (value, gas) = match call.host.storage.get(key) {
        Some(value) => (value, fee),
        None => {
            let address = call.host.frame.address;
            let Ok(slot) = call.host.evm.parts().0.journaled_state.sload(address, key);
            call.host.storage.learn(key, slot.data);
            (
                slot.data,
                fee + evm::storage_load_missed(slot.is_cold, arbos, ink_price),
            )
        }
    };
    call.meter.pay_gas(gas)?;
    call.put_word(dest, value)
}

pub fn cache(call: &mut Call<'_>, key: u32, value: u32) -> Result<(), Stop> {
    call.meter.require_gas(evm::STORAGE_CACHE_REQUIRED)?;
    let (key, value) = (call.word(key)?, call.word(value)?);
    let fee = call.host.storage.write_fee();
    call.meter.pay_gas(fee)?;
    call.host.storage.write(key, value);
    Ok(())
}

/// Writes what is dirty. A static frame fails only where there is something to write (rules 15.3).
pub fn flush(call: &mut Call<'_>, clear: u32) -> Result<(), Stop> {
    call.note_arg([u8::from(clear != 0)]);
    call.meter.require_gas(evm::STORAGE_FLUSH_REQUIRED)?;
    let dirty = call.host.storage.dirty();
    if !dirty.is_empty() {
        call.refuse_static()?;
    }
    for (key, value) in dirty {
        store(call, key, value)?;
    }
    call.host.storage.mark_flushed();
    if clear != 0 {
        call.host.storage.clear();
    }
    Ok(())
}

/// One SSTORE by the EVM's own rules (rules 4.1). Before ArbOS 32 it was free of gas (rules 1.1).
fn store(
    call: &mut Call<'_>,
    key: revm::primitives::U256,
    value: revm::primitives::U256,
) -> Result<(), Stop> {
    const ISTANBUL: bool = true;
    const CHARGED_FROM: u64 = 32;
    let address = call.host.frame.address;
    let ctx = call.host.evm.parts().0;
    let Ok(stored) = ctx.journaled_state.sstore(address, key, value);
    let prices = ctx.cfg.gas_params();
    let gas = prices.sstore_static_gas()
        + prices.sstore_dynamic_gas(ISTANBUL, &stored.data, stored.is_cold);
    call.host.refund += prices.sstore_refund(ISTANBUL, &stored.data);
    if call.host.frame.arbos >= CHARGED_FROM {
        call.meter.pay_gas(gas)?;
    }
    Ok(())
}

pub fn transient_load(call: &mut Call<'_>, key: u32, dest: u32) -> Result<(), Stop> {
    call.meter.pay_gas(evm::TRANSIENT)?;
    let key = call.word(key)?;
    let address = call.host.frame.address;
    let value = call.host.evm.parts().0.journaled_state.tload(address, key);
    call.put_word(dest, value)
}

/// The charge comes before the pointers are read (rules 15.4).
pub fn transient_store(call: &mut Call<'_>, key: u32, value: u32) -> Result<(), Stop> {
    call.meter.pay_gas(evm::TRANSIENT)?;
    let (key, value) = (call.word(key)?, call.word(value)?);
    call.refuse_static()?;
    let address = call.host.frame.address;
    call.host
        .evm
        .parts()
        .0
        .journaled_state
        .tstore(address, key, value);
    Ok(())
}
