//! Layer 1: the largest pixels of windows, 2 x 6 x 6 to 2 x 3 x 3.

use core::num::Wrapping;

use stylus_kernels::pixels::{larger, put, word};

/// The whole image, into an array that holds padding.
#[inline(never)]
#[allow(
    clippy::arithmetic_side_effects,
    clippy::identity_op,
    clippy::modulo_one,
    reason = "places in arrays, and sums that are proven to fit"
)]
pub(crate) fn fill(x: &[u8; 96], out: &mut [u8; 64]) {
    // part: layer 1
    let (rows, _) = x.as_chunks::<16>();
    let (targets, _) = out[16..64].as_chunks_mut::<16>();
    let windows = rows.array_windows::<2>();
    for (rows, target) in windows.step_by(2).zip(targets) {
        for c in 0..2 {
            let c = c * 8;
            let y = word(&rows[0], c);
            let y = larger(y, word(&rows[0], c) >> 8, 8);
            let y = larger(y, word(&rows[1], c), 8);
            let y = larger(y, word(&rows[1], c) >> 8, 8);
            let y = y & Wrapping(0x0000_00ff_00ff_00ff);
            put(target, c, y);
        }
    }
}
