//! What the model is.

/// Facts about the model, for `modelInfo()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Number of features.
    pub features: u16,
    /// Number of trees; 0 for a linear model.
    pub trees: u16,
    /// Depth of the deepest tree.
    pub depth: u16,
    /// Fractional bits of the accumulator.
    pub frac_bits: u8,
    /// 0 decision tree, 1 forest, 2 boosting, 3 linear, 4 MLP, 5 CNN.
    pub family: u8,
    /// Smallest accumulator that decides yes; 0 if the model decides nothing.
    pub cutoff: i64,
}
