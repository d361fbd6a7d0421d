//! Batches: the inputs of a block that are not 0, run over consecutive panels.

use crate::packed::{EACH, HALVES, ROWS, Sums, WINDOW};

/// Every other byte.
const PAIRS: u64 = 0x00FF_00FF_00FF_00FF;

/// Inputs of a batch, whose offsets and values are in locals while it runs over all panels.
const LONG: usize = 64;
const MIDDLE: usize = 32;
const SHORT: usize = 16;
const TINY: usize = 8;

/// From how many inputs on a batch costs less than shorter ones.
const LONG_FROM: usize = 57;
const MIDDLE_FROM: usize = 25;
const SHORT_FROM: usize = 9;

/// Bits by which the offset of an [`Active`] entry is shifted: 16, and 3 since a word has 8 bytes.
const ENTRY_OFFSET: u32 = 19;

/// The inputs of a block that are not 0: each is its value and, 16 bits higher, the offset of its
/// word in a panel.
#[derive(Debug)]
pub(crate) struct Active {
    entries: [u32; ROWS + LONG],
    count: usize,
    total: u32,
}

impl Active {
    pub(crate) const NONE: Self = Self {
        entries: [0; ROWS + LONG],
        count: 0,
        total: 0,
    };

    /// Takes another block, [`ROWS`] inputs at most; gives the sum of its values.
    pub(crate) fn take(&mut self, block: &[u8]) -> u32 {
        self.count = 0;
        self.total = 0;
        let (eights, rest) = block.as_chunks::<8>();
        let mut offset = 0_u32;
        for eight in eights {
            let word = u64::from_le_bytes(*eight);
            if word != 0 {
                self.total = self
                    .total
                    .wrapping_add((word.wrapping_mul(EACH) >> 56) as u32);
                for i in 0..8 {
                    let value = (word >> (i << 3)) as u32 & 0xFF;
                    self.push(offset.wrapping_add(i << ENTRY_OFFSET), value);
                }
            }
            offset = offset.wrapping_add(8 << ENTRY_OFFSET);
        }
        for value in rest {
            self.total = self.total.wrapping_add(u32::from(*value));
            self.push(offset, u32::from(*value));
            offset = offset.wrapping_add(1 << ENTRY_OFFSET);
        }
        // A batch may be longer than what is left: its values are 0.
        if let Some(behind) = self.entries.get_mut(self.count..) {
            for entry in behind.iter_mut().take(LONG) {
                *entry = 0;
            }
        }
        self.total
    }

    /// Without a branch: what is 0 is overwritten by the next.
    #[inline(always)]
    fn push(&mut self, offset: u32, value: u32) {
        let at = self.count % ROWS;
        self.entries[at] = offset | value;
        self.count = at.wrapping_add(usize::from(value != 0));
    }

    /// Adds the block's weighted inputs to the sums of some outputs.
    ///
    /// `spent` inputs have been added to the narrow sums before, which hold `most`; gives how many
    /// have been then.
    pub(crate) fn add<const TERMS: usize>(
        &self,
        panels: &[u8],
        size: usize,
        sums: &mut [Sums],
        (spent, most): (usize, usize),
    ) -> usize {
        let mut spent = spent;
        let mut left = self.count;
        let mut entries = self.entries.as_slice();
        while left > 0 {
            let used = length(left);
            spent = spent.wrapping_add(used);
            if spent > most {
                sums.iter_mut().for_each(Sums::widen);
                spent = used;
            }
            match used {
                LONG => run(entries, |batch| long::<TERMS>(batch, panels, size, sums)),
                MIDDLE => run(entries, |batch| middle::<TERMS>(batch, panels, size, sums)),
                SHORT => run(entries, |batch| short::<TERMS>(batch, panels, size, sums)),
                _ => run(entries, |batch| tiny::<TERMS>(batch, panels, size, sums)),
            }
            left = left.saturating_sub(used);
            entries = entries.get(used..).unwrap_or(&[]);
        }
        spent
    }
}

/// Of the next batch: what costs least for so many inputs.
const fn length(left: usize) -> usize {
    match left {
        LONG_FROM.. => LONG,
        MIDDLE_FROM.. => MIDDLE,
        SHORT_FROM.. => SHORT,
        _ => TINY,
    }
}

/// Runs a batch of the first `K` entries.
#[inline(always)]
fn run<const K: usize>(entries: &[u32], batch: impl FnOnce(&[u32; K])) {
    if let Some(entries) = entries.first_chunk() {
        batch(entries);
    }
}

/// Where the word of an entry begins in a panel; the mask tells the compiler that it is in there.
#[inline(always)]
fn offset(entry: u32) -> usize {
    (entry >> 16) as usize & (WINDOW - 8)
}

#[inline(always)]
fn word(panel: &[u8; WINDOW], offset: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&panel[offset..offset.wrapping_add(8)]);
    u64::from_le_bytes(bytes)
}

/// Adds four weighted inputs to [`Sums::narrow`].
#[inline(always)]
fn add_four<const TERMS: usize>(sums: &mut [u64; 4], words: [u64; 4], x: [u64; 4]) {
    let [low, low_odd, high, high_odd] = sums;
    let terms = words.as_chunks::<TERMS>().0.iter();
    for (words, x) in terms.zip(x.as_chunks::<TERMS>().0) {
        let (mut p, mut q) = (0_u64, 0_u64);
        for (word, x) in words.iter().zip(x) {
            p = p.wrapping_add((word & HALVES).wrapping_mul(*x));
            q = q.wrapping_add(((word >> 4) & HALVES).wrapping_mul(*x));
        }
        *low = low.wrapping_add(p);
        *low_odd = low_odd.wrapping_add((p >> 8) & PAIRS);
        *high = high.wrapping_add(q);
        *high_odd = high_odd.wrapping_add((q >> 8) & PAIRS);
    }
}

/// A function that adds a batch of inputs to the sums of consecutive panels.
///
/// The batch is written out, so that offsets and values are locals: an array would be in memory.
macro_rules! batch {
    ($name:ident, $k:ident, $([$a:literal $b:literal $c:literal $d:literal])*) => {
        #[inline(never)]
        fn $name<const TERMS: usize>(
            entries: &[u32; $k],
            mut panels: &[u8],
            size: usize,
            sums: &mut [Sums],
        ) {
            let offsets = [$([$a, $b, $c, $d].map(|i| offset(entries[i]))),*];
            let x = [$([$a, $b, $c, $d].map(|i| u64::from(entries[i] & 0xFF))),*];
            for sum in sums {
                let Some(panel) = panels.first_chunk() else {
                    return;
                };
                let mut narrow = sum.narrow;
                $(
                    let words = offsets[$a / 4].map(|offset| word(panel, offset));
                    add_four::<TERMS>(&mut narrow, words, x[$a / 4]);
                )*
                sum.narrow = narrow;
                panels = panels.get(size..).unwrap_or(&[]);
            }
        }
    };
}

batch!(tiny, TINY, [0 1 2 3] [4 5 6 7]);
batch!(short, SHORT, [0 1 2 3] [4 5 6 7] [8 9 10 11] [12 13 14 15]);
batch!(
    middle, MIDDLE, [0 1 2 3] [4 5 6 7] [8 9 10 11] [12 13 14 15] [16 17 18 19] [20 21 22 23]
    [24 25 26 27] [28 29 30 31]
);
batch!(
    long, LONG, [0 1 2 3] [4 5 6 7] [8 9 10 11] [12 13 14 15] [16 17 18 19] [20 21 22 23]
    [24 25 26 27] [28 29 30 31] [32 33 34 35] [36 37 38 39] [40 41 42 43] [44 45 46 47]
    [48 49 50 51] [52 53 54 55] [56 57 58 59] [60 61 62 63]
);
