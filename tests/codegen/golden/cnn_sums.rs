//! The sums of `shapes`, layer by layer.

use crate::{Row, layer_0, layer_1, layer_2, layer_3, layer_4};

/// The last layer's sums for `row`.
pub(crate) fn accumulate(row: &Row) -> [i64; 3] {
    let mut x1 = [0; 96];
    layer_0::fill(row, &mut x1);
    let mut x2 = [0; 64];
    layer_1::fill(&x1, &mut x2);
    let mut x3 = [0; 72];
    layer_2::fill(&x2, &mut x3);
    let mut x4 = [0; 24];
    layer_3::fill(&x3, &mut x4);
    layer_4::layer(&x4)
}
