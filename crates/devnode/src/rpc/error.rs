//! JSON-RPC errors, with geth's codes.

use jsonrpsee::types::ErrorObjectOwned;
use serde_json::json;

use crate::chain::simulate::Unanswered;
use crate::chain::tx::Rejected;

/// Anything that a method can answer instead of a result.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// Parameters that are missing or of the wrong kind.
    #[error("invalid params: {0}")]
    Params(String),
    /// A block, a transaction or a tracer that is not there.
    #[error("{0}")]
    NotFound(String),
    /// A transaction that was refused.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// A question without an answer.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    /// A request that ended by a bug of the node.
    #[error("internal error: the request failed inside the node; its standard error has more")]
    Internal,
}

const INVALID_PARAMS: i32 = -32602;
const SERVER_ERROR: i32 = -32000;
const INTERNAL: i32 = -32603;
/// Code of a revert, whose data the error carries.
const REVERTED: i32 = 3;

impl From<RpcError> for ErrorObjectOwned {
    fn from(error: RpcError) -> Self {
        let text = error.to_string();
        match error {
            RpcError::Params(_) => Self::owned(INVALID_PARAMS, text, None::<()>),
            RpcError::Unanswered(Unanswered::Reverted(data)) => {
                Self::owned(REVERTED, text, Some(json!(data)))
            }
            RpcError::Internal | RpcError::Unanswered(Unanswered::Machine(_)) => {
                Self::owned(INTERNAL, text, None::<()>)
            }
            RpcError::NotFound(_) | RpcError::Rejected(_) | RpcError::Unanswered(_) => {
                Self::owned(SERVER_ERROR, text, None::<()>)
            }
        }
    }
}
