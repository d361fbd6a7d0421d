#![doc = include_str!("../README.md")]
#![no_std]

mod fixed;
mod lanes;
mod mask;
mod sigmoid;

pub use fixed::requantise;
pub use lanes::{lane, lanes};
pub use mask::{above, above_far, above_wide, pick, pick_wide, up_to, up_to_far};
pub use sigmoid::{SCORE_MAX, sigmoid};
