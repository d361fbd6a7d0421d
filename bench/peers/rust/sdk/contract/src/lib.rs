//! A contract as the SDK's guide has it: one public function, `answer(bytes)`.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
extern crate alloc;

use alloc::{vec, vec::Vec};

use alloy_primitives::FixedBytes;
use stylus_sdk::{abi::Bytes, prelude::*};

sol_storage! {
    #[entrypoint]
    pub struct Peer {}
}

#[public]
impl Peer {
    /// The peer's 32 bytes for a packed row.
    pub fn answer(&self, row: Bytes) -> Result<FixedBytes<32>, Vec<u8>> {
        let row = <&[u8; peer::LEN]>::try_from(&row[..]).map_err(|_| vec![])?;
        Ok(FixedBytes(peer::answer(row)))
    }
}
