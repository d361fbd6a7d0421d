//! Everything that takes untrusted bytes, as the tests and the fuzz target `parse` call it: nothing may panic, and what
//! is accepted must be valid wasm after metering.

#![allow(dead_code, reason = "each user takes its own part")]
#![allow(
    clippy::unwrap_used,
    reason = "a module that activates and cannot be written fails the test"
)]

use std::fmt::Debug;

use stylus_rules::activate::{ActivationContext, activate};
use stylus_rules::code::{self, Code};
use stylus_rules::inspect::inspect;
use stylus_rules::instrument::{Form, instrument};
use stylus_rules::reencode::{ReencodeOptions, reencode};
use wasmparser::{Validator, WasmFeatures};

/// Largest wasm of any ArbOS version.
const MAX_WASM: usize = 256 << 10;
/// Compressing is most of the work of [`inspect`], so of any bytes only one in so many is inspected.
const INSPECTED: usize = 16;

/// Takes bytes for a module, an account's code and a brotli stream.
pub fn any(bytes: &[u8]) {
    module(bytes);
    if bytes.iter().map(|byte| usize::from(*byte)).sum::<usize>() % INSPECTED == 0 {
        let _ = inspect(bytes);
    }
    account(bytes);
    if let Ok(wasm) = code::decompress(bytes, code::NO_DICTIONARY, MAX_WASM) {
        module(&wasm);
    }
}

/// Takes bytes for an account's code. Its fragments, if it lists any, are what stands behind it.
pub fn account(bytes: &[u8]) {
    for arbos in [51, 60] {
        let is_program = code::is_program(bytes, arbos);
        assert!(
            !is_program || code::may_deploy(bytes, arbos),
            "a program that may not be deployed"
        );
    }
    match code::parse_code(bytes) {
        Ok(Code::Classic { dict, payload }) => {
            if let Ok(wasm) = code::decompress(payload, dict, MAX_WASM) {
                assert!(wasm.len() <= MAX_WASM);
                module(&wasm);
            }
        }
        Ok(Code::Fragment { payload }) => {
            // As if a root listed this one fragment twice, announcing what its first bytes say.
            let announced = payload
                .first_chunk()
                .map_or(0, |len| u32::from_be_bytes(*len));
            let parts = [payload, payload];
            let wasm = code::decompress_fragments(&parts, code::NO_DICTIONARY, announced, MAX_WASM);
            assert!(wasm.is_err() || wasm.is_ok_and(|wasm| wasm.len() == announced as usize));
        }
        Ok(Code::Root { len, addresses, .. }) => {
            let _ = code::check_root(len, addresses.len(), MAX_WASM as u32, 4);
        }
        Err(_) => {}
    }
}

/// Takes bytes for a module; whether any profile accepts it.
pub fn module(wasm: &[u8]) -> bool {
    let mut accepted = false;
    for (arbos, debug) in [(30, true), (51, false), (60, false), (61, false)] {
        let context = ActivationContext {
            debug,
            ..ActivationContext::for_arbos(arbos)
        };
        if let Ok(activated) = activate(wasm, &context, u64::MAX) {
            accepted = true;
            for form in [Form::Metered, Form::Profiled, Form::Bare] {
                let written = instrument(wasm, &context, form).unwrap();
                assert_valid(&written.bytes, form);
                if form == Form::Metered {
                    assert_eq!(written, activated.program, "metering of an active program");
                }
            }
        }
    }
    if let Ok(encoded) = reencode(wasm, &ReencodeOptions::default()) {
        assert_valid(&encoded, "re-encoded");
        assert_eq!(
            reencode(&encoded, &ReencodeOptions::default()).as_ref(),
            Ok(&encoded),
            "re-encoding again"
        );
    }
    accepted
}

fn assert_valid(wasm: &[u8], form: impl Debug) {
    let valid = Validator::new_with_features(WasmFeatures::default()).validate_all(wasm);
    assert!(valid.is_ok(), "{form:?}: {:?}", valid.err());
}
