//! Questions to a state: calls, estimates, and failures in words.

use std::collections::HashMap;

use revm::bytecode::Bytecode;
use revm::context::TxEnv;
use revm::context::result::{
    EVMError, ExecutionResult, HaltReason, InvalidTransaction, OutOfGasError,
};
use revm::primitives::{Address, Bytes, U256};

use super::Chain;
use super::block::Block;
use super::l1::{self, Purpose};
use crate::evm::transact::{BlockFacts, Execution, Mode};
use crate::evm::tx_state::Watch;
use crate::state::State;

/// Gas of a question that names none, beside that of its L1 data.
pub const CALL_GAS: u64 = 50_000_000;
/// Gas of a plain transfer.
const TRANSFER: u64 = 21_000;

/// What a question changes about an account before it is asked.
#[derive(Clone, Debug, Default)]
pub struct AccountOverride {
    /// Balance in wei.
    pub balance: Option<U256>,
    /// Nonce.
    pub nonce: Option<u64>,
    /// Code.
    pub code: Option<Bytes>,
    /// All storage.
    pub state: Option<HashMap<U256, U256>>,
    /// Some storage.
    pub state_diff: Option<HashMap<U256, U256>>,
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// The contract reverted with this data.
    #[error("{}", revert_text(.0))]
    Reverted(Bytes),
    /// The execution failed otherwise.
    #[error("{0}")]
    Halted(String),
    /// The transaction cannot even begin.
    #[error("{0}")]
    Invalid(String),
    /// The override's code is not code.
    #[error(
        "code override of {0} does not decode: a code that begins with 0xef0100 must be a delegation"
    )]
    Code(Address),
    /// More gas than any transaction has would be needed.
    #[error("gas required exceeds allowance ({0})")]
    Allowance(u64),
    /// The node failed.
    #[error("internal error: {0}")]
    Machine(String),
}

/// State and block that a question is asked on.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Accounts.
    pub state: State,
    /// Block.
    pub facts: BlockFacts,
}

impl Setting {
    /// What a transaction in the block after the newest one would see.
    pub fn now(chain: &Chain) -> Self {
        let head = chain.head();
        let facts = chain.next_facts(&head);
        let state = super::genesis::upgraded(&head, &facts);
        Self { state, facts }
    }

    /// Time and accounts as `block` left them.
    pub fn then(block: &Block) -> Self {
        Self {
            state: block.state.clone(),
            facts: block.facts,
        }
    }

    /// The same with accounts changed.
    pub fn with(
        mut self,
        overrides: HashMap<Address, AccountOverride>,
    ) -> Result<Self, Unanswered> {
        for (address, change) in overrides {
            apply(&mut self.state, address, change)?;
        }
        Ok(self)
    }

    /// Gas of the L1 data of a question.
    pub fn l1_gas(&self, env: &TxEnv, purpose: Purpose) -> u64 {
        l1::of_question(&self.state, &self.facts, env, purpose)
    }

    /// Most gas that a question has, which it has if it names none.
    pub fn gas_cap(&self, env: &TxEnv) -> u64 {
        CALL_GAS.saturating_add(self.l1_gas(env, Purpose::Estimate))
    }
}

fn apply(state: &mut State, address: Address, change: AccountOverride) -> Result<(), Unanswered> {
    let code = match change.code {
        Some(code) => Some(Bytecode::new_raw_checked(code).map_err(|_| Unanswered::Code(address))?),
        None => None,
    };
    state.edit(address, |info| {
        info.balance = change.balance.unwrap_or(info.balance);
        info.nonce = change.nonce.unwrap_or(info.nonce);
        if let Some(code) = code {
            info.code_hash = code.hash_slow();
            info.code = Some(code);
        }
    });
    if let Some(slots) = change.state {
        state.edit_storage(address, true, slots);
    }
    if let Some(slots) = change.state_diff {
        state.edit_storage(address, false, slots);
    }
    Ok(())
}

impl Chain {
    /// Asks a question; whatever comes of it.
    pub fn simulate(
        &self,
        setting: &Setting,
        env: TxEnv,
        watch: Watch,
    ) -> Result<Execution, Unanswered> {
        let l1_gas = setting.l1_gas(&env, Purpose::Call);
        self.simulate_with(setting, env, l1_gas, watch)
    }

    /// Asks a question whose L1 data is known to cost this much gas.
    fn simulate_with(
        &self,
        setting: &Setting,
        mut env: TxEnv,
        l1_gas: u64,
        watch: Watch,
    ) -> Result<Execution, Unanswered> {
        let (value, caller) = (env.value, env.caller);
        // The sender's present nonce, so that creations get their real address.
        env.nonce = setting.state.info(&caller).nonce;
        let mode = Mode::Simulation { l1_gas };
        self.execute(&setting.state, &setting.facts, env, mode, watch)
            .map_err(|error| match error {
                EVMError::Transaction(InvalidTransaction::LackOfFundForMaxFee {
                    balance, ..
                }) => Unanswered::Invalid(format!(
                    "insufficient funds for transfer: address {caller} have {balance} want {value}"
                )),
                EVMError::Transaction(InvalidTransaction::CallGasCostMoreThanGasLimit {
                    initial_gas,
                    gas_limit,
                }) => Unanswered::Invalid(format!(
                    "intrinsic gas too low: have {gas_limit}, want {initial_gas}"
                )),
                EVMError::Transaction(invalid) => Unanswered::Invalid(invalid.to_string()),
                other => Unanswered::Machine(format!("{other:?}")),
            })
    }

    /// Asks a question; the answer of a success.
    pub fn call(&self, setting: &Setting, env: TxEnv) -> Result<Bytes, Unanswered> {
        let execution = self.simulate(setting, env, Watch::Nothing)?;
        answer(execution)
    }

    /// The least gas limit with which a transaction succeeds, to the gas.
    pub fn estimate(&self, setting: &Setting, mut env: TxEnv) -> Result<u64, Unanswered> {
        let cap = env.gas_limit;
        let l1_gas = setting.l1_gas(&env, Purpose::Estimate);
        let succeeds = |env: &TxEnv, gas: u64| -> Result<Option<u64>, Unanswered> {
            let env = TxEnv {
                gas_limit: gas,
                ..env.clone()
            };
            let execution = self.simulate_with(setting, env, l1_gas, Watch::Nothing);
            match execution {
                Ok(execution) if execution.result.is_success() => {
                    Ok(Some(spent(&execution.result)))
                }
                Ok(_) | Err(Unanswered::Invalid(_)) => Ok(None),
                Err(other) => Err(other),
            }
        };
        let first = self.simulate_with(setting, env.clone(), l1_gas, Watch::Nothing)?;
        if !first.result.is_success() {
            return Err(match answer(first) {
                Err(Unanswered::Halted(reason)) if reason.starts_with("out of gas") => {
                    Unanswered::Allowance(cap)
                }
                Err(other) => other,
                Ok(_) => Unanswered::Allowance(cap),
            });
        }
        // What was spent before refunds is a lower bound that mostly suffices; 1/64 is kept back by each call.
        let spent = spent(&first.result);
        let (mut low, mut high) = (spent.max(TRANSFER) - 1, cap);
        let likely = (spent + spent / 63 + 2_400).min(cap);
        env.gas_limit = likely;
        if succeeds(&env, likely)?.is_some() {
            high = likely;
        } else {
            low = low.max(likely);
        }
        if high > low + 1 && succeeds(&env, low + 1)?.is_some() {
            return Ok(low + 1);
        }
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            if succeeds(&env, middle)?.is_some() {
                high = middle;
            } else {
                low = middle;
            }
        }
        Ok(high)
    }
}

fn spent(result: &ExecutionResult) -> u64 {
    result.gas().total_gas_spent()
}

/// The output of a success, or why there is none.
pub fn answer(execution: Execution) -> Result<Bytes, Unanswered> {
    let failure = failure(&execution);
    match execution.result {
        ExecutionResult::Success { output, .. } => Ok(output.into_data()),
        ExecutionResult::Revert { output, .. } => Err(Unanswered::Reverted(output)),
        ExecutionResult::Halt { .. } => Err(Unanswered::Halted(failure.unwrap_or_default())),
    }
}

/// Why a transaction failed, in geth's words or the program's.
pub fn failure(execution: &Execution) -> Option<String> {
    match &execution.result {
        ExecutionResult::Success { .. } => None,
        ExecutionResult::Revert { output, .. } => Some(match &execution.failure {
            Some(cause) if output.is_empty() => format!("execution reverted: {cause}"),
            _ => revert_text(output),
        }),
        ExecutionResult::Halt { reason, .. } => Some(
            execution
                .failure
                .clone()
                .unwrap_or_else(|| halt_text(reason)),
        ),
    }
}

fn halt_text(reason: &HaltReason) -> String {
    match reason {
        HaltReason::OutOfGas(
            OutOfGasError::Basic | OutOfGasError::Memory | OutOfGasError::Precompile,
        ) => "out of gas".into(),
        HaltReason::CreateContractSizeLimit => "max code size exceeded".into(),
        HaltReason::CreateContractStartingWithEF => "invalid code: must not begin with 0xef".into(),
        HaltReason::InvalidJump => "invalid jump destination".into(),
        other => other.to_string(),
    }
}

/// `execution reverted`, with the reason where the data holds one that Solidity or ArbOS names.
pub fn revert_text(data: &Bytes) -> String {
    use alloy_sol_types::{Revert, SolError};
    const TEXT: &str = "execution reverted";
    if let Ok(Revert { reason }) = Revert::abi_decode(data) {
        return format!("{TEXT}: {reason}");
    }
    match crate::precompiles::error_name(data) {
        Some(name) => format!("{TEXT}: error {name}"),
        None => TEXT.to_owned(),
    }
}
