//! A classifier of digits in an ordinary stylus-sdk contract: bench/sdk.py puts it into a generated project.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
extern crate alloc;

mod entry;

use alloc::{vec, vec::Vec};

use alloy_primitives::{FixedBytes, U256};
use alloy_sol_types::sol;
use model::InputError;
use stylus_sdk::{abi::Bytes, prelude::*};

// Why a call is refused.
sol! {
    error WrongLength(uint256 got, uint256 expected);
    error FeatureOutOfRange(uint16 feature, int64 value, int64 low, int64 high);
}

/// The errors above, for Rust.
#[derive(SolidityError)]
pub enum CreditError {
    /// The packed features have a wrong number of bytes.
    WrongLength(WrongLength),
    /// A feature lies outside its range.
    FeatureOutOfRange(FeatureOutOfRange),
}

impl From<InputError> for CreditError {
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
        }
    }
}

// The generated entry.rs calls the contract by this name.
sol_storage! {
    pub struct CreditScore {}
}

#[public]
impl CreditScore {
    /// The class of packed features.
    pub fn predict(&self, features: Bytes) -> Result<u16, CreditError> {
        let row = model::unpack(&features)?;
        Ok(model::predict(row).class)
    }

    /// Digest of the integer program.
    pub fn model_hash(&self) -> FixedBytes<32> {
        FixedBytes(model::PROGRAM_DIGEST)
    }
}
