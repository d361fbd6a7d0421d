//! The same bytes from the data segment.

use model::{
    BUFFER, Prediction, Row,
    blob::{ReadCode, Stream},
};

static WEIGHTS: &[u8] = include_bytes!("../../weights.bin");

static mut PART: [u8; BUFFER] = [0; BUFFER];

/// The bytes that come next.
struct Data(&'static [u8]);

impl ReadCode for Data {
    fn read_code(&mut self, _: &[u8; 20], _: usize, into: &mut [u8]) -> usize {
        let count = self.0.len().min(into.len());
        let (now, later) = self.0.split_at(count);
        into[..count].copy_from_slice(now);
        self.0 = later;
        count
    }
}

pub fn predict(row: &Row) -> Option<Prediction> {
    // SAFETY: the program runs once in a call and this is the one reference.
    let buffer = unsafe { &mut *core::ptr::addr_of_mut!(PART) };
    let mut weights = Stream::new(Data(WEIGHTS), model::FIRST_BLOB, buffer);
    model::predict(row, &mut weights).ok()
}
