//! ArbSys: numbers of the L2 chain. Messages to L1 do not exist here, as there is no L1.

use alloy_sol_types::{SolCall, sol};
use revm::context::JournalTr;
use revm::primitives::{Address, U256, address};

use super::call::{Access, Call, Fail, decode};

sol! {
    #[allow(missing_docs)]
    interface IArbSys {
        function arbBlockNumber() external view returns (uint256);
        function arbBlockHash(uint256 number) external view returns (bytes32);
        function arbChainID() external view returns (uint256);
        function arbOSVersion() external view returns (uint256);
        function getStorageGasAvailable() external view returns (uint256);
        function isTopLevelCall() external view returns (bool);
        function mapL1SenderContractAddressToL2Alias(address sender, address unused) external pure returns (address);
        function wasMyCallersAddressAliased() external view returns (bool);
        function myCallersAddressWithoutAliasing() external view returns (address);

        error InvalidBlockNumber(uint256 requested, uint256 current);
    }
}
use IArbSys::IArbSysCalls as Calls;

/// What `arbOSVersion` adds to the ArbOS version: Nitro counts on from the chain before it.
const VERSION_OFFSET: u64 = 55;
/// What an L1 contract's address is shifted by on L2.
const ALIAS: Address = address!("1111000000000000000000000000000000001111");
/// Blocks whose hash `arbBlockHash` gives.
const HASHES: u64 = 256;

/// Runs one call.
pub fn run(call: &mut Call<'_>, input: &[u8]) -> Result<Vec<u8>, Fail> {
    use IArbSys as I;
    let calls = decode::<Calls>(input)?;
    call.enter(
        if matches!(calls, Calls::mapL1SenderContractAddressToL2Alias(_)) {
            Access::Pure
        } else {
            Access::View
        },
    )?;
    match calls {
        Calls::arbBlockNumber(_) => Ok(I::arbBlockNumberCall::abi_encode_returns(&U256::from(
            call.ctx.chain.env.l2_block,
        ))),
        Calls::arbBlockHash(args) => block_hash(call, args.number),
        Calls::arbChainID(_) => Ok(I::arbChainIDCall::abi_encode_returns(&U256::from(
            call.ctx.cfg.chain_id,
        ))),
        Calls::arbOSVersion(_) => Ok(I::arbOSVersionCall::abi_encode_returns(&U256::from(
            call.arbos_version() + VERSION_OFFSET,
        ))),
        Calls::getStorageGasAvailable(_) => Ok(I::getStorageGasAvailableCall::abi_encode_returns(
            &U256::ZERO,
        )),
        Calls::isTopLevelCall(_) => Ok(I::isTopLevelCallCall::abi_encode_returns(
            &(call.ctx.journaled_state.depth() <= 2),
        )),
        Calls::mapL1SenderContractAddressToL2Alias(args) => {
            Ok(I::mapL1SenderContractAddressToL2AliasCall::abi_encode_returns(&alias(args.sender)))
        }
        Calls::wasMyCallersAddressAliased(_) => Ok(
            I::wasMyCallersAddressAliasedCall::abi_encode_returns(&false),
        ),
        Calls::myCallersAddressWithoutAliasing(_) => {
            // Nobody is aliased on a chain without L1: the caller of the caller stands for itself.
            Ok(I::myCallersAddressWithoutAliasingCall::abi_encode_returns(
                &call.ctx.tx.caller,
            ))
        }
    }
}

fn block_hash(call: &mut Call<'_>, requested: U256) -> Result<Vec<u8>, Fail> {
    let current = call.ctx.chain.env.l2_block;
    let number: u64 = requested.saturating_to();
    let hash = call.ctx.journaled_state.database.block_hash_of(number);
    match hash.filter(|_| number < current && current - number <= HASHES) {
        Some(hash) => Ok(IArbSys::arbBlockHashCall::abi_encode_returns(&hash)),
        None => Err(super::call::revert(&IArbSys::InvalidBlockNumber {
            requested,
            current: U256::from(current),
        })),
    }
}

fn alias(sender: Address) -> Address {
    let sum =
        U256::from_be_slice(sender.as_slice()).wrapping_add(U256::from_be_slice(ALIAS.as_slice()));
    Address::from_word(sum.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_wrap_within_20_bytes() {
        assert_eq!(alias(Address::ZERO), ALIAS);
        let last = address!("ffffffffffffffffffffffffffffffffffffffff");
        assert_eq!(
            alias(last),
            address!("1111000000000000000000000000000000001110")
        );
    }
}
