//! The recorded cases of the real node, all of them: engine.json at every version, and every file of whole transactions.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::path::Path;

use common::binary;
use serde_json::Value;

/// Replays a file and checks that all its cases, `expected` in number, are equal.
fn all_equal(file: &str, options: &[&str], expected: usize) {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(file);
    let replayed = binary()
        .arg("replay")
        .arg(golden)
        .args(options)
        .output()
        .unwrap();
    let lines = String::from_utf8(replayed.stdout).unwrap();
    let cases: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let different: Vec<&Value> = cases.iter().filter(|case| case["equal"] != true).collect();
    assert!(different.is_empty(), "{file}: {different:#?}");
    assert_eq!(
        cases.len(),
        expected,
        "{file}: {}",
        String::from_utf8_lossy(&replayed.stderr)
    );
    assert!(replayed.status.success());
}

#[test]
fn program_calls_at_arbos_51() {
    all_equal("engine.json", &["--arbos", "51"], 46);
}

#[test]
fn program_calls_at_arbos_30() {
    all_equal("engine.json", &["--arbos", "30"], 43);
}

#[test]
fn program_calls_at_arbos_60() {
    all_equal("engine.json", &["--arbos", "60"], 1);
}

#[test]
fn operators_memory_and_stack() {
    all_equal("chain/a_code.json.gz", &[], 46);
}

#[test]
fn calls_and_creations() {
    all_equal("chain/b_calls.json.gz", &[], 14);
}

#[test]
fn static_frames_and_exhausted_calls() {
    all_equal("chain/b_extra.json.gz", &[], 2);
}

#[test]
fn host_functions() {
    all_equal("chain/b_hostio.json.gz", &[], 32);
}

#[test]
fn activation_caching_and_expiry() {
    all_equal("chain/c_activation.json.gz", &[], 76);
}

#[test]
fn solidity_and_precompiles() {
    all_equal("chain/d_evm.json.gz", &[], 8);
}

#[test]
fn real_models_and_an_sdk_contract() {
    all_equal("chain/e_real.json.gz", &[], 10);
}

#[test]
fn arbos_60_with_fragments_and_block_cache() {
    all_equal("chain/f_arbos60.json.gz", &[], 30);
}

#[test]
fn least_start_gas_can_be_set() {
    all_equal("chain/z_mininit.json.gz", &[], 1);
}

#[test]
fn the_baseline_compiler_gives_what_was_recorded() {
    let baseline = ["--compiler", "baseline"];
    all_equal("engine.json", &baseline, 90);
    for (file, cases) in [
        ("a_code", 46),
        ("b_calls", 14),
        ("b_hostio", 32),
        ("e_real", 10),
        ("f_arbos60", 30),
    ] {
        all_equal(&format!("chain/{file}.json.gz"), &baseline, cases);
    }
}

#[test]
fn a_changed_expectation_is_noticed() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/engine.json");
    let mut cases: Value = serde_json::from_str(&std::fs::read_to_string(golden).unwrap()).unwrap();
    let first = &mut cases[1];
    first["gas_used"] = (first["gas_used"].as_u64().unwrap() + 1).into();
    let file = std::env::temp_dir().join(format!(
        "stylus-devnode-changed-{}.json",
        std::process::id()
    ));
    std::fs::write(&file, Value::Array(vec![first.clone()]).to_string()).unwrap();
    let replayed = binary().arg("replay").arg(&file).output().unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(replayed.status.code(), Some(1));
    let line: Value = serde_json::from_slice(&replayed.stdout).unwrap();
    assert_eq!(line["equal"], false);
    assert_eq!(
        line["actual"]["gas_used"].as_u64().unwrap() + 1,
        line["expected"]["gas_used"].as_u64().unwrap()
    );
}
