//! Calls recorded on the node (the embedded chain's golden/engine.json) of programs that ask the host for nothing: the metered form
//! ends as there, with the same ink and the same stack depth left. The chain around it is not needed for these.

use serde_json::Value;
use stylus_rules::activate::{ActivationContext, activate};
use stylus_rules::pages;
use stylus_rules::params::StylusParams;
use stylus_rules::prices::gas_to_ink;

use super::interpreter::Exit;
use super::metered::Metered;

/// What the node recorded about the frame, in its words.
fn run(case: &Value) -> Value {
    let arbos = case["arbos"].as_u64().unwrap();
    let params = StylusParams::for_arbos(arbos);
    let wasm = hex::decode(case["wasm"].as_str().unwrap()).unwrap();
    let activated = activate(&wasm, &ActivationContext::for_arbos(arbos), u64::MAX).unwrap();
    let info = activated.info;
    let call_cost = pages::cost(info.footprint, 0, 0, &params)
        + params.call_gas(info.init_cost, info.cached_cost, false);
    let ink = gas_to_ink(case["gas"].as_u64().unwrap() - call_cost, params.ink_price);
    let calldata_len = (case["calldata"].as_str().unwrap().len() / 2) as i32;
    let metered = Metered::new(&activated.program);
    let outcome = metered.run(calldata_len, ink, params.max_stack_depth);
    let status = match outcome.end {
        Exit::Returned(0) => "Success",
        Exit::Returned(_) => "Revert",
        Exit::Trapped => "Failure",
        Exit::OutOfInk => "OutOfInk",
        Exit::OutOfStack => "OutOfStack",
    };
    // A frame without stack depth loses its ink, however much is left (rules 2.4).
    let ink_left = match outcome.end {
        Exit::OutOfStack => 0,
        _ => outcome.ink_left,
    };
    serde_json::json!({
        "call_cost": call_cost,
        "ink_start": ink,
        "ink_left": ink_left,
        "stack_left": outcome.stack_left,
        "status": status,
    })
}

#[test]
fn recorded_calls_end_with_the_same_ink_and_stack() {
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../../../devnode/tests/golden/engine.json")).unwrap();
    let asks_host = |case: &Value| {
        case["wasm"]
            .as_str()
            .unwrap()
            .contains(&hex::encode("vm_hooks"))
    };
    let mut compared = 0;
    for case in cases
        .iter()
        .filter(|case| case["activation"].is_object() && !asks_host(case))
    {
        let mut expected = case["frame"].clone();
        expected["call_cost"] = expected["call_cost"]["total"].clone();
        for (key, value) in run(case).as_object().unwrap() {
            assert_eq!(
                expected[key], *value,
                "{key} of {} at {}",
                case["name"], case["arbos"]
            );
        }
        compared += 1;
    }
    assert_eq!(compared, 51);
}
