//! Cases of whole transactions, replayed in order on a fresh chain.

use crate::evm::tx_state::Watch;
use std::collections::HashMap;

use alloy_eips::eip2930::{AccessList, AccessListItem};
use revm::context::TxEnv;
use revm::primitives::{Address, B256, Bytes, TxKind, U256};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use stylus_rules::fees::DataPricer;

use super::compare::Verdict;
use super::{Selection, Tally};
use crate::arbos::ArbosVersion;
use crate::arbos::store::Arbos;
use crate::chain::block::{Block, Included};
use crate::chain::signing::{PRICE, Signer, Unsigned};
use crate::chain::simulate::{CALL_GAS, Setting, Unanswered, answer};
use crate::chain::{CHAIN_ID, Chain, Config};

/// ArbOS version that a chain starts at which is upgraded by its prelude.
const BEFORE_UPGRADE: u64 = 51;
/// Selector of `scheduleArbOSUpgrade(uint64,uint64)`.
const SCHEDULE_UPGRADE: &str = "0xe388b381";

#[derive(Debug, Deserialize)]
struct Recording {
    settings: Settings,
    prelude: Vec<Step>,
    cases: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    arbos_version: u64,
    owner: Key,
}

#[derive(Debug, Deserialize)]
struct Key {
    key: B256,
}

#[derive(Debug, Deserialize)]
struct Case {
    name: String,
    sender: Key,
    addresses: HashMap<String, Address>,
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    kind: String,
    from: String,
    to: Option<String>,
    data: Bytes,
    value: String,
    gas: Option<u64>,
    #[serde(rename = "type", default = "dynamic_fee")]
    ty: u64,
    #[serde(default)]
    access_list: Vec<Access>,
    #[serde(default)]
    authorization_list: Vec<Delegation>,
    #[serde(default)]
    volatile: Vec<String>,
    expect: Map<String, Value>,
}

const fn dynamic_fee() -> u64 {
    2
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Access {
    address: Address,
    storage_keys: Vec<B256>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delegation {
    signer: String,
    chain_id: u64,
    address: String,
    nonce: u64,
}

/// Runs the selected cases.
pub fn run(
    file: &Value,
    selection: &Selection,
    report: &mut dyn FnMut(&str, u64, &Verdict),
) -> Result<bool, String> {
    let recording =
        Recording::deserialize(file).map_err(|error| format!("not a recording: {error}"))?;
    let arbos = recording.settings.arbos_version;
    let owner = Signer::new(recording.settings.owner.key)?;
    let upgraded = recording
        .prelude
        .iter()
        .any(|step| step.data.to_string().starts_with(SCHEDULE_UPGRADE));
    let config = Config {
        arbos: ArbosVersion(if upgraded { BEFORE_UPGRADE } else { arbos }),
        owners: vec![owner.address],
        l1_price: U256::ZERO,
        predeploys: false,
    };
    let chain = Chain::new(&config, selection.compiler).map_err(|error| error.to_string())?;
    let mut stage = Stage {
        chain: &chain,
        people: HashMap::from([("owner".to_owned(), owner)]),
        places: HashMap::new(),
    };
    let mut prelude = Verdict::default();
    for (at, step) in recording.prelude.iter().enumerate() {
        stage.step(&mut prelude, &format!("prelude {at}"), step)?;
    }
    if !prelude.is_equal() {
        report("prelude", arbos, &prelude);
        return Ok(false);
    }
    let mut tally = Tally::default();
    for case in &recording.cases {
        if selection.takes(&case.name, arbos) {
            let verdict = stage.case(case)?;
            tally.count(&verdict);
            report(&case.name, arbos, &verdict);
        }
    }
    Ok(tally.finish())
}

/// The chain and the names that a case uses.
struct Stage<'a> {
    chain: &'a Chain,
    people: HashMap<String, Signer>,
    places: HashMap<String, Address>,
}

impl Stage<'_> {
    fn case(&mut self, case: &Case) -> Result<Verdict, String> {
        self.people
            .insert("sender".to_owned(), Signer::new(case.sender.key)?);
        self.places = case.addresses.clone();
        let mut verdict = Verdict::default();
        for (at, step) in case.steps.iter().enumerate() {
            self.step(&mut verdict, &format!("{at} {}", step.kind), step)?;
        }
        Ok(verdict)
    }

    fn place(&self, name: &str) -> Result<Address, String> {
        if let Some(signer) = self.people.get(name) {
            return Ok(signer.address);
        }
        let known = self.places.get(name).copied();
        known
            .or_else(|| name.parse().ok())
            .ok_or_else(|| format!("nobody is called {name}"))
    }

    fn signer(&self, name: &str) -> Result<&Signer, String> {
        self.people
            .get(name)
            .ok_or_else(|| format!("no key of {name}"))
    }

    fn step(&self, verdict: &mut Verdict, label: &str, step: &Step) -> Result<(), String> {
        match step.kind.as_str() {
            "eth_call" => self.ask(verdict, label, step),
            "estimate" => self.estimate(verdict, label, step),
            _ => self.transact(verdict, label, step),
        }
    }

    fn kind(&self, step: &Step) -> Result<TxKind, String> {
        step.to
            .as_deref()
            .map_or(Ok(TxKind::Create), |to| self.place(to).map(TxKind::Call))
    }

    fn question(&self, step: &Step) -> Result<(Setting, TxEnv), String> {
        let setting = Setting::now(self.chain);
        let env = TxEnv {
            tx_type: 2,
            caller: self.place(&step.from)?,
            gas_limit: step.gas.unwrap_or(CALL_GAS),
            kind: self.kind(step)?,
            value: wei(&step.value)?,
            data: step.data.clone(),
            chain_id: Some(CHAIN_ID),
            gas_priority_fee: Some(0),
            gas_price: 0,
            ..TxEnv::default()
        };
        Ok((setting, env))
    }

    fn ask(&self, verdict: &mut Verdict, label: &str, step: &Step) -> Result<(), String> {
        let (setting, env) = self.question(step)?;
        let (ok, output) = match self
            .chain
            .simulate(&setting, env, Watch::Nothing)
            .and_then(answer)
        {
            Ok(output) => (true, output),
            Err(Unanswered::Reverted(data)) => (false, data),
            Err(Unanswered::Machine(error)) => return Err(error),
            Err(_) => (false, Bytes::new()),
        };
        compare(verdict, label, step, "ok", &json!(ok));
        compare(verdict, label, step, "output", &json!(output));
        Ok(())
    }

    fn estimate(&self, verdict: &mut Verdict, label: &str, step: &Step) -> Result<(), String> {
        let (setting, env) = self.question(step)?;
        let estimated = self.chain.estimate(&setting, env);
        // The figure itself is geth's, which stops its search within 1.5 percent.
        compare(verdict, label, step, "ok", &json!(estimated.is_ok()));
        Ok(())
    }

    fn sign(&self, step: &Step) -> Result<Vec<u8>, String> {
        let signer = self.signer(&step.from)?;
        let mut authorizations = Vec::new();
        for entry in &step.authorization_list {
            let to = self.place(&entry.address)?;
            authorizations.push(self.signer(&entry.signer)?.authorize(
                entry.chain_id,
                to,
                entry.nonce,
            )?);
        }
        let items = step.access_list.iter().cloned();
        signer.transaction(Unsigned {
            ty: step.ty,
            nonce: self.chain.head().state.info(&signer.address).nonce,
            gas: step.gas.ok_or("a transaction needs a gas limit")?,
            price: PRICE,
            to: self.kind(step)?,
            value: wei(&step.value)?,
            data: step.data.clone(),
            access_list: AccessList(
                items
                    .map(|item| AccessListItem {
                        address: item.address,
                        storage_keys: item.storage_keys,
                    })
                    .collect(),
            ),
            authorizations,
        })
    }

    fn transact(&self, verdict: &mut Verdict, label: &str, step: &Step) -> Result<(), String> {
        let raw = self.sign(step)?;
        let before = self.chain.head();
        let submitted = self.chain.submit(&raw);
        if step.expect.contains_key("rejected") {
            compare(verdict, label, step, "rejected", &json!(submitted.is_err()));
            return Ok(());
        }
        let block = match submitted {
            Ok(block) => block,
            Err(error) => {
                verdict.compare(format!("{label}: accepted"), true, error.to_string());
                return Ok(());
            }
        };
        let Some(included) = &block.included else {
            return Err("a block without its transaction".into());
        };
        let found = self.observe(&block, included, step);
        for name in [
            "status",
            "gasUsed",
            "gasUsedForL1",
            "output",
            "address",
            "codehash",
            "codeSize",
            "storage",
            "codes",
        ] {
            compare(verdict, label, step, name, &found[name]);
        }
        self.compare_logs(verdict, label, step, included)?;
        if step.expect.contains_key("pricer") {
            compare_fee(verdict, label, step, &before, &block)?;
        }
        Ok(())
    }

    /// Compares the logs; of an activation's data only program and version (the module hash is the engine's own, the fee
    /// is compared by formula).
    fn compare_logs(
        &self,
        verdict: &mut Verdict,
        label: &str,
        step: &Step,
        included: &Included,
    ) -> Result<(), String> {
        const WORD: usize = 32;
        // Of the prelude only the status is recorded.
        let recorded = step.expect.contains_key("gasUsed");
        if !recorded || step.volatile.iter().any(|field| field == "logs") {
            return Ok(());
        }
        let none = Vec::new();
        let expected = step
            .expect
            .get("logs")
            .and_then(Value::as_array)
            .unwrap_or(&none);
        verdict.compare(
            format!("{label}: number of logs"),
            expected.len(),
            included.logs.len(),
        );
        for (at, (expected, actual)) in expected.iter().zip(&included.logs).enumerate() {
            let mut compare = |name: &str, expected: &Value, actual: Value| {
                verdict.compare(format!("{label}: log {at} {name}"), expected, actual);
            };
            let emitter = self.place(expected["address"].as_str().unwrap_or_default())?;
            compare("address", &json!(emitter), json!(actual.address));
            compare("topics", &expected["topics"], json!(actual.data.topics()));
            match expected.get("dataWithoutFee") {
                None => compare("data", &expected["data"], json!(actual.data.data)),
                Some(words) => {
                    let word = |index: usize| {
                        actual
                            .data
                            .data
                            .get(index * WORD..(index + 1) * WORD)
                            .unwrap_or_default()
                    };
                    compare(
                        "program",
                        &words[1],
                        json!(Address::from_slice(word(1).get(12..).unwrap_or(&[0; 20]))),
                    );
                    compare(
                        "version",
                        &words[2],
                        json!(U256::from_be_slice(word(3)).saturating_to::<u64>()),
                    );
                }
            }
        }
        Ok(())
    }

    /// What the transaction did, under the names that recordings use.
    fn observe(&self, block: &Block, included: &Included, step: &Step) -> Value {
        let code = |address: &Address| block.state.info(address);
        let created = included.created.map(|address| code(&address));
        let size = |info: &revm::state::AccountInfo| {
            info.code
                .as_ref()
                .map_or(0, |code| code.original_byte_slice().len())
        };
        let places = |field: &str| {
            let names = step
                .expect
                .get(field)
                .and_then(Value::as_object)
                .into_iter()
                .flatten();
            names.filter_map(|(name, value)| Some((name.clone(), self.place(name).ok()?, value)))
        };
        let storage: Map<String, Value> = places("storage")
            .map(|(name, address, slots)| {
                let slots = slots
                    .as_object()
                    .into_iter()
                    .flatten()
                    .filter_map(|(key, _)| {
                        let value = block.state.slot(&address, &key.parse().ok()?);
                        Some((key.clone(), json!(B256::from(value))))
                    });
                (name, Value::Object(slots.collect()))
            })
            .collect();
        let codes: Map<String, Value> = places("codes")
            .map(|(name, address, _)| {
                let info = code(&address);
                (
                    name,
                    json!({ "size": size(&info), "codehash": info.code_hash }),
                )
            })
            .collect();
        json!({
            "status": u8::from(included.success),
            "gasUsed": included.gas_used,
            "gasUsedForL1": included.l1_gas,
            "output": included.output,
            "address": included.created,
            "codehash": created.as_ref().map(|info| info.code_hash),
            "codeSize": created.as_ref().map(size),
            "storage": storage,
            "codes": codes,
        })
    }
}

/// Compares a value if it was recorded and does not depend on clock or height.
fn compare(verdict: &mut Verdict, label: &str, step: &Step, name: &str, actual: &Value) {
    if let Some(expected) = step.expect.get(name)
        && !step.volatile.iter().any(|field| field == name)
    {
        verdict.compare(format!("{label}: {name}"), expected, actual);
    }
}

/// The recorded data fee must follow from the recorded demand and clock, and this node's from its own.
fn compare_fee(
    verdict: &mut Verdict,
    label: &str,
    step: &Step,
    before: &Block,
    after: &Block,
) -> Result<(), String> {
    let pricer = |block: &Block| Arbos(&mut block.state.clone()).pricer();
    let (old, new) = (pricer(before), pricer(after));
    // What this activation added to demand is the program's estimate, to the byte.
    let idle = u32::try_from(new.last_update.saturating_sub(old.last_update)).unwrap_or(u32::MAX);
    let estimate = new.demand
        - old
            .demand
            .saturating_sub(old.bytes_per_second.saturating_mul(idle));
    let recorded = &step.expect["pricer"];
    let number = |name: &str| {
        recorded[name]
            .as_u64()
            .ok_or_else(|| format!("{label}: pricer without {name}"))
    };
    let demand = u32::try_from(number("demandBefore")?).map_err(|_| "demand above 32 bits")?;
    let mut theirs = DataPricer {
        demand,
        last_update: number("lastUpdateBefore")?,
        ..DataPricer::default()
    };
    let fee = theirs.charge(estimate, number("blockTimestamp")?);
    verdict.compare(
        format!("{label}: dataFee"),
        &step.expect["dataFee"],
        fee.to_string(),
    );
    verdict.compare(
        format!("{label}: demandAfter"),
        &recorded["demandAfter"],
        theirs.demand,
    );
    Ok(())
}

fn wei(text: &str) -> Result<U256, String> {
    U256::from_str_radix(text, 10)
        .map_err(|error| format!("{text} is not a number of wei: {error}"))
}
