//! The least that a Stylus contract can be: calldata is the packed row, the result the peer's 32 bytes.
#![no_std]

#[link(wasm_import_module = "vm_hooks")]
unsafe extern "C" {
    fn read_args(to: *mut u8);
    fn write_result(from: *const u8, len: usize);
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Stylus' entry point: `len` bytes of calldata.
#[unsafe(no_mangle)]
pub extern "C" fn user_entrypoint(len: usize) -> usize {
    let mut row = [0; peer::LEN];
    if len != row.len() {
        return 1;
    }
    // SAFETY: the buffer holds exactly the `len` bytes that the host writes.
    unsafe { read_args(row.as_mut_ptr()) };
    let answer = peer::answer(&row);
    // SAFETY: the buffer is as long as said.
    unsafe { write_result(answer.as_ptr(), answer.len()) };
    0
}
