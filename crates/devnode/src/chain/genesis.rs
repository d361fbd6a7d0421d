//! The state that a chain begins with (rules 10).

use revm::bytecode::Bytecode;
use revm::primitives::{Address, Bytes, U256, address};
use stylus_rules::fees::DataPricer;
use stylus_rules::params::StylusParams;

use super::Config;
use super::block::Block;
use super::history::{self, HISTORY, HISTORY_CODE, HISTORY_FROM};
use super::predeploys::{CACHE_MANAGER, PREDEPLOYS};
use crate::arbos::ARBOS_STATE;
use crate::arbos::store::{Arbos, Field, Roster};
use crate::evm::transact::BlockFacts;
use crate::precompiles::ARBOS_PRECOMPILES;
use crate::state::State;

/// The account that nitro's development node prefunds; its key is public.
pub const DEV_ACCOUNT: Address = address!("3f1Eae7D46d88F08fc2F8ed27FCb2AB183EB2d0E");

/// 1,000 ETH.
const OWNER_BALANCE: u128 = 1_000 * 1_000_000_000_000_000_000;
/// Gas per second that the chain aims at.
const SPEED_LIMIT: u64 = 7_000_000;
/// What ArbOS begins the price of L1 data with (rules 16).
const L1_PRICING: [(Field, u64); 4] = [
    (Field::L1Inertia, 10),
    (Field::L1RewardRate, 10),
    (Field::L1EquilibrationUnits, 160_000_000),
    (Field::L1BatchGas, 210_000),
];
/// Code of accounts that only the node runs: INVALID.
const PRECOMPILE_CODE: [u8; 1] = [0xfe];

/// The state of the genesis block.
pub fn state(config: &Config) -> State {
    let mut state = State::default();
    for precompile in ARBOS_PRECOMPILES {
        set_code(&mut state, precompile, &PRECOMPILE_CODE);
    }
    state.edit(ARBOS_STATE, |info| info.nonce = 1);
    for owner in &config.owners {
        state.edit(*owner, |info| info.balance = U256::from(OWNER_BALANCE));
    }
    if config.arbos.0 >= HISTORY_FROM {
        set_code(&mut state, HISTORY, &HISTORY_CODE);
    }
    if config.predeploys {
        for (address, code) in PREDEPLOYS {
            set_code(&mut state, address, code);
        }
    }
    let mut arbos = Arbos(&mut state);
    arbos.set_params(&StylusParams::for_arbos(config.arbos.0));
    arbos.set_pricer(&DataPricer::default());
    arbos.set_field(Field::SpeedLimit, U256::from(SPEED_LIMIT));
    arbos.set_field(Field::L1Price, config.l1_price);
    for (field, value) in L1_PRICING {
        arbos.set_field(field, U256::from(value));
    }
    // Nitro's first owner is the zero address, whom nobody can sign for.
    arbos.add(Roster::Owners, Address::ZERO);
    for owner in &config.owners {
        arbos.add(Roster::Owners, *owner);
    }
    if config.predeploys {
        arbos.add(Roster::CacheManagers, CACHE_MANAGER);
    }
    state
}

fn set_code(state: &mut State, address: Address, code: &[u8]) {
    let code = Bytecode::new_legacy(Bytes::copy_from_slice(code));
    state.edit(address, |info| {
        info.nonce = 1;
        info.code_hash = code.hash_slow();
        info.code = Some(code);
    });
}

/// The state that a block begins with: its parent's, with a scheduled upgrade carried out and the parent's hash noted.
pub fn upgraded(parent: &Block, facts: &BlockFacts) -> State {
    let mut state = parent.state.clone();
    if facts.arbos != parent.facts.arbos {
        upgrade(&mut state, facts);
    }
    history::note(&mut state, parent);
    state
}

fn upgrade(state: &mut State, facts: &BlockFacts) {
    let target = StylusParams::for_arbos(facts.arbos.0);
    let mut arbos = Arbos(state);
    let mut params = arbos.params();
    params.version = target.version;
    params.max_fragment_count = target.max_fragment_count;
    params.max_wasm_size = params.max_wasm_size.max(target.max_wasm_size);
    params.max_stack_depth = params.max_stack_depth.min(target.max_stack_depth);
    arbos.set_params(&params);
    arbos.set_field(Field::ScheduledVersion, U256::ZERO);
    arbos.set_field(Field::ScheduledAt, U256::ZERO);
}
