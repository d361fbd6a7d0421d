//! Predicts rows from standard input: integers in feature order, apart by commas or spaces.
//!
//! For each line it prints the outputs and the leaves, as in the fixtures.

use std::{
    error::Error,
    io::{self, BufRead, Write},
};

use model::{FEATURES, from_values, leaves, predict};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        let numbers = line
            .split([',', ' '])
            .map(str::parse)
            .collect::<Result<Vec<i32>, _>>()?;
        let values = <[i32; FEATURES]>::try_from(numbers)
            .map_err(|given| format!("{} values, not {FEATURES}", given.len()))?;
        let row = from_values(&values)?;
        let path: Vec<String> = leaves(&row).iter().map(u16::to_string).collect();
        writeln!(out, "{},{}", predict(&row), path.join(" "))?;
    }
    out.flush()?;
    Ok(())
}
