//! Activation facts recorded from the real node (the embedded chain's golden/engine.json), at every ArbOS version that it holds.

#![allow(
    clippy::unwrap_used,
    reason = "a vector that cannot be read fails the test"
)]
use serde_json::Value;
use stylus_rules::activate::{Activated, ActivationContext, ActivationError, activate};
use stylus_rules::code::{Code, decompress, parse_code, program_code};
use stylus_rules::fees::data_fee_at_zero_demand;
use stylus_rules::params::StylusParams;

const GAS: u64 = 32_000_000;

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("../../devnode/tests/golden/engine.json")).unwrap()
}

fn arbos(case: &Value) -> u64 {
    case["arbos"].as_u64().unwrap()
}

fn run(case: &Value, gas: u64) -> Result<Activated, ActivationError> {
    let wasm = hex::decode(case["wasm"].as_str().unwrap()).unwrap();
    activate(&wasm, &ActivationContext::for_arbos(arbos(case)), gas)
}

fn facts(activated: &Activated, arbos: u64) -> Value {
    let params = StylusParams::for_arbos(arbos);
    let info = &activated.info;
    serde_json::json!({
        "engine_activation_gas": activated.engine_gas,
        "init_cost": info.init_cost,
        "cached_init_cost": info.cached_cost,
        "asm_estimate": info.asm_estimate,
        "asm_estimate_kb": info.asm_estimate_kb(),
        "footprint": info.footprint,
        "wasm_size": info.wasm_len,
        "data_fee_wei_zero_demand": data_fee_at_zero_demand(info.asm_estimate).to_string(),
        "init_gas": params.init_gas(info.init_cost),
        "cached_gas": params.cached_gas(info.cached_cost),
    })
}

#[test]
fn activation_facts_equal_the_nodes() {
    let mut differing = Vec::new();
    for case in cases() {
        let Value::Object(expected) = &case["activation"] else {
            continue;
        };
        let name = format!("{} at {}", case["name"], arbos(&case));
        match run(&case, GAS) {
            Ok(activated) => {
                let actual = facts(&activated, arbos(&case));
                for (key, value) in actual.as_object().unwrap() {
                    if expected[key] != *value {
                        differing.push(format!(
                            "{name}: {key} is {value}, the node has {}",
                            expected[key]
                        ));
                    }
                }
            }
            Err(error) => differing.push(format!("{name}: {error}")),
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn what_the_node_refuses_is_refused() {
    let mut refused = 0;
    for case in cases()
        .iter()
        .filter(|case| !case["activation_error"].is_null())
    {
        let error = run(case, GAS).err();
        assert!(
            matches!(error, Some(ActivationError::Refused(_))),
            "{} at {}: {error:?}",
            case["name"],
            arbos(case)
        );
        refused += 1;
    }
    assert_eq!(refused, 29);
}

#[test]
fn one_gas_less_than_needed_is_out_of_gas() {
    for case in cases().iter().filter(|case| case["activation"].is_object()) {
        let needed = case["activation"]["engine_activation_gas"]
            .as_u64()
            .unwrap();
        assert!(run(case, needed).is_ok(), "{}", case["name"]);
        assert!(
            matches!(run(case, needed - 1), Err(ActivationError::OutOfGas { .. })),
            "{}",
            case["name"]
        );
    }
}

#[test]
fn code_has_the_recorded_size() {
    for case in cases().iter().filter(|case| case["activation"].is_object()) {
        let wasm = hex::decode(case["wasm"].as_str().unwrap()).unwrap();
        let code = program_code(&wasm);
        assert_eq!(
            case["activation"]["code_size"],
            code.len(),
            "{}",
            case["name"]
        );
        let Ok(Code::Classic { dict, payload }) = parse_code(&code) else {
            unreachable!("a whole program's code")
        };
        assert_eq!(decompress(payload, dict, wasm.len()).as_ref(), Ok(&wasm));
    }
}
