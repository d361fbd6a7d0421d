"""Weighted sums as Rust: ``sums.rs`` of a linear model."""

from __future__ import annotations

from stylus_ai.codegen.text import Source
from stylus_ai.ir import Affine, Program


def sums_source(program: Program, op: Affine) -> str:
    """``sums.rs``: one multiplication for each weight that is not 0, all in 64 bits."""
    out = Source()
    out.line(f"//! The sums of `{program.name}`: equation 5 of stylus-ai's numerics.")
    out.line("//!")
    out.line("//! Nothing wraps: the program's verifier has bounded every partial sum.")
    out.line()
    out.line("use crate::Row;")
    out.line()
    out.line("/// Weighted sum of `row` for each output.")
    weight_rows, biases = op.weights.tolist(), op.bias.tolist()
    outputs = len(biases)
    used = [i for i in range(len(program.features)) if any(row[i] for row in weight_rows)]
    row = "row" if used else "_row"
    with out.block(f"pub(crate) fn accumulate({row}: &Row) -> [i64; {outputs}]"):
        out.lines(f"let x{i} = i64::from(row[{i}]);" for i in used)
        out.line(f"let mut sums = [0; {outputs}];")
        for k, (weights, bias) in enumerate(zip(weight_rows, biases, strict=True)):
            if not any(weights):
                out.line(f"sums[{k}] = {bias};")
                continue
            out.line(f"let mut sum = {bias}_i64;")
            for i, weight in enumerate(weights):
                if weight:
                    out.line(f"sum = sum.wrapping_add(x{i}.wrapping_mul({weight}));")
            out.line(f"sums[{k}] = sum;")
        out.line("sums")
    return out.text()
