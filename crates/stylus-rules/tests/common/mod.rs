//! Random contracts for tests.

use arbitrary::Unstructured;

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
    let memory = if seed.is_multiple_of(2) { "1 1" } else { "1 4" };
    let exports = format!(
        "(module (memory (export \"memory\") {memory})
            (func (export \"user_entrypoint\") (param i32) (result i32) unreachable))"
    );
    const IMPORTS: &str =
        "(module (import \"vm_hooks\" \"pay_for_memory_grow\" (func (param i32))))";
    let config = wasm_smith::Config {
        exports: Some(wat::parse_str(exports).ok()?),
        available_imports: Some(wat::parse_str(IMPORTS).ok()?),
        min_imports: 1,
        allow_floats: false,
        allow_start_export: false,
        bulk_memory_enabled: seed.is_multiple_of(4),
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
    let bytes = random_bytes(seed, 4096);
    let module = wasm_smith::Module::new(config, &mut Unstructured::new(&bytes)).ok()?;
    Some(module.to_bytes())
}
