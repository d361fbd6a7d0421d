//! The sums of `digits`, layer by layer.

use crate::{Row, layer_0, layer_1};

/// The last layer's sums for `row`.
pub(crate) fn accumulate(row: &Row) -> [i64; 3] {
    let x1 = layer_0::layer(row);
    layer_1::layer(&x1)
}
