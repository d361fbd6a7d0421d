//! Answers with the ink that one prediction takes, from entry to return of the model function.
//!
//! Calldata: one packed row. Result: ink (u64), logit (i64), score (u64), decision (u64), little-endian. Four bytes of
//! calldata are taken for `modelHash()`. Without stylus-sdk: nothing but the model is between two readings of the meter.
#![no_std]

use core::hint::black_box;

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
fn predict(row: &model::Row) -> model::Prediction {
    model::predict(row)
}

#[inline(never)]
fn ink_left() -> u64 {
    // SAFETY: takes no pointer.
    unsafe { evm_ink_left() }
}

/// Stylus' entry point: `len` bytes of calldata.
#[unsafe(no_mangle)]
pub extern "C" fn user_entrypoint(len: usize) -> usize {
    if len == 4 {
        // SAFETY: the digest is a constant of 32 bytes.
        unsafe { write_result(model::PROGRAM_DIGEST.as_ptr(), 32) };
        return 0;
    }
    let mut packed = [0_u8; model::PACKED_LEN];
    if len != packed.len() {
        return 1;
    }
    // SAFETY: the buffer holds exactly the `len` bytes that the host writes.
    unsafe { read_args(packed.as_mut_ptr()) };
    let Ok(row) = model::unpack(&packed) else {
        return 1;
    };
    let start = ink_left();
    let before = ink_left();
    let answer = predict(black_box(&row));
    let after = ink_left();
    let reading = start - before;
    let words = [before - after - reading, answer.logit as u64, u64::from(answer.score), u64::from(answer.decision)];
    // SAFETY: `words` is 32 bytes of plain integers and outlives the call; wasm is little-endian.
    unsafe { write_result(words.as_ptr().cast(), 32) };
    0
}
