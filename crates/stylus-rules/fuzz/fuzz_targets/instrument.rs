//! Contracts to the instrumenter: the metered form must be valid and take the ink and the stack depth that the
//! interpreter counts.
//!
//! An input that begins as a module is one, and is mutated as one; of any other the first byte is the shape and the rest
//! what a random contract is made of.

#![no_main]

#[path = "../../tests/metering/arithmetic.rs"]
mod arithmetic;
#[path = "../../tests/common/mod.rs"]
mod common;
#[path = "../../tests/metering/compare.rs"]
mod compare;
#[path = "../../tests/common/feed.rs"]
mod feed;
#[path = "../../tests/metering/host.rs"]
mod host;
#[path = "../../tests/metering/interpreter.rs"]
mod interpreter;
#[path = "../../tests/metering/loading.rs"]
mod loading;
#[path = "../../tests/metering/metered.rs"]
mod metered;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use wasm_mutate::WasmMutate;
use wasmparser::Validator;

/// Steps that the mutator may take for one module.
const FUEL: u64 = 200;

fuzz_target!(|bytes: &[u8]| {
    if let Some(wasm) = common::contract_of(bytes) {
        feed::module(&wasm);
        compare::compare_endings(&wasm);
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed.is_multiple_of(2)
        && let Some(mutant) = mutant(&data[..size], seed)
        && mutant.len() <= max_size
    {
        data[..mutant.len()].copy_from_slice(&mutant);
        return mutant.len();
    }
    fuzzer_mutate(data, size, max_size)
});

/// Another valid module like this one, if it is one.
fn mutant(wasm: &[u8], seed: u32) -> Option<Vec<u8>> {
    // The mutator panics on what is no module.
    Validator::new().validate_all(wasm).ok()?;
    let mut mutate = WasmMutate::default();
    mutate
        .seed(seed.into())
        .reduce(seed.is_multiple_of(8))
        .preserve_semantics(false)
        .fuel(FUEL);
    mutate.run(wasm).ok()?.find_map(Result::ok)
}
