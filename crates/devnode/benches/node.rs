//! How fast the node is, on the machine that runs this: `cargo bench -p stylus-devnode --bench node`. Prints JSON.
//!
//! Durations are medians. What metering costs is a ratio of runs in turn, so that the machine's speed drops out of it.

#![allow(
    clippy::unwrap_used,
    reason = "what cannot be measured ends the benchmark"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::fmt::Write;
use std::time::{Duration, Instant};

use alloy_primitives::hex;
use common::{ARB_WASM, DEV, Node, SCRATCH, activation_of, echo};
use serde_json::{Value, json};
use stylus_rules::activate::ActivationContext;
use stylus_rules::code;
use stylus_rules::instrument::{ENTRYPOINT, Form, INK_LEFT, STACK_LEFT, instrument};
use wasmtime::{Config, Engine, Instance, Module, OptLevel, Store, TypedFunc, Val};

/// Calls of each kind over HTTP.
const CALLS: usize = 2000;
/// Runs of each form of a program.
const RUNS: usize = 60;
const CONTEXT: ActivationContext = ActivationContext::for_arbos(51);

fn main() {
    // cargo bench passes --bench; cargo test would run this without it, for nothing.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let node = Node::start(&[]);
    let idle = memory_kb(node.pid());
    let figures = json!({
        "idle_memory_mb": f64::from(idle) / 1024.0,
        "eth_call_us": call(&node),
        "activation": activations(&node),
        "metering": programs().map(|(what, wasm)| json!({ "what": what, "ratio": metering(&wasm) })),
    });
    println!("{}", serde_json::to_string_pretty(&figures).unwrap());
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed()
}

/// Memory of a process that is really there, in KB.
fn memory_kb(pid: u32) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Microseconds of an `eth_call` of a program that returns its calldata: in all, and without what HTTP takes, which is
/// that of a question that asks nothing of the chain.
fn call(node: &Node) -> Value {
    let call = json!([{ "to": node.deploy_program(&echo(1)), "data": "0x07" }]);
    let (mut calls, mut empty) = (Vec::new(), Vec::new());
    for _ in 0..CALLS {
        calls.push(timed(|| node.ask("eth_call", call.clone())));
        empty.push(timed(|| node.ask("web3_clientVersion", json!([]))));
    }
    let (all, http) = (median(calls) * 1e6, median(empty) * 1e6);
    json!({ "over_http": all, "server": all - http })
}

/// Seconds of an activation, asked as cargo-stylus does: by `eth_call`, with the code as an override.
fn activations(node: &Node) -> Value {
    let shapes: [(&str, fn(u32) -> Vec<u8>); 2] = [
        ("straight-line code", |salt| packed(4300, salt)),
        ("4,000 functions", functions),
    ];
    shapes
        .map(|(what, make)| {
            let times = (0..5).map(|salt| {
                let code = hex::encode_prefixed(code::program_code(&make(salt)));
                let call = json!({
                    "from": DEV, "to": ARB_WASM, "value": "0xde0b6b3a7640000",
                    "data": activation_of(SCRATCH),
                });
                let overrides = json!({ SCRATCH.to_string(): { "code": code } });
                timed(|| node.ask("eth_call", json!([call, "latest", overrides])))
            });
            let seconds = median(times.collect());
            json!({ "what": what, "wasm_bytes": make(0).len(), "seconds": seconds })
        })
        .into_iter()
        .collect()
}

/// How much longer a program runs metered than bare; runs in turn, the median of their ratios.
fn metering(wasm: &[u8]) -> f64 {
    let mut config = Config::new();
    config.cranelift_opt_level(OptLevel::Speed); // as the node's engine
    let engine = Engine::new(&config).unwrap();
    let [mut metered, mut bare] =
        [Form::Metered, Form::Bare].map(|form| Running::new(&engine, wasm, form));
    let mut ratios: Vec<f64> = (0..RUNS)
        .map(|_| metered.run().as_secs_f64() / bare.run().as_secs_f64())
        .collect();
    ratios.sort_unstable_by(f64::total_cmp);
    ratios[RUNS / 2]
}

/// A program in one of its forms, ready to run again and again.
struct Running {
    store: Store<()>,
    instance: Instance,
    entry: TypedFunc<u32, u32>,
}

impl Running {
    fn new(engine: &Engine, wasm: &[u8], form: Form) -> Self {
        let module = Module::new(engine, instrument(wasm, &CONTEXT, form).unwrap().bytes).unwrap();
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let entry = instance.get_typed_func(&mut store, ENTRYPOINT).unwrap();
        let mut running = Self {
            store,
            instance,
            entry,
        };
        running.run(); // warm
        running
    }

    fn run(&mut self) -> Duration {
        for (name, value) in [
            (INK_LEFT, Val::I64(i64::MAX)),
            (STACK_LEFT, Val::I32(1 << 20)),
        ] {
            let global = self.instance.get_global(&mut self.store, name).unwrap();
            global.set(&mut self.store, value).unwrap();
        }
        timed(|| self.entry.call(&mut self.store, 1000).unwrap())
    }
}

fn programs() -> [(&'static str, Vec<u8>); 5] {
    let contract = |code: &str| {
        wat::parse_str(format!("(module (memory (export \"memory\") 2 2) {code})")).unwrap()
    };
    [
        ("packed multiply-accumulate, straight-line", packed(3000, 0)),
        (
            "a tree of depth 8 as branches, 1,000 rows",
            contract(&tree()),
        ),
        ("dot product of bytes in a loop", contract(DOT)),
        ("sieve of Eratosthenes, tight loops", contract(SIEVE)),
        ("Fibonacci by recursion", contract(FIBONACCI)),
    ]
}

/// A layer as a compiler of models writes it: constants times inputs, several lanes to a word, without a branch.
fn packed(terms: u32, salt: u32) -> Vec<u8> {
    let mut body = String::new();
    for term in 0..terms {
        let weight = (u64::from(term) + 1) * 0x0001_0203_0405_0607;
        let weight = weight.cast_signed() ^ i64::from(salt);
        write!(
            body,
            "local.get {} i64.const {weight} i64.mul i64.add ",
            1 + term % 32
        )
        .unwrap();
    }
    let load = |lane: u32| {
        format!(
            "i32.const {} i64.load local.tee {} drop ",
            8 * lane,
            lane + 1
        )
    };
    let loads: String = (0..32).map(load).collect();
    wat::parse_str(format!(
        "(module (memory (export \"memory\") 1 1)
           (func (export \"user_entrypoint\") (param i32) (result i32) (local {})
             {loads} i64.const 0 {body} i32.wrap_i64))",
        "i64 ".repeat(32)
    ))
    .unwrap()
}

/// Many functions of a few operators.
fn functions(salt: u32) -> Vec<u8> {
    let mut code = String::new();
    for index in 0..4000 {
        write!(
            code,
            "(func (param i32 i32) (result i32) local.get 0 i32.const {} i32.mul local.get 1 i32.add
               local.get 0 i32.xor local.get 1 i32.shl)",
            index + salt
        )
        .unwrap();
    }
    wat::parse_str(format!(
        "(module (memory (export \"memory\") 1 1)
           (func (export \"user_entrypoint\") (param i32) (result i32) (call 1 (local.get 0) (local.get 0))) {code})"
    ))
    .unwrap()
}

/// Walks a tree of depth 8, of nested ifs, for as many pseudo-random rows as the argument says.
fn tree() -> String {
    fn node(out: &mut String, depth: u32, seed: u32) {
        if depth == 0 {
            write!(out, "(i32.const {seed})").unwrap();
            return;
        }
        write!(
            out,
            "(if (result i32) (i32.lt_u (i32.and (i32.shr_u (local.get 1) (i32.const {})) (i32.const 255))
                (i32.const {})) (then ",
            3 * depth,
            (seed * 37 + 91) % 256
        )
        .unwrap();
        node(out, depth - 1, 2 * seed + 1);
        out.push_str(") (else ");
        node(out, depth - 1, 2 * seed + 2);
        out.push_str("))");
    }
    let mut walk = String::new();
    node(&mut walk, 8, 0);
    format!(
        "(func (export \"user_entrypoint\") (param i32) (result i32) (local i32 i32)
           (loop $row
             (local.set 1 (i32.add (i32.mul (local.get 0) (i32.const 1103515245)) (i32.const 12345)))
             (local.set 2 (i32.add (local.get 2) {walk}))
             (br_if $row (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
           local.get 2)"
    )
}

/// The obvious loop over weights and inputs in memory, 100 times over 60,000 bytes.
const DOT: &str = r#"
    (func (export "user_entrypoint") (param i32) (result i32) (local $at i32) (local $sum i32) (local $times i32)
      (local.set $times (i32.const 100))
      (loop $again
        (local.set $at (i32.const 60000))
        (loop $term
          (local.set $sum (i32.add (local.get $sum) (i32.mul
            (i32.load8_s (local.get $at)) (i32.load8_u offset=60000 (local.get $at)))))
          (br_if $term (local.tee $at (i32.sub (local.get $at) (i32.const 1)))))
        (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
      local.get $sum)"#;

/// Crosses out the multiples of every number below 300 among the first 65,000, 10 times.
const SIEVE: &str = r#"
    (func (export "user_entrypoint") (param i32) (result i32) (local $step i32) (local $at i32) (local $times i32)
      (local.set $times (i32.const 10))
      (loop $again
        (local.set $step (i32.const 2))
        (loop $prime
          (local.set $at (i32.mul (local.get $step) (i32.const 2)))
          (loop $cross
            (i32.store8 (local.get $at) (i32.const 1))
            (br_if $cross (i32.lt_u (local.tee $at (i32.add (local.get $at) (local.get $step))) (i32.const 65000))))
          (br_if $prime (i32.lt_u (local.tee $step (i32.add (local.get $step) (i32.const 1))) (i32.const 300))))
        (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
      i32.const 0)"#;

const FIBONACCI: &str = r#"
    (func $fib (param i32) (result i32)
      (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
        (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func (export "user_entrypoint") (param i32) (result i32) (call $fib (i32.const 24)))"#;
