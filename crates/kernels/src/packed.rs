//! Dense layers over 4-bit weights in memory: sixteen weights in each word that is loaded.
//!
//! On Stylus a load costs 680 ink, a multiplication 160, and a branch with its block 3,200 (rules
//! 2.1, 2.2). So a loaded word gives sixteen products by two multiplications, the loop body has no
//! branch, and inputs that are 0 (most, behind a ReLU) are left out before the loop, once for all
//! outputs.
//!
//! A *panel* holds the weights of sixteen outputs, one word for each input; a *block* is up to 512
//! inputs, whose panels follow each other. A weight is stored as its distance from the layer's
//! least, 0 to 15, so lanes never borrow; [`Ending`] takes `least * sum of inputs` back.
//!
//! In a stream a layer is its blocks, each of them one panel after the other, then four bytes for
//! each output: its bias plus 2^30, padded to sixteen. Output `8a + 4h + 2d + b` of a panel is in
//! byte `4h + 2b + d` of each word, in the high half if `a` is 1; its bias is number
//! `8a + 4d + 2b + h` of sixteen. So the sums come out of their lanes in order.

use crate::batch::Active;
use crate::blob::{BLOB, Missing, ReadCode, Stream};
use crate::words::{positive32, steps32};

/// Outputs of a panel.
pub const OUTPUTS: usize = 16;
/// Most inputs of a block.
pub const ROWS: usize = 512;
/// Bytes of a panel of [`ROWS`] inputs. So many are looked at from the beginning of any panel.
pub const WINDOW: usize = 8 * ROWS;

/// Bytes in which [`Stream`] reads panels: three blobs, and a window before and behind them.
///
/// One blob is enough, but then more is moved, and inputs are looked at more often. A call may use
/// two pages of 64 KiB for nothing (rules 5), so that three blobs are free.
pub const BUFFER: usize = 3 * BLOB + 2 * WINDOW;

/// Panels whose biases are looked at together.
const GROUPS: usize = 16;

/// The low half of each byte.
pub(crate) const HALVES: u64 = 0x0F0F_0F0F_0F0F_0F0F;
/// Every other pair of bytes.
const QUADS: u64 = 0x0000_FFFF_0000_FFFF;

/// The same number in both halves.
const BOTH: u64 = 0x0000_0001_0000_0001;
/// The same number in each byte.
pub(crate) const EACH: u64 = 0x0101_0101_0101_0101;
/// What a sum is stored with more than it is, so that it is not negative.
const ABOVE: i32 = 1 << 30;

/// Running sums of sixteen outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    /// The latest, 16 bits for each output: of the low halves of bytes, of those at odd places, of
    /// the high halves, of those at odd places. The first and third hold all places, overlapping.
    pub(crate) narrow: [u64; 4],
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
    pub(crate) fn widen(&mut self) {
        self.wide = self.all();
        self.narrow = [0; 4];
    }

    /// The layer's sums plus [`ABOVE`], 32 bits for each, in the order of [`place`].
    ///
    /// `common` is added to all, and to each its own of `biases`, which are stored plus [`ABOVE`].
    #[inline(always)]
    fn finish(&self, common: u64, biases: &[u8; 4 * OUTPUTS]) -> [u64; 8] {
        let mut pairs = self.all();
        for (pair, bias) in pairs.iter_mut().zip(biases.as_chunks::<8>().0) {
            let bias = u64::from_le_bytes(*bias);
            *pair = pair.wrapping_add(bias).wrapping_add(common);
        }
        pairs
    }
}

/// Adds the weighted inputs `x`, each of them 0 to 15, to the sums of all outputs.
///
/// `rows` is the number of inputs of a block, 1 to [`ROWS`]. `TERMS` (1, 2 or 4) products of an
/// input and a stored weight must not pass 255: so many are added before their lanes are split.
/// `most` of them must not pass 65,535; it is at least 64. Gives the sum of the inputs.
///
/// # Errors
///
/// [`Missing`] if the stream ends before.
pub fn dense<const TERMS: usize, R: ReadCode>(
    stream: &mut Stream<'_, R>,
    x: &[u8],
    rows: usize,
    most: usize,
    sums: &mut [Sums],
) -> Result<u32, Missing> {
    let mut active = Active::NONE;
    let (mut total, mut spent) = (0_u32, 0);
    for block in x.chunks(rows) {
        total = total.wrapping_add(active.take(block));
        let size = block.len().wrapping_mul(8);
        let before = spent;
        let mut left = &mut *sums;
        while !left.is_empty() {
            let (bytes, panels) = stream.peek(size)?;
            let count = bytes.checked_div(size).unwrap_or(0).min(left.len());
            let (now, later) = left.split_at_mut(count);
            spent = active.add::<TERMS>(panels, size, now, (before, most));
            stream.skip(count.wrapping_mul(size));
            left = later;
        }
    }
    Ok(total)
}

/// How a layer ends, beside its sums.
#[derive(Debug, Clone, Copy)]
pub struct Ending {
    /// Sum of the inputs, as [`dense`] gave it.
    pub total: u32,
    /// The layer's least weight.
    pub least: i32,
}

impl Ending {
    /// What all sums have in common, in both halves of a word: `least * total`.
    const fn common(self) -> u64 {
        let common = (self.least as i64).wrapping_mul(self.total as i64);
        common.wrapping_mul(BOTH as i64) as u64
    }
}

/// The layer's sums with their biases, which follow the panels.
///
/// # Errors
///
/// [`Missing`] if the stream ends before.
pub fn biased<const N: usize, R: ReadCode>(
    stream: &mut Stream<'_, R>,
    sums: &[Sums],
    ending: Ending,
) -> Result<[i32; N], Missing> {
    let mut outputs = [0; N];
    finish(
        stream,
        sums,
        ending,
        outputs.chunks_mut(OUTPUTS),
        |outputs, pairs| {
            for (k, output) in outputs.iter_mut().enumerate() {
                let (pair, half) = place(k);
                *output = ((pairs[pair] >> half) as i32).wrapping_sub(ABOVE);
            }
        },
    )?;
    Ok(outputs)
}

/// A requantisation of sums to bytes: `low + ((depth - clamp(top - sum, 0, depth)) * multiplier +
/// half) >> shift`.
///
/// Sums and `top` lie in `-2^30..2^30`, the products fit 32 bits, and the results 8.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "the formula says what each is")]
pub struct Rescale {
    pub top: i32,
    pub depth: u32,
    pub multiplier: u32,
    pub half: u32,
    pub shift: u32,
    pub low: u8,
}

impl Rescale {
    /// Two sums at once; each comes as a byte at the beginning of its half.
    #[inline(always)]
    const fn pair(self, sums: u64) -> u64 {
        let start = (1_u64 << 31).wrapping_add_signed((self.top as i64).wrapping_add(ABOVE as i64));
        let below = positive32(start.wrapping_mul(BOTH).wrapping_sub(sums));
        let depth = (1_u64 << 31).wrapping_add(self.depth as u64);
        let above = positive32(depth.wrapping_mul(BOTH).wrapping_sub(below));
        steps32(above, self.multiplier as u64, self.half as u64, self.shift)
    }

    /// Eight sums, in the order of their bytes.
    #[inline(always)]
    fn eight(self, pairs: &[u64; 4]) -> [u8; 8] {
        let [a, b, c, d] = pairs.map(|pair| self.pair(pair));
        let steps = a | (b << 8) | (c << 16) | (d << 24);
        steps
            .wrapping_add(u64::from(self.low).wrapping_mul(EACH))
            .to_le_bytes()
    }
}

/// The same as bytes, requantised.
///
/// # Errors
///
/// [`Missing`] if the stream ends before.
#[inline(always)]
pub fn requantised<const N: usize, R: ReadCode>(
    stream: &mut Stream<'_, R>,
    sums: &[Sums],
    ending: Ending,
    rescale: Rescale,
) -> Result<[u8; N], Missing> {
    let mut outputs = [0; N];
    finish(
        stream,
        sums,
        ending,
        outputs.chunks_mut(OUTPUTS),
        |outputs, pairs| {
            let [a, b, c, d, e, f, g, h] = pairs;
            let bytes = [rescale.eight(&[a, b, c, d]), rescale.eight(&[e, f, g, h])];
            if let Ok(outputs) = <&mut [u8; OUTPUTS]>::try_from(&mut *outputs) {
                outputs.copy_from_slice(bytes.as_flattened());
            } else {
                for (output, byte) in outputs.iter_mut().zip(bytes.as_flattened()) {
                    *output = *byte;
                }
            }
        },
    )?;
    Ok(outputs)
}

/// Gives the final sums of each sixteen outputs to `write`, with the place where they go.
#[inline(always)]
fn finish<'o, T: 'o, R: ReadCode>(
    stream: &mut Stream<'_, R>,
    sums: &[Sums],
    ending: Ending,
    mut outputs: impl Iterator<Item = &'o mut [T]>,
    write: impl Fn(&mut [T], [u64; 8]),
) -> Result<(), Missing> {
    let common = ending.common();
    for sums in sums.chunks(GROUPS) {
        let size = sums.len().wrapping_mul(4 * OUTPUTS);
        let (_, bytes) = stream.peek(size)?;
        for ((sums, biases), outputs) in sums.iter().zip(bytes.as_chunks().0).zip(&mut outputs) {
            write(outputs, sums.finish(common, biases));
        }
        stream.skip(size);
    }
    Ok(())
}

/// Pair and bit of output `k` of sixteen, so that bytes made of pairs come out in order.
const fn place(k: usize) -> (usize, usize) {
    (((k & 8) >> 1) | (k & 3), (k & 4) << 3)
}

/// The halves of bytes: all high ones, then all low ones. `M` is `2 * N`.
#[must_use]
pub fn halves<const N: usize, const M: usize>(bytes: &[u8; N]) -> [u8; M] {
    let mut halves = [0; M];
    let (high, low) = halves.split_at_mut(M / 2);
    let (words, rest) = bytes.as_chunks::<8>();
    let (high, high_rest) = high.as_chunks_mut::<8>();
    let (low, low_rest) = low.as_chunks_mut::<8>();
    for ((high, low), word) in high.iter_mut().zip(low).zip(words) {
        let word = u64::from_le_bytes(*word);
        *high = ((word >> 4) & HALVES).to_le_bytes();
        *low = (word & HALVES).to_le_bytes();
    }
    for ((high, low), byte) in high_rest.iter_mut().zip(low_rest).zip(rest) {
        *high = byte >> 4;
        *low = byte & 0xF;
    }
    halves
}
