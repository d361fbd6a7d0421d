//! From packed features to the prediction, in one call.

use crate::{InputError, Prediction, predict, unpack};

/// Unpacks a row and runs the model.
///
/// # Errors
/// `Length` or `OutOfRange` as `unpack` has them.
#[inline]
pub fn answer(packed: &[u8]) -> Result<Prediction, InputError> {
    let row = unpack(packed)?;
    #[allow(clippy::needless_borrow)] // `unpack` gives a row, or a reference to the bytes
    let prediction = predict(&row);
    Ok(prediction)
}
