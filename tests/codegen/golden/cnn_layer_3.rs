//! Layer 3: an image of 3 x 3 x 3 to 3 x 1 x 1, eight pixels to a word.
//!
//! Every lane is proven wide enough, so that what wraps is only what is meant to.

use core::num::Wrapping;

use stylus_kernels::pixels::{at_most, even_lanes, join, put, window, word};

/// The whole image, into an array that holds padding.
#[inline(never)]
#[allow(
    clippy::arithmetic_side_effects,
    clippy::identity_op,
    clippy::modulo_one,
    reason = "places in arrays, and sums that are proven to fit"
)]
pub(crate) fn fill(x: &[u8; 72], out: &mut [u8; 24]) {
    // part: layer 3
    let (rows, _) = x.as_chunks::<24>();
    let (targets, _) = out[0..24].as_chunks_mut::<24>();
    let windows = rows.array_windows::<3>();
    for (rows, target) in windows.zip(targets) {
        let rows = rows.as_flattened();
        let (channels, _) = target.as_chunks_mut::<8>();
        for (c, out) in channels.iter_mut().enumerate() {
            let c = c.wrapping_mul(8);
            let rows = window(rows, c);
            channels_0(rows, out);
        }
    }
}

/// A channel of one word of pixels.
#[inline(never)]
fn channels_0(rows: &[u8; 56], out: &mut [u8; 8]) {
    // part: layer 3
    let x0 = word(rows, 0);
    let x1 = word(rows, 0) >> 16;
    let x2 = word(rows, 0) >> 32;
    let x3 = word(rows, 24);
    let x4 = word(rows, 24) >> 16;
    let x5 = word(rows, 24) >> 32;
    let x6 = word(rows, 48);
    let x7 = word(rows, 48) >> 16;
    let x8 = word(rows, 48) >> 32;
    let mut all = Wrapping(0_u64);
    let mut some = Wrapping(0_u64);
    let mut heap = Wrapping(0);
    heap += x0;
    heap += x1;
    heap += x2;
    heap += x3;
    heap += x4;
    heap += x5;
    heap += x6;
    heap += x7;
    heap += x8;
    all += heap;
    some += heap & even_lanes(8);
    let even = some;
    let odd = (all - some) >> 8;
    let y = join(even, odd, 8);
    let y = at_most(y, 90, 8);
    let y = y & Wrapping(255);
    put(out, 0, y);
}
