//! Where a call enters. You need not change this file.
//!
//! It is what `#[entrypoint]` on the struct would write, and one thing more: where the SDK reverts
//! without a word (an unknown function, calldata that is cut off), the caller is told so by name.

use alloc::vec::Vec;

use alloy_sol_types::{SolError, sol};
use stylus_sdk::{
    ArbResult, abi::router_entrypoint, host::VM, prelude::*, stylus_core::storage::TopLevelStorage,
};

use crate::{{ contract }};

sol! {
    error MalformedCalldata();
}

// SAFETY: `{{ contract }}` is the one root of this contract's storage.
unsafe impl TopLevelStorage for {{ contract }} {}

#[entrypoint]
fn entry(input: Vec<u8>, host: VM) -> ArbResult {
    router_entrypoint::<{{ contract }}, {{ contract }}>(input, host).map_err(|data| {
        if data.is_empty() {
            MalformedCalldata {}.abi_encode()
        } else {
            data
        }
    })
}
