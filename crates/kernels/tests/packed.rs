//! Layers from blobs against sums made one by one, at the ends of every lane.
#![allow(clippy::arithmetic_side_effects, reason = "a test may panic")]

use stylus_kernels::blob::{BLOB, Missing, ReadCode, Stream};
use stylus_kernels::packed::{
    BUFFER, Ending, OUTPUTS, Rescale, Sums, WINDOW, biased, dense, halves, requantised,
};

/// Blobs by the first byte of their address, from 1 on.
struct Chain(Vec<Vec<u8>>);

impl Chain {
    /// Spreads data over blobs of `payload` bytes.
    fn of(data: &[u8], payload: usize) -> Self {
        let count = data.len().div_ceil(payload);
        let blob = |(part, number): (&[u8], usize)| {
            let next = if number < count { number as u8 + 1 } else { 0 };
            [&[0], part, &[next; 20]].concat()
        };
        Self(data.chunks(payload).zip(1..).map(blob).collect())
    }
}

impl ReadCode for &Chain {
    fn read_code(&mut self, address: &[u8; 20], offset: usize, into: &mut [u8]) -> usize {
        let Some(code) = self.0.get(usize::from(address[0]).wrapping_sub(1)) else {
            return 0;
        };
        let data = &code[offset..];
        let count = data.len().min(into.len());
        into[..count].copy_from_slice(&data[..count]);
        count
    }
}

/// A layer: `weights[output][input]`.
struct Layer {
    weights: Vec<Vec<i32>>,
    bias: Vec<i32>,
    least: i32,
    rows: usize,
    /// What the narrow sums hold.
    most: usize,
    buffer: usize,
}

impl Layer {
    /// `weight(output, input)` is asked for every weight.
    fn new(shape: (usize, usize), rows: usize, weight: impl Fn(usize, usize) -> i32) -> Self {
        let (outputs, inputs) = shape;
        let weights: Vec<Vec<i32>> = (0..outputs)
            .map(|k| (0..inputs).map(|i| weight(k, i)).collect())
            .collect();
        Self {
            least: *weights.iter().flatten().min().unwrap(),
            bias: (0..outputs as i32).map(|k| 1000 * k - 7).collect(),
            weights,
            rows,
            most: 65_535 / (15 * 15),
            buffer: BUFFER,
        }
    }

    /// The layer's bytes, as the documentation of `packed` has it.
    fn data(&self) -> Vec<u8> {
        let inputs = self.weights[0].len();
        let mut data = Vec::new();
        for first in (0..inputs).step_by(self.rows) {
            for group in self.weights.chunks(OUTPUTS) {
                for row in first..inputs.min(first + self.rows) {
                    let mut word = [0_u8; 8];
                    for (k, weights) in group.iter().enumerate() {
                        let (a, h, d, b) = (k >> 3, k >> 2 & 1, k >> 1 & 1, k & 1);
                        word[4 * h + 2 * b + d] |= ((weights[row] - self.least) << (4 * a)) as u8;
                    }
                    data.extend(word);
                }
            }
        }
        for group in self.bias.chunks(OUTPUTS) {
            let mut words = [0_i32; OUTPUTS];
            for (k, bias) in group.iter().enumerate() {
                let (a, h, d, b) = (k >> 3, k >> 2 & 1, k >> 1 & 1, k & 1);
                words[8 * a + 4 * d + 2 * b + h] = bias + (1 << 30);
            }
            data.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        }
        data
    }

    fn expected(&self, x: &[u8]) -> Vec<i32> {
        let sum = |weights: &Vec<i32>| -> i32 {
            weights.iter().zip(x).map(|(w, x)| w * i32::from(*x)).sum()
        };
        self.weights
            .iter()
            .map(sum)
            .zip(&self.bias)
            .map(|(sum, bias)| sum + bias)
            .collect()
    }

    /// The layer's sums by the kernel.
    fn run<const TERMS: usize, const N: usize>(
        &self,
        x: &[u8],
        chain: &Chain,
    ) -> Result<[i32; N], Missing> {
        let mut buffer = vec![0xAB; self.buffer];
        let mut stream = Stream::new(chain, [1; 20], &mut buffer);
        let mut sums = vec![Sums::ZERO; N.div_ceil(OUTPUTS)];
        let total = dense::<TERMS, _>(&mut stream, x, self.rows, self.most, &mut sums)?;
        let least = self.least;
        biased(&mut stream, &sums, Ending { total, least })
    }

    fn check<const TERMS: usize, const N: usize>(&self, x: &[u8], payload: usize) {
        let chain = Chain::of(&self.data(), payload);
        let sums: [i32; N] = self.run::<TERMS, N>(x, &chain).unwrap();
        assert_eq!(sums.to_vec(), self.expected(x));
    }
}

/// Numbers below `limit` that look random.
fn mixed(seed: usize, limit: i32) -> i32 {
    let mixed = (seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    (mixed % limit as u64) as i32
}

#[test]
fn sums_are_exact_whatever_blobs_and_blocks_cut() {
    let layer = Layer::new((40, 300), 111, |k, i| mixed(k * 300 + i, 15) - 7);
    for density in [0, 1, 3, 10] {
        let x: Vec<u8> = (0..300)
            .map(|i| {
                if mixed(i, 10) < density {
                    mixed(i + 9, 16) as u8
                } else {
                    0
                }
            })
            .collect();
        for payload in [1, 9, 1000, BLOB - 20] {
            layer.check::<1, 40>(&x, payload.max(40));
        }
    }
}

#[test]
fn every_lane_holds_its_largest_sum() {
    // 291 products of 15 and 15 are 65,475.
    let layer = Layer::new((16, 873), 500, |k, _| if k == 3 { -15 } else { 0 });
    layer.check::<1, 16>(&[15; 873], 5000);
    // Two of 15 and 8 are 240 of 255, four of 15 and 4 too; 546 and 1,092 of each fit 16 bits.
    let mut layer = Layer::new(
        (16, 1200),
        512,
        |k, i| if (k + i) % 2 == 0 { 7 } else { -8 },
    );
    layer.most = 546;
    layer.check::<2, 16>(&[8; 1200], 5000);
    layer.most = 1092;
    layer.check::<4, 16>(&[4; 1200], 5000);
}

#[test]
fn weights_may_all_be_positive_or_all_negative() {
    let x = [15, 0, 1, 2, 3];
    Layer::new((3, 5), 5, |k, i| (k + i) as i32 + 5).check::<1, 3>(&x, 100);
    Layer::new((3, 5), 5, |k, i| -((k + i) as i32) - 5).check::<1, 3>(&x, 100);
}

#[test]
fn a_block_of_no_active_input_and_one_of_all_are_the_same_to_the_stream() {
    let layer = Layer::new((17, 1024), 512, |k, i| mixed(k * 1024 + i, 16) - 8);
    let mut x = [0; 1024];
    x[512..].fill(1);
    layer.check::<4, 17>(&x, BLOB - 20);
    x.reverse();
    layer.check::<4, 17>(&x, BLOB - 20);
}

#[test]
fn a_missing_blob_is_an_error_wherever_it_is() {
    let layer = Layer::new((20, 50), 50, |k, i| mixed(k + i, 15));
    let whole = Chain::of(&layer.data(), 200);
    for missing in 0..whole.0.len() {
        let mut chain = Chain::of(&layer.data(), 200);
        chain.0.truncate(missing);
        assert_eq!(layer.run::<1, 20>(&[1; 50], &chain), Err(Missing));
    }
    let short = Chain(vec![vec![0; 12]]);
    assert_eq!(layer.run::<1, 20>(&[1; 50], &short), Err(Missing));
}

#[test]
fn a_buffer_for_one_blob_is_enough() {
    let mut layer = Layer::new((200, 512), 512, |k, i| mixed(k * 512 + i, 16) - 8);
    layer.buffer = BLOB + 2 * WINDOW;
    layer.check::<1, 200>(&[9; 512], BLOB - 20);
}

#[test]
fn a_buffer_that_is_too_small_is_an_error() {
    let layer = Layer::new((1, 1), 1, |_, _| 1);
    let chain = Chain::of(&layer.data(), 100);
    let mut buffer = vec![0; BLOB - 1];
    let mut stream = Stream::new(&chain, [1; 20], &mut buffer);
    assert_eq!(stream.peek(1).map(|(bytes, _)| bytes), Err(Missing));
}

#[test]
fn requantised_sums_are_a_staircase_between_two_flats() {
    // Sums of 16 apart: y = 3 + (clamp(sum - 4, 0, 96) * 5 + 12) >> 5.
    let rescale = Rescale {
        top: 100,
        depth: 96,
        multiplier: 5,
        half: 12,
        shift: 5,
        low: 3,
    };
    let mut layer = Layer::new((27, 1), 1, |_, _| 1);
    layer.bias = (0..27)
        .map(|k| if k == 0 { -(1 << 29) } else { 16 * (k - 9) })
        .collect();
    layer.bias[26] = 1 << 29;
    let chain = Chain::of(&layer.data(), 1000);
    let mut buffer = vec![0; BUFFER];
    let mut stream = Stream::new(&chain, [1; 20], &mut buffer);
    let mut sums = [Sums::ZERO; 2];
    let total = dense::<1, _>(&mut stream, &[5], 1, 291, &mut sums).unwrap();
    let ending = Ending { total, least: 1 };
    let bytes: [u8; 27] = requantised(&mut stream, &sums, ending, rescale).unwrap();
    let expected: Vec<u8> = layer
        .bias
        .iter()
        .map(|bias| 3 + (((bias + 5 - 4).clamp(0, 96) * 5 + 12) >> 5) as u8)
        .collect();
    assert_eq!(bytes.to_vec(), expected);
}

#[test]
fn halves_of_bytes_are_the_high_ones_then_the_low_ones() {
    assert_eq!(halves(&[0x12, 0xF0, 0x0E]), [1, 15, 0, 2, 0, 14]);
    let nine = [0x1A, 0x2B, 0x3C, 0x4D, 0x5E, 0x6F, 0x70, 0x81, 0x92];
    let apart = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2];
    assert_eq!(halves(&nine), apart);
}
