//! The host functions of module `vm_hooks` (rules 4), by topic. Names, signatures and base prices come from
//! `stylus_rules::prices::hostio`; what is here is what they do.

mod accounts;
mod calls;
mod console;
mod context;
mod creation;
mod data;
mod math;
mod storage;

use stylus_rules::prices::hostio::{self, MODULE};
use wasmtime::{Caller, Engine, Linker};

use super::host::{Host, enter};
use super::profile;

/// Registers host functions: `name(arg: type, …) -> result = body`. The base price is looked up once.
macro_rules! register {
    ($linker:expr; $($name:ident($($arg:ident: $ty:ty),*) $(-> $result:ty)? = $body:path;)*) => {$(
        let base = base_price(stringify!($name))?;
        $linker.func_wrap(MODULE, stringify!($name), move |caller: Caller<'_, Host>, $($arg: $ty),*| -> wasmtime::Result<register!(@or_unit $($result)?)> {
            enter(caller, stringify!($name), base, |call| $body(call, $($arg),*))
        })?;
    )*};
    (@or_unit) => { () };
    (@or_unit $result:ty) => { $result };
}

fn base_price(name: &str) -> wasmtime::Result<u64> {
    let entry = hostio::hostio(name)
        .ok_or_else(|| wasmtime::Error::msg(format!("host function {name} has no price")))?;
    Ok(if name == hostio::PAY_FOR_MEMORY_GROW {
        0
    } else {
        entry.base
    })
}

/// A linker with all host functions.
pub fn link(engine: &Engine) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    register! { linker;
        read_args(dest: u32) = data::read_args;
        write_result(data: u32, len: u32) = data::write_result;
        exit_early(status: u32) = data::exit_early;
        read_return_data(dest: u32, offset: u32, size: u32) -> u32 = data::read_return_data;
        return_data_size() -> u32 = data::return_data_size;
        emit_log(data: u32, len: u32, topics: u32) = data::emit_log;
        native_keccak256(input: u32, len: u32, output: u32) = data::native_keccak256;
        pay_for_memory_grow(pages: u32) = data::pay_for_memory_grow;

        storage_load_bytes32(key: u32, dest: u32) = storage::load;
        storage_cache_bytes32(key: u32, value: u32) = storage::cache;
        storage_flush_cache(clear: u32) = storage::flush;
        transient_load_bytes32(key: u32, dest: u32) = storage::transient_load;
        transient_store_bytes32(key: u32, value: u32) = storage::transient_store;

        call_contract(to: u32, data: u32, len: u32, value: u32, gas: u64, ret_len: u32) -> u32 = calls::call;
        delegate_call_contract(to: u32, data: u32, len: u32, gas: u64, ret_len: u32) -> u32 = calls::delegate_call;
        static_call_contract(to: u32, data: u32, len: u32, gas: u64, ret_len: u32) -> u32 = calls::static_call;
        create1(code: u32, len: u32, endowment: u32, contract: u32, ret_len: u32) = creation::create1;
        create2(code: u32, len: u32, endowment: u32, salt: u32, contract: u32, ret_len: u32) = creation::create2;

        account_balance(address: u32, dest: u32) = accounts::balance;
        account_code(address: u32, offset: u32, size: u32, dest: u32) -> u32 = accounts::code;
        account_code_size(address: u32) -> u32 = accounts::code_size;
        account_codehash(address: u32, dest: u32) = accounts::codehash;

        evm_gas_left() -> u64 = context::gas_left;
        evm_ink_left() -> u64 = context::ink_left;
        block_basefee(dest: u32) = context::block_basefee;
        chainid() -> u64 = context::chainid;
        block_coinbase(dest: u32) = context::block_coinbase;
        block_gas_limit() -> u64 = context::block_gas_limit;
        block_number() -> u64 = context::block_number;
        block_timestamp() -> u64 = context::block_timestamp;
        contract_address(dest: u32) = context::contract_address;
        msg_reentrant() -> u32 = context::msg_reentrant;
        msg_sender(dest: u32) = context::msg_sender;
        msg_value(dest: u32) = context::msg_value;
        tx_gas_price(dest: u32) = context::tx_gas_price;
        tx_ink_price() -> u32 = context::tx_ink_price;
        tx_origin(dest: u32) = context::tx_origin;

        math_div(value: u32, divisor: u32) = math::div;
        math_mod(value: u32, modulus: u32) = math::modulo;
        math_pow(value: u32, exponent: u32) = math::pow;
        math_add_mod(value: u32, addend: u32, modulus: u32) = math::add_mod;
        math_mul_mod(value: u32, multiplier: u32, modulus: u32) = math::mul_mod;
    }
    console::link(&mut linker)?;
    profile::link(&mut linker)?;
    Ok(linker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_function_of_the_price_table_is_there() -> wasmtime::Result<()> {
        let engine = Engine::default();
        let linker = link(&engine)?;
        let mut store_free_names: Vec<&str> = Vec::new();
        for entry in &hostio::HOSTIOS {
            assert!(base_price(entry.name).is_ok());
            store_free_names.push(entry.name);
        }
        assert_eq!(store_free_names.len(), 42);
        // A module that imports all of them by the table's signatures links.
        let module = wasmtime::Module::new(&engine, module_importing_everything())?;
        linker.instantiate_pre(&module)?;
        Ok(())
    }

    fn module_importing_everything() -> Vec<u8> {
        use wasm_encoder::{EntityType, ImportSection, Module, TypeSection, ValType};
        let val = |ty: &wasmparser::ValType| {
            if *ty == wasmparser::ValType::I64 {
                ValType::I64
            } else {
                ValType::I32
            }
        };
        let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
        for (index, entry) in (0..).zip(&hostio::HOSTIOS) {
            types
                .ty()
                .function(entry.params.iter().map(val), entry.result.iter().map(val));
            imports.import(MODULE, entry.name, EntityType::Function(index));
        }
        let mut module = Module::new();
        module.section(&types).section(&imports);
        module.finish()
    }
}
