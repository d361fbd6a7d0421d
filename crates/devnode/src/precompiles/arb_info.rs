//! ArbInfo: balances and code as functions.

use alloy_sol_types::{SolCall, sol};
use stylus_rules::prices::arbos::data;
use stylus_rules::prices::evm::COLD_SLOT;

use super::call::{Access, Call, Fail, decode};

sol! {
    #[allow(missing_docs)]
    interface IArbInfo {
        function getBalance(address account) external view returns (uint256);
        function getCode(address account) external view returns (bytes memory);
    }
}
use IArbInfo::IArbInfoCalls as Calls;

/// Gas of reading a balance.
const BALANCE: u64 = 700;

/// Runs one call.
pub fn run(call: &mut Call<'_>, input: &[u8]) -> Result<Vec<u8>, Fail> {
    match decode::<Calls>(input)? {
        Calls::getBalance(args) => {
            call.enter(Access::View)?;
            call.burn(BALANCE)?;
            let balance = call.account(args.account).balance;
            Ok(IArbInfo::getBalanceCall::abi_encode_returns(&balance))
        }
        Calls::getCode(args) => {
            call.enter(Access::View)?;
            call.burn(COLD_SLOT)?;
            let code = call.account(args.account).code.unwrap_or_default();
            let code = code.original_bytes();
            call.burn(data(code.len() as u64))?;
            Ok(IArbInfo::getCodeCall::abi_encode_returns(&code))
        }
    }
}
