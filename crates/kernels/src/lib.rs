#![doc = include_str!("../README.md")]
#![no_std]

mod argmax;
mod batch;
pub mod blob;
mod encode;
mod fixed;
mod lanes;
mod mask;
pub mod packed;
pub mod pixels;
mod sigmoid;
mod softmax;
mod words;

pub use argmax::argmax;
pub use encode::{bit, chosen, clipped, filled, over, within};
pub use fixed::requantise;
pub use lanes::{lane, lanes};
pub use mask::{above, above_far, above_wide, pick, pick_wide, up_to, up_to_far};
pub use sigmoid::{SCORE_MAX, sigmoid};
pub use softmax::softmax;
pub use words::{
    bit_mask, positive16, positive32, put_word, step, steps16, steps16_narrow, steps32, word,
};
