//! Rows: the packed bytes themselves, since every value of their bits is a value of
//! its feature.

use crate::{FEATURES, InputError, PACKED_LEN, Row, range::outside};

/// Takes a packed row.
///
/// # Errors
/// `Length` if there are not `PACKED_LEN` bytes, `OutOfRange` for bits after the last
/// value.
#[inline]
pub fn unpack(packed: &[u8]) -> Result<&Row, InputError> {
    let Ok(row) = <&Row>::try_from(packed) else {
        let got = packed.len();
        let expected = PACKED_LEN;
        return Err(InputError::Length { got, expected });
    };
    check(row)?;
    Ok(row)
}

/// Packs one integer for each feature.
///
/// # Errors
/// `OutOfRange` for the first value outside its feature's range.
pub fn from_values(values: &[i32; FEATURES]) -> Result<Row, InputError> {
    for (feature, value) in (0..).zip(values) {
        if outside(*value, 0, 15) < 0 {
            return Err(InputError::out_of_range(feature, i64::from(*value), 0, 15));
        }
    }
    let mut row: Row = [0; PACKED_LEN];
    for (byte, group) in row.iter_mut().zip(values.chunks(2)) {
        for (value, shift) in group.iter().zip([4, 0]) {
            *byte |= (*value as u8).wrapping_shl(shift);
        }
    }
    Ok(row)
}

/// Checks the bits after the last value.
///
/// # Errors
/// `OutOfRange` if they are not 0.
pub fn check(row: &Row) -> Result<(), InputError> {
    let rest = row[3] & 15;
    if rest > 0 {
        return Err(InputError::out_of_range(7, i64::from(rest), 0, 0));
    }
    Ok(())
}
