//! Runs a network whose weights are in blobs, or in another place, and says what ink it took.
//!
//! Calldata: one packed row. Result: ink from entry to the last logit (u64), then the logits (i64), all little-endian.
//! Reverts if a blob is missing. Four bytes of calldata are taken for `modelHash()`.
#![no_std]

#[link(wasm_import_module = "vm_hooks")]
unsafe extern "C" {
    fn read_args(target: *mut u8);
    fn write_result(data: *const u8, len: usize);
    fn evm_ink_left() -> u64;
}

/// One of `places/`: where the weights are.
mod weights;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

fn ink_left() -> u64 {
    // SAFETY: takes no pointer.
    unsafe { evm_ink_left() }
}

/// Stylus' entry point: `len` bytes of calldata.
#[unsafe(no_mangle)]
pub extern "C" fn user_entrypoint(len: usize) -> usize {
    let start = ink_left();
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
    let Some(prediction) = weights::predict(&row) else {
        return 1;
    };
    let mut words = [0_u64; model::CLASSES + 1];
    words[0] = start - ink_left();
    for (word, logit) in words[1..].iter_mut().zip(prediction.logits) {
        *word = logit as u64;
    }
    // SAFETY: `words` are plain integers and outlive the call; wasm is little-endian.
    unsafe { write_result(words.as_ptr().cast(), 8 * words.len()) };
    0
}
