//! Ink of the host functions of module `vm_hooks`, their names and signatures (rules 4).
//!
//! The base price is charged before anything else; the functions below give what depends on lengths. Gas parts
//! (storage, calls, creation, logs) are in [`super::evm`].

use wasmparser::ValType;

/// Fixed part of every host function that has one.
pub const HOSTIO: u64 = 8400;
/// Each pointer argument of fixed length.
pub const PTR: u64 = 5040;
/// Each function that asks the chain for something.
pub const EVM_API: u64 = 59_673;
/// 256-bit division or remainder.
pub const DIV: u64 = 20_000;
/// 256-bit addition modulo.
pub const ADD_MOD: u64 = 21_000;
/// 256-bit multiplication modulo.
pub const MUL_MOD: u64 = 24_100;

/// Host functions answered without asking the chain: no pointer, one pointer.
const PLAIN: u64 = HOSTIO;
const PLAIN_PTR: u64 = HOSTIO + PTR;
/// Host functions that ask the chain: by number of pointers.
const API: u64 = HOSTIO + EVM_API;
const API_2_PTR: u64 = API + 2 * PTR;
const API_3_PTR: u64 = API + 3 * PTR;
const API_4_PTR: u64 = API + 4 * PTR;

/// Writing `len` bytes of any length into the guest's memory; `write(0)` is the floor of 5,040 (rules 4).
pub const fn write(len: u64) -> u64 {
    PTR + 30 * len.saturating_sub(32)
}

/// Reading `len` bytes of any length from the guest's memory (rules 4).
pub const fn read(len: u64) -> u64 {
    16_381 + 55 * len.saturating_sub(32)
}

/// `native_keccak256` of `len` bytes; it has no base price (rules 4).
pub const fn keccak(len: u64) -> u64 {
    121_800 + 21_000 * super::words(len).saturating_sub(2)
}

/// What `math_pow` costs beside its base: by the bytes of the exponent, big-endian (rules 4).
pub const fn math_pow(exponent: &[u8; 32]) -> u64 {
    let mut leading = 0;
    while leading < 32 && exponent[leading] == 0 {
        leading += 1;
    }
    3000 + 17_500 * (33 - leading as u64)
}

/// Module that all host functions are imported from.
pub const MODULE: &str = "vm_hooks";

/// Host function that a module with growable memory must import; the instrumentation calls it (rules 2.3).
pub const PAY_FOR_MEMORY_GROW: &str = "pay_for_memory_grow";

/// One host function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hostio {
    /// Import name in [`MODULE`].
    pub name: &'static str,
    /// Parameter types, all i32 or i64.
    pub params: &'static [ValType],
    /// Result type, if it has one.
    pub result: Option<ValType>,
    /// Ink charged first, before any other charge or check. `pay_for_memory_grow` charges it for 0 pages only.
    pub base: u64,
}

const I: ValType = ValType::I32;
const L: ValType = ValType::I64;

const fn f(
    name: &'static str,
    params: &'static [ValType],
    result: Option<ValType>,
    base: u64,
) -> Hostio {
    Hostio {
        name,
        params,
        result,
        base,
    }
}

/// The 42 host functions in the order of rules 4.
pub const HOSTIOS: [Hostio; 42] = [
    f("read_args", &[I], None, PLAIN),
    f("write_result", &[I, I], None, PLAIN),
    f("exit_early", &[I], None, 0),
    f("storage_load_bytes32", &[I, I], None, HOSTIO + 2 * PTR),
    f("storage_cache_bytes32", &[I, I], None, HOSTIO + 2 * PTR),
    f("storage_flush_cache", &[I], None, API),
    f("transient_load_bytes32", &[I, I], None, API_2_PTR),
    f("transient_store_bytes32", &[I, I], None, API_2_PTR),
    f("call_contract", &[I, I, I, I, L, I], Some(I), API_3_PTR),
    f(
        "delegate_call_contract",
        &[I, I, I, L, I],
        Some(I),
        API_3_PTR,
    ),
    f("static_call_contract", &[I, I, I, L, I], Some(I), API_3_PTR),
    f("create1", &[I, I, I, I, I], None, API_3_PTR),
    f("create2", &[I, I, I, I, I, I], None, API_4_PTR),
    f("read_return_data", &[I, I, I], Some(I), API),
    f("return_data_size", &[], Some(I), PLAIN),
    f("emit_log", &[I, I, I], None, API),
    f("account_balance", &[I, I], None, API_2_PTR),
    f("account_code", &[I, I, I, I], Some(I), API),
    f("account_code_size", &[I], Some(I), API),
    f("account_codehash", &[I, I], None, API_2_PTR),
    f("evm_gas_left", &[], Some(L), PLAIN),
    f("evm_ink_left", &[], Some(L), PLAIN),
    f("block_basefee", &[I], None, PLAIN_PTR),
    f("chainid", &[], Some(L), PLAIN),
    f("block_coinbase", &[I], None, PLAIN_PTR),
    f("block_gas_limit", &[], Some(L), PLAIN),
    f("block_number", &[], Some(L), PLAIN),
    f("block_timestamp", &[], Some(L), PLAIN),
    f("contract_address", &[I], None, PLAIN_PTR),
    f("math_div", &[I, I], None, HOSTIO + 3 * PTR + DIV),
    f("math_mod", &[I, I], None, HOSTIO + 3 * PTR + DIV),
    f("math_pow", &[I, I], None, HOSTIO + 3 * PTR),
    f("math_add_mod", &[I, I, I], None, HOSTIO + 4 * PTR + ADD_MOD),
    f("math_mul_mod", &[I, I, I], None, HOSTIO + 4 * PTR + MUL_MOD),
    f("msg_reentrant", &[], Some(I), PLAIN),
    f("msg_sender", &[I], None, PLAIN_PTR),
    f("msg_value", &[I], None, PLAIN_PTR),
    f("native_keccak256", &[I, I, I], None, 0),
    f("tx_gas_price", &[I], None, PLAIN_PTR),
    f("tx_ink_price", &[], Some(I), PLAIN),
    f("tx_origin", &[I], None, PLAIN_PTR),
    f(PAY_FOR_MEMORY_GROW, &[I], None, PLAIN),
];

/// Functions that debug chains offer beside [`HOSTIOS`], by module and name; all are free (rules 4, end).
pub const DEBUG_HOSTIOS: [(&str, Hostio); 12] = [
    ("console", f("log_txt", &[I, I], None, 0)),
    ("console", f("log_i32", &[I], None, 0)),
    ("console", f("log_i64", &[L], None, 0)),
    ("console", f("log_f32", &[ValType::F32], None, 0)),
    ("console", f("log_f64", &[ValType::F64], None, 0)),
    ("console", f("tee_i32", &[I], Some(I), 0)),
    ("console", f("tee_i64", &[L], Some(L), 0)),
    (
        "console",
        f("tee_f32", &[ValType::F32], Some(ValType::F32), 0),
    ),
    (
        "console",
        f("tee_f64", &[ValType::F64], Some(ValType::F64), 0),
    ),
    ("debug", f("null_host", &[], None, 0)),
    ("debug", f("start_benchmark", &[], None, 0)),
    ("debug", f("end_benchmark", &[], None, 0)),
];

/// Looks up a host function of [`MODULE`] by name.
pub fn hostio(name: &str) -> Option<&'static Hostio> {
    HOSTIOS.iter().find(|hostio| hostio.name == name)
}

/// Looks up the host function that an import names; `debug` tells whether the chain is a debug chain.
pub fn import(module: &str, name: &str, debug: bool) -> Option<&'static Hostio> {
    if module == MODULE {
        return hostio(name);
    }
    DEBUG_HOSTIOS
        .iter()
        .find(|(owner, hostio)| debug && *owner == module && hostio.name == name)
        .map(|(_, hostio)| hostio)
}
