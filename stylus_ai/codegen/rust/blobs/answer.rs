//! From packed features to the prediction, with the weights from blobs on this chain.

extern crate alloc;

use alloc::vec;

use stylus_kernels::blob::{ReadCode, Stream};
use stylus_kernels::packed::BUFFER;

use crate::{FIRST_BLOB, InputError, Prediction, predict, unpack};

/// Reads code of accounts straight into the buffer. The SDK's own `code()` gives a fresh vector each
/// time, which its allocator never takes back.
struct Host;

impl ReadCode for Host {
    #[allow(unsafe_code)] // the host function takes pointers
    fn read_code(&mut self, address: &[u8; 20], offset: usize, into: &mut [u8]) -> usize {
        // SAFETY: the address has 20 bytes, and the host writes no more than `into.len()`.
        unsafe {
            stylus_sdk::hostio::account_code(
                address.as_ptr(),
                offset,
                into.len(),
                into.as_mut_ptr(),
            )
        }
    }
}

/// Unpacks a row and runs the model.
///
/// # Errors
/// `Length` or `OutOfRange` as `unpack` has them, `WeightsMissing` if a blob is not on this chain.
pub fn answer(packed: &[u8]) -> Result<Prediction, InputError> {
    let row = unpack(packed)?;
    let mut buffer = vec![0; BUFFER]; // the SDK's allocator gives zeros for nothing
    let mut weights = Stream::new(Host, FIRST_BLOB, &mut buffer);
    #[allow(clippy::needless_borrow)] // `unpack` gives a row, or a reference to the bytes
    let prediction = predict(&row, &mut weights);
    prediction.map_err(|_| InputError::WeightsMissing)
}
