"""What stands before a model: ``columns.rs``, and the model itself over columns instead of the row.

The writers of sums and leaves read a row by position. Over columns they write the same text, for a
program whose features are the columns and for another type of row; two small functions put the
columns in between.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from stylus_ai.codegen.text import Source
from stylus_ai.ir import (
    Bin,
    Clipped,
    Column,
    Encode,
    Feature,
    Features,
    Filled,
    Member,
    Program,
    Value,
    Within,
    verify,
)

WINDOW = 64
"""Codes that one word of bits holds."""


def over_columns(program: Program) -> Program:
    """The program behind its ``Encode``: the columns are its features.

    Good for writing code alone: it is another program, with another digest.
    """
    seen = verify(program).values[1]
    features = Features(
        tuple(
            Feature(f"c{i}", low, high)
            for i, (low, high) in enumerate(zip(seen.low.tolist(), seen.high.tolist(), strict=True))
        )
    )
    return replace(
        program,
        features=features,
        ops=tuple(replace(op, source=op.source - 1) for op in program.ops[1:]),
        outputs=tuple((name, at - 1) for name, at in program.outputs),
        reference=tuple(features.q_lows.tolist()),
    )


def reading_columns(text: str) -> str:
    """A module that reads a row, made to read columns.

    Raises:
        ValueError: It does not import the row's type as expected.
    """
    for old, new in (
        ("use crate::Row;", "use crate::columns::Columns as Row;"),
        ("use crate::{Row, TREES};", "use crate::{TREES, columns::Columns as Row};"),
    ):
        if old in text:
            return text.replace(old, new, 1)
    raise ValueError("the module imports no row")


def columns_source(program: Program, op: Encode) -> str:
    """``columns.rs``: the columns of a row."""
    lines = [line for i, column in enumerate(op.columns) for line in _lines(i, column)]
    kernels = {kernel for kernel in _KERNELS if any(f"{kernel}(" in line for line in lines)}
    out = Source()
    out.line(f"//! What `{program.name}` reads: columns made from the row.")
    out.line("//!")
    out.line("//! Equation 12 of stylus-ai's numerics.")
    out.line()
    if kernels:
        names = ", ".join(sorted(kernels))
        out.line(f"use stylus_kernels::{names if len(kernels) == 1 else f'{{{names}}}'};")
        out.line()
    out.line("use crate::Row;")
    out.line()
    out.line("/// One integer for each column.")
    out.line(f"pub(crate) type Columns = [i32; {len(op.columns)}];")
    out.line()
    out.line("/// The columns of a row.")
    out.line("#[inline(never)]")
    with out.block("pub(crate) fn columns(row: &Row) -> Columns"):
        out.line(f"let mut columns = [0; {len(op.columns)}];")
        out.lines(lines)
        out.line("columns")
    return out.text()


_KERNELS = ("chosen", "clipped", "filled", "over", "within")


def _lines(i: int, column: Column) -> list[str]:
    """Statements that compute one column."""
    x = f"row[{column.feature}]"
    match column:
        case Value():
            return [f"columns[{i}] = {x};"]
        case Filled(missing=missing, fill=fill):
            return [f"columns[{i}] = filled({x}, {missing}, {fill});"]
        case Member(codes=codes):
            return [
                f"columns[{i}] |= chosen({x}, {first}, {bits:#x});" for first, bits in _words(codes)
            ]
        case Bin(edges=edges):
            step = f"columns[{i}] = columns[{i}].wrapping_add"
            return [f"{step}(over({x}, {edge}));" for edge in edges]
        case Within(low=low, high=high):
            return [f"columns[{i}] = within({x}, {low}, {high});"]
        case Clipped(low=low, high=high):
            return [f"columns[{i}] = clipped({x}, {low}, {high});"]
    assert_never(column)


def _words(codes: tuple[int, ...]) -> list[tuple[int, int]]:
    """Ascending codes as words of bits, each with the code of its lowest bit."""
    words: list[tuple[int, int]] = []
    for code in codes:
        if not words or code - words[-1][0] >= WINDOW:
            words.append((code, 0))
        first, bits = words[-1]
        words[-1] = (first, bits | 1 << (code - first))
    return words


def sums_source(outputs: int) -> str:
    """``sums.rs`` of a model over columns."""
    out = Source()
    out.line("//! The sums of a row: those of its columns.")
    out.line()
    out.line("use crate::{Row, column_sums, columns::columns};")
    out.line()
    out.line("/// The accumulator of each output.")
    with out.block(f"pub(crate) fn accumulate(row: &Row) -> [i64; {outputs}]"):
        out.line("column_sums::accumulate(&columns(row))")
    return out.text()


def leaves_source() -> str:
    """``leaves.rs`` of trees over columns."""
    out = Source()
    out.line("//! The leaves that decide: the reason for a prediction.")
    out.line()
    out.line("use crate::{Row, TREES, column_leaves, columns::columns};")
    out.line()
    out.line("/// Leaf that `row` reaches in each tree, counted from left to right.")
    out.line("#[must_use]")
    with out.block("pub fn leaves(row: &Row) -> [u16; TREES]"):
        out.line("column_leaves::leaves(&columns(row))")
    return out.text()
