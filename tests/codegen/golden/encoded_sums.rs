//! The sums of a row: those of its columns.

use crate::{Row, column_sums, columns::columns};

/// The accumulator of each output.
pub(crate) fn accumulate(row: &Row) -> [i64; 1] {
    column_sums::accumulate(&columns(row))
}
