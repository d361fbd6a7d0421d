//! NodeInterface at 0xc8: questions that the node answers, not the chain (rules 9).

use alloy_sol_types::{SolCall, SolInterface, sol};
use revm::context::TxEnv;
use revm::primitives::{Address, Bytes, TxKind, U256};

use crate::arbos::store::{Arbos, Field};
use crate::chain::simulate::{CALL_GAS, Setting, Unanswered};
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
    }
}
use INodeInterface::INodeInterfaceCalls as Calls;

/// Answers a call of NodeInterface.
pub fn answer(chain: &Chain, setting: &Setting, env: TxEnv) -> Result<Bytes, Unanswered> {
    let base_fee = U256::from(BASE_FEE);
    let l1_price = Arbos(&mut setting.state.clone()).field(Field::L1Price);
    let calls = Calls::abi_decode(&env.data).map_err(|_| Unanswered::Reverted(Bytes::new()))?;
    let output = match calls {
        Calls::gasEstimateComponents(args) => {
            let kind = if args.contractCreation {
                TxKind::Create
            } else {
                TxKind::Call(args.to)
            };
            let asked = TxEnv {
                kind,
                data: args.data,
                gas_limit: CALL_GAS,
                ..env
            };
            let gas = chain.estimate(setting, asked)?;
            INodeInterface::gasEstimateComponentsCall::abi_encode_returns(
                &(gas, 0, base_fee, l1_price).into(),
            )
        }
        Calls::gasEstimateL1Component(_) => {
            INodeInterface::gasEstimateL1ComponentCall::abi_encode_returns(
                &(0, base_fee, l1_price).into(),
            )
        }
        Calls::nitroGenesisBlock(_) => {
            INodeInterface::nitroGenesisBlockCall::abi_encode_returns(&U256::ZERO)
        }
    };
    Ok(output.into())
}
