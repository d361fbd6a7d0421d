//! Gas of what host functions ask the chain for (rules 4, 4.1 to 4.3, with the corrections of 15).
//!
//! Everything here is gas; `prices::gas_to_ink` turns it into ink when a program pays.

use super::words;

/// Reading a warm account or slot.
pub const WARM: u64 = 100;
/// Reading a cold account.
pub const COLD_ACCOUNT: u64 = 2600;
/// Reading a cold slot.
pub const COLD_SLOT: u64 = 2100;
/// `transient_load_bytes32` and `transient_store_bytes32`.
pub const TRANSIENT: u64 = 100;

/// First ArbOS version with the corrected storage charges (rules 1.1).
const CHARGING_FIXES: u64 = 32;

/// Gas that asking the chain for a slot costs beside the slot itself: `EVM_API` ink as gas, or, before ArbOS 32, the
/// bare ink figure taken for gas (rules 4, `storage_load_bytes32`).
pub const fn storage_api(arbos: u64, ink_price: u32) -> u64 {
    if arbos < CHARGING_FIXES {
        super::hostio::EVM_API
    } else {
        super::ink_to_gas(super::hostio::EVM_API, ink_price)
    }
}

/// Gas that must be left for `storage_load_bytes32`, whatever it will cost in the end.
pub const fn storage_load_required(arbos: u64, ink_price: u32) -> u64 {
    COLD_SLOT + 10 + storage_api(arbos, ink_price)
}

/// Gas of the `storage_load_bytes32` that misses the frame's cache, beside [`storage_read_fee`].
pub const fn storage_load_missed(cold: bool, arbos: u64, ink_price: u32) -> u64 {
    let slot = if cold { COLD_SLOT } else { WARM };
    slot + storage_api(arbos, ink_price)
}

/// Gas that must be left for `storage_cache_bytes32`.
pub const STORAGE_CACHE_REQUIRED: u64 = 2310;
/// Gas that must be left for `storage_flush_cache`.
pub const STORAGE_FLUSH_REQUIRED: u64 = 2300;

/// Gas of the frame's `nth` storage read, counted from 1 (rules 4.1).
pub const fn storage_read_fee(nth: u64) -> u64 {
    match nth {
        0..=32 => 0,
        33..=128 => 2,
        _ => 10,
    }
}

/// Gas of the frame's `nth` cached storage write, counted from 1 (rules 4.1).
pub const fn storage_write_fee(nth: u64) -> u64 {
    match nth {
        0..=8 => 0,
        9..=64 => 7,
        _ => 10,
    }
}

/// Gas that must be left before an account is read.
pub const ACCOUNT_REQUIRED: u64 = COLD_ACCOUNT;

/// Gas of reading an account's balance or code hash.
pub const fn account(cold: bool) -> u64 {
    if cold { COLD_ACCOUNT } else { WARM }
}

/// Gas of reading an account's code or its size, when the frame has not just read the same (rules 4, `account_code`).
/// `max_code_size` is the chain's limit, 24,576 by default.
pub const fn account_code(cold: bool, max_code_size: u64) -> u64 {
    700 * (max_code_size / 24_576) + account(cold)
}

/// Gas of `emit_log` with `topics` topics and `data_len` bytes beside them.
pub const fn log(topics: u64, data_len: u64) -> u64 {
    375 * (1 + topics) + 8 * data_len
}

/// Gas that a value call adds for the callee (rules 4.2).
pub const CALL_STIPEND: u64 = 2300;

/// Gas that a sub-call costs before the callee's own (rules 4.2): the callee is cold, value goes along, and it goes to
/// an empty account.
pub const fn call_base(cold: bool, value: bool, empty: bool) -> u64 {
    let access = if cold { COLD_ACCOUNT } else { WARM };
    let creation = if value && empty { 25_000 } else { 0 };
    let transfer = if value { 9000 } else { 0 };
    access + creation + transfer
}

/// Gas handed to a callee: 63/64 of what is left after `base`, at most `requested`; `None` if `base` cannot be paid
/// (then all of `gas_left` is charged). The stipend comes on top (rules 4.2).
pub const fn call_gas(gas_left: u64, base: u64, requested: u64) -> Option<u64> {
    let Some(rest) = gas_left.checked_sub(base) else {
        return None;
    };
    let allowed = ((rest as u128 * 63) / 64) as u64;
    Some(if requested < allowed {
        requested
    } else {
        allowed
    })
}

/// Gas that `create1` or `create2` costs before the init code runs; less than this makes the host function fail
/// (rules 4.3, 15.1).
pub const fn create_base(salted: bool, init_code_len: u64) -> u64 {
    let hashing = if salted { 6 * words(init_code_len) } else { 0 };
    32_000 + hashing
}

/// Gas that a creator keeps back from its init code, of `gas` left after [`create_base`] (rules 4.3).
pub const fn create_kept(gas: u64) -> u64 {
    gas / 64
}

/// First ArbOS version that charges for return data (rules 1.1).
const RETURN_DATA_FLOOR: u64 = 31;

/// Least gas that a program call costs for returning `len` bytes, as EVM memory would (rules 6.5).
pub const fn return_data_floor(arbos: u64, len: u64) -> u64 {
    if arbos < RETURN_DATA_FLOOR {
        return 0;
    }
    memory(len)
}

/// Gas of `len` bytes of EVM memory: `3w + w*w/512`.
pub const fn memory(len: u64) -> u64 {
    let words = words(len);
    (3 * words).saturating_add(words.saturating_mul(words) / 512)
}
