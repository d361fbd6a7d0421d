//! What compiling a module takes, and which compiler may therefore have it.
//!
//! The optimizing compiler (Cranelift) makes the faster loops, but what it takes can grow with the square of the module: 4
//! KB of wasm can keep it busy for 20 seconds and take 10 GB. The baseline compiler (Winch) goes over the operators once
//! and keeps variables in the frame, so what it takes grows with the module, and with the values that operators of
//! several results move. Both get the same metered wasm, so a program charges the same by either.
//!
//! The module is only counted, never looked at for what it computes: real contracts lie far below the limit, and code that
//! is above it for its length alone has few loops, so that it runs as fast by the baseline compiler.
//! `cargo bench -p stylus-devnode --bench hostile` shows the worst modules known, and the worst that the limit lets through.

use clap::ValueEnum;
use stylus_rules::instrument::Instrumented;
use wasmparser::{FunctionBody, Operator, Parser, Payload};

/// One of wasmtime's compilers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub enum Compiler {
    /// Cranelift: fast loops, at an effort that must be bounded.
    Optimizing,
    /// Winch: slower loops, at an effort that the size of the module bounds.
    Baseline,
}

/// Effort up to which the optimizing compiler is used: a second of a machine of 2026 at the worst shapes known.
const MAX_MICROSECONDS: u64 = 1_000_000;
/// Values that operators of several results may move in one module: half a second of the baseline compiler.
pub const MAX_MOVED: u64 = 2_000_000;

// Microseconds of the optimizing compiler, each measured at the shape that it is worst at.
const PER_FUNCTION: u64 = 100;
const PER_OPERATOR: u64 = 5;
const PER_REWRITTEN: u64 = 80;
const PER_MOVED: u64 = 5;
/// Three edges cost a microsecond for each variable of their function, and for so many more.
const EDGES: u64 = 3;
const VARIABLES: u64 = 60;
/// So many loops around each other cost twice what one costs.
const DEPTH: u64 = 150;

/// Upper estimates of what compiling a module takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Microseconds of the optimizing compiler.
    pub microseconds: u64,
    /// Values that operators of several results move.
    pub moved: u64,
}

impl Effort {
    /// The effort of an instrumented module.
    pub fn of(instrumented: &Instrumented) -> wasmparser::Result<Self> {
        let mut functions = instrumented.functions.iter();
        let mut most_results = 0;
        let mut effort = Self::default();
        for payload in Parser::new(0).parse_all(&instrumented.bytes) {
            match payload? {
                Payload::TypeSection(types) => {
                    for ty in types.into_iter_err_on_gc_types() {
                        most_results = most_results.max(ty?.results().len() as u64);
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let Some(facts) = functions.next() else { break };
                    let shape = Shape::of(&body)?;
                    let variables = u64::from(facts.parameters) + u64::from(facts.frame_words);
                    effort.microseconds += shape.microseconds(variables);
                    if most_results > 1 {
                        effort.moved += shape.edges * most_results;
                    }
                }
                _ => {}
            }
        }
        effort.microseconds += effort.moved * PER_MOVED;
        Ok(effort)
    }

    /// The compiler that may have the module; `None` if not even the baseline compiler may.
    pub const fn compiler(self) -> Option<Compiler> {
        if self.moved > MAX_MOVED {
            None
        } else if self.microseconds > MAX_MICROSECONDS {
            Some(Compiler::Baseline)
        } else {
            Some(Compiler::Optimizing)
        }
    }
}

/// What makes one function hard to compile.
#[derive(Clone, Copy, Debug, Default)]
struct Shape {
    operators: u64,
    /// Operators that the optimizing compiler tries to combine with what they are applied to.
    rewritten: u64,
    /// Ways that control can go: variables may have to be moved on each.
    edges: u64,
    /// Most loops around each other.
    depth: u64,
}

impl Shape {
    fn of(body: &FunctionBody<'_>) -> wasmparser::Result<Self> {
        let mut shape = Self::default();
        // For each open scope, the loops around what is in it.
        let mut scopes = Vec::new();
        let mut depth = 0;
        for op in body.get_operators_reader()? {
            let op = op?;
            shape.operators += 1;
            shape.rewritten += u64::from(is_rewritten(&op));
            shape.edges += edges(&op);
            match op {
                Operator::Block { .. } | Operator::If { .. } => scopes.push(depth),
                Operator::Loop { .. } => {
                    scopes.push(depth);
                    depth += 1;
                    shape.depth = shape.depth.max(depth);
                }
                Operator::End => depth = scopes.pop().unwrap_or_default(),
                _ => {}
            }
        }
        Ok(shape)
    }

    const fn microseconds(self, variables: u64) -> u64 {
        let at_edges = self.edges * (variables + VARIABLES) / EDGES;
        PER_FUNCTION
            + self.operators * PER_OPERATOR
            + self.rewritten * PER_REWRITTEN
            + at_edges * (DEPTH + self.depth) / DEPTH
    }
}

/// Ways that control goes on from an operator. A call through a table checks three things first.
fn edges(op: &Operator<'_>) -> u64 {
    use Operator::*;
    match op {
        Block { .. } | Loop { .. } | If { .. } | Else | End | Br { .. } | BrIf { .. } => 1,
        Call { .. } => 1,
        CallIndirect { .. } => 3,
        BrTable { targets } => u64::from(targets.len()) + 1,
        _ => 0,
    }
}

/// The 64-bit subtraction is not among them: it is rewritten less, and stands in the charge of every block.
const fn is_rewritten(op: &Operator<'_>) -> bool {
    use Operator::*;
    matches!(
        op,
        I32Add
            | I32Sub
            | I32Or
            | I32Xor
            | I32Rotl
            | I32Rotr
            | I64Add
            | I64Or
            | I64Xor
            | I64Rotl
            | I64Rotr
    )
}

#[cfg(test)]
mod tests {
    use flate2::read::GzDecoder;
    use revm::primitives::hex;
    use serde_json::Value;
    use stylus_rules::activate::ActivationContext;
    use stylus_rules::instrument::{Form, instrument};

    use super::*;

    fn effort(wasm: &[u8]) -> Result<Effort, Box<dyn std::error::Error>> {
        let context = ActivationContext::for_arbos(51);
        Ok(Effort::of(&instrument(wasm, &context, Form::Metered)?)?)
    }

    /// A module of one page with these functions, the last of which is the entry point.
    fn module(functions: &str) -> Result<Vec<u8>, wat::Error> {
        wat::parse_str(format!(
            r#"(module (memory (export "memory") 1 1) {functions}
                 (func (export "user_entrypoint") (param i32) (result i32) local.get 0))"#
        ))
    }

    #[test]
    fn real_programs_get_the_optimizing_compiler() -> Result<(), Box<dyn std::error::Error>> {
        let packed = include_bytes!("../../tests/golden/chain/e_real.json.gz");
        let recording: Value = serde_json::from_reader(GzDecoder::new(&packed[..]))?;
        let cases = recording["cases"].as_array().ok_or("no cases")?;
        for case in cases {
            let wasm = hex::decode(case["codes"]["p"]["wasm"].as_str().unwrap_or_default())?;
            if let Ok(effort) = effort(&wasm) {
                assert!(
                    effort.microseconds < MAX_MICROSECONDS / 2,
                    "{}: {effort:?}",
                    case["name"]
                );
            }
        }
        Ok(())
    }

    #[test]
    fn branches_count_for_each_variable_they_may_move() -> Result<(), Box<dyn std::error::Error>> {
        let ifs = "local.get 0 if end ".repeat(2_000);
        let twice = |locals: usize| {
            let locals = "i64 ".repeat(locals);
            effort(&module(
                &format!("(func (param i32) (local {locals}) {ifs})").repeat(2),
            )?)
        };
        assert_eq!(twice(0)?.compiler(), Some(Compiler::Optimizing));
        assert_eq!(twice(348)?.compiler(), Some(Compiler::Baseline));
        Ok(())
    }

    #[test]
    fn operators_that_move_thousands_of_values_each_are_refused()
    -> Result<(), Box<dyn std::error::Error>> {
        let results = "i64 ".repeat(1_000);
        let calls = "call 0 ".repeat(2_100);
        let gets: String = (0..1_000)
            .map(|index| format!("local.get {index} "))
            .collect();
        let zeros = "i64.const 0 ".repeat(1_000);
        let effort = effort(&module(&format!(
            "(func (param {results}) (result {results}) {gets})
             (func (result {results}) {zeros} {calls})"
        ))?)?;
        assert_eq!(effort.compiler(), None);
        Ok(())
    }
}
