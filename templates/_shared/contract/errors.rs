//! Why a call is refused. Solidity callers, web pages and `stylus-ai predict` see these by name.

use alloy_primitives::U256;
use alloy_sol_types::sol;
use model::InputError;
use stylus_sdk::prelude::*;

sol! {
    error WrongLength(uint256 got, uint256 expected);
    error FeatureOutOfRange(uint16 feature, int64 value, int64 low, int64 high);
    error WeightsMissing();
}

/// The errors above, for Rust.
#[derive(SolidityError)]
pub enum Refusal {
    /// The packed features have a wrong number of bytes.
    WrongLength(WrongLength),
    /// A feature lies outside the range that the model was trained on.
    FeatureOutOfRange(FeatureOutOfRange),
    /// Weights of a large model, which stand outside the contract, are not on this chain.
    WeightsMissing(WeightsMissing),
}

impl From<InputError> for Refusal {
    fn from(error: InputError) -> Self {
        match error {
            InputError::Length { got, expected } => Self::WrongLength(WrongLength {
                got: U256::from(got),
                expected: U256::from(expected),
            }),
            InputError::OutOfRange {
                feature,
                value,
                low,
                high,
            } => Self::FeatureOutOfRange(FeatureOutOfRange {
                feature,
                value,
                low,
                high,
            }),
            InputError::WeightsMissing => Self::WeightsMissing(WeightsMissing {}),
        }
    }
}
