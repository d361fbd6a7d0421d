#![doc = include_str!("../README.md")]
#![no_std]

mod encode;
mod fixed;
mod mask;
mod sigmoid;

pub use encode::{chosen, clipped, filled, over, within};
pub use fixed::requantise;
pub use mask::{above, above_far, pick, pick_wide};
pub use sigmoid::{SCORE_MAX, sigmoid};
