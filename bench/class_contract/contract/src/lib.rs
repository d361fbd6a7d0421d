//! A packed row in, its class out, as one byte: the least that a contract around a model can be.
//!
//! Four bytes of calldata are taken for `modelHash()`.
#![no_std]

use core::mem::MaybeUninit;

#[link(wasm_import_module = "vm_hooks")]
unsafe extern "C" {
    fn read_args(target: *mut u8);
    fn write_result(data: *const u8, len: usize);
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Stylus' entry point: `len` bytes of calldata.
#[unsafe(no_mangle)]
pub extern "C" fn user_entrypoint(len: usize) -> usize {
    if len == 4 {
        // SAFETY: the digest is a constant of 32 bytes.
        unsafe { write_result(model::PROGRAM_DIGEST.as_ptr(), 32) };
        return 0;
    }
    if len != model::PACKED_LEN {
        return 1;
    }
    let mut packed = MaybeUninit::<[u8; model::PACKED_LEN]>::uninit();
    // SAFETY: the host writes all of the buffer's `len` bytes.
    let packed = unsafe {
        read_args(packed.as_mut_ptr().cast());
        packed.assume_init_ref()
    };
    let Ok(row) = model::unpack(packed) else {
        return 1;
    };
    let class = model::predict(row).class as u8;
    // SAFETY: one byte.
    unsafe { write_result(&raw const class, 1) };
    0
}
