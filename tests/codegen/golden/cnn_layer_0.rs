//! Layer 0: an image of 1 x 6 x 6 to 2 x 6 x 6, eight pixels to a word.
//!
//! Every lane is proven wide enough, so that what wraps is only what is meant to.

use core::num::Wrapping;

use stylus_kernels::pixels::{at_least_zero, at_most, even_lanes, join, put, window, word};

/// The whole image, into an array that holds padding.
#[inline(never)]
#[allow(
    clippy::arithmetic_side_effects,
    clippy::identity_op,
    clippy::modulo_one,
    reason = "places in arrays, and sums that are proven to fit"
)]
pub(crate) fn fill(x: &[u8; 18], out: &mut [u8; 96]) {
    // part: layer 0
    let x = image(x);
    let (rows, _) = x.as_chunks::<8>();
    let (targets, _) = out[0..96].as_chunks_mut::<16>();
    let windows = rows.array_windows::<3>();
    for (rows, target) in windows.zip(targets) {
        let rows = rows.as_flattened();
        let rows = window(rows, 0);
        channels_0(rows, target);
    }
}

/// The pixels of a row, eight to a word.
#[allow(
    clippy::arithmetic_side_effects,
    clippy::identity_op,
    clippy::modulo_one,
    reason = "places in arrays, and sums that are proven to fit"
)]
fn image(x: &[u8; 18]) -> [u8; 64] {
    let mut out = [0; 64];
    for c in 0..1 {
        for row in 0..6 {
            for column in 0..6 {
                let at = (c * 6 + row) * 6 + column;
                let pixel = (x[at / 2] >> (4 - at % 2 * 4)) & 15;
                out[(row + 1) * 8 + c * 8 + column] = pixel;
            }
        }
    }
    out
}

/// Channels 0 to 1 of one word of pixels.
#[inline(never)]
fn channels_0(rows: &[u8; 24], out: &mut [u8; 16]) {
    // part: layer 0
    let x0 = word(rows, 0) << 8;
    let x1 = word(rows, 0);
    let x2 = word(rows, 0) >> 8;
    let x3 = word(rows, 8) << 8;
    let x4 = word(rows, 8);
    let x5 = word(rows, 8) >> 8;
    let x6 = word(rows, 16) << 8;
    let x7 = word(rows, 16);
    let x8 = word(rows, 16) >> 8;
    let mut all = Wrapping(0x7070_7070_7070_706f_u64);
    let mut some = Wrapping(0x016f_016f_016f_016f_u64);
    let mut heap = Wrapping(0x9696_9696_9696_9696);
    let mut term = x0;
    term -= x5;
    term -= x6;
    term -= x7;
    term -= x8;
    heap += term * Wrapping(2);
    heap += x1;
    heap -= x3;
    heap -= x4;
    all += heap;
    some += heap & even_lanes(8);
    let even = some;
    let even = even >> 2;
    let odd = (all - some) >> 8;
    let odd = odd >> 2;
    let y = join(even, odd, 8);
    let y = at_least_zero(y, 8);
    let y = y & Wrapping(0x0000_ffff_ffff_ffff);
    put(out, 0, y);
    let mut all = Wrapping(0xffff_ffff_ffff_fffe_u64);
    let mut some = Wrapping(0x01fe_01fe_01fe_01fe_u64);
    let mut heap = Wrapping(0);
    let mut term = x0;
    term += x2;
    term += x5;
    heap += term * Wrapping(2);
    heap += x1;
    heap += x4;
    heap += x6;
    heap += x7;
    all += heap;
    some += heap & even_lanes(8);
    let even = some;
    let even = even >> 2;
    let odd = (all - some) >> 8;
    let odd = odd >> 2;
    let y = join(even, odd, 8);
    let y = at_least_zero(y, 8);
    let y = at_most(y, 15, 8);
    let y = y & Wrapping(0x0000_ffff_ffff_ffff);
    put(out, 8, y);
}
