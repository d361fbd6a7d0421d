//! The symbols of a block and the bits that they take.

use brotli::enc::StandardAlloc;
use brotli::enc::brotli_bit_stream::{BrotliBuildAndStoreHuffmanTreeFast, BrotliStoreHuffmanTree};
use brotli::enc::entropy_encode::{BrotliCreateHuffmanTree, HuffmanTree};

/// Symbols of commands: those of the first half say how much is inserted and copied, of the second how far back.
const COMMANDS: usize = 128;
const HALF: usize = COMMANDS / 2;
/// The symbol for the distance used last.
const SAME_DISTANCE: usize = 64;
/// Symbols of commands that a stream can have; level 1 uses a part of them.
const ALPHABET: usize = 704;
/// Symbols that the prefix codes have in any case.
const ALWAYS: [usize; 4] = [1, 2, 64, 84];
/// Depth of the prefix codes of the two halves.
const DEPTHS: [i32; 2] = [15, 14];
/// Bits that follow a command's symbol.
#[rustfmt::skip]
const EXTRA: [u8; COMMANDS] = [
    0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 12, 14, 24, 0, 0, 0, 0, 0, 0, 0, 0,
    1, 1, 2, 2, 3, 3, 4, 4, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 24,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8,
    9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15, 16, 16,
    17, 17, 18, 18, 19, 19, 20, 20, 21, 21, 22, 22, 23, 23, 24, 24,
];
/// Room for the prefix codes as they are stored.
const SCRATCH: usize = 4096;

/// How often each symbol occurs in a block; their order does not matter for the length.
pub struct Symbols {
    literals: [u32; 256],
    commands: [u32; COMMANDS],
}

impl Default for Symbols {
    fn default() -> Self {
        Self {
            literals: [0; 256],
            commands: [0; COMMANDS],
        }
    }
}

impl Symbols {
    /// Bytes that stand for themselves.
    pub fn literal_count(&self) -> usize {
        self.literals.iter().sum::<u32>() as usize
    }

    /// Adds bytes that stand for themselves, which may be none.
    pub fn insert(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.literals[usize::from(*byte)] += 1;
        }
        let len = bytes.len();
        self.count(match len {
            0..6 => len,
            6..130 => 2 + half_powers(len - 2),
            130..2114 => 10 + log2(len - 66),
            2114..6210 => 21,
            6210..22_594 => 22,
            _ => 23,
        });
    }

    /// Adds how far back a repetition lies; `same` if as far as the one before.
    pub fn distance(&mut self, distance: usize, same: bool) {
        if same {
            self.count(SAME_DISTANCE);
            return;
        }
        let distance = distance + 3;
        let bits = log2(distance) - 1;
        self.count(80 + 2 * (bits - 1) + ((distance >> bits) & 1));
    }

    /// Adds the length of a repetition that follows inserted bytes.
    pub fn copy_after_insert(&mut self, len: usize) {
        self.count(match len {
            0..12 => 20 + len,
            12..72 => 28 + half_powers(len - 8),
            72..136 => 54 + ((len - 8) >> 5),
            136..2120 => 52 + log2(len - 72),
            _ => 63,
        });
        if len >= 72 {
            self.count(SAME_DISTANCE);
        }
    }

    /// Adds the length of a repetition that follows another.
    pub fn copy(&mut self, len: usize) {
        self.count(match len {
            0..10 => 38 + len,
            10..134 => 44 + half_powers(len - 6),
            134..2118 => 52 + log2(len - 70),
            _ => 63,
        });
    }

    fn count(&mut self, command: usize) {
        self.commands[command] += 1;
    }

    /// Bits of the prefix codes and of all symbols.
    pub fn bits(&self) -> usize {
        let (mut scratch, mut stored) = ([0; SCRATCH], 0);
        let (mut literal_depths, mut unused) = ([0; 256], [0; 256]);
        BrotliBuildAndStoreHuffmanTreeFast(
            &mut StandardAlloc::default(),
            &self.literals,
            self.literal_count(),
            8,
            &mut literal_depths,
            &mut unused,
            &mut stored,
            &mut scratch,
        );
        let command_depths = self.store_commands(&mut stored, &mut scratch);
        let literals = self.literals.iter().zip(literal_depths);
        let commands = self.commands.iter().zip(command_depths).zip(EXTRA);
        let commands = commands.map(|((count, depth), extra)| (count, depth + extra));
        let symbols = literals.chain(commands);
        stored
            + symbols
                .map(|(count, bits)| *count as usize * usize::from(bits))
                .sum::<usize>()
    }

    /// Makes the two prefix codes of commands and counts what storing them takes.
    fn store_commands(&self, stored: &mut usize, scratch: &mut [u8]) -> [u8; COMMANDS] {
        let mut counts = self.commands;
        for symbol in ALWAYS {
            counts[symbol] += 1;
        }
        let mut tree = [HuffmanTree::default(); COMMANDS + 1];
        let mut depths = [0; COMMANDS];
        let halves = counts.chunks(HALF).zip(depths.chunks_mut(HALF));
        for ((counts, depths), most) in halves.zip(DEPTHS) {
            BrotliCreateHuffmanTree(counts, HALF, most, &mut tree, depths);
        }
        BrotliStoreHuffmanTree(&in_alphabet(&depths), ALPHABET, &mut tree, stored, scratch);
        BrotliStoreHuffmanTree(&depths[HALF..], HALF, &mut tree, stored, scratch);
        depths
    }
}

/// The first half's depths at the places that their symbols have in a stream.
fn in_alphabet(depths: &[u8; COMMANDS]) -> [u8; ALPHABET] {
    let mut spread = [0; ALPHABET];
    for (to, from) in [(0, 24), (64, 32), (128, 40), (192, 48), (384, 56)] {
        spread[to..to + 8].copy_from_slice(&depths[from..from + 8]);
    }
    for step in 0..8 {
        for (to, from) in [(128, 0), (256, 8), (448, 16)] {
            spread[to + 8 * step] = depths[from + step];
        }
    }
    spread
}

/// Position of the highest bit.
const fn log2(number: usize) -> usize {
    number.ilog2() as usize
}

/// Powers of two and the middles between them, up to `number`.
const fn half_powers(number: usize) -> usize {
    let bits = log2(number) - 1;
    2 * bits + (number >> bits)
}
