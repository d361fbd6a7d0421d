#![doc = include_str!("../README.md")]
#![no_std]

mod argmax;
mod fixed;
mod mask;
pub mod pixels;
mod sigmoid;
mod softmax;
mod words;

pub use argmax::argmax;
pub use fixed::requantise;
pub use mask::{above, above_far, pick, pick_wide};
pub use sigmoid::{SCORE_MAX, sigmoid};
pub use softmax::softmax;
pub use words::{
    bit_mask, positive16, positive32, put_word, step, steps16, steps16_narrow, steps32, word,
};
