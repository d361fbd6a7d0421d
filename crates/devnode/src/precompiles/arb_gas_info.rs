//! ArbGasInfo: prices of L2 gas and L1 data (rules 9, 16).

use alloy_sol_types::{SolCall, sol};
use revm::primitives::U256;

use super::call::{Access, Call, Fail, decode, word};
use crate::arbos::store::Field;

sol! {
    #[allow(missing_docs)]
    interface IArbGasInfo {
        function getPricesInWei() external view returns (uint256, uint256, uint256, uint256, uint256, uint256);
        function getPricesInWeiWithAggregator(address aggregator) external view returns (uint256, uint256, uint256, uint256, uint256, uint256);
        function getPricesInArbGas() external view returns (uint256, uint256, uint256);
        function getPricesInArbGasWithAggregator(address aggregator) external view returns (uint256, uint256, uint256);
        function getGasAccountingParams() external view returns (uint256, uint256, uint256);
        function getMaxTxGasLimit() external view returns (uint256);
        function getMaxBlockGasLimit() external view returns (uint64);
        function getMinimumGasPrice() external view returns (uint256);
        function getGasBacklog() external view returns (uint64);
        function getPricingInertia() external view returns (uint64);
        function getGasBacklogTolerance() external view returns (uint64);
        function getGasPricingConstraints() external view returns (uint64[3][] memory constraints);
        function getCurrentTxL1GasFees() external view returns (uint256);
        function getL1BaseFeeEstimate() external view returns (uint256);
        function getL1GasPriceEstimate() external view returns (uint256);
        function getL1BaseFeeEstimateInertia() external view returns (uint64);
        function getL1RewardRate() external view returns (uint64);
        function getL1RewardRecipient() external view returns (address);
        function getL1PricingSurplus() external view returns (int256);
        function getLastL1PricingSurplus() external view returns (int256);
        function getLastL1PricingUpdateTime() external view returns (uint64);
        function getL1PricingFundsDueForRewards() external view returns (uint256);
        function getL1PricingUnitsSinceUpdate() external view returns (uint64);
        function getL1PricingEquilibrationUnits() external view returns (uint256);
        function getL1FeesAvailable() external view returns (uint256);
        function getPerBatchGasCharge() external view returns (int64);
        function getAmortizedCostCapBips() external view returns (uint64);
    }
}
use IArbGasInfo::IArbGasInfoCalls as Calls;

/// L1 gas of one byte of calldata.
const L1_GAS_PER_BYTE: u64 = 16;
/// Bytes that the L1 part of an average transaction is reckoned with.
const ASSUMED_TX_BYTES: u64 = 140;
/// L2 gas of writing a storage slot.
const STORAGE_GAS: u64 = 20_000;
/// Limit of a block and of a transaction.
const GAS_LIMIT: u64 = 32_000_000;
/// Seconds by which the price of gas follows demand, and of demand that it does not follow.
const INERTIA: u64 = 102;
const TOLERANCE: u64 = 10;
/// First ArbOS version with a limit for each transaction and with constraints of prices.
const LIMITS_FROM: u64 = 50;

/// Runs one call.
pub fn run(call: &mut Call<'_>, input: &[u8]) -> Result<Vec<u8>, Fail> {
    use IArbGasInfo as I;
    let calls = decode::<Calls>(input)?;
    call.enter(Access::View)?;
    let base_fee = U256::from(call.ctx.chain.env.base_fee);
    match calls {
        Calls::getPricesInWei(_) | Calls::getPricesInWeiWithAggregator(_) => {
            call.pay_read()?; // the minimum base fee
            let per_byte = l1_byte(call)?;
            let per_tx = per_byte.saturating_mul(U256::from(ASSUMED_TX_BYTES));
            let storage = base_fee * U256::from(STORAGE_GAS);
            let prices = (per_tx, per_byte, storage, base_fee, U256::ZERO, base_fee);
            Ok(I::getPricesInWeiCall::abi_encode_returns(&prices.into()))
        }
        Calls::getPricesInArbGas(_) | Calls::getPricesInArbGasWithAggregator(_) => {
            let per_byte = l1_byte(call)?;
            let per_tx = per_byte.saturating_mul(U256::from(ASSUMED_TX_BYTES));
            let in_gas = |wei: U256| wei.checked_div(base_fee).unwrap_or_default();
            let prices = (in_gas(per_tx), in_gas(per_byte), U256::from(STORAGE_GAS));
            Ok(I::getPricesInArbGasCall::abi_encode_returns(&prices.into()))
        }
        Calls::getGasAccountingParams(_) => {
            call.pay_read()?; // the per-block limit
            let speed = call.read(Field::SpeedLimit)?;
            let params = (speed, U256::from(GAS_LIMIT), U256::from(GAS_LIMIT));
            Ok(I::getGasAccountingParamsCall::abi_encode_returns(
                &params.into(),
            ))
        }
        Calls::getMaxTxGasLimit(_) | Calls::getMaxBlockGasLimit(_) => {
            call.since(LIMITS_FROM)?;
            constant(call, GAS_LIMIT)
        }
        Calls::getGasPricingConstraints(_) => {
            call.since(LIMITS_FROM)?;
            call.pay_read()?; // how many there are
            Ok(I::getGasPricingConstraintsCall::abi_encode_returns(
                &Vec::new(),
            ))
        }
        Calls::getMinimumGasPrice(_) => constant(call, call.ctx.chain.env.base_fee),
        // The price of gas stays at its minimum here, whatever the demand.
        Calls::getGasBacklog(_) => constant(call, 0),
        Calls::getPricingInertia(_) => constant(call, INERTIA),
        Calls::getGasBacklogTolerance(_) => constant(call, TOLERANCE),
        Calls::getCurrentTxL1GasFees(_) => Ok(word(
            base_fee.saturating_mul(U256::from(call.ctx.chain.env.l1_gas)),
        )),
        other => l1_state(call, &other),
    }
}

/// Wei of one byte of L1 data.
fn l1_byte(call: &mut Call<'_>) -> Result<U256, Fail> {
    let price = call.read(Field::L1Price)?;
    Ok(price.saturating_mul(U256::from(L1_GAS_PER_BYTE)))
}

/// A value that ArbOS reads from its state and that never changes here.
fn constant(call: &mut Call<'_>, value: u64) -> Result<Vec<u8>, Fail> {
    call.pay_read()?;
    Ok(word(U256::from(value)))
}

/// What is stored about the price of L1 data. Batches, which would change the price and earn rewards, come from L1.
fn l1_state(call: &mut Call<'_>, calls: &Calls) -> Result<Vec<u8>, Fail> {
    let field = match calls {
        Calls::getL1BaseFeeEstimate(_) | Calls::getL1GasPriceEstimate(_) => Field::L1Price,
        Calls::getL1BaseFeeEstimateInertia(_) => Field::L1Inertia,
        Calls::getL1RewardRate(_) => Field::L1RewardRate,
        Calls::getL1RewardRecipient(_) => Field::L1RewardRecipient,
        Calls::getL1PricingUnitsSinceUpdate(_) => Field::L1Units,
        Calls::getL1PricingEquilibrationUnits(_) => Field::L1EquilibrationUnits,
        Calls::getL1FeesAvailable(_) => Field::L1FeesAvailable,
        Calls::getPerBatchGasCharge(_) => Field::L1BatchGas,
        Calls::getAmortizedCostCapBips(_) => Field::L1CostCap,
        Calls::getL1PricingSurplus(_) => {
            // What is due for refunds and for rewards, which is nothing, is read as well.
            call.pay_read()?;
            call.pay_read()?;
            Field::L1FeesAvailable
        }
        Calls::getLastL1PricingSurplus(_)
        | Calls::getLastL1PricingUpdateTime(_)
        | Calls::getL1PricingFundsDueForRewards(_) => return constant(call, 0),
        _ => return Err(Fail::AllGas),
    };
    Ok(word(call.read(field)?))
}
