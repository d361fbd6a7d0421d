//! Answers with the ink that one layer takes, from entry to return of its function, and with what it gives.
//!
//! Calldata: the layer's input array; four bytes are taken for `modelHash()`. Result: ink (u64, little-endian), then the layer's output array.
#![no_std]

mod input;
mod layer;

use core::mem::size_of_val;

use input::{DIGEST, INPUT};

#[link(wasm_import_module = "vm_hooks")]
unsafe extern "C" {
    fn read_args(target: *mut u8);
    fn write_result(data: *const u8, len: usize);
    fn evm_ink_left() -> u64;
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[inline(never)]
fn ink_left() -> u64 {
    // SAFETY: takes no pointer.
    unsafe { evm_ink_left() }
}

#[repr(C)]
struct Answer<T> {
    ink: u64,
    output: T,
}

/// Stylus' entry point: `len` bytes of calldata.
#[unsafe(no_mangle)]
pub extern "C" fn user_entrypoint(len: usize) -> usize {
    if len == 4 {
        // SAFETY: the digest is a constant of 32 bytes.
        unsafe { write_result(DIGEST.as_ptr(), 32) };
        return 0;
    }
    let mut x = [0_u8; INPUT];
    if len != INPUT {
        return 1;
    }
    // SAFETY: the buffer holds exactly the `len` bytes that the host writes.
    unsafe { read_args(x.as_mut_ptr()) };
    let start = ink_left();
    let before = ink_left();
    let output = layer::layer(&x);
    let after = ink_left();
    let reading = start - before;
    let answer = Answer {
        ink: before - after - reading,
        output,
    };
    // SAFETY: plain integers without gaps between them; wasm is little-endian.
    unsafe { write_result((&raw const answer).cast(), size_of_val(&answer)) };
    0
}
