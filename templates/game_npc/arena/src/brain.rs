//! How the arena asks the model: its address from the registry, then one call for all bandits.

use alloc::vec::Vec;

use alloy_primitives::Address;
use alloy_sol_types::{SolCall, sol};
use stylus_sdk::{host::VM, prelude::*};

use crate::rules::Action;

sol! {
    function current() external view returns (uint32 version, address model);
    function predictMany(bytes rows) external view returns (bytes classes);
}

/// The registry has no model, or the model's answer is no answer to what was asked.
#[derive(Debug)]
pub struct NoAnswer;

/// Decides for every row; returns the model's version and an action for each row.
///
/// The registry is asked every time, so that a new model needs no new arena. Nobody but the owner
/// of the registry chooses the model, and still nothing is taken on trust: an answer of another
/// length, or a class that is no action, ends the transaction.
pub fn decide(
    vm: &VM,
    registry: Address,
    rows: Vec<u8>,
    bandits: usize,
) -> Result<(u32, Vec<Action>), NoAnswer> {
    let answer = static_call(vm, Call::new(), registry, &currentCall {}.abi_encode())
        .map_err(|_| NoAnswer)?;
    let now = currentCall::abi_decode_returns(&answer).map_err(|_| NoAnswer)?;
    let question = predictManyCall { rows: rows.into() }.abi_encode();
    let answer = static_call(vm, Call::new(), now.model, &question).map_err(|_| NoAnswer)?;
    let classes = predictManyCall::abi_decode_returns(&answer).map_err(|_| NoAnswer)?;
    let actions: Option<Vec<Action>> = classes.iter().copied().map(Action::from_class).collect();
    match actions {
        Some(actions) if actions.len() == bandits => Ok((now.version, actions)),
        _ => Err(NoAnswer),
    }
}
