//! NodeInterface at 0xc8: questions that the node answers, not the chain (rules 9).

use alloy_sol_types::{SolCall, SolInterface, sol};
use revm::context::TxEnv;
use revm::primitives::{Address, Bytes, TxKind, U256};

use crate::arbos::store::{Arbos, Field};
use crate::chain::l1::Purpose;
use crate::chain::simulate::{Setting, Unanswered};
use crate::chain::{BASE_FEE, Chain};

/// Where it seems to stand.
pub const NODE_INTERFACE: Address = Address::with_last_byte(0xc8);

sol! {
    #[allow(missing_docs)]
    interface INodeInterface {
        function gasEstimateComponents(address to, bool contractCreation, bytes calldata data) external payable
            returns (uint64 gasEstimate, uint64 gasEstimateForL1, uint256 baseFee, uint256 l1BaseFeeEstimate);
        function gasEstimateL1Component(address to, bool contractCreation, bytes calldata data) external payable
            returns (uint64 gasEstimateForL1, uint256 baseFee, uint256 l1BaseFeeEstimate);
        function nitroGenesisBlock() external pure returns (uint256 number);
        function blockL1Num(uint64 l2BlockNum) external view returns (uint64 l1BlockNum);
        function l2BlockRangeForL1(uint64 blockNum) external view returns (uint64 firstBlock, uint64 lastBlock);
        function getL1Confirmations(bytes32 blockHash) external view returns (uint64 confirmations);
        function findBatchContainingBlock(uint64 blockNum) external view returns (uint64 batch);
        function constructOutboxProof(uint64 size, uint64 leaf) external view
            returns (bytes32 send, bytes32 root, bytes32[] memory proof);
        function estimateRetryableTicket(
            address sender, uint256 deposit, address to, uint256 l2CallValue, address excessFeeRefundAddress,
            address callValueRefundAddress, bytes calldata data
        ) external;
        function legacyLookupMessageBatchProof(uint256 batchNum, uint64 index) external view
            returns (
                bytes32[] memory proof, uint256 path, address l2Sender, address l1Dest, uint256 l2Block,
                uint256 l1Block, uint256 timestamp, uint256 amount, bytes memory calldataForL1
            );
    }
}
use INodeInterface::INodeInterfaceCalls as Calls;

/// Answers a call of NodeInterface.
pub fn answer(chain: &Chain, setting: &Setting, env: TxEnv) -> Result<Bytes, Unanswered> {
    use INodeInterface as I;
    let calls = Calls::abi_decode(&env.data).map_err(|_| Unanswered::Reverted(Bytes::new()))?;
    let (base_fee, l1_price) = prices(setting);
    let output = match calls {
        Calls::gasEstimateComponents(args) => {
            let asked = asked(setting, env, args.to, args.contractCreation, args.data);
            let for_l1 = setting.l1_gas(&asked, Purpose::Estimate);
            let gas = chain.estimate(setting, asked)?;
            I::gasEstimateComponentsCall::abi_encode_returns(
                &(gas, for_l1, base_fee, l1_price).into(),
            )
        }
        Calls::gasEstimateL1Component(args) => {
            let asked = asked(setting, env, args.to, args.contractCreation, args.data);
            let for_l1 = setting.l1_gas(&asked, Purpose::Estimate);
            I::gasEstimateL1ComponentCall::abi_encode_returns(&(for_l1, base_fee, l1_price).into())
        }
        Calls::nitroGenesisBlock(_) => I::nitroGenesisBlockCall::abi_encode_returns(&U256::ZERO),
        // The L1 block number stays 0 here.
        Calls::blockL1Num(args) => {
            let known = chain.block(args.l2BlockNum).is_some();
            I::blockL1NumCall::abi_encode_returns(&found(known, 0)?)
        }
        Calls::l2BlockRangeForL1(args) => {
            let newest = chain.head().header.number;
            let range = (0, found(args.blockNum == 0, newest)?);
            I::l2BlockRangeForL1Call::abi_encode_returns(&range.into())
        }
        Calls::getL1Confirmations(args) => {
            let known = chain.block_by_hash(args.blockHash).is_some();
            I::getL1ConfirmationsCall::abi_encode_returns(&found(known, 0)?)
        }
        Calls::findBatchContainingBlock(_) => return Err(without_l1("batches")),
        Calls::constructOutboxProof(_) => return Err(without_l1("outbox proofs")),
        Calls::estimateRetryableTicket(_) => return Err(without_l1("retryable tickets")),
        Calls::legacyLookupMessageBatchProof(_) => return Err(without_l1("batches")),
    };
    Ok(output.into())
}

/// Base fee and price of L1 data, in wei.
fn prices(setting: &Setting) -> (U256, U256) {
    let l1_price = Arbos(&mut setting.state.clone()).field(Field::L1Price);
    (U256::from(BASE_FEE), l1_price)
}

/// The transaction that an estimate is asked for.
fn asked(setting: &Setting, env: TxEnv, to: Address, creation: bool, data: Bytes) -> TxEnv {
    let kind = if creation {
        TxKind::Create
    } else {
        TxKind::Call(to)
    };
    let mut asked = TxEnv { kind, data, ..env };
    asked.gas_limit = setting.gas_cap(&asked);
    asked
}

fn found(known: bool, value: u64) -> Result<u64, Unanswered> {
    if known {
        Ok(value)
    } else {
        Err(Unanswered::Invalid("no such block on this chain".into()))
    }
}

fn without_l1(what: &str) -> Unanswered {
    Unanswered::Invalid(format!("this chain has no L1, so it has no {what}"))
}
