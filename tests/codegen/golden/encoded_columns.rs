//! What `p` reads: columns made from the row.
//!
//! Equation 12 of stylus-ai's numerics.

use stylus_kernels::{chosen, clipped, filled, over, within};

use crate::Row;

/// One integer for each column.
pub(crate) type Columns = [i32; 6];

/// The columns of a row.
#[inline(never)]
pub(crate) fn columns(row: &Row) -> Columns {
    let mut columns = [0; 6];
    columns[0] = filled(row[0], 41, 9);
    columns[1] |= chosen(row[1], -3, 0x21);
    columns[1] |= chosen(row[1], 70, 0x1);
    columns[2] = columns[2].wrapping_add(over(row[0], 12));
    columns[2] = columns[2].wrapping_add(over(row[0], 30));
    columns[3] = within(row[1], 0, 3);
    columns[4] = clipped(row[1], -1, 1);
    columns[5] = row[0];
    columns
}
