//! Whatever the bytes, nothing panics, memory stays bounded, and what is accepted is valid wasm after metering.

#![allow(
    clippy::unwrap_used,
    reason = "a module that cannot be built fails the test"
)]

mod common;
#[path = "common/corpus.rs"]
mod corpus;
#[path = "common/feed.rs"]
mod feed;

use proptest::collection::vec;
use proptest::prelude::*;
use stylus_rules::activate::{ActivationContext, activate};
use stylus_rules::code::{DecompressError, compress, decompress};
use stylus_rules::inspect::inspect;

/// Accepted modules of the golden file; mutations start from them.
fn seeds() -> Vec<Vec<u8>> {
    let cases: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../devnode/tests/golden/engine.json")).unwrap();
    let wasm = cases
        .iter()
        .map(|case| hex::decode(case["wasm"].as_str().unwrap()).unwrap());
    wasm.filter(|wasm| wasm.len() < 4096).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..256)) {
        feed::any(&bytes);
        feed::any(&[b"\0asm\x01\0\0\0", &bytes[..]].concat());
    }

    #[test]
    fn mutated_modules(
        seed in any::<prop::sample::Index>(),
        edits in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let seeds = seeds();
        let mut wasm = seeds[seed.index(seeds.len())].clone();
        for (place, byte) in edits {
            let place = place.index(wasm.len());
            wasm[place] = byte;
        }
        if let Some(cut) = cut {
            wasm.truncate(cut.index(wasm.len()));
        }
        feed::any(&wasm);
    }
}

#[test]
fn generated_modules() {
    let accepted = (0..400)
        .filter_map(common::random_contract)
        .filter(|wasm| feed::module(wasm))
        .count();
    assert!(
        accepted > 50,
        "only {accepted} modules were accepted: the generator has gone astray"
    );
}

#[test]
fn a_count_that_the_file_cannot_hold_is_refused() {
    let four_billion = [0xff, 0xff, 0xff, 0xff, 0x0f];
    for section in 1..=12 {
        let mut wasm = b"\0asm\x01\0\0\0".to_vec();
        wasm.extend([section, 5]);
        wasm.extend(four_billion);
        assert!(
            activate(&wasm, &ActivationContext::for_arbos(51), u64::MAX).is_err(),
            "section {section}"
        );
        feed::any(&wasm);
    }
}

#[test]
fn four_billion_locals_are_refused() {
    let mut wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00".to_vec();
    wasm.extend(b"\x0a\x0b\x01\x09\x01\xff\xff\xff\xff\x0f\x7f\x0b\x0b");
    feed::any(&wasm);
    assert!(inspect(&wasm).is_err());
}

#[test]
fn a_brotli_bomb_stops_at_the_limit() {
    let bomb = compress(&vec![0; 64 << 20]);
    assert!(bomb.len() < 200);
    assert_eq!(
        decompress(&bomb, 0, 128 << 10),
        Err(DecompressError::TooLarge(128 << 10))
    );
}

#[test]
fn exactly_the_limit_decompresses_and_trailing_bytes_are_ignored() {
    let wasm = vec![7; 128 << 10];
    let mut stream = compress(&wasm);
    assert_eq!(decompress(&stream, 0, wasm.len()).as_ref(), Ok(&wasm));
    assert_eq!(
        decompress(&stream, 0, wasm.len() - 1),
        Err(DecompressError::TooLarge(wasm.len() - 1))
    );
    stream.extend(b"trailing");
    assert_eq!(decompress(&stream, 0, wasm.len()).as_ref(), Ok(&wasm));
    assert_eq!(
        decompress(&stream[..4], 0, wasm.len()),
        Err(DecompressError::Corrupt)
    );
    assert_eq!(
        decompress(&[], 0, wasm.len()),
        Err(DecompressError::Corrupt)
    );
    assert_eq!(
        decompress(&stream, 1, wasm.len()),
        Err(DecompressError::Dictionary(1))
    );
}

#[test]
fn what_fuzzing_the_parser_kept_never_panics() {
    let inputs = corpus::count("parse", |input| {
        feed::any(input);
        true
    });
    assert!(inputs > 10_000);
}
