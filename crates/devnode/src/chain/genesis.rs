//! The state that a chain begins with (rules 10).

use revm::bytecode::Bytecode;
use revm::primitives::{Address, Bytes, U256, address, hex};
use stylus_rules::fees::DataPricer;
use stylus_rules::params::StylusParams;

use super::Config;
use super::block::Block;
use crate::arbos::ARBOS_STATE;
use crate::arbos::store::{Arbos, Field, Roster};
use crate::evm::transact::BlockFacts;
use crate::precompiles::ARBOS_PRECOMPILES;
use crate::state::State;

/// The account that nitro's development node prefunds; its key is public.
pub const DEV_ACCOUNT: Address = address!("3f1Eae7D46d88F08fc2F8ed27FCb2AB183EB2d0E");
/// Deterministic deployment proxy: deploys its calldata by CREATE2, the first word being the salt.
pub const CREATE2_FACTORY: Address = address!("4e59b44847b379578588920ca78fbf26c0b4956c");

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
/// Runtime code of the factory: CREATE2 of calldata[32..] with salt calldata[..32] and the call's value; the address
/// is returned as 20 bytes.
const CREATE2_FACTORY_CODE: [u8; 69] = hex!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
);

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
    if config.predeploys {
        set_code(&mut state, CREATE2_FACTORY, &CREATE2_FACTORY_CODE);
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

/// The state that a block begins with: its parent's, with a scheduled upgrade carried out.
pub fn upgraded(parent: &Block, facts: &BlockFacts) -> State {
    let mut state = parent.state.clone();
    if facts.arbos == parent.facts.arbos {
        return state;
    }
    let target = StylusParams::for_arbos(facts.arbos.0);
    let mut arbos = Arbos(&mut state);
    let mut params = arbos.params();
    params.version = target.version;
    params.max_fragment_count = target.max_fragment_count;
    params.max_wasm_size = params.max_wasm_size.max(target.max_wasm_size);
    params.max_stack_depth = params.max_stack_depth.min(target.max_stack_depth);
    arbos.set_params(&params);
    arbos.set_field(Field::ScheduledVersion, U256::ZERO);
    arbos.set_field(Field::ScheduledAt, U256::ZERO);
    state
}
