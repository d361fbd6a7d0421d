//! ArbSys: numbers of the L2 chain, and messages to L1, which are sent but, as there is no L1, never arrive.

use alloy_sol_types::{SolCall, sol};
use revm::context::JournalTr;
use revm::context_interface::journaled_state::account::JournaledAccountTr;
use revm::primitives::{Address, Bytes, U256, address, keccak256};
use stylus_rules::prices::arbos::{STATE_CLEAR, hash};

use super::call::{Access, Call, Fail, decode, word};
use crate::arbos::sends::levels;
use crate::arbos::store::Field;

sol! {
    #[allow(missing_docs, clippy::too_many_arguments)]
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
        function withdrawEth(address destination) external payable returns (uint256);
        function sendTxToL1(address destination, bytes calldata data) external payable returns (uint256);
        function sendMerkleTreeState() external view returns (uint256 size, bytes32 root, bytes32[] memory partials);

        event L2ToL1Tx(
            address caller, address indexed destination, uint256 indexed hash, uint256 indexed position,
            uint256 arbBlockNum, uint256 ethBlockNum, uint256 timestamp, uint256 callvalue, bytes data
        );
        event SendMerkleUpdate(uint256 indexed reserved, bytes32 indexed hash, uint256 indexed position);

        error InvalidBlockNumber(uint256 requested, uint256 current);
    }
}
use IArbSys::IArbSysCalls as Calls;

/// What `arbOSVersion` adds to the ArbOS version: Nitro counts on from the chain before it.
const VERSION_OFFSET: u64 = 55;
/// What an L1 contract's address is shifted by on L2.
const ALIAS: Address = address!("1111000000000000000000000000000000001111");
/// First ArbOS version on which a chain's money may be minted.
const NATIVE_TOKEN_FROM: u64 = 41;
/// Blocks whose hash `arbBlockHash` gives.
const HASHES: u64 = 256;

/// Runs one call.
pub fn run(call: &mut Call<'_>, input: &[u8]) -> Result<Vec<u8>, Fail> {
    use IArbSys as I;
    let calls = decode::<Calls>(input)?;
    call.enter(match calls {
        Calls::mapL1SenderContractAddressToL2Alias(_) => Access::Pure,
        Calls::withdrawEth(_) | Calls::sendTxToL1(_) => Access::Payable,
        _ => Access::View,
    })?;
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
                &call.ctx.chain.caller(),
            ))
        }
        Calls::withdrawEth(args) => send(call, args.destination, Bytes::new()),
        Calls::sendTxToL1(args) => send(call, args.destination, args.data),
        Calls::sendMerkleTreeState(_) => merkle_tree(call),
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

/// Sends a message to L1: what came along is gone from L2, and the message's hash is put into the tree.
fn send(call: &mut Call<'_>, destination: Address, data: Bytes) -> Result<Vec<u8>, Fail> {
    if call.arbos_version() >= NATIVE_TOKEN_FROM {
        call.pay_read()?; // whether somebody may mint, which would forbid it
    }
    call.pay_read()?; // the L1 block
    let (block, l1_block) = (U256::from(call.ctx.chain.env.l2_block), U256::ZERO);
    let (timestamp, value, caller) = (U256::from(call.now()), call.value, call.caller);
    let words = [block, l1_block, timestamp, value].map(|word| word.to_be_bytes::<32>());
    let message = [
        caller.as_slice(),
        destination.as_slice(),
        words.as_flattened(),
        &data,
    ]
    .concat();
    call.burn(hash(message.len() as u64))?;
    let message = keccak256(message);

    let leaf = call.arbos().field(Field::SendCount);
    let completed = call.arbos().append_send(message);
    pay_append(call, leaf.saturating_to(), completed.len() as u64)?;
    call.pay_read()?; // how many there are now
    let Ok(mut account) = call.ctx.journaled_state.load_account_mut(call.address);
    account.data.decr_balance(value);

    for node in completed {
        call.emit(&IArbSys::SendMerkleUpdate {
            reserved: U256::ZERO,
            hash: node.hash,
            position: node.position(),
        })?;
    }
    call.emit(&IArbSys::L2ToL1Tx {
        caller,
        destination,
        hash: message.into(),
        position: leaf,
        arbBlockNum: block,
        ethBlockNum: l1_block,
        timestamp,
        callvalue: value,
        data,
    })?;
    Ok(word(leaf))
}

/// Pays for a message put into the tree after `count` others, which completed so many nodes.
fn pay_append(call: &mut Call<'_>, count: u64, completed: u64) -> Result<(), Fail> {
    call.pay_read()?; // the count
    call.pay_write()?;
    for _ in 0..completed {
        call.pay_read()?;
        call.burn(hash(64))?;
        call.burn(STATE_CLEAR)?;
    }
    if completed < levels(count) {
        call.pay_read()?; // nothing waits at this level
    }
    call.pay_write()
}

/// The tree of messages, which only nobody may ask for: it is for nodes, by `eth_call`.
fn merkle_tree(call: &mut Call<'_>) -> Result<Vec<u8>, Fail> {
    if call.caller != Address::ZERO {
        return Err(Fail::Plain);
    }
    let sends = call.arbos().sends();
    // The root and the nodes are read one after the other, each with the count.
    for _ in 0..2 * (1 + sends.waiting.len()) {
        call.pay_read()?;
    }
    let root = sends.root();
    Ok(IArbSys::sendMerkleTreeStateCall::abi_encode_returns(
        &(U256::from(sends.count), root, sends.waiting).into(),
    ))
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
