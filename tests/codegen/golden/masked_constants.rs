//! What the model is, in numbers.

use crate::info::Info;

/// Name of the model.
pub const NAME: &str = "p";

/// SHA-256 of the integer program's canonical JSON.
pub const PROGRAM_DIGEST: [u8; 32] = [
    0x84, 0xb2, 0x12, 0x36, 0x5f, 0xe5, 0xa2, 0xcf, 0x5d, 0xe1, 0xa0, 0x91, 0x0b, 0xb4, 0x25, 0xc6,
    0x79, 0xe7, 0xd0, 0xc1, 0x1d, 0x8e, 0x7e, 0x8a, 0x06, 0xac, 0x01, 0x8e, 0x42, 0xe1, 0x87, 0xc9,
];

/// Number of features.
pub const FEATURES: usize = 2;

/// Bytes of a packed row.
pub const PACKED_LEN: usize = 2;

/// Number of trees.
pub const TREES: usize = 2;

/// One integer for each feature, in order.
pub type Row = [i32; FEATURES];

/// The row that explanations compare with: the median of the training rows.
pub const REFERENCE: Row = [10, 0];

/// Facts about the model.
pub const INFO: Info = Info {
    features: 2,
    trees: 2,
    depth: 3,
    frac_bits: 4,
    family: 0,
    cutoff: 2,
};

/// Solidity types of the features, as in a function's signature.
#[cfg(feature = "abi")]
#[rustfmt::skip] // one literal, however many features
pub(crate) const ABI_TYPES: &str = "(uint8,int8)";
