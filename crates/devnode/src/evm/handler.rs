//! How a transaction is checked, paid for and settled: Ethereum's way with Arbitrum's differences.
//!
//! The base fee goes to the network fee account and is all that is paid (tips are not taken); the execution sees at most
//! 32 million gas (rules 15.13); L1 data is paid as part of the intrinsic gas, to an account of its own (rules 16).

use std::convert::Infallible;

use revm::context::result::{EVMError, HaltReason, InvalidTransaction};
use revm::context::{Block, Cfg, ContextTr, JournalTr, Transaction};
use revm::context_interface::journaled_state::account::JournaledAccountTr;
use revm::handler::pre_execution::validate_account_nonce_and_code_with_components;
use revm::handler::{EvmTr, FrameResult, Handler, MainnetHandler};
use revm::interpreter::{GasTracker, InitialAndFloorGas};
use revm::primitives::U256;

use super::{Ctx, Frame, StylusEvm};
use crate::arbos::{L1_PRICER_FUNDS, NETWORK_FEE};

/// Error of a transaction: refused before it runs, or a failure of the machinery.
pub type Error = EVMError<Infallible>;
type Mainnet = MainnetHandler<StylusEvm, Error, Frame>;

/// The handler; it keeps nothing.
#[derive(Debug, Default)]
pub struct ArbitrumHandler(Mainnet);

impl Handler for ArbitrumHandler {
    type Evm = StylusEvm;
    type Error = Error;
    type HaltReason = HaltReason;

    fn validate_initial_tx_gas(&self, evm: &mut StylusEvm) -> Result<InitialAndFloorGas, Error> {
        let gas = self.0.validate_initial_tx_gas(evm)?;
        let (l1_gas, limit) = (evm.tx().env.l1_gas, evm.ctx_ref().tx.gas_limit);
        let initial = gas.initial_regular_gas.saturating_add(l1_gas);
        if initial > limit {
            return Err(InvalidTransaction::CallGasCostMoreThanGasLimit {
                initial_gas: initial,
                gas_limit: limit,
            }
            .into());
        }
        Ok(InitialAndFloorGas::new(initial, 0))
    }

    fn validate_against_state_and_deduct_caller(
        &self,
        evm: &mut StylusEvm,
        _initial: &mut InitialAndFloorGas,
    ) -> Result<(), Error> {
        let ctx = evm.ctx_mut();
        let (block, tx, cfg, journal, _, _) = ctx.all_mut();
        let mut caller = journal.load_account_with_code_mut(tx.caller())?.data;
        validate_account_nonce_and_code_with_components(&caller.account().info, tx, cfg)?;

        let balance = *caller.balance();
        let needed = if cfg.is_fee_charge_disabled() {
            tx.value()
        } else {
            tx.max_balance_spending()?
        };
        if needed > balance {
            let (fee, balance) = (Box::new(needed), Box::new(balance));
            return Err(InvalidTransaction::LackOfFundForMaxFee { fee, balance }.into());
        }
        if !cfg.is_fee_charge_disabled() {
            caller.set_balance(balance - gas_value(block.basefee(), tx.gas_limit()));
        }
        if tx.kind().is_call() {
            caller.bump_nonce();
        }
        Ok(())
    }

    fn tx_gas(&self, evm: &mut StylusEvm, initial: &InitialAndFloorGas) -> GasTracker {
        let limit = evm.ctx_ref().tx.gas_limit;
        let after_intrinsic = limit.saturating_sub(initial.initial_regular_gas);
        let state = evm.tx();
        let seen = after_intrinsic.min(state.env.gas_cap);
        state.held_gas = after_intrinsic - seen;
        GasTracker::new(limit, seen, 0)
    }

    fn last_frame_result(
        &mut self,
        evm: &mut StylusEvm,
        result: &mut FrameResult,
        parent_gas: &mut GasTracker,
    ) -> Result<(), Error> {
        self.0.last_frame_result(evm, result, parent_gas)?;
        parent_gas.erase_cost(evm.tx().held_gas);
        *result.gas_mut().tracker_mut() = *parent_gas;
        Ok(())
    }

    /// What is cleared gives back at most a fifth of the gas used, of which L1 data is no part.
    fn refund(
        &self,
        evm: &mut StylusEvm,
        result: &mut FrameResult,
        eip7702_refund: i64,
    ) -> Result<(), Error> {
        let quotient = evm.ctx_ref().cfg.gas_params().max_refund_quotient();
        let l1_gas = evm.tx().env.l1_gas;
        let gas = result.gas_mut();
        gas.record_refund(eip7702_refund);
        let most = gas.total_gas_spent().saturating_sub(l1_gas) / quotient;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        gas.set_refund(gas.refunded().min(most));
        Ok(())
    }

    fn reimburse_caller(&self, evm: &mut StylusEvm, result: &mut FrameResult) -> Result<(), Error> {
        let gas = *result.gas();
        let unused = gas.remaining() + u64::try_from(gas.refunded()).unwrap_or_default();
        let caller = evm.ctx_ref().tx.caller;
        pay(evm.ctx_mut(), caller, unused)
    }

    fn reward_beneficiary(
        &self,
        evm: &mut StylusEvm,
        result: &mut FrameResult,
    ) -> Result<(), Error> {
        let l1_gas = evm.tx().env.l1_gas;
        let computed = result.gas().used().saturating_sub(l1_gas);
        pay(evm.ctx_mut(), NETWORK_FEE, computed)?;
        pay(evm.ctx_mut(), L1_PRICER_FUNDS, l1_gas)
    }
}

/// Gives the value of `gas` to an account, unless this transaction is not charged.
fn pay(ctx: &mut Ctx, receiver: revm::primitives::Address, gas: u64) -> Result<(), Error> {
    if gas == 0 || ctx.cfg.is_fee_charge_disabled() {
        return Ok(());
    }
    let value = gas_value(ctx.block.basefee(), gas);
    ctx.journaled_state
        .load_account_mut(receiver)?
        .data
        .incr_balance(value);
    Ok(())
}

fn gas_value(price: u64, gas: u64) -> U256 {
    U256::from(u128::from(price) * u128::from(gas))
}
