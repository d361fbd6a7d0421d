//! Rows: unpacked and checked.
//!
//! The ranges stand in code, not in a table: Stylus charges for each byte of data
//! on every call. The good case takes one branch for all features.

use crate::{FEATURES, InputError, PACKED_LEN, Row, range::outside};

/// Reads a packed row: big-endian, tight, in feature order, as Solidity's
/// `abi.encodePacked`.
///
/// # Errors
/// `Length` if there are not `PACKED_LEN` bytes, `OutOfRange` for the first value
/// outside its feature's range.
#[inline]
pub fn unpack(packed: &[u8]) -> Result<Row, InputError> {
    let Ok(p) = <&[u8; PACKED_LEN]>::try_from(packed) else {
        let got = packed.len();
        let expected = PACKED_LEN;
        return Err(InputError::Length { got, expected });
    };
    let mut row: Row = [0; FEATURES];
    row[0] = i32::from(p[0]);
    row[1] = i32::from(i8::from_be_bytes([p[1]]));
    check(&row)?;
    Ok(row)
}

/// A row of one integer for each feature.
///
/// # Errors
/// `OutOfRange` for the first value outside its feature's range.
pub fn from_values(values: &[i32; FEATURES]) -> Result<Row, InputError> {
    check(values)?;
    Ok(*values)
}

/// Checks every value's range.
///
/// # Errors
/// `OutOfRange` for the first value outside its feature's range.
pub fn check(row: &Row) -> Result<(), InputError> {
    let mut bad = 0;
    bad |= outside(row[0], 0, 100);
    bad |= outside(row[1], -50, 50);
    if bad < 0 {
        return Err(offender(row));
    }
    Ok(())
}

/// The first value out of range, once it is known that there is one.
#[cold]
#[inline(never)]
fn offender(row: &Row) -> InputError {
    if outside(row[0], 0, 100) < 0 {
        return InputError::out_of_range(0, i64::from(row[0]), 0, 100);
    }
    InputError::out_of_range(1, i64::from(row[1]), -50, 50)
}
