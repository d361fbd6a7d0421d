//! The same bytes from storage: slots 0, 1, 2 and so on.

use model::{
    BUFFER, Prediction, Row,
    blob::{ReadCode, Stream},
};

#[link(wasm_import_module = "vm_hooks")]
unsafe extern "C" {
    fn storage_load_bytes32(key: *const u8, dest: *mut u8);
}

/// Bytes that are stored; the rest of the last slot is 0.
const STORED: usize = include_bytes!("../../weights.bin").len();

static mut PART: [u8; BUFFER] = [0; BUFFER];

struct Slots;

impl ReadCode for Slots {
    fn read_code(&mut self, _: &[u8; 20], _: usize, into: &mut [u8]) -> usize {
        let mut key = [0; 32];
        for (number, part) in (0_u32..).zip(into[..STORED].chunks_mut(32)) {
            let mut slot = [0; 32];
            key[28..].copy_from_slice(&number.to_be_bytes());
            // SAFETY: both have 32 bytes.
            unsafe { storage_load_bytes32(key.as_ptr(), slot.as_mut_ptr()) };
            part.copy_from_slice(&slot[..part.len()]);
        }
        STORED
    }
}

pub fn predict(row: &Row) -> Option<Prediction> {
    // SAFETY: the program runs once in a call and this is the one reference.
    let buffer = unsafe { &mut *core::ptr::addr_of_mut!(PART) };
    let mut weights = Stream::new(Slots, model::FIRST_BLOB, buffer);
    model::predict(row, &mut weights).ok()
}
