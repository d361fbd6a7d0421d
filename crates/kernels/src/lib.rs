#![doc = include_str!("../README.md")]
#![no_std]

pub mod blob;
mod fixed;
mod mask;
pub mod packed;
mod sigmoid;

pub use fixed::requantise;
pub use mask::{above, above_far, pick, pick_wide};
pub use sigmoid::{SCORE_MAX, sigmoid};
