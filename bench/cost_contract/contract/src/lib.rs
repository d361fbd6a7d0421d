//! Reads a packed row, predicts, names the leaves, and returns the answer in 8 bytes and each leaf's number in 2,
//! little-endian. Four bytes of calldata are taken for `modelHash()`.
//!
//! A cheap host call stands before and after each step, so that a trace shows the step's ink.
#![no_std]

mod answer;

use core::hint::black_box;

use model::{LEAVES, PACKED_LEN, leaves, unpack};

#[link(wasm_import_module = "vm_hooks")]
unsafe extern "C" {
    fn read_args(to: *mut u8);
    fn write_result(from: *const u8, len: usize);
    fn tx_ink_price() -> u32;
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

fn mark() {
    // SAFETY: takes and changes no memory.
    black_box(unsafe { tx_ink_price() });
}

#[inline(never)]
fn predict(row: &model::Row) -> i64 {
    answer::of(&model::predict(row))
}

/// What is returned, and bytes that fill it up.
#[repr(C)]
struct Answer {
    answer: i64,
    leaves: [u16; LEAVES],
}

/// Stylus' entry point: `len` bytes of calldata.
#[unsafe(no_mangle)]
pub extern "C" fn user_entrypoint(len: usize) -> usize {
    if len == 4 {
        // SAFETY: the digest is a constant of 32 bytes.
        unsafe { write_result(model::PROGRAM_DIGEST.as_ptr(), 32) };
        return 0;
    }
    let mut packed = [0_u8; PACKED_LEN];
    if len != packed.len() {
        return 1;
    }
    // SAFETY: the buffer holds exactly the `len` bytes that the host writes.
    unsafe { read_args(packed.as_mut_ptr()) };
    mark();
    let row = unpack(&packed);
    mark();
    let Ok(row) = row else { return 1 };
    mark();
    let answer = predict(black_box(&row));
    mark();
    let answer = Answer { answer, leaves: leaves(&row) };
    // SAFETY: the struct begins with so many bytes of plain integers and outlives the call; wasm is little-endian.
    unsafe { write_result((&raw const answer).cast(), 8 + 2 * LEAVES) };
    0
}
