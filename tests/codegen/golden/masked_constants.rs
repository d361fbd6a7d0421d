//! What the model is, in numbers.

use crate::info::Info;

/// Name of the model.
pub const NAME: &str = "p";

/// SHA-256 of the integer program's canonical JSON.
pub const PROGRAM_DIGEST: [u8; 32] = [
    0x67, 0x6a, 0x48, 0xaf, 0xf8, 0x19, 0x38, 0x96, 0xc2, 0x4f, 0xfc, 0xa0, 0x88, 0xe3, 0xb7, 0xbd,
    0x15, 0x05, 0xe8, 0x40, 0x8c, 0xbd, 0x7d, 0xca, 0x5e, 0x5c, 0x70, 0x54, 0xaa, 0xe0, 0x29, 0x48,
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
