//! Gas of L1 data: of a signed transaction by its encoding, of a question by one that is made up for it (rules 16).

use alloy_consensus::TxEnvelope;
use alloy_eips::eip2718::Encodable2718;
use alloy_rlp::{Encodable, Header};
use revm::context::TxEnv;
use revm::primitives::{U256, keccak256};
use stylus_rules::l1;

use super::BASE_FEE;
use crate::arbos::store::{Arbos, Field, Slots};
use crate::evm::transact::BlockFacts;
use crate::state::State;

/// What a question's L1 data is reckoned for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To run it, as it would be charged now.
    Call,
    /// To say how much gas suffices, with a reserve.
    Estimate,
}

/// Chain id of Arbitrum One: made-up signatures are as for it, on every chain.
const ARBITRUM_ONE: u64 = 42_161;
/// Bytes of a made-up nonce.
const NONCE: usize = 8;
/// Bytes of other made-up numbers.
const NUMBER: usize = 4;

/// Wei per unit. More than 128 bits nobody can pay, so such prices count as the largest of them.
fn price(state: &State) -> u128 {
    u128::try_from(Arbos(&mut state.clone()).field(Field::L1Price)).unwrap_or(u128::MAX)
}

/// Counts the units of a transaction and gives the gas that they cost.
pub fn count(state: &mut State, facts: &BlockFacts, tx: &TxEnvelope) -> u64 {
    let price = price(state);
    let units = l1::units(&tx.encoded_2718());
    add(&mut Arbos(state), Field::L1Units, U256::from(units));
    l1::gas(price, units, facts.base_fee)
}

/// Notes what a transaction paid for its L1 data.
pub fn collect(state: &mut State, facts: &BlockFacts, gas: u64) {
    let fee = U256::from(gas) * U256::from(facts.base_fee);
    add(&mut Arbos(state), Field::L1FeesAvailable, fee);
}

fn add<S: Slots>(arbos: &mut Arbos<'_, S>, field: Field, more: U256) {
    let sum = arbos.field(field).saturating_add(more);
    arbos.set_field(field, sum);
}

/// Gas of the L1 data of a question.
pub fn of_question(state: &State, facts: &BlockFacts, env: &TxEnv, purpose: Purpose) -> u64 {
    let price = price(state);
    if price == 0 {
        return 0;
    }
    let units = l1::assumed_units(&made_up(env, purpose));
    match purpose {
        Purpose::Call => l1::gas(price, units, facts.base_fee),
        Purpose::Estimate => l1::estimated_gas(price, units, facts.base_fee, BASE_FEE),
    }
}

/// Encoding of a transaction of type 2 that asks the same: what the question leaves open is filled with numbers that do
/// not compress.
fn made_up(env: &TxEnv, purpose: Purpose) -> Vec<u8> {
    let or_made_up = |number: u128, name: &str| match number {
        0 => leading(name, NUMBER),
        _ => U256::from(number),
    };
    let nonce = match env.nonce {
        0 => leading("Nonce", NONCE),
        nonce => U256::from(nonce),
    };
    let tip = env.gas_priority_fee.unwrap_or(env.gas_price);
    // An estimate must not change with the limits that it tries.
    let gas = match purpose {
        Purpose::Call => env.gas_limit,
        Purpose::Estimate => 0,
    };
    let mut fields = Vec::new();
    U256::ZERO.encode(&mut fields); // the chain id is left out
    nonce.encode(&mut fields);
    or_made_up(tip, "GasTipCap").encode(&mut fields);
    or_made_up(env.gas_price, "GasFeeCap").encode(&mut fields);
    or_made_up(gas.into(), "Gas").encode(&mut fields);
    env.kind.encode(&mut fields);
    env.value.encode(&mut fields);
    env.data.encode(&mut fields);
    env.access_list.encode(&mut fields);
    // Nitro forgets these, so that its estimates do not suffice for transactions of type 4.
    let signed = env.authorization_list.iter();
    for authorization in signed.filter_map(|entry| entry.as_ref().left()) {
        authorization.encode(&mut fields);
    }
    U256::from(3 * ARBITRUM_ONE).encode(&mut fields);
    leading("R", 32).encode(&mut fields);
    leading("S", 32).encode(&mut fields);

    let mut encoded = vec![2];
    let header = Header {
        list: true,
        payload_length: fields.len(),
    };
    header.encode(&mut encoded);
    encoded.extend(fields);
    encoded
}

/// The number that the first bytes of a name's hash are.
fn leading(name: &str, bytes: usize) -> U256 {
    U256::from_be_slice(&keccak256(name)[..bytes])
}
