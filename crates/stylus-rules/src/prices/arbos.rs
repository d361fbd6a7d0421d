//! Gas of ArbOS itself: what precompiles pay for state, arguments and events (rules 7.1, 9).

use super::words;

/// Opening the state, which every precompile that is not pure pays first.
pub const OPEN_STATE: u64 = 800;
/// One word of arguments, result or error data.
pub const WORD: u64 = 3;
/// Reading a word of state.
pub const STATE_READ: u64 = 800;
/// Writing a word of state.
pub const STATE_WRITE: u64 = 20_000;
/// Writing 0 to a word of state (rules 16).
pub const STATE_CLEAR: u64 = 5000;
/// Reading the Stylus parameters.
pub const STYLUS_PARAMS: u64 = 100;
/// Reading an account's code hash.
pub const CODE_HASH: u64 = 2600;
/// Fixed part of an activation.
pub const ACTIVATION: u64 = 1_659_168;

/// First ArbOS version whose activation reads the configurable extra charge (rules 7.1).
const ACTIVATION_GAS_FROM: u64 = 60;

/// Gas of an event with `topics` topics (its signature included) and `data` bytes: 375 + 375 per topic + 8 per byte.
pub const fn event(topics: u64, data: u64) -> u64 {
    375 + 375 * topics + 8 * data
}

/// Gas of `len` bytes of arguments, result or error data.
pub const fn data(len: u64) -> u64 {
    WORD * words(len)
}

/// Gas of hashing `len` bytes.
pub const fn hash(len: u64) -> u64 {
    30 + 6 * words(len)
}

/// Gas of fetching one fragment of a program at activation (rules 7.1, from ArbOS 60).
pub const fn fragment(cold: bool, code_len: u64) -> u64 {
    super::evm::account(cold) + data(code_len)
}

/// Gas of a first successful activation beside the engine's, from ArbOS 31 on; without fragments and without the extra
/// charge that a chain owner may set (rules 7.1: 1,747,826, and 1,748,626 from ArbOS 60).
pub const fn activation(arbos: u64) -> u64 {
    let extra = if arbos >= ACTIVATION_GAS_FROM {
        STATE_READ
    } else {
        0
    };
    let before_engine = OPEN_STATE + WORD + ACTIVATION + STYLUS_PARAMS + STATE_READ + extra;
    let pricer = 5 * STATE_READ + 2 * STATE_WRITE;
    let module_hash_and_entry = 2 * STATE_WRITE;
    let network_fee_account = STATE_READ;
    before_engine + module_hash_and_entry + pricer + network_fee_account + event(2, 128) + 2 * WORD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_activation_costs_the_measured_sum() {
        assert_eq!(activation(51), 1_747_826);
        assert_eq!(activation(60), 1_748_626);
    }
}
