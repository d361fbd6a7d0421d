//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use revm::primitives::{Address, U256};

use crate::engine::effort::Compiler;

/// What no recording of a real node covers (rules 14 and 16); the README has it at length.
const UNVERIFIED: &str = "\
Unverified, because no recording of a real node covers it:
  ArbOS 61; L1 data at a price above 0; expiry by age, and a keepalive that succeeds; the block's cache of programs between
  transactions (ArbOS 60); results of math_add_mod, math_div and math_pow; StylusDeployer and CacheManager; ArbDebug,
  NodeInterface, and some functions of ArbOwner, ArbOwnerPublic, ArbSys and ArbGasInfo, which the README names.";

/// An embedded Arbitrum development chain with Stylus: revm and wasmtime with Nitro's gas, behind JSON-RPC.
#[derive(Debug, Parser)]
#[command(
    name = "stylus-devnode",
    version,
    args_conflicts_with_subcommands = true,
    after_help = UNVERIFIED
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
#[command(after_help = UNVERIFIED)]
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
    /// Price of L1 data in wei per unit of L1 gas, which every transaction then pays for by its compressed size, as
    /// 25000000 or 0.025gwei. Real chains tell theirs by ArbGasInfo.getL1BaseFeeEstimate(). From public descriptions:
    /// no recording of a real node covers a price above 0 (unverified).
    #[arg(long, value_name = "PRICE", default_value = "0", value_parser = wei)]
    pub l1_price: U256,
    /// Compiles all programs by this compiler, whatever time and memory that takes; left out, each program gets the one
    /// that its shape allows.
    #[arg(long, value_name = "COMPILER")]
    pub compiler: Option<Compiler>,
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
    /// Compiles all programs by this compiler: both must give what was recorded.
    #[arg(long, value_name = "COMPILER")]
    pub compiler: Option<Compiler>,
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

/// An amount in wei: a whole number, or a decimal one with a unit (wei, gwei, ether).
fn wei(text: &str) -> Result<U256, String> {
    const UNITS: [(&str, usize); 3] = [("gwei", 9), ("ether", 18), ("wei", 0)];
    let unit = UNITS.iter().find(|(name, _)| text.ends_with(name));
    let (name, decimals) = unit.copied().unwrap_or_default();
    let number = text.strip_suffix(name).unwrap_or(text).trim_end();
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err("give wei, as 25000000, or an amount with its unit, as 0.025gwei".to_owned());
    }
    if fraction.len() > decimals {
        return Err("a part of a wei cannot be paid".to_owned());
    }
    let padded = format!("{digits}{}", "0".repeat(decimals - fraction.len()));
    padded.parse().map_err(|_| "more than 2^256 wei".to_owned())
}

fn arbos_version(text: &str) -> Result<u64, String> {
    match text {
        "51" => Ok(51),
        "60" => Ok(60),
        "61" => Ok(61),
        _ => Err("51, 60 and 61 are known".to_owned()),
    }
}
