//! `reencode` and `inspect`: what can be said and done about a wasm without a chain.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use stylus_rules::inspect;
use stylus_rules::reencode::{self, ReencodeOptions};

use crate::cli::{Inspect, Reencode, Symbols};

type Done = Result<ExitCode, Box<dyn Error>>;

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Writes the wasm that the chain accepts.
pub fn reencode(options: &Reencode) -> Done {
    let wasm = read(&options.input)?;
    let how = ReencodeOptions {
        keep_names: options.keep_names,
        project_hash: options.project_hash.map(|hash| hash.0),
        pin_memory: options.pin_memory,
    };
    let accepted = reencode::reencode(&wasm, &how)
        .map_err(|error| format!("{}: {error}", options.input.display()))?;
    fs::write(&options.output, &accepted)
        .map_err(|error| format!("cannot write {}: {error}", options.output.display()))?;
    eprintln!(
        "{}: {} bytes, was {}",
        options.output.display(),
        accepted.len(),
        wasm.len()
    );
    Ok(ExitCode::SUCCESS)
}

/// Prints what a wasm is.
pub fn inspect(options: &Inspect) -> Done {
    let wasm = read(&options.file)?;
    let facts =
        inspect::inspect(&wasm).map_err(|error| format!("{}: {error}", options.file.display()))?;
    let text = if options.json {
        serde_json::to_string(&facts)?
    } else {
        serde_json::to_string_pretty(&facts)?
    };
    println!("{text}");
    Ok(ExitCode::SUCCESS)
}

/// Prints where the operators of a wasm come from.
pub fn symbols(options: &Symbols) -> Done {
    let wasm = read(&options.file)?;
    let symbols = inspect::symbols::symbols(&wasm)
        .map_err(|error| format!("{}: {error}", options.file.display()))?;
    println!("{}", serde_json::to_string(&symbols)?);
    Ok(ExitCode::SUCCESS)
}
