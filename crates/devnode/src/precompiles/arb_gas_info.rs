//! ArbGasInfo: prices of L2 gas and L1 data.

use alloy_sol_types::{SolCall, sol};
use revm::primitives::U256;

use super::call::{Access, Call, Fail, decode};
use crate::arbos::store::Field;

sol! {
    #[allow(missing_docs)]
    interface IArbGasInfo {
        function getPricesInWei() external view returns (uint256, uint256, uint256, uint256, uint256, uint256);
        function getPricesInWeiWithAggregator(address aggregator) external view returns (uint256, uint256, uint256, uint256, uint256, uint256);
        function getPricesInArbGas() external view returns (uint256, uint256, uint256);
        function getGasAccountingParams() external view returns (uint256, uint256, uint256);
        function getMinimumGasPrice() external view returns (uint256);
        function getL1BaseFeeEstimate() external view returns (uint256);
        function getL1GasPriceEstimate() external view returns (uint256);
        function getCurrentTxL1GasFees() external view returns (uint256);
        function getGasBacklog() external view returns (uint64);
    }
}
use IArbGasInfo::IArbGasInfoCalls as Calls;

/// L1 gas of one byte of calldata.
const L1_GAS_PER_BYTE: u64 = 16;
/// Bytes that the L1 part of an average transaction is reckoned with.
const ASSUMED_TX_BYTES: u64 = 140;
/// L2 gas of writing a storage slot.
const STORAGE_GAS: u64 = 20_000;
/// Block and transaction limit that `getGasAccountingParams` reports.
const GAS_LIMIT: u64 = 32_000_000;

/// Runs one call.
pub fn run(call: &mut Call<'_>, input: &[u8]) -> Result<Vec<u8>, Fail> {
    use IArbGasInfo as I;
    let calls = decode::<Calls>(input)?;
    call.enter(Access::View)?;
    let base_fee = U256::from(call.ctx.chain.env.base_fee);
    match calls {
        Calls::getPricesInWei(_) | Calls::getPricesInWeiWithAggregator(_) => {
            call.pay_read()?; // the minimum base fee
            let per_byte = call.read(Field::L1Price)? * U256::from(L1_GAS_PER_BYTE);
            let per_tx = per_byte * U256::from(ASSUMED_TX_BYTES);
            let storage = base_fee * U256::from(STORAGE_GAS);
            let prices = (per_tx, per_byte, storage, base_fee, U256::ZERO, base_fee);
            Ok(I::getPricesInWeiCall::abi_encode_returns(&prices.into()))
        }
        Calls::getPricesInArbGas(_) => {
            let per_byte = call.read(Field::L1Price)? * U256::from(L1_GAS_PER_BYTE);
            let in_gas = |wei: U256| wei.checked_div(base_fee).unwrap_or_default();
            let prices = (
                in_gas(per_byte * U256::from(ASSUMED_TX_BYTES)),
                in_gas(per_byte),
                U256::from(STORAGE_GAS),
            );
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
        Calls::getMinimumGasPrice(_) => {
            call.pay_read()?;
            Ok(I::getMinimumGasPriceCall::abi_encode_returns(&base_fee))
        }
        Calls::getL1BaseFeeEstimate(_) | Calls::getL1GasPriceEstimate(_) => {
            let price = call.read(Field::L1Price)?;
            Ok(I::getL1BaseFeeEstimateCall::abi_encode_returns(&price))
        }
        Calls::getCurrentTxL1GasFees(_) => {
            let fee = base_fee * U256::from(call.ctx.chain.env.l1_gas);
            Ok(I::getCurrentTxL1GasFeesCall::abi_encode_returns(&fee))
        }
        Calls::getGasBacklog(_) => {
            call.pay_read()?;
            Ok(I::getGasBacklogCall::abi_encode_returns(&0))
        }
    }
}
