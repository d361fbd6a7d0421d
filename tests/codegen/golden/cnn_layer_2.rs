//! Layer 2: an image of 2 x 3 x 3 to 3 x 3 x 3, eight pixels to a word.
//!
//! Every lane is proven wide enough, so that what wraps is only what is meant to.

use core::num::Wrapping;

use stylus_kernels::pixels::{at_least_zero, even_lanes, join, put, window, word};

/// The whole image, into an array that holds padding.
#[inline(never)]
#[allow(
    clippy::arithmetic_side_effects,
    clippy::identity_op,
    clippy::modulo_one,
    reason = "places in arrays, and sums that are proven to fit"
)]
pub(crate) fn fill(x: &[u8; 64], out: &mut [u8; 72]) {
    // part: layer 2
    let (rows, _) = x.as_chunks::<16>();
    let (targets, _) = out[0..72].as_chunks_mut::<24>();
    let windows = rows.array_windows::<2>();
    for (rows, target) in windows.zip(targets) {
        let rows = rows.as_flattened();
        let rows = window(rows, 0);
        channels_0(rows, target);
    }
}

/// Channels 0 to 2 of one word of pixels.
#[inline(never)]
fn channels_0(rows: &[u8; 32], out: &mut [u8; 24]) {
    // part: layer 2
    let x0 = word(rows, 0);
    let x1 = word(rows, 0) >> 16;
    let x2 = word(rows, 16);
    let x3 = word(rows, 16) >> 16;
    let x4 = word(rows, 8);
    let x5 = word(rows, 8) >> 16;
    let x6 = word(rows, 24);
    let x7 = word(rows, 24) >> 16;
    let mut all = Wrapping(0xa6a6_a6a6_a6a6_a669_u64);
    let mut some = Wrapping(0x3d69_3d69_3d69_3d69_u64);
    let mut wide = Wrapping(0);
    let mut part = Wrapping(0);
    let mut heap = Wrapping(0x8787_8787_8787_8787);
    let mut term = x1;
    term -= x5;
    heap += term * Wrapping(7);
    heap -= x6 * Wrapping(2);
    heap += x0;
    wide += heap;
    part += heap & even_lanes(8);
    let mut heap = Wrapping(0x2424_2424_2424_2424);
    let mut term = x7;
    term += x3;
    heap += term * Wrapping(5);
    let mut term = x4;
    term -= x2;
    heap += term * Wrapping(3);
    wide += heap;
    part += heap & even_lanes(8);
    all += wide * Wrapping(5);
    some += part * Wrapping(5);
    let even = some;
    let even = even >> 7;
    let odd = (all - some) >> 8;
    let odd = odd >> 7;
    let y = join(even, odd, 8);
    let y = at_least_zero(y, 8);
    let y = y & Wrapping(0x0000_00ff_00ff_00ff);
    put(out, 0, y);
    let mut all = Wrapping(0xadad_adad_adad_ad90_u64);
    let mut some = Wrapping(0x1d90_1d90_1d90_1d90_u64);
    let mut wide = Wrapping(0);
    let mut part = Wrapping(0);
    let mut heap = Wrapping(0x4b4b_4b4b_4b4b_4b4b);
    let mut term = x4;
    term += x7;
    term -= x5;
    heap += term * Wrapping(5);
    heap += x0;
    wide += heap;
    part += heap & even_lanes(8);
    let mut heap = Wrapping(0xaeae_aeae_aeae_aeae);
    heap -= x6 * Wrapping(6);
    heap -= x1 * Wrapping(7);
    heap += x2 * Wrapping(4);
    wide += heap;
    part += heap & even_lanes(8);
    let mut heap = Wrapping(0);
    heap += x3 * Wrapping(3);
    wide += heap;
    part += heap & even_lanes(8);
    all += wide * Wrapping(3);
    some += part * Wrapping(3);
    let even = some;
    let even = even >> 6;
    let odd = (all - some) >> 8;
    let odd = odd >> 6;
    let y = join(even, odd, 8);
    let y = at_least_zero(y, 8);
    let y = y & Wrapping(0x0000_00ff_00ff_00ff);
    put(out, 8, y);
    let mut all = Wrapping(0x8181_8181_8181_814a_u64);
    let mut some = Wrapping(0x374a_374a_374a_374a_u64);
    let mut wide = Wrapping(0);
    let mut part = Wrapping(0);
    let mut heap = Wrapping(0xdbdb_dbdb_dbdb_dbdb);
    let mut term = x7;
    term += x0;
    heap -= term * Wrapping(7);
    heap -= x5;
    heap -= x6;
    heap += x1;
    wide += heap;
    part += heap & even_lanes(8);
    let mut heap = Wrapping(0x8080_8080_8080_8080);
    heap -= x2 * Wrapping(6);
    heap -= x3 * Wrapping(3);
    wide += heap;
    part += heap & even_lanes(8);
    all += wide * Wrapping(7);
    some += part * Wrapping(7);
    let even = some;
    let even = even >> 7;
    let odd = (all - some) >> 8;
    let odd = odd >> 7;
    let y = join(even, odd, 8);
    let y = at_least_zero(y, 8);
    let y = y & Wrapping(0x0000_00ff_00ff_00ff);
    put(out, 16, y);
}
