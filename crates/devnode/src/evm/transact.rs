//! One transaction from environment to result.

use std::sync::Arc;

use revm::context::result::ExecutionResult;
use revm::context::{BlockEnv, CfgEnv, Context, JournalTr, TxEnv};
use revm::context_interface::block::BlobExcessGasAndPrice;
use revm::handler::{EvmTr, Handler};
use revm::primitives::{AddressMap, B256, U256};
use revm::state::Account;

use super::handler::{ArbitrumHandler, Error};
use super::tx_state::{ArbEnv, Pages, TxState, Watch};
use super::{Ctx, StylusEvm, instructions};
use crate::arbos::{ArbosVersion, COINBASE};
use crate::engine::Engine;
use crate::engine::outcome::ProgramFrame;
use crate::engine::profile::Profile;
use crate::engine::trace::Trace;
use crate::precompiles::Precompiles;
use crate::state::State;

/// Gas limit in block headers.
pub const BLOCK_GAS_LIMIT: u64 = 1 << 50;

/// The block that a transaction runs in.
#[derive(Clone, Copy, Debug)]
pub struct BlockFacts {
    /// Number of the L2 block.
    pub number: u64,
    /// Unix second.
    pub timestamp: u64,
    /// Wei per gas.
    pub base_fee: u64,
    /// ArbOS version.
    pub arbos: ArbosVersion,
    /// Chain id.
    pub chain_id: u64,
    /// Whether debug precompiles and host functions exist.
    pub debug: bool,
    /// Most gas that a transaction's execution sees.
    pub gas_cap: u64,
}

/// How to run a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As part of a block: nonce and funds are checked, fees are paid.
    Block {
        /// Gas of its L1 data.
        l1_gas: u64,
    },
    /// As a question: no nonce, no fees; the value must be there.
    Simulation {
        /// Gas of its L1 data.
        l1_gas: u64,
    },
}

/// What a transaction did.
#[derive(Debug)]
pub struct Execution {
    /// Status, gas, logs, output.
    pub result: ExecutionResult,
    /// Accounts changed.
    pub changes: AddressMap<Account>,
    /// Why it failed, in words, where the EVM's own word would not do.
    pub failure: Option<String>,
    /// Host functions called, if asked for.
    pub trace: Option<Trace>,
    /// Where the ink went, if asked for.
    pub profile: Option<Profile>,
    /// Charges of the program frame that ended last.
    pub last_program: Option<ProgramFrame>,
    /// Memory pages at the end.
    pub pages: Pages,
    /// Gas of the L1 data, a part of what was used.
    pub l1_gas: u64,
}

/// Runs a transaction on a state. The state itself is not changed.
pub fn execute(
    state: State,
    block: &BlockFacts,
    tx: TxEnv,
    mode: Mode,
    engine: &Arc<Engine>,
    watch: Watch,
) -> Result<Execution, Error> {
    let mut evm = evm(state, block, tx, mode, engine, watch);
    let result = ArbitrumHandler::default().run(&mut evm)?;
    let changes = evm.ctx_mut().journaled_state.finalize();
    let state = evm.tx();
    if let Some(profile) = &mut state.profile {
        profile.finish(result.gas().total_gas_spent());
    }
    Ok(Execution {
        result,
        changes,
        failure: state.failure.take(),
        trace: state.trace.take(),
        profile: state.profile.take(),
        last_program: state.last_program.take(),
        pages: state.pages,
        l1_gas: state.env.l1_gas,
    })
}

fn evm(
    state: State,
    block: &BlockFacts,
    tx: TxEnv,
    mode: Mode,
    engine: &Arc<Engine>,
    watch: Watch,
) -> StylusEvm {
    let spec = block.arbos.spec();
    let mut cfg = CfgEnv::new_with_spec(spec).with_chain_id(block.chain_id);
    cfg.tx_gas_limit_cap = Some(u64::MAX);
    cfg.disable_eip3541 = true; // `frames` applies it, with the exception for Stylus
    cfg.disable_eip7623 = true;
    let (simulated, l1_gas) = match mode {
        Mode::Block { l1_gas } => (false, l1_gas),
        Mode::Simulation { l1_gas } => (true, l1_gas),
    };
    // A question that offers no price sees a base fee of 0 (geth's way).
    let free = simulated && tx.gas_price == 0;
    if simulated {
        cfg.disable_nonce_check = true;
        cfg.disable_fee_charge = true;
        cfg.disable_eip3607 = true;
        cfg.disable_base_fee = free;
    }
    let env = ArbEnv {
        arbos: block.arbos,
        l2_block: block.number,
        base_fee: block.base_fee,
        debug: block.debug,
        gas_cap: block.gas_cap,
        l1_gas,
    };
    let chain = TxState::new(env, Arc::clone(engine), watch);
    let ctx: Ctx =
        Context::<BlockEnv, TxEnv, CfgEnv, State, revm::context::Journal<State>, ()>::new(
            state, spec,
        )
        .with_cfg(cfg)
        .with_block(block_env(block, free))
        .with_tx(tx)
        .with_chain(chain);
    StylusEvm::new(ctx, instructions::arbitrum(spec), Precompiles::new(spec))
}

/// Block values as Arbitrum gives them (rules 10, 15.13): the number is L1's, which a development chain does not have.
fn block_env(block: &BlockFacts, free: bool) -> BlockEnv {
    BlockEnv {
        number: U256::ZERO,
        beneficiary: COINBASE,
        timestamp: U256::from(block.timestamp),
        gas_limit: BLOCK_GAS_LIMIT,
        basefee: if free { 0 } else { block.base_fee },
        difficulty: U256::ONE,
        prevrandao: Some(B256::with_last_byte(1)),
        blob_excess_gas_and_price: Some(BlobExcessGasAndPrice {
            excess_blob_gas: 0,
            blob_gasprice: 1,
        }),
        slot_num: 0,
    }
}
