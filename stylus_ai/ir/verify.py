"""Proof, before anything is emitted, that a program is well formed and cannot overflow.

Every value gets intervals that hold on every admissible row. A sum's partial sums are bounded too,
in whatever order a kernel adds: by the sum of all negative lows and of all positive highs. What
cannot be proven is refused, never wrapped.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import assert_never

import numpy as np

from stylus_ai.errors import ModelError
from stylus_ai.ir.arithmetic import SCORE_MAX, SIGMOID_CLAMP
from stylus_ai.ir.columns import Bin, Clipped, Column, Filled, Member, Value, Within
from stylus_ai.ir.intervals import Ends, Interval, Intervals, narrowed, weighted_sums
from stylus_ai.ir.ops import (
    Affine,
    Argmax,
    AtLeast,
    Conv2d,
    Encode,
    MaxPool2d,
    Op,
    Requantise,
    Sigmoid,
    Softmax,
    SumPool2d,
    TreeSum,
)
from stylus_ai.ir.program import OUTPUTS, Program
from stylus_ai.ir.tree import Tree
from stylus_ai.ir.windows import Windows

MAX_FRAC_BITS = 52
MAX_SHIFT = 62
MAX_OUTPUTS = 65_536
"""Elements of one value."""

MAX_TREES = 65_535
"""The number of trees is a ``uint16`` in the contract's interface."""

INT64 = 2**63
INT32 = 2**31


@dataclass(frozen=True)
class Bounds:
    """What ``verify`` has proven.

    Attributes:
        values: Intervals of the elements of each value; ``values[0]`` is the input row.
        accumulators: For each op, intervals that hold every intermediate result: one for each
            element where an element is a sum, else a single one.
    """

    values: tuple[Intervals, ...]
    accumulators: tuple[Intervals, ...]

    def accumulator_bits(self, op: int) -> int:
        """32 if everything that op ``op`` computes fits an i32, else 64."""
        return 32 if self.accumulators[op].hull.fits(INT32) else 64


_Bound = tuple[Intervals, Intervals]
"""An op's elements, and its intermediate results."""


def verify(program: Program) -> Bounds:
    """Check a program and bound all its values.

    Raises:
        ModelError: The program is malformed, or may overflow 64 bits; names the op.
    """
    columns = program.features.columns
    values = [Intervals.of([Interval(column.q_low, column.q_top) for column in columns])]
    accumulators = []
    for position, op in enumerate(program.ops):
        where = f"Op {position} ({type(op).__name__})"
        if not 0 <= op.source <= position:
            raise ModelError(f"{where} reads value {op.source}, which is not computed yet.")
        outputs, work = _bound(op, values[op.source], where)
        hull = outputs.hull | work.hull
        if not hull.fits(INT64):
            raise ModelError(
                f"{where} may reach {hull.low}..{hull.high}, beyond 64 bits.",
                "Use fewer fractional bits or smaller feature ranges.",
            )
        values.append(outputs)
        accumulators.append(work)
    _check_trees_read_the_row(program)
    _check_outputs(program, values)
    _check_reference(program)
    return Bounds(tuple(values), tuple(accumulators))


def _bound(op: Op, x: Intervals, where: str) -> _Bound:  # noqa: C901, PLR0911 - one arm for each op
    """Intervals of an op's elements, and of its intermediate results."""
    match op:
        case Encode():
            return _encode(op, x, where)
        case TreeSum():
            return _tree_sum(op, x, where)
        case Affine():
            return _affine(op, x, where)
        case Conv2d():
            return _conv2d(op, x, where)
        case MaxPool2d(windows=windows):
            return _max_pool2d(windows, x, where)
        case SumPool2d(windows=windows):
            return _sum_pool2d(windows, x, where)
        case Requantise():
            return _requantise(op, x, where)
        case Sigmoid(frac_bits=frac_bits):
            _check_range(where, "frac_bits", frac_bits, 0, MAX_FRAC_BITS)
            return Intervals.same(0, SCORE_MAX, len(x)), _exp_work(frac_bits, 1)
        case Softmax(frac_bits=frac_bits):
            _check_range(where, "frac_bits", frac_bits, 0, MAX_FRAC_BITS)
            _check_range(where, "number of inputs", len(x), 1, MAX_OUTPUTS)
            return Intervals.same(0, SCORE_MAX, len(x)), _exp_work(frac_bits, len(x))
        case AtLeast(threshold=threshold):
            _check_range(where, "threshold", threshold, -INT64, INT64 - 1)
            return Intervals.same(0, 1, len(x)), Intervals.same(0, 1, 1)
        case Argmax():
            return Intervals.same(0, len(x) - 1, 1), Intervals.same(0, len(x) - 1, 1)
    assert_never(op)


def _exp_work(frac_bits: int, terms: int) -> Intervals:
    """Both branches of the shift and every product of equation 9 stay below 2^52."""
    limit = SIGMOID_CLAMP << max(frac_bits, 16)
    return Intervals.same(-limit, max(limit, 2**52, terms * 2**31), 1)


def _encode(op: Encode, x: Intervals, where: str) -> _Bound:
    if op.source != 0:
        raise ModelError(f"{where} must read the row (value 0).")
    _check_range(where, "number of columns", len(op.columns), 1, MAX_OUTPUTS)
    found = []
    for number, column in enumerate(op.columns):
        if not 0 <= column.feature < len(x):
            raise ModelError(f"{where}, column {number} reads feature {column.feature}.")
        found.append(_column(column, x[column.feature], f"{where}, column {number}"))
    intervals = Intervals.of(found)
    return intervals, intervals


def _column(column: Column, x: Interval, where: str) -> Interval:
    match column:
        case Value():
            return x
        case Filled(fill=fill):
            _check_range(where, "fill", fill, -INT32, INT32 - 1)
            return x | Interval(fill, fill)
        case Member(codes=codes):
            _check_ascending(codes, f"{where}: codes")
            return Interval(0, 1)
        case Bin(edges=edges):
            _check_ascending(edges, f"{where}: edges")
            return Interval(0, len(edges))
        case Within(low=low, high=high):
            _check_pair(low, high, where)
            return Interval(0, 1)
        case Clipped(low=low, high=high):
            _check_pair(low, high, where)
            return Interval(*(min(max(end, low), high) for end in (x.low, x.high)))
    assert_never(column)


def _check_pair(low: int, high: int, where: str) -> None:
    _check_range(where, "low", low, -INT32 + 1, high)
    _check_range(where, "high", high, low, INT32 - 1)


def _check_ascending(values: tuple[int, ...], what: str) -> None:
    if not values or any(a >= b for a, b in pairwise(values)):
        raise ModelError(f"{what} are not ascending numbers.")
    _check_range(what, "number", max(abs(values[0]), abs(values[-1])), 0, INT32)


def _tree_sum(op: TreeSum, x: Intervals, where: str) -> _Bound:
    if not op.trees:
        raise ModelError(f"{where} must have a tree.")
    _check_range(where, "number of trees", len(op.trees), 1, MAX_TREES)
    _check_range(where, "frac_bits", op.frac_bits, 0, MAX_FRAC_BITS)
    _check_range(where, "divisor", op.divisor, 1, 65_536)
    width = len(op.base)
    _check_range(where, "number of outputs", width, 1, MAX_OUTPUTS)
    totals = [[start, start] for start in op.base]
    partials = [[min(start, 0), max(start, 0)] for start in op.base]
    for number, tree in enumerate(op.trees):
        if tree.column < 0 or tree.column + tree.width > width:
            raise ModelError(f"{where}, tree {number} adds to outputs that do not exist.")
        _check_splits(tree, x, f"{where}, tree {number}")
        for k, column in enumerate(zip(*tree.values, strict=True)):
            low, high = min(column), max(column)
            total, partial = totals[tree.column + k], partials[tree.column + k]
            total[0], total[1] = total[0] + low, total[1] + high
            partial[0], partial[1] = partial[0] + min(low, 0), partial[1] + max(high, 0)
    return (
        Intervals.of([Interval(low, high) for low, high in totals]),
        Intervals.of([Interval(low, high) for low, high in partials]),
    )


def _check_splits(tree: Tree, x: Intervals, where: str) -> None:
    for feature, threshold in zip(tree.feature, tree.threshold, strict=True):
        if not 0 <= feature < len(x):
            raise ModelError(f"{where} looks at feature {feature} of {len(x)}.")
        if not x.low[feature] - 1 <= threshold <= x.high[feature]:
            raise ModelError(
                f"{where}: threshold {threshold} is outside the feature's range "
                f"{x.low[feature]}..{x.high[feature]}."
            )


def _affine(op: Affine, x: Intervals, where: str) -> _Bound:
    _check_range(where, "frac_bits", op.frac_bits, 0, MAX_FRAC_BITS)
    weights, bias = op.weights.array, op.bias.array
    if weights.ndim != 2 or bias.shape != weights.shape[:1] or weights.shape[1] != len(x):
        raise ModelError(f"{where}: weights and bias do not fit {len(x)} inputs.")
    _check_range(where, "number of outputs", len(weights), 1, MAX_OUTPUTS)
    sums = weighted_sums(weights, bias, x.low[:, np.newaxis], x.high[:, np.newaxis])
    return sums.totals, sums.partials


def _conv2d(op: Conv2d, x: Intervals, where: str) -> _Bound:
    windows, weights, bias = op.windows, op.weights.array, op.bias.array
    _check_image(windows, x, where)
    if not (op.groups >= 1 and windows.channels % op.groups == 0):
        raise ModelError(f"{where}: {windows.channels} channels do not form {op.groups} groups.")
    inputs = windows.channels // op.groups
    if (
        weights.ndim != 4
        or weights.shape[1:] != (inputs, *windows.kernel)
        or len(weights) % op.groups
        or bias.shape != weights.shape[:1]
    ):
        raise ModelError(f"{where}: weights and bias do not fit the image and its groups.")
    _check_range(where, "number of outputs", len(weights) * windows.positions, 1, MAX_OUTPUTS)
    low, high = _seen(windows, x.low, 0), _seen(windows, x.high, 0)
    outputs = len(weights) // op.groups
    parts = []
    for g in range(op.groups):
        mine, channels = slice(g * outputs, (g + 1) * outputs), slice(g * inputs, (g + 1) * inputs)
        parts.append(
            weighted_sums(
                weights[mine].reshape(outputs, -1),
                bias[mine],
                *(
                    ends[channels].transpose(0, 2, 1).reshape(-1, windows.positions)
                    for ends in (low, high)
                ),
            )
        )
    return (
        _joined([part.totals for part in parts]),
        _joined([part.partials for part in parts]),
    )


def _seen(windows: Windows, ends: Ends, fill: int) -> Ends:
    """Contents of all windows, [channels, positions, kernel]."""
    seen: Ends = windows.of(ends[np.newaxis], fill)[0]
    return seen


def _joined(parts: list[Intervals]) -> Intervals:
    return narrowed(
        np.concatenate([part.low for part in parts]), np.concatenate([part.high for part in parts])
    )


def _max_pool2d(windows: Windows, x: Intervals, where: str) -> _Bound:
    _check_image(windows, x, where)
    lowest = -INT64
    outputs = narrowed(
        _seen(windows, x.low, lowest).max(axis=2), _seen(windows, x.high, lowest).max(axis=2)
    )
    return outputs, outputs


def _sum_pool2d(windows: Windows, x: Intervals, where: str) -> _Bound:
    _check_image(windows, x, where)
    low, high = (_seen(windows, ends.astype(object), 0) for ends in (x.low, x.high))
    totals = narrowed(low.sum(axis=2), high.sum(axis=2))
    partials = narrowed(np.minimum(low, 0).sum(axis=2), np.maximum(high, 0).sum(axis=2))
    return totals, partials


def _check_image(windows: Windows, x: Intervals, where: str) -> None:
    if windows.size != len(x):
        raise ModelError(
            f"{where} reads an image of {windows.channels} x {windows.height} x {windows.width}, "
            f"but the value has {len(x)} elements."
        )


def _requantise(op: Requantise, x: Intervals, where: str) -> _Bound:
    _check_range(where, "shift", op.shift, 0, MAX_SHIFT)
    for multiplier in op.multipliers:
        _check_range(where, "multiplier", multiplier, 1, INT64 - 1)
    _check_range(where, "low", op.low, -INT64, op.high)
    _check_range(where, "high", op.high, op.low, INT64 - 1)
    _check_range(where, "zero_point", op.zero_point, -INT32, INT32 - 1)
    _check_range(where, "frac_bits", op.frac_bits, 0, MAX_FRAC_BITS)
    if not op.multipliers or len(x) % len(op.multipliers):
        raise ModelError(
            f"{where}: {len(op.multipliers)} multipliers do not fit {len(x)} elements."
        )
    run = len(x) // len(op.multipliers)
    factors = np.repeat(np.array(op.multipliers, dtype=object), run)
    half = (1 << op.shift) >> 1
    scaled = [ends.astype(object) * factors + half for ends in (x.low, x.high)]
    shifted = [(ends >> op.shift) + op.zero_point for ends in scaled]
    low, high = (np.clip(ends, op.low, op.high) for ends in shifted)
    work = Interval(
        min(scaled[0].min(), shifted[0].min(), 0), max(scaled[1].max(), shifted[1].max(), 0)
    )
    return narrowed(low, high), Intervals.of([work])


def _check_range(where: str, what: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ModelError(f"{where}: {what} is {value}, not in {low}..{high}.")


def _check_trees_read_the_row(program: Program) -> None:
    """Trees compare features, raw or encoded: a threshold must mean something."""
    for position, op in enumerate(program.ops):
        if isinstance(op, TreeSum) and not (
            op.source == 0 or isinstance(program.ops[op.source - 1], Encode)
        ):
            raise ModelError(f"Op {position} (TreeSum) must read the row, or columns of an Encode.")


def _check_outputs(program: Program, values: list[Intervals]) -> None:
    names = tuple(name for name, _ in program.outputs)
    if names not in OUTPUTS[program.task]:
        allowed = " or ".join(", ".join(choice) for choice in OUTPUTS[program.task])
        raise ModelError(f"A {program.task} program has the outputs {allowed}.")
    for name, at in program.outputs:
        if not 1 <= at < len(values):
            raise ModelError(f"Output {name} is value {at}, which no op computes.")
        wide = len(program.classes) if name in {"logits", "scores", "values"} else 1
        if len(values[at]) != wide:
            raise ModelError(f"Output {name} has {len(values[at])} elements, not {wide}.")
    expected = {
        "binary": 2,
        "multiclass": max(3, len(program.classes)),
        "regression": max(2, len(program.classes)) if "values" in names else 0,
    }
    if len(program.classes) != expected[program.task]:
        raise ModelError(f"A {program.task} program cannot have {len(program.classes)} classes.")
    for name, at in program.outputs:
        limit = {"score": SCORE_MAX, "scores": SCORE_MAX, "decision": 1}.get(name)
        hull = values[at].hull
        if limit is not None and not (hull.low >= 0 and hull.high <= limit):
            raise ModelError(f"Output {name} can leave 0..{limit}.")


def _check_reference(program: Program) -> None:
    if len(program.reference) != len(program.features) or not all(
        column.q_low <= value <= column.q_top
        for value, column in zip(program.reference, program.features, strict=True)
    ):
        raise ModelError(
            "The reference row is not a row of the features.",
            "Give one integer within range for each feature.",
        )
