//! ArbDebug: only on debug chains, which this one is (rules 9).

use alloy_sol_types::{SolCall, sol};
use revm::bytecode::Bytecode;
use revm::context::JournalTr;

use super::call::{Access, Call, Fail, decode, revert};
use crate::arbos::store::Roster;

sol! {
    #[allow(missing_docs)]
    interface IArbDebug {
        function becomeChainOwner() external;
        function overwriteContractCode(address target, bytes calldata newCode) external returns (bytes memory oldCode);
        function events(bool flag, bytes32 value) external payable returns (address, uint256);
        function eventsView() external view;
        function customRevert(uint64 number) external pure;
        function legacyError() external pure;

        event Basic(bool flag, bytes32 indexed value);
        event Mixed(bool indexed flag, bool not, bytes32 indexed value, address conn, address indexed caller);

        error Custom(uint64 number, string text, bool flag);
    }
}
use IArbDebug::IArbDebugCalls as Calls;

/// Runs one call.
pub fn run(call: &mut Call<'_>, input: &[u8]) -> Result<Vec<u8>, Fail> {
    if !call.ctx.chain.env.debug {
        return Err(Fail::AllGas);
    }
    match decode::<Calls>(input)? {
        Calls::becomeChainOwner(_) => {
            call.enter(Access::Write)?;
            let caller = call.caller;
            call.arbos().add(Roster::Owners, caller);
            Ok(Vec::new())
        }
        Calls::overwriteContractCode(args) => {
            call.enter(Access::Write)?;
            let Ok(old) = call.ctx.journaled_state.code(args.target);
            let code = Bytecode::new_raw_checked(args.newCode).map_err(|_| Fail::Plain)?;
            call.ctx.journaled_state.set_code(args.target, code);
            Ok(IArbDebug::overwriteContractCodeCall::abi_encode_returns(
                &old.data,
            ))
        }
        Calls::events(args) => {
            call.enter(Access::Payable)?;
            call.emit(&IArbDebug::Basic {
                flag: !args.flag,
                value: args.value,
            })?;
            let (conn, caller) = (call.address, call.caller);
            call.emit(&IArbDebug::Mixed {
                flag: args.flag,
                not: !args.flag,
                value: args.value,
                conn,
                caller,
            })?;
            Ok(IArbDebug::eventsCall::abi_encode_returns(
                &(caller, call.value).into(),
            ))
        }
        // A view that emits is refused by the chain.
        Calls::eventsView(_) => Err(Fail::AllGas),
        Calls::customRevert(args) => {
            call.enter(Access::Pure)?;
            Err(revert(&IArbDebug::Custom {
                number: args.number,
                text: "custom revert".to_owned(),
                flag: true,
            }))
        }
        Calls::legacyError(_) => {
            call.enter(Access::Pure)?;
            Err(Fail::Plain)
        }
    }
}
