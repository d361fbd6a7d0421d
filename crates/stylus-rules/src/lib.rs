//! Nitro's Stylus accounting as pure functions.
//!
//! No engine and no chain is in here: bytes and numbers in, bytes and numbers out. In the order in which a program
//! travels: [`reencode`] (what rustc emits to what the chain accepts), [`code`] (the deployed form), [`activate`]
//! (validation, metering by [`instrument`], cost of the activation), [`fees`], [`params`], [`pages`] and [`prices`] (what a
//! call costs), [`inspect`] (all of it about one module, for people).
//!
//! "rules N.M" in comments is a section of `docs/stylus-rules.md`.

pub mod activate;
pub mod code;
pub mod fees;
pub mod inspect;
pub mod instrument;
pub mod l1;
pub mod pages;
pub mod params;
pub mod prices;
pub mod reencode;

mod meter;
mod module;
mod operators;
mod stack;
mod validate;
