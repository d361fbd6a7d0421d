//! The compressed size that L1 data is priced by, against recorded lengths of the C library and the crate's encoder.

#![allow(
    clippy::unwrap_used,
    reason = "a recording that cannot be read fails the test"
)]

use proptest::collection::vec;
use proptest::prelude::*;
use serde::Deserialize;
use stylus_rules::l1::brotli::length;

/// What `tools/record_brotli.py` wrote: kind of data, seed, bytes, bytes compressed.
#[derive(Debug, Deserialize)]
struct Recipe(String, u64, usize, usize);

const WORDS: &str =
    "a contract predicts what the model of a forest of trees answers for the row of values";

/// Numbers of 64 bits by xorshift, as the recording's.
struct Numbers(u64);

impl Numbers {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }

    /// The next piece of data of a kind.
    fn piece(&mut self, kind: &str) -> Vec<u8> {
        match kind {
            "noise" => vec![self.byte()],
            "zeros" => vec![0],
            "letters" => vec![self.byte() >> 6],
            "text" => {
                let words: Vec<_> = WORDS.split(' ').collect();
                let chosen = self.next() % words.len() as u64;
                format!("{} ", words[chosen as usize]).into()
            }
            "words" => self.word(),
            "runs" => {
                let number = self.next();
                let mut piece: Vec<_> = (0..1 + number % 40).map(|_| self.byte()).collect();
                piece.resize(piece.len() + (number / 40 % 60) as usize, 0);
                piece
            }
            other => unreachable!("the recording knows no {other}"),
        }
    }

    fn word(&mut self) -> Vec<u8> {
        let number = self.next();
        let mut word = [0; 32];
        match number % 4 {
            0 => word[30..].copy_from_slice(&number.to_be_bytes()[..2]),
            1 => word[24..].copy_from_slice(&number.to_be_bytes()),
            2 => word[12..].fill_with(|| self.byte()),
            _ => {
                word.fill(0xff);
                word[31] = !number.to_be_bytes()[0];
            }
        }
        word.to_vec()
    }
}

#[test]
fn lengths_are_those_of_the_c_library() {
    let recipes: Vec<Recipe> = serde_json::from_str(include_str!("golden/brotli.json")).unwrap();
    assert!(!recipes.is_empty());
    for Recipe(kind, seed, bytes, compressed) in recipes {
        let mut numbers = Numbers::new(seed);
        let mut data = Vec::new();
        while data.len() < bytes {
            data.extend(numbers.piece(&kind));
        }
        data.truncate(bytes);
        assert_eq!(length(&data), compressed, "{kind} {seed} {bytes}");
    }
}

/// Length that the crate's encoder makes of data that it gets in one piece.
fn by_the_crate(data: &[u8]) -> usize {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 1,
        lgwin: 22,
        ..Default::default()
    };
    let (mut input, mut output) = (vec![0; data.len().max(1)], vec![0; 4096]);
    let mut compressed = Vec::new();
    brotli::BrotliCompressCustomAlloc(
        &mut &data[..],
        &mut compressed,
        &mut input,
        &mut output,
        &params,
        brotli::enc::StandardAlloc::default(),
    )
    .unwrap();
    compressed.len()
}

/// Data with repetitions: pieces of random bytes, of which some come again.
fn repetitive(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let pieces = vec(vec(any::<u8>(), 1..60), 1..40);
    (pieces, vec(any::<usize>(), 0..2000)).prop_map(move |(pieces, order)| {
        let chosen = order.iter().map(|at| &pieces[at % pieces.len()]);
        let mut data: Vec<u8> = chosen.flatten().copied().collect();
        data.truncate(most);
        data
    })
}

proptest! {
    /// Up to 16 KiB the crate's encoder is the original's.
    #[test]
    fn lengths_are_those_of_the_crate(data in repetitive(16_384)) {
        prop_assert_eq!(length(&data), by_the_crate(&data));
    }

    /// So it is above 32 KiB.
    #[test]
    fn lengths_of_large_data_are_those_of_the_crate(data in repetitive(60_000), more in 32_769_usize..40_000) {
        let large: Vec<u8> = data.iter().copied().cycle().take(more.max(data.len())).collect();
        prop_assume!(large.len() > 32_768);
        prop_assert_eq!(length(&large), by_the_crate(&large));
    }
}
