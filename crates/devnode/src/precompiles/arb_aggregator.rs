//! ArbAggregator and ArbStatistics: who posts batches, and counters of the chain before Nitro, all of them constant here.

use alloy_sol_types::{SolCall, sol};
use revm::primitives::U256;

use super::call::{Access, Call, Fail, decode, word};
use crate::arbos::COINBASE;

sol! {
    #[allow(missing_docs)]
    interface IArbAggregator {
        function getPreferredAggregator(address addr) external view returns (address, bool);
        function getDefaultAggregator() external view returns (address);
        function getBatchPosters() external view returns (address[] memory);
        function getFeeCollector(address batchPoster) external view returns (address);
        function getTxBaseFee(address aggregator) external view returns (uint256);
    }

    #[allow(missing_docs)]
    interface IArbStatistics {
        function getStats() external view returns (uint256, uint256, uint256, uint256, uint256, uint256);
    }
}
use IArbAggregator::IArbAggregatorCalls as Calls;
use IArbStatistics::IArbStatisticsCalls as StatisticsCalls;

/// Runs one call of ArbAggregator.
pub fn run(call: &mut Call<'_>, input: &[u8]) -> Result<Vec<u8>, Fail> {
    use IArbAggregator as I;
    let calls = decode::<Calls>(input)?;
    call.enter(Access::View)?;
    match calls {
        Calls::getPreferredAggregator(_) => Ok(I::getPreferredAggregatorCall::abi_encode_returns(
            &(COINBASE, true).into(),
        )),
        Calls::getDefaultAggregator(_) => {
            Ok(I::getDefaultAggregatorCall::abi_encode_returns(&COINBASE))
        }
        Calls::getBatchPosters(_) => {
            call.pay_read()?; // how many there are
            call.pay_read()?;
            Ok(I::getBatchPostersCall::abi_encode_returns(&vec![COINBASE]))
        }
        Calls::getFeeCollector(args) => {
            call.pay_read()?; // whether it is one
            if args.batchPoster != COINBASE {
                return Err(Fail::Plain);
            }
            call.pay_read()?;
            Ok(I::getFeeCollectorCall::abi_encode_returns(&COINBASE))
        }
        Calls::getTxBaseFee(_) => Ok(word(U256::ZERO)),
    }
}

/// Runs one call of ArbStatistics.
pub fn run_statistics(call: &mut Call<'_>, input: &[u8]) -> Result<Vec<u8>, Fail> {
    let StatisticsCalls::getStats(_) = decode::<StatisticsCalls>(input)?;
    call.enter(Access::View)?;
    let block = U256::from(call.ctx.chain.env.l2_block);
    let zero = U256::ZERO;
    Ok(IArbStatistics::getStatsCall::abi_encode_returns(
        &(block, zero, zero, zero, zero, zero).into(),
    ))
}
