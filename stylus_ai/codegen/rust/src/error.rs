//! Why there is no answer.

use core::fmt;

/// A row that does not fit the model's features, or weights that are not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputError {
    /// The packed row has another length.
    Length {
        /// Bytes given.
        got: usize,
        /// Bytes of a packed row.
        expected: usize,
    },
    /// A value is outside its feature's range.
    OutOfRange {
        /// Position of the feature.
        feature: u16,
        /// Value given; saturated if it does not fit 64 bits.
        value: i64,
        /// Smallest allowed value.
        low: i64,
        /// Largest allowed value.
        high: i64,
    },
    /// A blob of weights is not on this chain; never if all weights are in code.
    WeightsMissing,
}

impl InputError {
    pub(crate) const fn out_of_range(feature: u16, value: i64, low: i64, high: i64) -> Self {
        Self::OutOfRange {
            feature,
            value,
            low,
            high,
        }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { got, expected } => {
                write!(f, "a packed row has {expected} bytes, not {got}")
            }
            Self::OutOfRange {
                feature,
                value,
                low,
                high,
            } => write!(f, "feature {feature} is {value}, not in {low}..={high}"),
            Self::WeightsMissing => write!(f, "a blob of weights is not on this chain"),
        }
    }
}

impl core::error::Error for InputError {}
