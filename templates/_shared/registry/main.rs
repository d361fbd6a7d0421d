//! Prints the Solidity interface, from what the contract's macros say of themselves.

fn main() {
    stylus_sdk::abi::export::print_from_args::<registry::Registry>();
}
