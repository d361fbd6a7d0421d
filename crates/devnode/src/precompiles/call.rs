//! One call of an ArbOS precompile: who calls, the gas, access to ArbOS' state.

use alloy_sol_types::{SolEvent, SolInterface};
use revm::context::{ContextTr, JournalTr};
use revm::interpreter::CallInputs;
use revm::primitives::{Address, Log, U256};
use revm::state::AccountInfo;
use stylus_rules::params::StylusParams;
use stylus_rules::prices::arbos::{
    OPEN_STATE, STATE_READ, STATE_WRITE, STYLUS_PARAMS, data, event,
};

use crate::arbos::store::{Arbos, Field, Roster};
use crate::evm::Ctx;
use crate::state::{State, peek};
use revm::context::Journal;

/// Why a precompile call fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fail {
    /// All gas is gone, no data: unknown function, no right to call it, out of gas, a refused activation.
    AllGas,
    /// A Solidity error; what is left of the gas stays.
    Revert(Vec<u8>),
    /// No data; what is left of the gas stays.
    Plain,
}

/// What a function of a precompile may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Nothing but compute.
    Pure,
    /// Read state.
    View,
    /// Change state.
    Write,
    /// Change state and take value.
    Payable,
}

/// A running call.
#[derive(Debug)]
pub struct Call<'a> {
    /// The transaction's context.
    pub ctx: &'a mut Ctx,
    /// Who calls.
    pub caller: Address,
    /// Value sent along.
    pub value: U256,
    /// The precompile's address.
    pub address: Address,
    acting_as: Address,
    is_static: bool,
    args_len: usize,
    gas_left: u64,
}

impl<'a> Call<'a> {
    /// A call that has paid nothing yet.
    pub fn new(ctx: &'a mut Ctx, inputs: &CallInputs, input_len: usize) -> Self {
        Self {
            ctx,
            caller: inputs.caller,
            value: inputs.call_value(),
            address: inputs.bytecode_address,
            acting_as: inputs.target_address,
            is_static: inputs.is_static,
            args_len: input_len.saturating_sub(4),
            gas_left: inputs.gas_limit,
        }
    }

    /// Gas left.
    pub const fn gas_left(&self) -> u64 {
        self.gas_left
    }

    /// Whether nothing may change.
    pub const fn is_static(&self) -> bool {
        self.is_static
    }

    /// Pays gas.
    pub const fn burn(&mut self, gas: u64) -> Result<(), Fail> {
        match self.gas_left.checked_sub(gas) {
            Some(left) => {
                self.gas_left = left;
                Ok(())
            }
            None => {
                self.gas_left = 0;
                Err(Fail::AllGas)
            }
        }
    }

    /// Checks that the function may be called this way and pays for the state and the arguments (rules 9).
    pub fn enter(&mut self, access: Access) -> Result<(), Fail> {
        let borrowed = self.acting_as != self.address;
        let refused = (access >= Access::View && borrowed)
            || (access >= Access::Write && self.is_static)
            || (access < Access::Payable && !self.value.is_zero());
        if refused {
            return Err(Fail::AllGas);
        }
        if access >= Access::View {
            self.burn(OPEN_STATE)?;
        }
        self.burn(data(self.args_len as u64))
    }

    /// Refuses a function that this ArbOS version does not have.
    pub fn since(&self, arbos: u64) -> Result<(), Fail> {
        if self.arbos_version() < arbos {
            Err(Fail::AllGas)
        } else {
            Ok(())
        }
    }

    /// Refuses a function that later ArbOS versions do not have any more.
    pub fn until(&self, arbos: u64) -> Result<(), Fail> {
        if self.arbos_version() > arbos {
            Err(Fail::AllGas)
        } else {
            Ok(())
        }
    }

    /// ArbOS version of the block.
    pub fn arbos_version(&self) -> u64 {
        self.ctx.chain().env.arbos.0
    }

    /// Unix second of the block.
    pub fn now(&self) -> u64 {
        self.ctx.block.timestamp.saturating_to()
    }

    /// ArbOS' state, without a charge.
    pub fn arbos(&mut self) -> Arbos<'_, Journal<State>> {
        Arbos(&mut self.ctx.journaled_state)
    }

    /// Pays for reading one word of state.
    pub fn pay_read(&mut self) -> Result<(), Fail> {
        self.burn(STATE_READ)
    }

    /// Pays for writing one word of state.
    pub fn pay_write(&mut self) -> Result<(), Fail> {
        self.burn(STATE_WRITE)
    }

    /// Reads a plain value and pays for it.
    pub fn read(&mut self, field: Field) -> Result<U256, Fail> {
        self.pay_read()?;
        Ok(self.arbos().field(field))
    }

    /// Reads Stylus' parameters and pays for them.
    pub fn params(&mut self) -> Result<StylusParams, Fail> {
        self.burn(STYLUS_PARAMS)?;
        Ok(self.arbos().params())
    }

    /// An account, without a charge; it stays as cold as it is.
    pub fn account(&self, address: Address) -> AccountInfo {
        peek(&self.ctx.journaled_state, &address)
    }

    /// Emits an event and pays for it.
    pub fn emit(&mut self, happened: &impl SolEvent) -> Result<(), Fail> {
        let log = happened.encode_log_data();
        self.burn(event(log.topics().len() as u64, log.data.len() as u64))?;
        self.ctx.journaled_state.log(Log {
            address: self.address,
            data: log,
        });
        Ok(())
    }
}

/// Decodes calldata; anything that does not fit loses all gas.
pub fn decode<I: SolInterface>(input: &[u8]) -> Result<I, Fail> {
    I::abi_decode_validate(input).map_err(|_| Fail::AllGas)
}

/// A result of one word: a number, a truth, an account.
pub fn word(value: U256) -> Vec<u8> {
    value.to_be_bytes::<32>().to_vec()
}

/// A Solidity error as a failure.
pub fn revert(error: &impl alloy_sol_types::SolError) -> Fail {
    Fail::Revert(error.abi_encode())
}

impl Call<'_> {
    /// Everyone on a roster; paid by the count and each member.
    pub fn roster(&mut self, roster: Roster) -> Result<Vec<Address>, Fail> {
        let members = self.arbos().all_on(roster);
        for _ in 0..=members.len() {
            self.pay_read()?;
        }
        Ok(members)
    }
}
