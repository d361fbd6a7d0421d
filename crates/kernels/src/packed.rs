//! Dense layers over 4-bit weights in memory: sixteen weights in each word that is loaded.
//!
//! On Stylus a load costs 680 ink, a multiplication 160, and a branch with its block 3,200 (rules
//! 2.1, 2.2). So a loaded word gives sixteen products by two multiplications, the loop body has no
//! branch, and inputs that are 0 (most, behind a ReLU) are left out before the loop, once for all
//! outputs.
//!
//! A *panel* holds the weights of sixteen outputs, one word for each input; a *block* is up to 512
//! inputs, whose panels follow each other. A weight is stored as its distance from the layer's
//! least, 0 to 15, so lanes never borrow; the caller takes `least * sum of inputs` back.

use crate::blob::{BLOB, Missing, ReadCode, Stream};

/// Outputs of a panel.
pub const OUTPUTS: usize = 16;
/// Most inputs of a block.
pub const ROWS: usize = 512;
/// Bytes of a panel of [`ROWS`] inputs. So many are looked at from the beginning of any panel.
pub const WINDOW: usize = 8 * ROWS;

/// Bytes that [`Stream`] needs to read panels: a blob, and a window before and behind it.
pub const BUFFER: usize = BLOB + 2 * WINDOW;

/// Largest sum of inputs whose weighted sums fit 16 bits, since a stored weight is 15 at most.
const NARROW: u32 = 65_535 / 15;

/// One weight in each byte.
const BYTES: u64 = 0x0F0F_0F0F_0F0F_0F0F;
/// Every other byte.
const PAIRS: u64 = 0x00FF_00FF_00FF_00FF;
/// Every other pair of bytes.
const QUADS: u64 = 0x0000_FFFF_0000_FFFF;

/// Inputs of a batch, whose offsets and values are in locals while it runs over all panels.
const LONG: usize = 64;
const MIDDLE: usize = 32;
const SHORT: usize = 8;

/// From how many inputs on a batch costs less than shorter ones.
const LONG_FROM: usize = 53;
const MIDDLE_FROM: usize = 24;

/// Bits by which the offset of an [`Active`] entry is shifted: 16, and 3 since a word has 8 bytes.
const ENTRY_OFFSET: u32 = 19;

/// Running sums of sixteen outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    /// The latest, 16 bits for each output: of the low halves of bytes, of those at odd places, of
    /// the high halves, of those at odd places. The first and third hold all places, overlapping.
    narrow: [u64; 4],
    /// Those before: 32 bits for each output.
    wide: [u64; 8],
}

impl Sums {
    /// Before the first input.
    pub const ZERO: Self = Self {
        narrow: [0; 4],
        wide: [0; 8],
    };

    /// All sums, 32 bits for each output, in order.
    #[inline(always)]
    fn all(&self) -> [u64; 8] {
        let [low, low_odd, high, high_odd] = self.narrow;
        let low = low.wrapping_sub(low_odd << 8);
        let high = high.wrapping_sub(high_odd << 8);
        let [a, b, c, d, e, f, g, h] = self.wide;
        [
            a.wrapping_add(low & QUADS),
            b.wrapping_add((low >> 16) & QUADS),
            c.wrapping_add(low_odd & QUADS),
            d.wrapping_add((low_odd >> 16) & QUADS),
            e.wrapping_add(high & QUADS),
            f.wrapping_add((high >> 16) & QUADS),
            g.wrapping_add(high_odd & QUADS),
            h.wrapping_add((high_odd >> 16) & QUADS),
        ]
    }

    /// Moves the narrow sums into the wide ones.
    fn widen(&mut self) {
        self.wide = self.all();
        self.narrow = [0; 4];
    }

    /// Writes the sixteen sums, to each of which `common` and its bias are added.
    fn finish(&self, common: i32, biases: &[u8; 4 * OUTPUTS], outputs: &mut [i32; OUTPUTS]) {
        let biases = biases.as_chunks::<8>().0;
        let outputs = outputs.as_chunks_mut::<2>().0;
        for ((outputs, biases), pair) in outputs.iter_mut().zip(biases).zip(self.all()) {
            let biases = u64::from_le_bytes(*biases);
            outputs[0] = (pair as i32)
                .wrapping_add(common)
                .wrapping_add(biases as i32);
            outputs[1] = ((pair >> 32) as i32)
                .wrapping_add(common)
                .wrapping_add((biases >> 32) as i32);
        }
    }
}

/// The inputs of a block that are not 0: each is its value and, 16 bits higher, the offset of its
/// word in a panel.
#[derive(Debug)]
struct Active {
    entries: [u32; ROWS + LONG],
    count: usize,
    /// Sum of the values.
    total: u32,
}

impl Active {
    const NONE: Self = Self {
        entries: [0; ROWS + LONG],
        count: 0,
        total: 0,
    };

    fn take(&mut self, block: &[u8]) {
        self.count = 0;
        self.total = 0;
        let (eights, rest) = block.as_chunks::<8>();
        let mut offset = 0_u32;
        for eight in eights {
            if u64::from_le_bytes(*eight) != 0 {
                for (i, value) in (0..).zip(eight) {
                    self.push(offset.wrapping_add(i << ENTRY_OFFSET), *value);
                }
            }
            offset = offset.wrapping_add(8 << ENTRY_OFFSET);
        }
        for value in rest {
            self.push(offset, *value);
            offset = offset.wrapping_add(1 << ENTRY_OFFSET);
        }
        // A batch may be longer than what is left: its values are 0.
        if let Some(behind) = self.entries.get_mut(self.count..) {
            for entry in behind.iter_mut().take(LONG) {
                *entry = 0;
            }
        }
    }

    /// Without a branch: what is 0 is overwritten by the next.
    #[inline(always)]
    fn push(&mut self, offset: u32, value: u8) {
        let at = self.count % ROWS;
        self.entries[at] = offset | u32::from(value);
        self.count = at.wrapping_add(usize::from(value != 0));
        self.total = self.total.wrapping_add(u32::from(value));
    }

    /// Adds the block's weighted inputs to the sums of some outputs.
    fn add<const TERMS: usize>(&self, panels: &[u8], size: usize, sums: &mut [Sums]) {
        let mut left = self.count;
        let mut entries = self.entries.as_slice();
        while left > 0 {
            let used = match left {
                LONG_FROM.. => run(entries, |batch| long::<TERMS>(batch, panels, size, sums)),
                MIDDLE_FROM.. => run(entries, |batch| middle::<TERMS>(batch, panels, size, sums)),
                _ => run(entries, |batch| short::<TERMS>(batch, panels, size, sums)),
            };
            left = left.saturating_sub(used);
            entries = entries.get(used..).unwrap_or(&[]);
        }
    }
}

/// Runs a batch of the first `K` entries; gives `K`.
#[inline(always)]
fn run<const K: usize>(entries: &[u32], batch: impl FnOnce(&[u32; K])) -> usize {
    if let Some(entries) = entries.first_chunk() {
        batch(entries);
    }
    K
}

/// Adds the weighted inputs `x` to the sums of all outputs.
///
/// `rows` is the number of inputs of a block, 1 to [`ROWS`]; with the largest product of an input
/// and a stored weight, `rows` products must not pass 65,535. `TERMS` (1, 2 or 4) products are
/// added before their lanes are split, and must not pass 255. Gives the sum of the inputs.
///
/// # Errors
///
/// [`Missing`] if the stream ends before.
pub fn dense<const TERMS: usize, R: ReadCode>(
    stream: &mut Stream<'_, R>,
    x: &[u8],
    rows: usize,
    sums: &mut [Sums],
) -> Result<u32, Missing> {
    let mut active = Active::NONE;
    let (mut total, mut narrow) = (0_u32, 0_u32);
    for block in x.chunks(rows) {
        active.take(block);
        total = total.wrapping_add(active.total);
        narrow = narrow.wrapping_add(active.total);
        if narrow > NARROW {
            widen(sums);
            narrow = active.total;
        }
        let size = block.len().wrapping_mul(8);
        let mut left = &mut *sums;
        while !left.is_empty() {
            let (bytes, panels) = stream.peek(size)?;
            let count = bytes.checked_div(size).unwrap_or(0).min(left.len());
            let (now, later) = left.split_at_mut(count);
            active.add::<TERMS>(panels, size, now);
            stream.skip(count.wrapping_mul(size));
            left = later;
        }
    }
    Ok(total)
}

fn widen(sums: &mut [Sums]) {
    for sum in sums {
        sum.widen();
    }
}

/// The layer's outputs: its sums, `least * total` and the biases, which follow the panels.
///
/// # Errors
///
/// [`Missing`] if the stream ends before.
pub fn biased<const N: usize, R: ReadCode>(
    stream: &mut Stream<'_, R>,
    sums: &[Sums],
    total: u32,
    least: i32,
) -> Result<[i32; N], Missing> {
    let common = least.wrapping_mul(total as i32);
    let mut outputs = [0; N];
    let (sixteens, rest) = outputs.as_chunks_mut::<OUTPUTS>();
    let mut sums = sums.iter();
    for (outputs, sums) in sixteens.iter_mut().zip(&mut sums) {
        let (_, bytes) = stream.peek(4 * OUTPUTS)?;
        sums.finish(common, bytes.first_chunk().ok_or(Missing)?, outputs);
        stream.skip(4 * OUTPUTS);
    }
    if let Some(sums) = sums.next() {
        let size = rest.len().wrapping_mul(4);
        let (_, bytes) = stream.peek(size)?;
        let mut all = [0; OUTPUTS];
        sums.finish(common, bytes.first_chunk().ok_or(Missing)?, &mut all);
        stream.skip(size);
        for (output, value) in rest.iter_mut().zip(all) {
            *output = value;
        }
    }
    Ok(outputs)
}

/// Where the word of an entry begins in a panel; the mask tells the compiler that it is in there.
#[inline(always)]
fn offset(entry: u32) -> usize {
    (entry >> 16) as usize & (WINDOW - 8)
}

#[inline(always)]
fn word(panel: &[u8; WINDOW], offset: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&panel[offset..offset + 8]);
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
            p = p.wrapping_add((word & BYTES).wrapping_mul(*x));
            q = q.wrapping_add(((word >> 4) & BYTES).wrapping_mul(*x));
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

batch!(short, SHORT, [0 1 2 3] [4 5 6 7]);
batch!(
    middle, MIDDLE, [0 1 2 3] [4 5 6 7] [8 9 10 11] [12 13 14 15] [16 17 18 19] [20 21 22 23]
    [24 25 26 27] [28 29 30 31]
);
batch!(
    long, LONG, [0 1 2 3] [4 5 6 7] [8 9 10 11] [12 13 14 15] [16 17 18 19] [20 21 22 23]
    [24 25 26 27] [28 29 30 31] [32 33 34 35] [36 37 38 39] [40 41 42 43] [44 45 46 47]
    [48 49 50 51] [52 53 54 55] [56 57 58 59] [60 61 62 63]
);
