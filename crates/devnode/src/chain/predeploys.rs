//! Contracts that are there from the start, as on other development nodes and on public chains (rules 10).
//!
//! Where the code comes from, and whose it is, says `predeploys/README.md`.

use revm::primitives::{Address, address, hex};

/// CacheManager: the auction of places in the program cache; at its address in nitro-testnode.
pub const CACHE_MANAGER: Address = address!("0f1F89AAF1c6fDb7ff9D361E4388F5F3997f12A8");

/// A file of hex digits as bytes, at compile time.
macro_rules! code {
    ($file:literal) => {{
        const DIGITS: &[u8] = include_bytes!($file).trim_ascii();
        const CODE: [u8; DIGITS.len() / 2] = match hex::const_decode_to_array(DIGITS) {
            Ok(code) => code,
            Err(_) => panic!("not hex digits"),
        };
        &CODE
    }};
}

/// Address and runtime code of each.
pub const PREDEPLOYS: [(Address, &[u8]); 4] = [
    // Deterministic deployment proxy: CREATE2 of calldata[32..] with salt calldata[..32] and the call's value; the
    // address is returned as 20 bytes.
    (
        address!("4e59b44847b379578588920ca78fbf26c0b4956c"),
        &hex!(
            "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
        ),
    ),
    // Multicall3: many calls in one; at its address on public chains.
    (
        address!("cA11bde05977b3631167028862bE2a173976CA11"),
        code!("../../predeploys/Multicall3.hex"),
    ),
    // StylusDeployer: creates, activates and initialises; where cargo-stylus looks for it.
    (
        address!("cEcba2F1DC234f70Dd89F2041029807F8D03A990"),
        code!("../../predeploys/StylusDeployer.hex"),
    ),
    (CACHE_MANAGER, code!("../../predeploys/CacheManager.hex")),
];
