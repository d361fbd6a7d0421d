//! ArbOwnerPublic: what anyone may know of the chain's owners and settings (rules 9).

use alloy_sol_types::{SolCall, sol};
use revm::primitives::U256;

use super::call::{Access, Call, Fail, decode, word};
use crate::arbos::NETWORK_FEE;
use crate::arbos::store::{Field, Roster};

sol! {
    #[allow(missing_docs)]
    interface IArbOwnerPublic {
        function isChainOwner(address addr) external view returns (bool);
        function getAllChainOwners() external view returns (address[] memory);
        function getNetworkFeeAccount() external view returns (address);
        function getInfraFeeAccount() external view returns (address);
        function getBrotliCompressionLevel() external view returns (uint64);
        function getScheduledUpgrade() external view returns (uint64 arbosVersion, uint64 scheduledForTimestamp);
        function isCalldataPriceIncreaseEnabled() external view returns (bool);
        function isNativeTokenOwner(address addr) external view returns (bool);
        function getAllNativeTokenOwners() external view returns (address[] memory);
        function getNativeTokenManagementFrom() external view returns (uint64);
        function getParentGasFloorPerToken() external view returns (uint64);
        function getTransactionFilteringFrom() external view returns (uint64);
        function isTransactionFilterer(address filterer) external view returns (bool);
        function getAllTransactionFilterers() external view returns (address[] memory);
        function getFilteredFundsRecipient() external view returns (address);
        function getCollectTips() external view returns (bool);
        function getMaxStylusContractFragments() external view returns (uint8);
    }
}
use IArbOwnerPublic::IArbOwnerPublicCalls as Calls;

/// Brotli level that L1 data is priced by (rules 16).
const BROTLI_LEVEL: u64 = 1;

/// Runs one call.
pub fn run(call: &mut Call<'_>, input: &[u8]) -> Result<Vec<u8>, Fail> {
    use IArbOwnerPublic as I;
    let calls = decode::<Calls>(input)?;
    call.since(first_version(&calls))?;
    call.enter(Access::View)?;
    match calls {
        Calls::isChainOwner(args) => {
            call.pay_read()?;
            let is = call.arbos().is_on(Roster::Owners, args.addr);
            Ok(I::isChainOwnerCall::abi_encode_returns(&is))
        }
        Calls::getAllChainOwners(_) => Ok(I::getAllChainOwnersCall::abi_encode_returns(
            &call.roster(Roster::Owners)?,
        )),
        Calls::getNetworkFeeAccount(_) | Calls::getInfraFeeAccount(_) => {
            call.pay_read()?;
            Ok(I::getNetworkFeeAccountCall::abi_encode_returns(
                &NETWORK_FEE,
            ))
        }
        Calls::getBrotliCompressionLevel(_) => {
            call.pay_read()?;
            Ok(word(U256::from(BROTLI_LEVEL)))
        }
        Calls::getScheduledUpgrade(_) => {
            let version = call.read(Field::ScheduledVersion)?.saturating_to();
            let at = call.read(Field::ScheduledAt)?.saturating_to();
            let upgrade = if version > call.arbos_version() {
                (version, at)
            } else {
                (0, 0)
            };
            Ok(I::getScheduledUpgradeCall::abi_encode_returns(
                &upgrade.into(),
            ))
        }
        Calls::getParentGasFloorPerToken(_) => Ok(word(call.read(Field::L1GasFloor)?)),
        Calls::getMaxStylusContractFragments(_) => {
            let params = call.params()?;
            Ok(I::getMaxStylusContractFragmentsCall::abi_encode_returns(
                &params.max_fragment_count,
            ))
        }
        // Lists of people that this chain has none of.
        Calls::getAllNativeTokenOwners(_) | Calls::getAllTransactionFilterers(_) => {
            call.pay_read()?;
            Ok(I::getAllNativeTokenOwnersCall::abi_encode_returns(
                &Vec::new(),
            ))
        }
        // Features that are off on every new chain and that this node cannot turn on.
        Calls::isCalldataPriceIncreaseEnabled(_)
        | Calls::isNativeTokenOwner(_)
        | Calls::getNativeTokenManagementFrom(_)
        | Calls::getTransactionFilteringFrom(_)
        | Calls::isTransactionFilterer(_)
        | Calls::getFilteredFundsRecipient(_)
        | Calls::getCollectTips(_) => {
            call.pay_read()?;
            Ok(word(U256::ZERO))
        }
    }
}

/// ArbOS version from which on a function is there.
const fn first_version(calls: &Calls) -> u64 {
    match calls {
        Calls::isChainOwner(_)
        | Calls::getAllChainOwners(_)
        | Calls::getNetworkFeeAccount(_)
        | Calls::getInfraFeeAccount(_)
        | Calls::getBrotliCompressionLevel(_)
        | Calls::getScheduledUpgrade(_) => 0,
        Calls::isCalldataPriceIncreaseEnabled(_) => 40,
        Calls::isNativeTokenOwner(_) | Calls::getAllNativeTokenOwners(_) => 41,
        Calls::getNativeTokenManagementFrom(_) | Calls::getParentGasFloorPerToken(_) => 50,
        Calls::getTransactionFilteringFrom(_)
        | Calls::isTransactionFilterer(_)
        | Calls::getAllTransactionFilterers(_)
        | Calls::getFilteredFundsRecipient(_)
        | Calls::getCollectTips(_)
        | Calls::getMaxStylusContractFragments(_) => 60,
    }
}
