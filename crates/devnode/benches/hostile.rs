//! What activating the worst modules known takes: `cargo bench -p stylus-devnode --bench hostile [-- WORD]`. Prints a table
//! in Markdown, of the shapes whose names have WORD in them.
//!
//! Each module is activated by a node of its own, asked as cargo-stylus asks: once as the node does it, once with
//! Cranelift forced, and then the largest module of the same shape that the node itself gives to Cranelift.

#![allow(
    clippy::unwrap_used,
    reason = "what cannot be measured ends the benchmark"
)]

#[path = "../tests/common/mod.rs"]
mod common;
#[allow(
    dead_code,
    unused_imports,
    reason = "its tests run with those of the node"
)]
#[path = "../src/engine/effort.rs"]
mod effort;
#[path = "hostile/shapes.rs"]
mod shapes;

use std::io::Read;
use std::time::Duration;

use alloy_primitives::hex;
use common::{ARB_WASM, DEV, Node, SCRATCH, activation_of};
use effort::{Compiler, Effort};
use serde_json::json;
use shapes::{SHAPES, Shape};
use stylus_rules::activate::{Activated, ActivationContext, activate};
use stylus_rules::code;

/// When an activation is given up, so that the table gets done.
const MOST_SECONDS: f64 = 60.0;
const MOST_MEGABYTES: u64 = 4096;
/// Gas of a call; more than any activation takes.
const GAS: u64 = 50_000_000;
const CONTEXT: ActivationContext = ActivationContext::for_arbos(51);

fn main() {
    // cargo bench passes --bench; cargo test would run this without it, for nothing.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let word = arguments
        .iter()
        .find(|argument| !argument.starts_with("--"));
    println!(
        "| shape | wasm, bytes | gas | compiler | activation | with Cranelift | the largest that Cranelift gets |\n\
         |---|--:|--:|---|--:|--:|--:|"
    );
    for shape in SHAPES {
        if word.is_none_or(|word| shape.what.contains(word.as_str())) {
            println!("{}", row(&shape));
        }
    }
}

fn row(shape: &Shape) -> String {
    let wasm = shape.wasm(shape.full);
    let gas = activated(&wasm).engine_gas;
    let compiler = compiler(&wasm);
    let itself = measure(&wasm, &[]);
    let forced = match compiler {
        Some(Compiler::Optimizing) => "as it does".to_owned(),
        _ => measure(&wasm, &["--compiler", "optimizing"]),
    };
    let at_limit = largest(shape).map_or("none".to_owned(), |wasm| {
        format!("{} bytes: {}", wasm.len(), measure(&wasm, &[]))
    });
    let name = match compiler {
        Some(Compiler::Optimizing) => "Cranelift",
        Some(Compiler::Baseline) => "Winch",
        None => "refused",
    };
    format!(
        "| {} | {} | {gas} | {name} | {itself} | {forced} | {at_limit} |",
        shape.what,
        wasm.len(),
    )
}

fn activated(wasm: &[u8]) -> Activated {
    activate(wasm, &CONTEXT, GAS).unwrap()
}

fn compiler(wasm: &[u8]) -> Option<Compiler> {
    Effort::of(&activated(wasm).program).unwrap().compiler()
}

/// The largest module of a shape that the optimizing compiler gets, if it gets any.
fn largest(shape: &Shape) -> Option<Vec<u8>> {
    let (mut taken, mut refused) = (0, shape.full + 1);
    while refused - taken > 1 {
        let middle = taken.midpoint(refused);
        match compiler(&shape.wasm(middle)) {
            Some(Compiler::Optimizing) => taken = middle,
            _ => refused = middle,
        }
    }
    (taken > 0).then(|| shape.wasm(taken))
}

/// Time and peak memory of an activation by a fresh node.
fn measure(wasm: &[u8], options: &[&str]) -> String {
    let node = Node::start(options);
    let code = hex::encode_prefixed(code::program_code(wasm));
    let call = json!({
        "from": DEV, "to": ARB_WASM, "value": "0xde0b6b3a7640000", "gas": format!("{GAS:#x}"),
        "data": activation_of(SCRATCH),
    });
    let params = json!([call, "latest", { SCRATCH.to_string(): { "code": code } }]);
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_call", "params": params });
    let mut stream = node.begin(&request.to_string());
    let asked = std::thread::spawn(move || {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer)
    });
    let (mut seconds, mut peak) = (0.0, 0);
    while !asked.is_finished() {
        std::thread::sleep(Duration::from_millis(2));
        (seconds, peak) = (processor_time(node.pid()), node.peak_memory() / 1024);
        if seconds >= MOST_SECONDS {
            return format!("above {MOST_SECONDS} s, {peak} MB");
        }
        if peak >= MOST_MEGABYTES {
            return format!("above {MOST_MEGABYTES} MB after {seconds:.1} s");
        }
    }
    peak = peak.max(node.peak_memory() / 1024);
    let answer = asked.join().unwrap().unwrap();
    let failed = if answer.contains("error") {
        " to say no"
    } else {
        ""
    };
    format!("{seconds:.2} s{failed}, {peak} MB")
}

/// Seconds of processor time that a process has used: other work of the machine does not count.
fn processor_time(pid: u32) -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0; // what Linux shows to programs, on every machine
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks = |field: usize| fields[field].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / TICKS_PER_SECOND
}
