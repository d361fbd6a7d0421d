//! A classifier whose weights are in blobs, in an ordinary stylus-sdk contract. docs/weights.md quotes it.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
extern crate alloc;

mod entry;

use alloc::{vec, vec::Vec};

use alloy_primitives::FixedBytes;
use stylus_sdk::{abi::Bytes, prelude::*};

struct Host;

impl model::blob::ReadCode for Host {
    fn read_code(&mut self, address: &[u8; 20], offset: usize, into: &mut [u8]) -> usize {
        // SAFETY: the address has 20 bytes, and the host writes no more than `into.len()`.
        unsafe {
            stylus_sdk::hostio::account_code(
                address.as_ptr(),
                offset,
                into.len(),
                into.as_mut_ptr(),
            )
        }
    }
}

// The generated entry.rs calls the contract by this name.
sol_storage! {
    pub struct CreditScore {}
}

#[public]
impl CreditScore {
    /// The class of packed features. Reverts if they are no row, or if a blob is not on this chain.
    pub fn predict(&self, features: Bytes) -> Result<u16, Vec<u8>> {
        let row = model::unpack(&features).map_err(|_| vec![])?;
        let mut buffer = vec![0; model::BUFFER]; // the SDK's allocator gives zeros for nothing
        let mut weights = model::blob::Stream::new(Host, model::FIRST_BLOB, &mut buffer);
        let prediction = model::predict(&row, &mut weights).map_err(|_| b"no blob".to_vec())?;
        Ok(prediction.class)
    }

    /// Digest of the integer program.
    pub fn model_hash(&self) -> FixedBytes<32> {
        FixedBytes(model::PROGRAM_DIGEST)
    }
}
