#![doc = include_str!("../README.md")]
#![no_std]

mod argmax;
mod fixed;
mod lanes;
mod mask;
mod sigmoid;

pub use argmax::argmax;
pub use fixed::requantise;
pub use lanes::{
    bit_mask, positive16, positive32, put_word, step, steps16, steps16_narrow, steps32, word,
};
pub use mask::{above, above_far, pick, pick_wide};
pub use sigmoid::{SCORE_MAX, sigmoid};
