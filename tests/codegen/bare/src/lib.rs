//! Reads a packed row, predicts, and returns the model's own text-free outputs.
//!
//! A cheap host call stands before and after each step, so that a trace shows the step's ink.
#![no_std]

use core::hint::black_box;

use model::{PACKED_LEN, TREES, leaves, predict, unpack};

#[link(wasm_import_module = "vm_hooks")]
unsafe extern "C" {
    fn read_args(to: *mut u8);
    fn write_result(from: *const u8, len: usize);
    fn tx_ink_price() -> u32;
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

fn mark() {
    // SAFETY: takes and changes no memory.
    black_box(unsafe { tx_ink_price() });
}

#[unsafe(no_mangle)]
pub extern "C" fn user_entrypoint(len: usize) -> i32 {
    let mut packed = [0; PACKED_LEN];
    if len != PACKED_LEN {
        return 1;
    }
    // SAFETY: the buffer has the length that the arguments have.
    unsafe { read_args(packed.as_mut_ptr()) };
    mark();
    let row = unpack(&packed);
    mark();
    let Ok(row) = row else { return 1 };
    mark();
    let prediction = predict(&row);
    mark();
    let path = leaves(&row);
    mark();
    let mut out = [0; 11 + 2 * TREES];
    let (head, tail) = out.split_at_mut(11);
    head[..8].copy_from_slice(&prediction.logit.to_be_bytes());
    head[8..10].copy_from_slice(&prediction.score.to_be_bytes());
    head[10] = u8::from(prediction.decision);
    for (pair, leaf) in tail.chunks_exact_mut(2).zip(path) {
        pair.copy_from_slice(&leaf.to_be_bytes());
    }
    // SAFETY: the buffer is as long as said.
    unsafe { write_result(out.as_ptr(), out.len()) };
    0
}
