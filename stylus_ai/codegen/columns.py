"""What stands before a model: ``columns.rs``, and the model itself over columns instead of the row.

The writers of sums and leaves read a row by position. Over columns they write the same text, for a
program whose features are the columns; then the type of what is read is exchanged.
"""

from __future__ import annotations

import re
from typing import assert_never

from stylus_ai.codegen.text import Source
from stylus_ai.ir import (
    Bin,
    Clipped,
    Column,
    Encode,
    Filled,
    Member,
    Program,
    Value,
    Within,
)

WINDOW = 64
"""Codes that one word of bits holds."""


def reading_columns(text: str) -> str:
    """A module that reads a row, made to read its columns.

    What it calls a row is the columns, but for the functions that the rest of the crate calls: they
    take the row itself.
    """
    line = "\n    let row = &crate::columns::columns(row);"
    if not re.search(r"&Row\b", _UNUSED_ENTRY.sub("", _ENTRY.sub("", text))):
        return _ENTRY.sub(rf"\1row: &Row\2{line}", text)
    text = text.replace("use crate::Row;", "use crate::Columns as Row;", 1)
    text = text.replace("use crate::{Row,", "use crate::{Columns as Row,", 1)
    text = _ENTRY.sub(rf"\1row: &crate::Row\2{line}", text)
    return _UNUSED_ENTRY.sub(r"\1_row: &crate::Row", text)


_ENTRY = re.compile(r"(pub(?:\(crate\))? fn (?:accumulate|leaves)\()row: &Row(\).*\{)")
_UNUSED_ENTRY = re.compile(r"(pub(?:\(crate\))? (?:const )?fn (?:accumulate|leaves)\()_row: &Row")


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
