//! How long data becomes by brotli of level 1, to the byte, as Google's encoder has it (rules 16).
//!
//! The encoder of the `brotli` crate, which has the same origin, is a byte or hundreds off where 16,385 to 32,768 bytes
//! come in one piece: it looks for repetitions of 6 bytes there, the original for 4. So the search is here, after the
//! original (MIT licence); how prefix codes are made and what they cost is the crate's. Nothing is compressed, only
//! counted. Comments name the original's steps where a reader would take them for mistakes.

mod code;
mod search;

use code::Symbols;
use search::Search;

/// Bits of the header of a stream with a window of 22 bits, and of its end.
const STREAM_HEAD: usize = 4;
const STREAM_END: usize = 2;
/// Bytes that are searched with one table.
const FRAGMENT: usize = 1 << 22;
/// Bytes that have prefix codes of their own.
const BLOCK: usize = 1 << 17;
/// Bits between the header of a compressed block and its prefix codes.
const BLOCK_HEAD: usize = 13;
/// Bits by which a fragment may exceed its bytes before it is stored as it is.
const TOLERANCE: usize = 31;
/// Share of literals below which a block is compressed without a further look.
const WORTH: f64 = 0.98;
/// Distance of the bytes by which an unpromising block is judged.
const SAMPLE: usize = 43;

/// Length in bytes of `data` compressed by level 1 with a window of 22 bits.
pub fn length(data: &[u8]) -> usize {
    let mut bits = STREAM_HEAD;
    for fragment in data.chunks(FRAGMENT) {
        bits = after_fragment(fragment, bits);
    }
    (bits + STREAM_END).div_ceil(8)
}

/// Bits written when a fragment has been, `begin` of them before it.
fn after_fragment(data: &[u8], begin: usize) -> usize {
    let mut search = Search::new(data);
    let mut bits = begin;
    for at in (0..data.len()).step_by(BLOCK) {
        let len = BLOCK.min(data.len() - at);
        let symbols = search.block(at, len);
        bits = if is_worth(&data[at..at + len], &symbols) {
            bits + header(len) + BLOCK_HEAD + symbols.bits()
        } else {
            after_stored(len, bits)
        };
    }
    if bits - begin > TOLERANCE + 8 * data.len() {
        return after_stored(data.len(), begin);
    }
    bits
}

/// Bits written when a block has been stored as it is, which begins at a byte.
const fn after_stored(len: usize, begin: usize) -> usize {
    (begin + header(len)).next_multiple_of(8) + 8 * len
}

/// Bits of a block's header: whether it is the last, how many digits its length has, the length, whether it is stored.
const fn header(len: usize) -> usize {
    let digits = match len {
        0..=0x1_0000 => 4,
        0x1_0001..=0x10_0000 => 5,
        _ => 6,
    };
    1 + 2 + 4 * digits + 1
}

/// Whether a block is compressed: something repeats, or its bytes are not evenly spread.
fn is_worth(block: &[u8], symbols: &Symbols) -> bool {
    let len = block.len() as f64;
    if (symbols.literal_count() as f64) < WORTH * len {
        return true;
    }
    let mut sampled = [0_u32; 256];
    for byte in block.iter().step_by(SAMPLE) {
        sampled[usize::from(*byte)] += 1;
    }
    entropy(&sampled) < len * 8.0 * WORTH / SAMPLE as f64
}

/// Bits that the counted symbols need at least; never less than one each.
fn entropy(counts: &[u32]) -> f64 {
    let (mut total, mut bits) = (0_u32, 0.0);
    for count in counts {
        total += count;
        bits -= f64::from(*count) * log2(*count);
    }
    bits += f64::from(total) * log2(total);
    bits.max(total.into())
}

/// The original reads logarithms of small numbers from a table of single precision.
fn log2(number: u32) -> f64 {
    let exact = f64::from(number.max(1)).log2();
    if number < 256 {
        f64::from(exact as f32)
    } else {
        exact
    }
}
