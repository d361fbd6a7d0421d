//! `replay`: recorded cases of the real node against this one.
//!
//! Two formats: a list of single program calls ([`engine`]) and a file of whole transactions ([`chain`]).

mod chain;
mod compare;
mod engine;

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::cli::Replay;
use crate::engine::effort::Compiler;
use crate::executor::Executor;
use compare::Verdict;

/// Which cases to run, and how.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Only this ArbOS version.
    pub arbos: Option<u64>,
    /// Only this name.
    pub case: Option<String>,
    /// The compiler of all programs, if not by effort.
    pub compiler: Option<Compiler>,
}

impl Selection {
    fn takes(&self, name: &str, arbos: u64) -> bool {
        self.arbos.is_none_or(|wanted| wanted == arbos)
            && self.case.as_deref().is_none_or(|wanted| wanted == name)
    }
}

/// Runs the cases of a file; success if all are equal and there is at least one.
pub fn run(options: &Replay) -> Result<ExitCode, Box<dyn Error>> {
    let recorded = read(&options.file)?;
    let selection = Selection {
        arbos: options.arbos,
        case: options.case.clone(),
        compiler: options.compiler,
    };
    let executor = Executor::start(1)?;
    let all_equal = executor
        .run_blocking(move || match recorded {
            Value::Array(cases) => engine::run(&cases, &selection, &mut print),
            file => chain::run(&file, &selection, &mut print),
        })
        .ok_or("the replay ended by a bug of the node")??;
    Ok(if all_equal {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn read(path: &Path) -> Result<Value, String> {
    let failed = |error: &dyn std::fmt::Display| format!("cannot read {}: {error}", path.display());
    let file = BufReader::new(File::open(path).map_err(|error| failed(&error))?);
    let mut text = String::new();
    let zipped = path.extension().is_some_and(|extension| extension == "gz");
    let mut source: Box<dyn Read> = if zipped {
        Box::new(GzDecoder::new(file))
    } else {
        Box::new(file)
    };
    source
        .read_to_string(&mut text)
        .map_err(|error| failed(&error))?;
    serde_json::from_str(&text).map_err(|error| failed(&error))
}

/// Prints the line of one case.
fn print(name: &str, arbos: u64, verdict: &Verdict) {
    let line = json!({
        "name": name,
        "arbos": arbos,
        "equal": verdict.is_equal(),
        "expected": verdict.expected(),
        "actual": verdict.actual(),
    });
    // A reader that went away (`| head`) is no reason to fail.
    drop(writeln!(std::io::stdout(), "{line}"));
}

/// Counts cases: all must be equal, and there must be some.
#[derive(Debug, Default)]
pub struct Tally {
    cases: usize,
    equal: usize,
}

impl Tally {
    fn count(&mut self, verdict: &Verdict) {
        self.cases += 1;
        self.equal += usize::from(verdict.is_equal());
    }

    fn finish(&self) -> bool {
        eprintln!("{} of {} cases are equal", self.equal, self.cases);
        self.cases > 0 && self.equal == self.cases
    }
}
