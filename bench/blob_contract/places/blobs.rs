//! Weights from blobs.

use model::{
    BUFFER, Prediction, Row,
    blob::{ReadCode, Stream},
};

#[link(wasm_import_module = "vm_hooks")]
unsafe extern "C" {
    fn account_code(address: *const u8, offset: usize, size: usize, dest: *mut u8) -> usize;
}

/// Not on the stack, where it would be filled with zeros, at 100 ink a byte.
static mut BLOB: [u8; BUFFER] = [0; BUFFER];

struct Host;

impl ReadCode for Host {
    fn read_code(&mut self, address: &[u8; 20], offset: usize, into: &mut [u8]) -> usize {
        // SAFETY: the address has 20 bytes, and the host writes no more than `into.len()`.
        unsafe { account_code(address.as_ptr(), offset, into.len(), into.as_mut_ptr()) }
    }
}

pub fn predict(row: &Row) -> Option<Prediction> {
    // SAFETY: the program runs once in a call and this is the one reference.
    let buffer = unsafe { &mut *core::ptr::addr_of_mut!(BLOB) };
    let mut weights = Stream::new(Host, model::FIRST_BLOB, buffer);
    model::predict(row, &mut weights).ok()
}
