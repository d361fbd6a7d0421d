#![doc = include_str!("../README.md")]
#![no_std]

mod fixed;
pub mod lanes;
mod mask;
mod sigmoid;

pub use fixed::requantise;
pub use mask::{above, above_far, pick, pick_wide};
pub use sigmoid::{SCORE_MAX, sigmoid};
