//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use revm::primitives::Address;

/// An embedded Arbitrum development chain with Stylus: revm and wasmtime with Nitro's gas, behind JSON-RPC.
#[derive(Debug, Parser)]
#[command(
    name = "stylus-devnode",
    version,
    args_conflicts_with_subcommands = true
)]
pub struct Cli {
    /// What to do; serves the chain if nothing is given.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options of `serve`.
    #[command(flatten)]
    pub serve: Serve,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serves a fresh chain on 127.0.0.1 until stopped.
    Serve(Serve),
    /// Runs recorded cases and prints one line of JSON for each; exits with 1 if any differs.
    Replay(Replay),
    /// Makes the wasm that rustc writes one that the chain accepts.
    Reencode(Reencode),
    /// Describes a wasm: imports, memory, functions, floats, sizes, and what activation says and costs.
    Inspect(Inspect),
    /// Prints, as JSON, which source lines each basic block of a wasm comes from, for profiles.
    Symbols(Symbols),
}

/// Options of `serve`.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 8547)]
    pub port: u16,
    /// Another account with 1,000 ETH that is chain owner, beside the public development account.
    #[arg(long, value_name = "ADDRESS")]
    pub owner: Option<Address>,
    /// ArbOS version: 51 (as recorded from Nitro), 60 (recorded; fragments, block cache) or 61 (from release notes,
    /// unverified).
    #[arg(long, default_value_t = 51, value_parser = arbos_version)]
    pub arbos: u64,
    /// Exits when this process is gone.
    #[arg(long, value_name = "PID")]
    pub parent_pid: Option<u32>,
}

/// Options of `replay`.
#[derive(Clone, Debug, Args)]
pub struct Replay {
    /// engine.json or a file of chain cases, plain or gzipped.
    pub file: PathBuf,
    /// Only cases of this ArbOS version.
    #[arg(long)]
    pub arbos: Option<u64>,
    /// Only the case of this name.
    #[arg(long, value_name = "NAME")]
    pub case: Option<String>,
}

/// Options of `reencode`.
#[derive(Clone, Debug, Args)]
pub struct Reencode {
    /// The wasm as rustc wrote it.
    pub input: PathBuf,
    /// Where to write the result.
    pub output: PathBuf,
    /// Keeps the names of functions, for profiles.
    #[arg(long)]
    pub keep_names: bool,
    /// Adds a custom section `project_hash` with these 32 bytes.
    #[arg(long, value_name = "HEX")]
    pub project_hash: Option<revm::primitives::B256>,
    /// Fixes the memory at its initial size where the module never grows it.
    #[arg(long)]
    pub pin_memory: bool,
}

/// Options of `inspect`.
#[derive(Clone, Debug, Args)]
pub struct Inspect {
    /// The wasm to describe.
    pub file: PathBuf,
    /// Prints JSON instead of text.
    #[arg(long)]
    pub json: bool,
}

/// Options of `symbols`.
#[derive(Clone, Debug, Args)]
pub struct Symbols {
    /// The wasm as rustc wrote it, with names and debug information.
    pub file: PathBuf,
}

fn arbos_version(text: &str) -> Result<u64, String> {
    match text {
        "51" => Ok(51),
        "60" => Ok(60),
        "61" => Ok(61),
        _ => Err("51, 60 and 61 are known".to_owned()),
    }
}
