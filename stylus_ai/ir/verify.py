"""Proof, before anything is emitted, that a program is well formed and cannot overflow.

Every value gets an interval that holds on every admissible row. A sum's partial sums are bounded
too, in whatever order a kernel adds: by the sum of all negative lows and of all positive highs.
What cannot be proven is refused, never wrapped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from stylus_ai.errors import ModelError
from stylus_ai.ir.arithmetic import SCORE_MAX, SIGMOID_CLAMP
from stylus_ai.ir.ops import Affine, Argmax, AtLeast, Op, Requantise, Sigmoid, TreeSum
from stylus_ai.ir.program import OUTPUTS, Program
from stylus_ai.ir.tree import Tree

MAX_FRAC_BITS = 52
MAX_SHIFT = 62
MAX_OUTPUTS = 1024
MAX_TREES = 65_535
"""The number of trees is a ``uint16`` in the contract's interface."""

INT64 = 2**63
INT32 = 2**31


@dataclass(frozen=True)
class Interval:
    """All integers from ``low`` to ``high``, both included."""

    low: int
    high: int

    def fits(self, limit: int) -> bool:
        """True if every integer lies in ``-limit .. limit - 1``."""
        return -limit <= self.low and self.high < limit

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def times(self, factor: int) -> Interval:
        """Interval of ``factor * x``."""
        ends = (self.low * factor, self.high * factor)
        return Interval(min(ends), max(ends))

    def with_zero(self) -> Interval:
        """Smallest interval that holds this one and 0."""
        return Interval(min(self.low, 0), max(self.high, 0))


@dataclass(frozen=True)
class Bounds:
    """What ``verify`` has proven.

    Attributes:
        values: Interval of each element of each value; ``values[0]`` is the input row.
        accumulators: For each op, an interval that holds every intermediate result of it.
    """

    values: tuple[tuple[Interval, ...], ...]
    accumulators: tuple[Interval, ...]

    def accumulator_bits(self, op: int) -> int:
        """32 if everything that op ``op`` computes fits an i32, else 64."""
        return 32 if self.accumulators[op].fits(INT32) else 64


def verify(program: Program) -> Bounds:
    """Check a program and bound all its values.

    Raises:
        ModelError: The program is malformed, or may overflow 64 bits; names the op.
    """
    values = [
        tuple(Interval(column.q_low, column.q_high) for column in program.features),
    ]
    accumulators = []
    for position, op in enumerate(program.ops):
        where = f"Op {position} ({type(op).__name__})"
        if not 0 <= op.source <= position:
            raise ModelError(f"{where} reads value {op.source}, which is not computed yet.")
        outputs, work = _bound(op, values[op.source], where)
        for interval in (*outputs, work):
            if not interval.fits(INT64):
                raise ModelError(
                    f"{where} may reach {interval.low}..{interval.high}, beyond 64 bits.",
                    "Use fewer fractional bits or smaller feature ranges.",
                )
        values.append(outputs)
        accumulators.append(work)
    _check_outputs(program, values)
    _check_reference(program)
    return Bounds(tuple(values), tuple(accumulators))


def _bound(op: Op, x: tuple[Interval, ...], where: str) -> tuple[tuple[Interval, ...], Interval]:
    """Intervals of an op's elements, and one that holds its intermediate results."""
    match op:
        case TreeSum():
            return _tree_sum(op, x, where)
        case Affine():
            return _affine(op, x, where)
        case Requantise():
            return _requantise(op, x, where)
        case Sigmoid(frac_bits=frac_bits):
            _check_range(where, "frac_bits", frac_bits, 0, MAX_FRAC_BITS)
            # Both branches of the shift and every product stay below 2^52, see equation 9.
            limit = SIGMOID_CLAMP << max(frac_bits, 16)
            return (Interval(0, SCORE_MAX),) * len(x), Interval(-limit, max(limit, 2**52))
        case AtLeast(threshold=threshold):
            _check_range(where, "threshold", threshold, -INT64, INT64 - 1)
            return (Interval(0, 1),) * len(x), Interval(0, 1)
        case Argmax():
            return (Interval(0, len(x) - 1),), Interval(0, len(x) - 1)
    assert_never(op)


def _tree_sum(
    op: TreeSum, x: tuple[Interval, ...], where: str
) -> tuple[tuple[Interval, ...], Interval]:
    if op.source != 0 or not op.trees:
        raise ModelError(f"{where} must read the row (value 0) and have a tree.")
    _check_range(where, "number of trees", len(op.trees), 1, MAX_TREES)
    _check_range(where, "frac_bits", op.frac_bits, 0, MAX_FRAC_BITS)
    _check_range(where, "divisor", op.divisor, 1, 65_536)
    width = len(op.base)
    _check_range(where, "number of outputs", width, 1, MAX_OUTPUTS)
    terms: list[list[Interval]] = [[Interval(start, start)] for start in op.base]
    for number, tree in enumerate(op.trees):
        if tree.column < 0 or tree.column + tree.width > width:
            raise ModelError(f"{where}, tree {number} adds to outputs that do not exist.")
        _check_splits(tree, x, f"{where}, tree {number}")
        for k, column in enumerate(zip(*tree.values, strict=True)):
            terms[tree.column + k].append(Interval(min(column), max(column)))
    return _sums(terms)


def _check_splits(tree: Tree, x: tuple[Interval, ...], where: str) -> None:
    for feature, threshold in zip(tree.feature, tree.threshold, strict=True):
        if not 0 <= feature < len(x):
            raise ModelError(f"{where} looks at feature {feature} of {len(x)}.")
        if not x[feature].low - 1 <= threshold <= x[feature].high:
            raise ModelError(
                f"{where}: threshold {threshold} is outside the feature's range "
                f"{x[feature].low}..{x[feature].high}."
            )


def _affine(
    op: Affine, x: tuple[Interval, ...], where: str
) -> tuple[tuple[Interval, ...], Interval]:
    _check_range(where, "frac_bits", op.frac_bits, 0, MAX_FRAC_BITS)
    _check_range(where, "number of outputs", len(op.weights), 1, MAX_OUTPUTS)
    if len(op.bias) != len(op.weights) or any(len(row) != len(x) for row in op.weights):
        raise ModelError(f"{where}: weights and bias do not fit {len(x)} inputs.")
    terms = [
        [Interval(start, start), *(xi.times(w) for w, xi in zip(row, x, strict=True))]
        for row, start in zip(op.weights, op.bias, strict=True)
    ]
    for value in (*op.bias, *(w for row in op.weights for w in row)):
        _check_range(where, "weight or bias", value, -INT64, INT64 - 1)
    return _sums(terms)


def _sums(terms: Iterable[list[Interval]]) -> tuple[tuple[Interval, ...], Interval]:
    """Interval of each sum, and a hull of all partial sums in any order."""
    totals, hull = [], Interval(0, 0)
    for parts in terms:
        total, partial = Interval(0, 0), Interval(0, 0)
        for part in parts:
            total += part
            partial += part.with_zero()
        totals.append(total)
        hull = Interval(min(hull.low, partial.low), max(hull.high, partial.high))
    return tuple(totals), hull


def _requantise(
    op: Requantise, x: tuple[Interval, ...], where: str
) -> tuple[tuple[Interval, ...], Interval]:
    _check_range(where, "shift", op.shift, 0, MAX_SHIFT)
    _check_range(where, "multiplier", op.multiplier, 1, INT64 - 1)
    _check_range(where, "low", op.low, -INT64, op.high)
    _check_range(where, "high", op.high, op.low, INT64 - 1)
    half = (1 << op.shift) >> 1
    outputs, hull = [], Interval(0, 0)
    for element in x:
        scaled = element.times(op.multiplier) + Interval(half, half)
        hull = Interval(min(hull.low, scaled.low), max(hull.high, scaled.high))
        ends = [min(max(end >> op.shift, op.low), op.high) for end in (scaled.low, scaled.high)]
        outputs.append(Interval(ends[0], ends[1]))
    return tuple(outputs), hull


def _check_range(where: str, what: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ModelError(f"{where}: {what} is {value}, not in {low}..{high}.")


def _check_outputs(program: Program, values: list[tuple[Interval, ...]]) -> None:
    names = OUTPUTS[program.task]
    if tuple(name for name, _ in program.outputs) != names:
        raise ModelError(f"A {program.task} program has the outputs {', '.join(names)}.")
    for name, at in program.outputs:
        if not 1 <= at < len(values):
            raise ModelError(f"Output {name} is value {at}, which no op computes.")
        wide = len(program.classes) if name == "logits" else 1
        if len(values[at]) != wide:
            raise ModelError(f"Output {name} has {len(values[at])} elements, not {wide}.")
    expected = {"binary": 2, "multiclass": max(3, len(program.classes)), "regression": 0}
    if len(program.classes) != expected[program.task]:
        raise ModelError(f"A {program.task} program cannot have {len(program.classes)} classes.")
    for name, at in program.outputs:
        limit = {"score": SCORE_MAX, "decision": 1}.get(name)
        if limit is not None and not all(v.low >= 0 and v.high <= limit for v in values[at]):
            raise ModelError(f"Output {name} can leave 0..{limit}.")


def _check_reference(program: Program) -> None:
    if len(program.reference) != len(program.features) or not all(
        column.q_low <= value <= column.q_high
        for value, column in zip(program.reference, program.features, strict=True)
    ):
        raise ModelError(
            "The reference row is not a row of the features.",
            "Give one integer within range for each feature.",
        )
