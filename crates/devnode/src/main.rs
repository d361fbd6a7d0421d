//! stylus-devnode: an embedded Arbitrum development chain.
//!
//! In the order in which a call travels: [`rpc`] takes it, [`chain`] gives it a state and a block, [`evm`] runs it,
//! [`engine`] runs the Stylus programs in it, [`precompiles`] and [`arbos`] are the chain's own contracts and their state.

mod arbos;
mod chain;
mod cli;
mod engine;
mod evm;
mod executor;
mod precompiles;
mod programs;
mod replay;
mod rpc;
mod serve;
mod state;
mod wasm_tools;

use std::process::ExitCode;

use clap::Parser;
use cli::{Cli, Command};

fn main() -> ExitCode {
    let Cli { command, serve } = Cli::parse();
    let done = match command {
        None => serve::run(&serve),
        Some(Command::Serve(options)) => serve::run(&options),
        Some(Command::Reencode(options)) => wasm_tools::reencode(&options),
        Some(Command::Inspect(options)) => wasm_tools::inspect(&options),
        Some(Command::Symbols(options)) => wasm_tools::symbols(&options),
        Some(Command::Replay(options)) => replay::run(&options),
    };
    done.unwrap_or_else(|failure| {
        // One line, so that a caller can show it as it is; some causes come with line breaks.
        let failure = failure.to_string();
        let words: Vec<_> = failure.split_whitespace().collect();
        eprintln!("stylus-devnode: {}", words.join(" "));
        ExitCode::FAILURE
    })
}
