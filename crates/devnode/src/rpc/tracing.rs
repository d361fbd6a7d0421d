//! `debug_traceTransaction` and `debug_traceCall`.

use revm::primitives::B256;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::RpcError;
use super::methods::env;
use super::params::{Overrides, Params};
use super::view;
use crate::arbos::store::Arbos;
use crate::chain::Chain;
use crate::chain::simulate::failure;
use crate::engine::profile::{Kind, Node, Profile};
use crate::evm::transact::{Execution, Mode};
use crate::evm::tx_state::Watch;
use crate::state::State;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    tracer: Option<String>,
    state_overrides: Option<Overrides>,
}

/// What a trace shows.
#[derive(Clone, Copy, Debug)]
enum Tracer {
    /// Nitro's: every host function with arguments, results and ink.
    HostCalls,
    /// This node's own: where the ink goes.
    Profiler,
}

impl Tracer {
    fn named(options: &Options) -> Result<Self, RpcError> {
        match options.tracer.as_deref() {
            Some("stylusTracer") => Ok(Self::HostCalls),
            Some("stylusProfiler") => Ok(Self::Profiler),
            other => {
                let name = other.unwrap_or("the default tracer");
                Err(RpcError::NotFound(format!(
                    "{name} is not available: pass {{\"tracer\": \"stylusTracer\"}} or \"stylusProfiler\""
                )))
            }
        }
    }

    fn watch(self, state: &State) -> Watch {
        match self {
            Self::HostCalls => Watch::HostCalls,
            Self::Profiler => Watch::Ink {
                price: Arbos(&mut state.clone()).params().ink_price,
            },
        }
    }

    fn show(self, execution: Execution) -> Result<Value, RpcError> {
        match self {
            Self::HostCalls => {
                let trace = execution.trace.unwrap_or_default();
                trace.entries().map(view::trace).ok_or_else(|| {
                    RpcError::NotFound(
                        "the trace is too long to show: trace a call that does less".into(),
                    )
                })
            }
            Self::Profiler => Ok(profile(&execution)),
        }
    }
}

fn options(params: &Params, at: usize) -> Result<Options, RpcError> {
    Ok(params.optional(at, "options")?.unwrap_or_default())
}

/// Runs a transaction again on the state that it was run on.
pub fn transaction(chain: &Chain, hash: B256, params: &Params) -> Result<Value, RpcError> {
    let tracer = Tracer::named(&options(params, 1)?)?;
    let missing = || RpcError::NotFound(format!("transaction {hash} not found"));
    let block = chain.block_of_transaction(hash).ok_or_else(missing)?;
    let included = block.included.as_ref().ok_or_else(missing)?;
    let parent = chain.block(block.header.number - 1).ok_or_else(missing)?;
    let (state, l1_gas) = Chain::before(&parent, &block.facts, &included.tx);
    let (env, watch) = (included.tx.env(), tracer.watch(&state));
    let execution = chain
        .execute(&state, &block.facts, env, Mode::Block { l1_gas }, watch)
        .map_err(|error| {
            RpcError::NotFound(format!("the transaction does not run again: {error:?}"))
        })?;
    tracer.show(execution)
}

/// Runs a call and shows what it did, also where it fails.
pub fn call(chain: &Chain, params: &Params) -> Result<Value, RpcError> {
    let options = options(params, 2)?;
    let tracer = Tracer::named(&options)?;
    let overrides = options.state_overrides.unwrap_or_default();
    let setting = params.setting(1, chain)?.with(overrides.into())?;
    let env = env(params, &setting)?;
    let watch = tracer.watch(&setting.state);
    tracer.show(chain.simulate(&setting, env, watch)?)
}

/// A profile as one list, callers before what they call. Ink and gas are exact.
fn profile(execution: &Execution) -> Value {
    let result = &execution.result;
    let profile = execution.profile.as_ref();
    let nodes = profile.map_or(&[][..], |profile| &profile.nodes);
    json!({
        "inkPrice": profile.map(Profile::ink_price),
        "gasUsed": result.gas().total_gas_spent(),
        "gasRefunded": result.gas().total_gas_spent() - result.tx_gas_used(),
        "success": result.is_success(),
        "error": failure(execution),
        "output": result.output(),
        "truncated": profile.is_some_and(|profile| profile.truncated),
        "nodes": nodes.iter().map(node).collect::<Value>(),
    })
}

fn node(node: &Node) -> Value {
    let mut view = json!({ "parent": node.parent, "calls": node.calls, "ink": node.ink });
    let kind = match node.kind {
        Kind::Transaction => "transaction",
        Kind::Program(address, code_hash) => {
            view["address"] = json!(address);
            view["codeHash"] = json!(code_hash);
            "program"
        }
        Kind::Contract(address) => {
            view["address"] = json!(address);
            "contract"
        }
        Kind::Precompile(address) => {
            view["address"] = json!(address);
            "precompile"
        }
        Kind::Function(index) => {
            view["function"] = json!(index);
            let blocks = node.blocks.iter();
            view["blocks"] = blocks
                .map(|(block, (times, ink))| json!([block, times, ink]))
                .collect();
            "function"
        }
        Kind::Host(name) => {
            view["name"] = json!(name);
            "host"
        }
        Kind::Start => "start",
        Kind::Memory => "memory",
        Kind::Lost => "lost",
    };
    view["kind"] = json!(kind);
    view
}
