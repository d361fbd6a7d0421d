//! Any bytes to everything that takes untrusted bytes: as a module, as an account's code, as a brotli stream.

#![no_main]

#[path = "../../tests/common/feed.rs"]
mod feed;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| feed::any(bytes));
