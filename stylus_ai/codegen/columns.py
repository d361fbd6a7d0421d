"""What stands before a model: columns made from the row, computed where they are read.

The writers of sums and leaves read a row by position, into one variable for each feature. Over
columns they write the same text, for a program whose features are the columns (``over_columns``);
then the line that reads a feature is exchanged for those that make the column.
"""

from __future__ import annotations

import re
from typing import assert_never

from stylus_ai.ir import (
    Bin,
    Clipped,
    Column,
    Encode,
    Feature,
    Features,
    Filled,
    Member,
    Value,
    Within,
)

WORD = 64
"""Codes that one word of bits holds."""

MASK_RANGE = 1 << 30
"""Differences that ``stylus_kernels::above`` takes."""

CALL_WIDTH = 60
"""rustfmt's ``fn_call_width``: longer arguments stand on lines of their own."""

_CRATE = "stylus_kernels::"
_READ = re.compile(r"^( *)let x(\d+) = (i64::from\()?row\[\2\]\)?;$", re.MULTILINE)


def making_columns(text: str, op: Encode, features: Features) -> str:
    """A module that reads columns, made to make them from the row."""

    def made(found: re.Match[str]) -> str:
        indent, number, wide = found.groups()
        column = op.columns[int(number)]
        lines = _lines(f"x{number}", column, features[column.feature], wide=bool(wide))
        return "\n".join(indent + line for line in lines)

    return _READ.sub(made, text)


def _lines(name: str, column: Column, feature: Feature, *, wide: bool) -> list[str]:
    """Statements that make a column; as an i64 if it is to be multiplied."""
    *before, last = _statements(name, column, feature)
    if not wide:
        return [*before, last]
    expression = last.removeprefix(f"let {name} = ").removesuffix(";")
    if expression != last.removesuffix(";") and len(expression) <= CALL_WIDTH:
        return [*before, f"let {name} = i64::from({expression});"]
    return [*before, last, f"let {name} = i64::from({name});"]


def _statements(name: str, column: Column, feature: Feature) -> list[str]:
    x = f"row[{column.feature}]"
    match column:
        case Value():
            made = [x]
        case Filled(missing=missing, fill=fill) if (
            missing == feature.q_top and missing - feature.q_low < MASK_RANGE
        ):
            # A gap is the largest value, so that a mask tells it.
            gap = f"let gap_{name} = {_CRATE}above({x}, {missing - 1});"
            return [gap, f"let {name} = {_CRATE}pick(gap_{name}, {x}, {fill});"]
        case Filled(missing=missing, fill=fill):
            made = [f"{_CRATE}filled({x}, {missing}, {fill})"]
        case Member(codes=codes) if feature.q_top - feature.q_low < WORD:
            bits = sum(1 << (code - feature.q_low) for code in codes)
            made = [f"{_CRATE}bit({x}, {feature.q_low}, {bits:#x})"]
        case Member(codes=codes):
            made = [f"{_CRATE}chosen({x}, {first}, {bits:#x})" for first, bits in _words(codes)]
        case Bin(edges=edges):
            made = [f"{_CRATE}over({x}, {edge})" for edge in edges]
        case Within(low=low, high=high):
            made = [f"{_CRATE}within({x}, {low}, {high})"]
        case Clipped(low=low, high=high):
            made = [f"{_CRATE}clipped({x}, {low}, {high})"]
        case _:
            assert_never(column)
    first, *more = made
    if not more:
        return [f"let {name} = {first};"]
    # Of a code's words one at most has its bit.
    add = "{0} |= {1};" if isinstance(column, Member) else "{0} = {0}.wrapping_add({1});"
    return [f"let mut {name} = {first};", *(add.format(name, term) for term in more)]


def _words(codes: tuple[int, ...]) -> list[tuple[int, int]]:
    """Ascending codes as words of bits, each with the code of its lowest bit."""
    words: list[tuple[int, int]] = []
    for code in codes:
        if not words or code - words[-1][0] >= WORD:
            words.append((code, 0))
        first, bits = words[-1]
        words[-1] = (first, bits | 1 << (code - first))
    return words
