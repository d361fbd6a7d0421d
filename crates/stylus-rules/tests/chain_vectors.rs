//! Every activation that was recorded on the real node (the embedded chain's golden files): what it accepts costs the same
//! gas, what it refuses is refused.

#![allow(
    clippy::unwrap_used,
    reason = "a vector that cannot be read fails the test"
)]

use std::collections::HashMap;
use std::fs::File;

use flate2::read::GzDecoder;
use serde_json::Value;
use stylus_rules::activate::{ActivationContext, ActivationError, activate};
use stylus_rules::code::{
    Code, check_root, decompress, decompress_fragments, init_code, parse_code,
};
use stylus_rules::params::StylusParams;
use stylus_rules::prices::arbos;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../devnode/tests/golden/chain");
/// First four bytes of `activateProgram(address)`'s calldata.
const ACTIVATE: [u8; 4] = [0x58, 0xc7, 0x80, 0xc2];
/// The same of the owner's `setWasmActivationGas(uint64)`.
const SET_ACTIVATION_GAS: [u8; 4] = [0xa0, 0xa3, 0x24, 0x97];
const PRELUDE: usize = 43;

type Codes = HashMap<Vec<u8>, Vec<u8>>;

fn load(file: &str) -> Value {
    let gz = GzDecoder::new(File::open(format!("{GOLDEN}/{file}.json.gz")).unwrap());
    serde_json::from_reader(gz).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap().trim_start_matches("0x")).unwrap()
}

/// The code that init code of the usual form returns; other contracts are not Stylus programs.
fn deployed(init: &[u8]) -> Option<Vec<u8>> {
    let code = init.get(PRELUDE..)?;
    (init_code(code) == init).then(|| code.to_vec())
}

/// The vectors' chain is a development chain: it offers the debug host functions.
fn context(version: u64) -> ActivationContext {
    ActivationContext {
        debug: true,
        ..ActivationContext::for_arbos(version)
    }
}

/// Gas of a transaction before its execution: 21,000 and 4 or 16 per byte.
fn intrinsic(data: &[u8]) -> u64 {
    21_000
        + data
            .iter()
            .map(|byte| if *byte == 0 { 4 } else { 16 })
            .sum::<u64>()
}

/// The wasm that an account's code leads to, and the gas of fetching its fragments.
fn wasm_of(code: &[u8], codes: &Codes, params: &StylusParams) -> Option<(Vec<u8>, u64)> {
    let max = params.max_wasm_size as usize;
    match parse_code(code).ok()? {
        Code::Classic { dict, payload } => Some((decompress(payload, dict, max).ok()?, 0)),
        Code::Fragment { .. } => None,
        Code::Root {
            dict,
            len,
            addresses,
        } => {
            check_root(
                len,
                addresses.len(),
                params.max_wasm_size,
                params.max_fragment_count,
            )
            .ok()?;
            let fragments: Vec<&Vec<u8>> = addresses
                .iter()
                .map(|address| codes.get(&address[..]))
                .collect::<Option<_>>()?;
            let mut fetched = Vec::new();
            let mut gas = 0;
            for (address, code) in addresses.iter().zip(&fragments) {
                gas += arbos::fragment(!fetched.contains(&address), code.len() as u64);
                fetched.push(address);
            }
            let payloads: Vec<&[u8]> = fragments
                .iter()
                .map(|code| match parse_code(code) {
                    Ok(Code::Fragment { payload }) => Some(payload),
                    _ => None,
                })
                .collect::<Option<_>>()?;
            Some((decompress_fragments(&payloads, dict, len, max).ok()?, gas))
        }
    }
}

/// What the rules say about one recorded activation, against what the node did. `extra` is the activation charge that the
/// chain's owner has set.
fn difference(step: &Value, codes: &Codes, version: u64, extra: u64) -> Option<String> {
    let data = bytes(&step["data"]);
    let limit = step["gas"].as_u64().unwrap();
    let used = step["expect"]["gasUsed"].as_u64()?;
    let succeeded = step["expect"]["status"] == 1;
    if !succeeded && used != limit {
        return None; // a cheap error: decided outside the engine
    }
    let (wasm, fragments) = wasm_of(
        codes.get(&data[16..36])?,
        codes,
        &StylusParams::for_arbos(version),
    )?;
    let activated = match activate(&wasm, &context(version), limit) {
        Ok(activated) => activated,
        Err(error) => return succeeded.then(|| format!("{error}, the node accepts it")),
    };
    let expected =
        arbos::activation(version) + intrinsic(&data) + extra + fragments + activated.engine_gas;
    match succeeded {
        true => (used != expected).then(|| format!("{expected} gas, the node used {used}")),
        false => (expected <= limit).then(|| "accepted, the node refuses it".to_owned()),
    }
}

fn compare(file: &str, expected_activations: usize) {
    let golden = load(file);
    let version = golden["settings"]["arbosVersion"].as_u64().unwrap();
    let (mut differing, mut activations) = (Vec::new(), 0);
    for case in golden["cases"].as_array().unwrap() {
        let (mut codes, mut extra) = (Codes::new(), 0);
        for (number, step) in case["steps"].as_array().unwrap().iter().enumerate() {
            if step["kind"] == "deploy"
                && step["expect"]["status"] == 1
                && let Some(code) = deployed(&bytes(&step["data"]))
            {
                codes.insert(bytes(&step["expect"]["address"]), code);
            }
            if bytes(&step["data"]).starts_with(&SET_ACTIVATION_GAS) {
                extra = u64::from_be_bytes(bytes(&step["data"])[28..36].try_into().unwrap());
            }
            if step["kind"] == "activate" && bytes(&step["data"]).starts_with(&ACTIVATE) {
                activations += 1;
                if let Some(difference) = difference(step, &codes, version, extra) {
                    differing.push(format!("{} step {number}: {difference}", case["name"]));
                }
            }
        }
    }
    assert!(differing.is_empty(), "{file}:\n{}", differing.join("\n"));
    assert_eq!(activations, expected_activations);
}

#[test]
fn activations_of_operators_and_control_flow() {
    compare("a_code", 46);
}

#[test]
fn activations_of_host_functions() {
    compare("b_hostio", 35);
}

#[test]
fn activations_at_the_limits() {
    compare("c_activation", 84);
}

#[test]
fn activations_of_real_contracts() {
    compare("e_real", 10);
}

#[test]
fn activations_with_fragments() {
    compare("f_arbos60", 67);
}

#[test]
fn an_activation_error_names_the_step_that_ran_out() {
    let wasm = wat::parse_str(
        "(module (memory (export \"memory\") 0 0) (func (export \"user_entrypoint\") (param i32) (result i32) i32.const 0))",
    );
    let error = activate(&wasm.unwrap(), &ActivationContext::for_arbos(51), 0).unwrap_err();
    assert!(
        matches!(
            error,
            ActivationError::OutOfGas {
                step: "wasm length",
                ..
            }
        ),
        "{error}"
    );
}
