//! 196-64-10 as a first version in Rust: two nested loops over weights that `include_bytes!` brings.
//!
//! `w1.bin`, `w2.bin` (one signed byte a weight) and `numbers.rs` are written beside this file before it is built.
#![no_std]

mod numbers;

use numbers::{B1, B2, SHIFT};

const PIXELS: usize = 196;
const HIDDEN: usize = 64;
const DIGITS: usize = 10;

/// Bytes of a packed image: two pixels each, the first in the high half.
pub const LEN: usize = PIXELS / 2;

static W1: &[u8; HIDDEN * PIXELS] = include_bytes!("w1.bin");
static W2: &[u8; DIGITS * HIDDEN] = include_bytes!("w2.bin");

/// The digit in byte 11, then ten logits of 16 bits, big-endian.
pub fn answer(packed: &[u8; LEN]) -> [u8; 32] {
    let mut image = [0; PIXELS];
    for i in 0..LEN {
        image[2 * i] = i32::from(packed[i] >> 4);
        image[2 * i + 1] = i32::from(packed[i] & 15);
    }
    let mut hidden = [0; HIDDEN];
    for j in 0..HIDDEN {
        let mut sum = B1[j];
        for i in 0..PIXELS {
            sum += i32::from(W1[j * PIXELS + i] as i8) * image[i];
        }
        hidden[j] = ((sum + (1 << SHIFT >> 1)) >> SHIFT).clamp(0, 15);
    }
    let mut out = [0; 32];
    let mut best = i32::MIN;
    for k in 0..DIGITS {
        let mut logit = B2[k];
        for j in 0..HIDDEN {
            logit += i32::from(W2[k * HIDDEN + j] as i8) * hidden[j];
        }
        if logit > best {
            best = logit;
            out[11] = k as u8;
        }
        out[12 + 2 * k..14 + 2 * k].copy_from_slice(&(logit as i16).to_be_bytes());
    }
    out
}
