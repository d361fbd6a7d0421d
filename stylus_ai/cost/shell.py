"""The code around a model that unpacks and checks a row, operator by operator.

It is what rustc makes of ``input.rs`` (see ``stylus_ai.codegen.input``): each feature is read from
big-endian bytes and stored, all ranges are checked together, and ``offender`` looks for the feature
that was out of range.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from stylus_ai.cost.lower import Step, encoded
from stylus_ai.ir import Feature, Program
from stylus_ai.plan.network import reads_packed

Ints = npt.NDArray[np.int64]

FRAME = 1
"""Local variable that points to the stack frame."""

FIRST = 3
"""First local variable that holds a feature."""

WORD = 4
"""Bytes of a feature in a row."""


def unpacking(program: Program) -> bytes:
    """Code between a packed row and a checked one; nothing where the model reads packed rows."""
    if reads_packed(program):
        return b""
    features = list(program.features)
    steps = [*_unpack(program), *_check(features), *_move(len(features)), *_offender(features)]
    return encoded(steps)


def _unpack(program: Program) -> Iterator[Step]:
    features = program.features
    at = 0
    for number, feature in enumerate(features):
        if features.bits is not None:
            at, place = divmod(number * features.bits, 8)
            yield from _packed(number, at, 8 - features.bits - place)
            continue
        yield from _one(number, feature, at)
        at += feature.width


def _store(number: int) -> Iterator[Step]:
    yield Step("local.tee", FIRST + number)
    yield Step("i32.store", WORD * number + 184)


def _packed(number: int, at: int, shift: int) -> Iterator[Step]:
    yield Step("local.get", FRAME)
    yield Step("local.get", FRAME)
    yield Step("i32.load8_u", at)
    yield Step("i32.const", shift)
    yield Step("i32.shr_u")
    yield from _store(number)


def _one(number: int, feature: Feature, at: int) -> Iterator[Step]:
    """Read a feature at byte ``at`` of the row."""
    yield Step("local.get", FRAME)
    yield Step("local.get", FRAME)
    match feature.width:
        case 1:
            yield Step("i32.load8_u", at)
        case 2:
            yield Step("i32.load16_u", at)
            yield Step("local.tee", 0)
            yield from _shift("shl", 8)
            yield Step("local.get", 0)
            yield from _shift("shr_u", 8)
            yield Step("i32.or")
            yield Step("i32.const", 65_535)
            yield Step("i32.and")
        case _:
            yield Step("i32.load", at)
            yield Step("local.tee", 0)
            for by in (8, 24):
                yield Step("i32.const", 16_711_935)
                yield Step("i32.and")
                yield from _shift("rotr", by)
                yield Step("local.get", 0)
            yield Step("i32.or")
    yield from _store(number)


def _shift(operation: str, by: int) -> Iterator[Step]:
    yield Step("i32.const", by)
    yield Step(f"i32.{operation}")


KNOWN = 9
"""Features of a long row that are still in variables when it is checked."""

MOVED = 17
"""Rows of so many features and more are moved by ``memory.copy``."""


def _check(features: list[Feature]) -> Iterator[Step]:
    """One branch for all ranges; of a long row LLVM reads the first features again."""
    again = len(features) - KNOWN if len(features) >= MOVED else 0
    for number, feature in enumerate(features):
        yield Step("i32.const", feature.q_top)
        if number < again:
            yield Step("local.get", FRAME)
            yield Step("i32.load", WORD * number + 184)
            yield Step("local.tee", FIRST + number)
        else:
            yield Step("local.get", FIRST + number)
        yield Step("i32.sub")
        if number:
            yield Step("i32.or")
    for number, feature in enumerate(features):
        if feature.q_low or feature.width > 2 or again:
            yield Step("local.get", FIRST + number)
            if feature.q_low:
                yield Step("i32.const", -feature.q_low)
                yield Step("i32.add")
            yield Step("i32.or")
    yield Step("i32.const", -1)
    yield Step("i32.gt_s")
    yield Step("br_if", 0)


def _move(features: int) -> Iterator[Step]:
    """The row on its way out of a result."""
    if features >= MOVED:
        return
    for pair in range(features // 2):
        yield Step("local.get", FRAME)
        yield Step("i64.load", 8 * pair + 32)
        yield Step("local.set", FIRST + pair)
        yield Step("local.get", FRAME)
        yield Step("local.get", FIRST + pair)
        yield Step("i64.store", 8 * pair + 32)


def weighted(weights: Ints) -> bytes:
    """Weighted sums of a row.

    Args:
        weights: int64[outputs, features].
    """
    steps: list[Step] = []
    several = len(weights) > 1
    known: dict[int, int] = {}
    for row in weights.tolist():
        for feature, weight in enumerate(row):
            if not weight:
                continue
            if feature in known:
                steps.append(Step("local.get", known[feature]))
            else:
                steps += [Step("local.get", 1), Step("i64.load32_s", WORD * feature)]
            if several and feature not in known:
                known[feature] = 2 + len(known)
                steps.append(Step("local.tee", known[feature]))
            steps += [Step("i64.const", weight), Step("i64.mul"), Step("i64.add")]
    return encoded(steps)


def _offender(features: list[Feature]) -> Iterator[Step]:
    for number, feature in enumerate(features):
        yield Step("block")
        yield Step("i32.const", feature.q_top)
        yield Step("local.get", 1)
        yield Step("i32.load", WORD * number)
        yield Step("local.tee", 4)
        yield Step("i32.sub")
        yield Step("local.get", 4)
        if feature.q_low:
            yield Step("i32.const", -feature.q_low)
            yield Step("i32.add")
        yield Step("i32.or")
        yield Step("i32.const", 0)
        yield Step("i32.ge_s")
        yield Step("br_if", 0)
        yield Step("i32.const", number)
        yield Step("local.set", 2)
        yield Step("i64.const", feature.q_top)
        yield Step("local.set", 3)
        yield Step("br", 1)
        yield Step("end")
