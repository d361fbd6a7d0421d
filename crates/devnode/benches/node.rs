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
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use stylus_rules::activate::ActivationContext;
use stylus_rules::code;
use stylus_rules::instrument::{ENTRYPOINT, Form, INK_LEFT, MEMORY, STACK_LEFT, instrument};
use wasmtime::{
    Caller, Config, Engine, Extern, ExternType, InstancePre, Linker, Module, OptLevel, Store, Val,
};

/// Calls of each kind over HTTP.
const CALLS: usize = 2000;
/// Runs of each form of a program.
const RUNS: usize = 400;
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
        "metering": programs()
            .iter()
            .map(|program| json!({ "what": program.what, "ratio": metering(program) }))
            .collect::<Value>(),
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
    type Shape = (&'static str, fn(u32) -> Vec<u8>);
    let shapes: [Shape; 3] = [
        ("straight-line code, one function", |salt| {
            packed(8500, salt)
        }),
        ("1,000 functions", |salt| functions(1000, 14, salt)),
        ("4,000 functions", |salt| functions(4000, 1, salt)),
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
fn metering(program: &Program) -> f64 {
    let mut config = Config::new();
    config.cranelift_opt_level(OptLevel::Speed); // as the node's engine
    let engine = Engine::new(&config).unwrap();
    let [metered, bare] =
        [Form::Metered, Form::Bare].map(|form| Prepared::new(&engine, program, form));
    metered.run();
    bare.run();
    let mut ratios: Vec<f64> = (0..RUNS)
        .map(|_| metered.run().as_secs_f64() / bare.run().as_secs_f64())
        .collect();
    ratios.sort_unstable_by(f64::total_cmp);
    ratios[RUNS / 2]
}

/// What is run: its calldata is what the host gives it, its length the argument.
struct Program {
    what: &'static str,
    wasm: Vec<u8>,
    calldata: Vec<u8>,
}

/// A program in one of its forms, with a host that gives calldata and answers 0 to everything else.
struct Prepared {
    engine: Engine,
    instance: InstancePre<Vec<u8>>,
    calldata: Vec<u8>,
}

impl Prepared {
    fn new(engine: &Engine, program: &Program, form: Form) -> Self {
        let written = instrument(&program.wasm, &CONTEXT, form).unwrap();
        let module = Module::new(engine, written.bytes).unwrap();
        let mut linker = Linker::new(engine);
        for import in module.imports() {
            let ExternType::Func(ty) = import.ty() else {
                continue;
            };
            let is_args = import.name() == "read_args";
            let answer =
                move |caller: Caller<'_, Vec<u8>>, arguments: &[Val], results: &mut [Val]| {
                    if is_args {
                        give_calldata(caller, arguments[0].unwrap_i32() as usize);
                    }
                    for result in results {
                        *result = match result {
                            Val::I64(_) => Val::I64(0),
                            _ => Val::I32(0),
                        };
                    }
                    Ok(())
                };
            linker
                .func_new(import.module(), import.name(), ty, answer)
                .unwrap();
        }
        Self {
            engine: engine.clone(),
            instance: linker.instantiate_pre(&module).unwrap(),
            calldata: program.calldata.clone(),
        }
    }

    /// Seconds from the entry point to its end.
    fn run(&self) -> Duration {
        let mut store = Store::new(&self.engine, self.calldata.clone());
        let instance = self.instance.instantiate(&mut store).unwrap();
        for (name, value) in [
            (INK_LEFT, Val::I64(i64::MAX)),
            (STACK_LEFT, Val::I32(1 << 20)),
        ] {
            let global = instance.get_global(&mut store, name).unwrap();
            global.set(&mut store, value).unwrap();
        }
        let entry = instance
            .get_typed_func::<u32, u32>(&mut store, ENTRYPOINT)
            .unwrap();
        let length = self.calldata.len() as u32;
        timed(|| entry.call(&mut store, length).unwrap())
    }
}

fn give_calldata(mut caller: Caller<'_, Vec<u8>>, at: usize) {
    let memory = caller.get_export(MEMORY).and_then(Extern::into_memory);
    let (memory, calldata) = memory.unwrap().data_and_store_mut(&mut caller);
    memory[at..][..calldata.len()].copy_from_slice(calldata);
}

/// Programs recorded on the real node, then some that are made to be hard on metering.
fn programs() -> Vec<Program> {
    let recorded = [
        ("swar-64_g0.5", "MNIST network 196-64-10, straight-line"),
        ("mlp-straight-64-32-10", "MLP 64-32-10, straight-line"),
        ("mlp-loop-64-32-10", "MLP 64-32-10, loops over weights"),
        ("matmul", "matrix product, loops"),
        ("sdk-contract", "stylus-sdk contract"),
    ];
    let mut programs: Vec<Program> = recorded
        .map(|(name, what)| from_recording(name, what))
        .into();
    let contract = |code: &str| {
        wat::parse_str(format!("(module (memory (export \"memory\") 2 2) {code})")).unwrap()
    };
    let made = [
        ("a tree of depth 8 as branches, 1,000 rows", tree()),
        ("dot product of bytes, a loop of one block", DOT.to_owned()),
        (
            "sieve of Eratosthenes, a loop of one block",
            SIEVE.to_owned(),
        ),
        ("Fibonacci by recursion", FIBONACCI.to_owned()),
    ];
    programs.extend(made.map(|(what, code)| Program {
        what,
        wasm: contract(&code),
        calldata: vec![0; 1000],
    }));
    programs
}

/// The program of a recorded case and the calldata of its first call.
fn from_recording(case: &str, what: &'static str) -> Program {
    let packed = include_bytes!("../tests/golden/chain/e_real.json.gz");
    let recording: Value = serde_json::from_reader(GzDecoder::new(&packed[..])).unwrap();
    let cases = recording["cases"].as_array().unwrap();
    let case = cases.iter().find(|found| found["name"] == case).unwrap();
    let steps = case["steps"].as_array().unwrap();
    let call = steps.iter().find(|step| step["kind"] == "call").unwrap();
    let bytes = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
    Program {
        what,
        wasm: bytes(&case["codes"]["p"]["wasm"]),
        calldata: bytes(&call["data"]),
    }
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

/// Many functions, each of a few rounds of arithmetic in a loop.
fn functions(count: u32, rounds: usize, salt: u32) -> Vec<u8> {
    let round = "local.get 0 i32.mul local.get 1 i32.add ".repeat(rounds);
    let mut code = String::new();
    for index in 0..count {
        write!(
            code,
            "(func (param i32 i32) (result i32)
               (loop local.get 0 i32.const {} i32.shl {round} local.tee 1 br_if 0) local.get 1)",
            index + salt
        )
        .unwrap();
    }
    wat::parse_str(format!(
        "(module (memory (export \"memory\") 1 1)
           (func (export \"user_entrypoint\") (param i32) (result i32)
             (call 1 (local.get 0) (local.get 0))) {code})"
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
