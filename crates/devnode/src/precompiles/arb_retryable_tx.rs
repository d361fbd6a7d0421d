//! ArbRetryableTx: tickets come from L1, so there are none here.

use alloy_sol_types::sol;
use revm::primitives::U256;

use super::call::{Access, Call, Fail, decode, revert, word};

sol! {
    #[allow(missing_docs)]
    interface IArbRetryableTx {
        function redeem(bytes32 ticketId) external returns (bytes32);
        function getLifetime() external view returns (uint256);
        function getTimeout(bytes32 ticketId) external view returns (uint256);
        function keepalive(bytes32 ticketId) external returns (uint256);
        function getBeneficiary(bytes32 ticketId) external view returns (address);
        function cancel(bytes32 ticketId) external;
        function getCurrentRedeemer() external view returns (address);

        error NoTicketWithID();
    }
}
use IArbRetryableTx::IArbRetryableTxCalls as Calls;

/// Seconds that a ticket lives: a week.
const LIFETIME: u64 = 7 * 24 * 60 * 60;

/// Runs one call.
pub fn run(call: &mut Call<'_>, input: &[u8]) -> Result<Vec<u8>, Fail> {
    let calls = decode::<Calls>(input)?;
    let changes = matches!(
        calls,
        Calls::redeem(_) | Calls::keepalive(_) | Calls::cancel(_)
    );
    call.enter(if changes { Access::Write } else { Access::View })?;
    match calls {
        Calls::getLifetime(_) => Ok(word(U256::from(LIFETIME))),
        Calls::getCurrentRedeemer(_) => Ok(word(U256::ZERO)),
        Calls::redeem(_)
        | Calls::getTimeout(_)
        | Calls::keepalive(_)
        | Calls::getBeneficiary(_)
        | Calls::cancel(_) => {
            call.pay_read()?; // when it times out
            Err(revert(&IArbRetryableTx::NoTicketWithID {}))
        }
    }
}
