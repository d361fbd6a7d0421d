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

#[cfg(test)]
mod tests {
    use revm::primitives::{Address, Bytes, TxKind, hex};

    use super::*;
    use crate::arbos::COINBASE;
    use crate::chain::{BASE_FEE, CHAIN_ID, Config, genesis};

    /// Output of a call of a precompile at an ArbOS version, and its gas beside the transaction's own.
    fn call(arbos: u64, to: u16, input: &[u8]) -> (Bytes, u64) {
        let arbos = ArbosVersion(arbos);
        let state = genesis::state(&Config {
            arbos,
            owners: Vec::new(),
            l1_price: U256::ZERO,
            predeploys: false,
        });
        let block = BlockFacts {
            number: 1,
            timestamp: 0,
            base_fee: BASE_FEE,
            arbos,
            chain_id: CHAIN_ID,
            debug: false,
            gas_cap: u64::MAX,
        };
        let calldata: u64 = input
            .iter()
            .map(|byte| if *byte == 0 { 4 } else { 16 })
            .sum();
        let tx = TxEnv {
            tx_type: 2,
            caller: COINBASE,
            gas_limit: 1_000_000,
            kind: TxKind::Call(Address::from_word(U256::from(to).into())),
            data: Bytes::copy_from_slice(input),
            chain_id: Some(CHAIN_ID),
            gas_priority_fee: Some(0),
            gas_price: 0,
            ..TxEnv::default()
        };
        let engine = Engine::new(None).map(Arc::new);
        let execution = engine.ok().and_then(|engine| {
            execute(
                state,
                &block,
                tx,
                Mode::Simulation { l1_gas: 0 },
                &engine,
                Watch::Nothing,
            )
            .ok()
        });
        let Some(execution) = execution else {
            return (Bytes::from_static(b"the call does not run"), 0);
        };
        let gas = execution.result.tx_gas_used() - 21_000 - calldata;
        (execution.result.into_output().unwrap_or_default(), gas)
    }

    #[test]
    fn secp256r1_has_been_there_since_arbos_30_and_is_dearer_since_50() {
        let signed = hex!(
            "4cee90eb86eaa050036147a12d49004b6b9c72bd725d39d4785011fe190f0b4da73bd4903f0ce3b639bbbf6e8e80d16931ff4bcf5993d58468e8fb19086e8cac36dbcd03009df8c59286b162af3bd7fcc0450c9aa81be5d10d312af6c66b1d604aebd3099c618202fcfe16ae7770b0c49ab5eadf74b754204a3bb6060e44eff37618b065f9832de4ca6ca971a7a1adc826d0f7c00181a5fb2ddf79ae00b4e10e"
        );
        for (arbos, gas) in [(30, 3450), (40, 3450), (50, 6900)] {
            let valid = Bytes::from(U256::ONE.to_be_bytes::<32>());
            assert_eq!(call(arbos, 0x100, &signed), (valid, gas), "ArbOS {arbos}");
        }
    }

    #[test]
    fn modular_powers_are_dearer_since_arbos_50() {
        // 2^5 modulo 100, each in 32 bytes: 16 words' squares and 2 bits below the first, by three, at least 200; then 500.
        let word = |value: u64| U256::from(value).to_be_bytes::<32>();
        let input = [32, 32, 32, 2, 5, 100].map(word).concat();
        for (arbos, gas) in [(30, 200), (40, 200), (50, 500)] {
            assert_eq!(
                call(arbos, 5, &input),
                (word(32).into(), gas),
                "ArbOS {arbos}"
            );
        }
    }

    #[test]
    fn bls12_381_has_been_there_since_arbos_40_and_point_evaluation_since_20() {
        // Infinity and infinity.
        let nothing = [0; 256];
        assert_eq!(call(30, 0x0b, &nothing), (Bytes::new(), 0));
        for arbos in [40, 50] {
            assert_eq!(call(arbos, 0x0b, &nothing), (vec![0; 128].into(), 375));
        }
        for arbos in [30, 40, 50] {
            // No valid proof: all gas is gone.
            let (output, gas) = call(arbos, 0x0a, &nothing);
            assert!(output.is_empty() && gas > 900_000, "ArbOS {arbos}: {gas}");
        }
    }
}
