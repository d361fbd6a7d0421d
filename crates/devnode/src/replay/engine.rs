//! Cases of engine.json: one activation and one call of one program on an empty state.

use crate::evm::tx_state::Watch;
use std::collections::BTreeMap;
use std::sync::Arc;

use revm::bytecode::Bytecode;
use revm::context::TxEnv;
use revm::context::result::ExecutionResult;
use revm::primitives::{Address, Bytes, TxKind, U256, address, hex};
use serde::Deserialize;
use serde_json::{Value, json};
use stylus_rules::activate::{Activated, ActivationContext, activate};
use stylus_rules::code::program_code;
use stylus_rules::fees::data_fee_at_zero_demand;
use stylus_rules::params::StylusParams;
use stylus_rules::prices::arbos::ACTIVATION;

use super::compare::Verdict;
use super::{Selection, Tally};
use crate::arbos::ArbosVersion;
use crate::arbos::programs::ProgramEntry;
use crate::arbos::store::Arbos;
use crate::chain::clock::now;
use crate::chain::{BASE_FEE, CHAIN_ID, Config, genesis};
use crate::engine::Engine;
use crate::evm::transact::{BlockFacts, Execution, Mode, execute};
use crate::state::State;

/// Account that the recorded programs stand at.
const PROGRAM: Address = address!("1111111111111111111111111111111111111111");
/// More gas than any activation needs.
const ENOUGH: u64 = 1 << 40;

#[derive(Debug, Deserialize)]
struct Case {
    name: String,
    arbos: u64,
    wasm: String,
    calldata: String,
    gas: u64,
    args: Vec<String>,
    activation: Option<Value>,
    #[serde(flatten)]
    expected: BTreeMap<String, Value>,
}

/// Runs the selected cases.
pub fn run(
    cases: &[Value],
    selection: &Selection,
    report: &mut dyn FnMut(&str, u64, &Verdict),
) -> Result<bool, String> {
    let mut tally = Tally::default();
    let engine = Arc::new(Engine::new(selection.compiler).map_err(|error| error.to_string())?);
    for case in cases {
        let case = Case::deserialize(case)
            .map_err(|error| format!("not a case of engine.json: {error}"))?;
        if selection.takes(&case.name, case.arbos) {
            let verdict = judge(&case, &engine)?;
            tally.count(&verdict);
            report(&case.name, case.arbos, &verdict);
        }
    }
    Ok(tally.finish())
}

fn judge(case: &Case, engine: &Arc<Engine>) -> Result<Verdict, String> {
    let mut verdict = Verdict::default();
    let wasm = bytes(&case.wasm)?;
    let params = StylusParams::for_arbos(case.arbos);
    let debug = !case.args.iter().any(|arg| arg == "--no-debug");
    let context = ActivationContext {
        arbos: case.arbos,
        debug,
        page_limit: params.page_limit,
        version: params.version,
    };
    let activated = activate(&wasm, &context, ENOUGH);
    let Some(expected) = &case.activation else {
        verdict.compare("activation refused", true, activated.is_err());
        return Ok(verdict);
    };
    match activated {
        Err(error) => verdict.compare("activation", "accepted", error.to_string()),
        Ok(activated) => {
            compare_activation(&mut verdict, expected, &activated, &params);
            let execution = call(case, &wasm, &activated, debug, engine)?;
            compare_call(&mut verdict, case, execution);
        }
    }
    Ok(verdict)
}

fn compare_activation(
    verdict: &mut Verdict,
    expected: &Value,
    activated: &Activated,
    params: &StylusParams,
) {
    let info = activated.info;
    let call_gas = params.call_gas(info.init_cost, info.cached_cost, false);
    let actual = json!({
        "activation_gas_fixed_plus_engine": ACTIVATION + activated.engine_gas,
        "engine_activation_gas": activated.engine_gas,
        "asm_estimate": info.asm_estimate,
        "asm_estimate_kb": info.asm_estimate_kb(),
        "footprint": info.footprint,
        "init_cost": info.init_cost,
        "cached_init_cost": info.cached_cost,
        "init_gas": params.init_gas(info.init_cost),
        "cached_gas": params.cached_gas(info.cached_cost),
        "program_init_gas": [call_gas, params.cached_gas(info.cached_cost)],
        "data_fee_wei_zero_demand": data_fee_at_zero_demand(info.asm_estimate).to_string(),
        "wasm_size": info.wasm_len,
    });
    for (name, value) in actual.as_object().into_iter().flatten() {
        verdict.compare(format!("activation.{name}"), &expected[name], value);
    }
}

fn call(
    case: &Case,
    wasm: &[u8],
    activated: &Activated,
    debug: bool,
    engine: &Arc<Engine>,
) -> Result<Execution, String> {
    let facts = BlockFacts {
        number: 1,
        timestamp: now(),
        base_fee: BASE_FEE,
        arbos: ArbosVersion(case.arbos),
        chain_id: CHAIN_ID,
        debug,
        gas_cap: u64::MAX,
    };
    let state = state_with(wasm, activated, &facts);
    let data = bytes(&case.calldata)?;
    let intrinsic = 21_000
        + data
            .iter()
            .map(|byte| if *byte == 0 { 4 } else { 16 })
            .sum::<u64>();
    let env = TxEnv {
        tx_type: 2,
        gas_limit: case.gas + intrinsic,
        kind: TxKind::Call(PROGRAM),
        data,
        chain_id: Some(CHAIN_ID),
        gas_priority_fee: Some(0),
        gas_price: 0,
        ..TxEnv::default()
    };
    execute(
        state,
        &facts,
        env,
        Mode::Simulation { l1_gas: 0 },
        engine,
        Watch::Nothing,
    )
    .map_err(|error| format!("{}: {error:?}", case.name))
}

fn state_with(wasm: &[u8], activated: &Activated, facts: &BlockFacts) -> State {
    let mut state = genesis::state(&Config {
        arbos: facts.arbos,
        owners: Vec::new(),
        l1_price: U256::ZERO,
        predeploys: false,
    });
    let code = Bytecode::new_legacy(program_code(wasm).into());
    let code_hash = code.hash_slow();
    state.edit(PROGRAM, |info| {
        info.code_hash = code_hash;
        info.code = Some(code);
    });
    Arbos(&mut state).set_program(
        code_hash,
        &ProgramEntry::activated(&activated.info, facts.timestamp),
    );
    state
}

fn compare_call(verdict: &mut Verdict, case: &Case, execution: Execution) {
    let Some(frame) = execution.last_program else {
        verdict.compare("program", "ran", execution.failure);
        return;
    };
    let gas_used = frame.gas_start - frame.gas_left;
    let expected_frame = &case.expected["frame"];
    let actual = json!({
        "gas_start": frame.gas_start,
        "gas_left": frame.gas_left,
        "gas_used": gas_used,
        "ink_start": frame.ink_start,
        "ink_left": frame.ink_left,
        "ink_used": frame.ink_start - frame.ink_left,
        "return_data_min_gas": frame.return_data_floor,
        "stack_left": frame.stack_left,
        "status": frame.status,
    });
    for (name, value) in actual.as_object().into_iter().flatten() {
        verdict.compare(format!("frame.{name}"), &expected_frame[name], value);
    }
    verdict.compare(
        "frame.call_cost.memory",
        &expected_frame["call_cost"]["memory"],
        frame.memory_gas,
    );
    verdict.compare(
        "frame.call_cost.total",
        &expected_frame["call_cost"]["total"],
        frame.memory_gas + frame.start_gas,
    );

    let writes = storage_writes(&execution.changes);
    let result = execution.result;
    let of = |name: &str| &case.expected[name];
    verdict.compare("ok", of("ok"), result.is_success());
    verdict.compare("gas_used", of("gas_used"), gas_used);
    verdict.compare(
        "output",
        of("output"),
        result.output().cloned().unwrap_or_default(),
    );
    verdict.compare("logs", of("logs"), logs(&result));
    verdict.compare("storage_writes", of("storage_writes"), writes);
    verdict.compare("pages.ever", &of("pages")["ever"], execution.pages.ever);
    verdict.compare("pages.open", &of("pages")["open"], execution.pages.open);
    verdict.compare("refund", of("refund"), result.gas().inner_refunded());
}

/// Slots that the transaction changed, as recorded: `address:slot` to value.
fn storage_writes(changes: &revm::primitives::AddressMap<revm::state::Account>) -> Value {
    let mut writes = serde_json::Map::new();
    for (address, account) in changes {
        for (key, slot) in account.changed_storage_slots() {
            let (key, value) = (
                key.to_be_bytes::<32>(),
                slot.present_value().to_be_bytes::<32>(),
            );
            let (key, value) = (hex::encode_prefixed(key), hex::encode_prefixed(value));
            writes.insert(format!("{address}:{key}"), value.into());
        }
    }
    writes.into()
}

fn logs(result: &ExecutionResult) -> Value {
    let log = |log: &revm::primitives::Log| json!({ "address": log.address, "topics": log.data.topics(), "data": log.data.data });
    result.logs().iter().map(log).collect()
}

/// Bytes from hex with or without prefix.
pub fn bytes(text: &str) -> Result<Bytes, String> {
    hex::decode(text)
        .map(Into::into)
        .map_err(|error| format!("not hex: {error}"))
}
