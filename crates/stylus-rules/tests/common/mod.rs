//! Random contracts for tests.

#![allow(dead_code, reason = "each user takes its own part")]

use arbitrary::Unstructured;
use stylus_rules::prices::hostio::{MODULE, PAY_FOR_MEMORY_GROW, hostio};
use wasmparser::ValType;

/// Bytes that depend on the seed alone (xorshift).
pub fn random_bytes(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..count).map(|_| next()).collect()
}

/// A random module with the exports of a contract, integers only; `None` when the seed's bytes do not make one.
pub fn random_contract(seed: u64) -> Option<Vec<u8>> {
    contract(seed as u8, &random_bytes(seed, 4096))
}

/// What an input of the fuzz target `instrument` stands for: a module, or shape and bytes of a random contract.
pub fn contract_of(input: &[u8]) -> Option<Vec<u8>> {
    if input.starts_with(b"\0asm") {
        return Some(input.to_vec());
    }
    let (shape, bytes) = input.split_first()?;
    contract(*shape, bytes)
}

/// As [`random_contract`], of these bytes. The shape tells whether the memory is fixed (bit 0 clear) and whether bulk
/// memory may be used (bits 0 and 1 clear).
pub fn contract(shape: u8, bytes: &[u8]) -> Option<Vec<u8>> {
    let memory = if shape.is_multiple_of(2) {
        "1 1"
    } else {
        "1 4"
    };
    let exports = format!(
        "(module (memory (export \"memory\") {memory})
            (func (export \"user_entrypoint\") (param i32) (result i32) unreachable))"
    );
    let config = wasm_smith::Config {
        exports: Some(wat::parse_str(exports).ok()?),
        available_imports: Some(wat::parse_str(host_functions()).ok()?),
        min_imports: 1,
        allow_floats: false,
        allow_start_export: false,
        bulk_memory_enabled: shape.is_multiple_of(4),
        gc_enabled: false,
        exceptions_enabled: false,
        extended_const_enabled: false,
        max_memories: 0, // the export brings one
        max_memory32_bytes: 8 << 16,
        max_table_elements: 64,
        memory64_enabled: false,
        reference_types_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        ..wasm_smith::Config::default()
    };
    let module = wasm_smith::Module::new(config, &mut Unstructured::new(bytes)).ok()?;
    Some(module.to_bytes())
}

/// A module that imports some host functions: the one that growth is paid to, and of every kind of signature one.
fn host_functions() -> String {
    const SOME: [&str; 6] = [
        PAY_FOR_MEMORY_GROW,
        "msg_reentrant",
        "evm_ink_left",
        "math_div",
        "read_return_data",
        "call_contract",
    ];
    let list = |tag: &str, types: &[ValType]| {
        let types: Vec<_> = types.iter().map(ToString::to_string).collect();
        format!("({tag} {})", types.join(" "))
    };
    let imports = SOME.iter().filter_map(|name| hostio(name)).map(|function| {
        format!(
            "(import \"{MODULE}\" \"{}\" (func {} {}))",
            function.name,
            list("param", function.params),
            list("result", function.result.as_slice())
        )
    });
    format!("(module {})", imports.collect::<String>())
}
