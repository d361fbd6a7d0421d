//! Dense layers over 4-bit weights in memory: sixteen weights in each word that is loaded.
//!
//! On Stylus a load costs 680 ink, a multiplication 160, and a branch with its block 3,200 (rules
//! 2.1, 2.2). So a loaded word gives sixteen products by two multiplications, the loop body has no
//! branch, and inputs that are 0 (most, behind a ReLU) are left out before the loop, once for all
//! outputs.
//!
//! A *panel* holds the weights of sixteen outputs, one word for each input; a *block* is up to 256
//! inputs, whose panels follow each other. A weight is stored as its distance from the layer's
//! least, 0 to 15, so lanes never borrow; the caller takes `least * sum of inputs` back.

use crate::blob::{Missing, ReadCode, Stream};

/// Outputs of a panel.
pub const OUTPUTS: usize = 16;
/// Most inputs of a block: a row in it is one byte.
pub const ROWS: usize = 256;
/// Bytes that a panel of [`ROWS`] inputs takes, and that may be touched from the beginning of any panel.
pub const WINDOW: usize = 8 * ROWS;

/// One weight in each byte.
const BYTES: u64 = 0x0F0F_0F0F_0F0F_0F0F;
/// Every other byte.
const PAIRS: u64 = 0x00FF_00FF_00FF_00FF;
/// Every other pair of bytes.
const QUADS: u64 = 0x0000_FFFF_0000_FFFF;

/// Inputs that a long and a short batch take.
const LONG: usize = 64;
const SHORT: usize = 16;

/// Running sums of sixteen outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    /// This block's: low nibbles, the odd bytes of these, high nibbles, the odd bytes of these; 16 bits for each output.
    narrow: [u64; 4],
    /// Of the blocks before: 32 bits for each output.
    wide: [u64; 8],
}

impl Sums {
    /// Before the first input.
    pub const ZERO: Self = Self {
        narrow: [0; 4],
        wide: [0; 8],
    };

    /// The sixteen sums, in order.
    #[must_use]
    pub fn outputs(&self) -> [u32; OUTPUTS] {
        let mut outputs = [0; OUTPUTS];
        for ([low, high], pair) in outputs.as_chunks_mut::<2>().0.iter_mut().zip(self.wide) {
            *low = pair as u32;
            *high = (pair >> 32) as u32;
        }
        outputs
    }

    /// Ends a block.
    fn widen(&mut self) {
        let [low, low_odd, high, high_odd] = self.narrow;
        let lanes = [
            low.wrapping_sub(low_odd << 8),
            low_odd,
            high.wrapping_sub(high_odd << 8),
            high_odd,
        ];
        for (pair, lane) in self.wide.as_chunks_mut::<2>().0.iter_mut().zip(lanes) {
            pair[0] = pair[0].wrapping_add(lane & QUADS);
            pair[1] = pair[1].wrapping_add((lane >> 16) & QUADS);
        }
        self.narrow = [0; 4];
    }
}

/// The inputs of a block that are not 0.
#[derive(Debug)]
struct Active {
    rows: [u8; 512],
    values: [u8; 512],
    count: usize,
    total: u32,
}

impl Active {
    const NONE: Self = Self {
        rows: [0; 512],
        values: [0; 512],
        count: 0,
        total: 0,
    };

    fn take(&mut self, block: &[u8]) {
        self.count = 0;
        let (eights, rest) = block.as_chunks::<8>();
        let mut row: u8 = 0;
        for eight in eights {
            if u64::from_le_bytes(*eight) != 0 {
                for (i, value) in (0..).zip(eight) {
                    self.push(row.wrapping_add(i), *value);
                }
            }
            row = row.wrapping_add(8);
        }
        for value in rest {
            self.push(row, *value);
            row = row.wrapping_add(1);
        }
        for i in 0..LONG {
            self.values[self.count.wrapping_add(i) % 512] = 0;
        }
    }

    /// Without a branch: what is 0 is overwritten by the next.
    #[inline(always)]
    fn push(&mut self, row: u8, value: u8) {
        let at = self.count % 512;
        self.rows[at] = row;
        self.values[at] = value;
        self.count = at.wrapping_add(usize::from(value != 0));
        self.total = self.total.wrapping_add(u32::from(value));
    }

    fn add<const TERMS: usize>(&self, panels: &[u8], size: usize, sums: &mut [Sums]) {
        let (rows, values) = (self.rows.as_slice(), self.values.as_slice());
        let count = self.count;
        let mut done = 0_usize;
        while count.saturating_sub(done) > LONG - SHORT {
            if let (Some(rows), Some(values)) = (chunk(rows, done), chunk(values, done)) {
                match TERMS {
                    1 => long1(rows, values, panels, size, sums),
                    2 => long2(rows, values, panels, size, sums),
                    _ => long4(rows, values, panels, size, sums),
                }
            }
            done = done.wrapping_add(LONG);
        }
        while done < count {
            if let (Some(rows), Some(values)) = (chunk(rows, done), chunk(values, done)) {
                match TERMS {
                    1 => short1(rows, values, panels, size, sums),
                    2 => short2(rows, values, panels, size, sums),
                    _ => short4(rows, values, panels, size, sums),
                }
            }
            done = done.wrapping_add(SHORT);
        }
    }
}

fn chunk<const K: usize>(bytes: &[u8], at: usize) -> Option<&[u8; K]> {
    bytes.get(at..)?.first_chunk()
}

/// Adds the weighted inputs `x` to the sums of all outputs.
///
/// `TERMS` (1, 2 or 4) products are added before their lanes are split: `TERMS` times the largest
/// stored weight times the largest input must not pass 255, and a block's sum not 65,535. `rows` is
/// the number of inputs of a block, [`ROWS`] at most. Gives the sum of the inputs.
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
    for block in x.chunks(rows) {
        active.take(block);
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
        for sum in &mut *sums {
            sum.widen();
        }
    }
    Ok(active.total)
}

#[inline(always)]
fn word(panel: &[u8; WINDOW], row: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&panel[row..row + 8]);
    u64::from_le_bytes(bytes)
}

macro_rules! batch {
    ($name:ident, $k:ident, $([$($i:literal)*])*) => {
        #[inline(never)]
        fn $name(rows: &[u8; $k], values: &[u8; $k], mut panels: &[u8], size: usize, sums: &mut [Sums]) {
            let rows = offsets(rows);
            let x = inputs(values);
            for sum in sums {
                let Some(panel) = panels.first_chunk::<WINDOW>() else { return };
                let [mut low, mut low_odd, mut high, mut high_odd] = sum.narrow;
                $(
                    let (mut p, mut q) = (0_u64, 0_u64);
                    $(
                        let w = word(panel, rows[$i]);
                        p = p.wrapping_add((w & BYTES).wrapping_mul(x[$i]));
                        q = q.wrapping_add(((w >> 4) & BYTES).wrapping_mul(x[$i]));
                    )*
                    low = low.wrapping_add(p);
                    low_odd = low_odd.wrapping_add((p >> 8) & PAIRS);
                    high = high.wrapping_add(q);
                    high_odd = high_odd.wrapping_add((q >> 8) & PAIRS);
                )*
                sum.narrow = [low, low_odd, high, high_odd];
                let Some(rest) = panels.get(size..) else { return };
                panels = rest;
            }
        }
    };
}

/// Byte offsets of rows in a panel.
#[inline(always)]
fn offsets<const K: usize>(rows: &[u8; K]) -> [usize; K] {
    rows.map(|row| 8 * usize::from(row))
}

#[inline(always)]
fn inputs<const K: usize>(values: &[u8; K]) -> [u64; K] {
    values.map(u64::from)
}

batch!(long1, LONG, [0] [1] [2] [3] [4] [5] [6] [7] [8] [9] [10] [11] [12] [13] [14] [15] [16] [17] [18] [19] [20] [21] [22] [23] [24] [25] [26] [27] [28] [29] [30] [31] [32] [33] [34] [35] [36] [37] [38] [39] [40] [41] [42] [43] [44] [45] [46] [47] [48] [49] [50] [51] [52] [53] [54] [55] [56] [57] [58] [59] [60] [61] [62] [63]);
batch!(long2, LONG, [0 1] [2 3] [4 5] [6 7] [8 9] [10 11] [12 13] [14 15] [16 17] [18 19] [20 21] [22 23] [24 25] [26 27] [28 29] [30 31] [32 33] [34 35] [36 37] [38 39] [40 41] [42 43] [44 45] [46 47] [48 49] [50 51] [52 53] [54 55] [56 57] [58 59] [60 61] [62 63]);
batch!(long4, LONG, [0 1 2 3] [4 5 6 7] [8 9 10 11] [12 13 14 15] [16 17 18 19] [20 21 22 23] [24 25 26 27] [28 29 30 31] [32 33 34 35] [36 37 38 39] [40 41 42 43] [44 45 46 47] [48 49 50 51] [52 53 54 55] [56 57 58 59] [60 61 62 63]);
batch!(short1, SHORT, [0] [1] [2] [3] [4] [5] [6] [7] [8] [9] [10] [11] [12] [13] [14] [15]);
batch!(short2, SHORT, [0 1] [2 3] [4 5] [6 7] [8 9] [10 11] [12 13] [14 15]);
batch!(short4, SHORT, [0 1 2 3] [4 5 6 7] [8 9 10 11] [12 13 14 15]);
