//! What the model is, in numbers.

use crate::info::Info;

/// Name of the model.
pub const NAME: &str = "digits";

/// SHA-256 of the integer program's canonical JSON.
pub const PROGRAM_DIGEST: [u8; 32] = [
    0xb2, 0x54, 0x8d, 0x88, 0xb9, 0xb9, 0x48, 0x0e, 0x10, 0xd2, 0xa6, 0xf2, 0x83, 0x81, 0x58, 0xf4,
    0x58, 0x89, 0x02, 0x7e, 0x53, 0xc9, 0x26, 0x0a, 0xa0, 0xdd, 0x3a, 0x54, 0xd4, 0x63, 0xca, 0x47,
];

/// Number of features.
pub const FEATURES: usize = 7;

/// Bytes of a packed row.
pub const PACKED_LEN: usize = 4;

/// Number of trees.
pub const TREES: usize = 0;

/// Number of classes.
pub const CLASSES: usize = 3;

/// A packed row: the model reads it as it comes.
pub type Row = [u8; PACKED_LEN];

/// The row that explanations compare with: the median of the training rows.
pub const REFERENCE: Row = [0, 0, 0, 0];

/// Facts about the model.
pub const INFO: Info = Info {
    features: 7,
    trees: 0,
    depth: 0,
    frac_bits: 0,
    family: 4,
    cutoff: 0,
};
