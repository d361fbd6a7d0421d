"""FloatModel to Program: thresholds stay exact, only leaves, weights and bias are rounded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai.compress.trees import integer_trees, round_to, tree_terms
from stylus_ai.errors import ModelError
from stylus_ai.frontends import FloatLinear, FloatModel, FloatNetwork, FloatTrees
from stylus_ai.frontends.inputs import column_range
from stylus_ai.ir import (
    Affine,
    Argmax,
    AtLeast,
    Encode,
    Features,
    IntTensor,
    Op,
    Program,
    Requantise,
    Sigmoid,
    TreeSum,
    Value,
    verify,
)
from stylus_ai.ir.arithmetic import SCORE_MAX
from stylus_ai.ir.verify import MAX_FRAC_BITS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PROBABILITY_RESOLUTION = 2.0**-16
"""Rounding may move a probability by this much: a sixth of a basis point."""

LOG_ODDS_RESOLUTION = 2.0**-13
"""Rounding may move log-odds by this much: at most 0.3 basis points of probability."""

VALUE_RESOLUTION = 2.0**-16
"""Rounding may move a regression by this share of the spread of its values."""

SCORE_SHIFT = 30
"""Bits beyond the accumulator's that the factor from probability to basis points carries."""

MAX_SCORE_SHIFT = 49
"""10000 * 2^49 is below 2^63."""

MAX_PROBABILITY_BITS = 32
"""Fractional bits of an averaged probability; beyond, the factor to basis points grows coarse."""


@dataclass(frozen=True)
class _Sum:
    """The accumulator's op, what it reads, and how far its rounding moves the accumulator."""

    op: TreeSum | Affine
    rounding_bound: float
    encode: Encode | None = None

    @property
    def ops(self) -> tuple[Op, ...]:
        """The ops so far; the accumulator is the last value."""
        return (self.op,) if self.encode is None else (self.encode, self.op)


def quantise(
    model: FloatModel,
    *,
    name: str,
    cutoff: float = 0.5,
    frac_bits: int | None = None,
    reference: tuple[int, ...] | None = None,
) -> Program:
    """Make a model integer.

    Args:
        model: A trained model.
        name: Name of the program, as a crate's.
        cutoff: Of a binary model: probability from which on the decision is yes, 0 < cutoff < 1.
        frac_bits: Fractional bits of the accumulator, 0..52; by default as few as keep
            ``rounding_bound`` below the resolutions above.
        reference: Integer row that explanations compare with; by default the ranges' middle.

    Returns:
        A verified program; its ``rounding_bound`` is exact for the values that were rounded.

    Raises:
        ModelError: An option is out of range, or the numbers do not fit 64 bits.
    """
    if not 0 < cutoff < 1:
        raise ModelError(f"cutoff is {cutoff!r}, not between 0 and 1.", "Give a probability.")
    if frac_bits is not None and not 0 <= frac_bits <= MAX_FRAC_BITS:
        raise ModelError(f"frac_bits is {frac_bits}, not in 0..{MAX_FRAC_BITS}.")
    match model.body:
        case FloatTrees():
            first = _sum_of_trees(model, model.body, frac_bits)
        case FloatLinear():
            first = _weighted_sum(model, model.body, frac_bits)
        case FloatNetwork():
            raise ModelError(
                "A network needs rows to calibrate its activations.", "Use quantise_network."
            )
        case _:
            assert_never(model.body)
    ops, outputs = _head(model, first, cutoff)
    program = Program(
        name=name,
        features=model.features,
        task=model.task,
        family=model.family,
        ops=ops,
        outputs=outputs,
        reference=_middle(model.features) if reference is None else tuple(reference),
        classes=model.classes,
        source=model.source,
        parent=model.digest,
        rounding_bound=first.rounding_bound,
    )
    verify(program)
    return program


def _middle(features: Features) -> tuple[int, ...]:
    return tuple((column.q_low + column.q_high) // 2 for column in features)


def _resolution(model: FloatModel, spread: float) -> float:
    """How far rounding may move the accumulator, in its float unit."""
    if model.task == "regression":
        return VALUE_RESOLUTION * spread if spread > 0 else 1.0
    return LOG_ODDS_RESOLUTION if model.body.link == "logistic" else PROBABILITY_RESOLUTION


def _bits_for(error_steps: float, resolution: float, given: int | None) -> int:
    """Fewest fractional bits for which ``error_steps`` of size 2^-F stay within ``resolution``.

    Raises:
        ModelError: That takes more than 52.
    """
    if given is not None:
        return given
    bits = max(0, math.ceil(math.log2(error_steps / resolution)))
    if bits > MAX_FRAC_BITS:
        raise ModelError(
            f"The model needs {bits} fractional bits, more than {MAX_FRAC_BITS}.",
            "Scale the target or the features, or give frac_bits and accept a wider bound.",
        )
    return bits


def _sum_of_trees(model: FloatModel, body: FloatTrees, given: int | None) -> _Sum:
    """Equations 10 and 11 for trees."""
    inner_free = [tree.values[tree.left < 0] for tree in body.trees]
    spread = max(float(np.ptp(values, axis=0).max()) for values in inner_free)
    terms = tree_terms(body)
    bits = _bits_for(0.5 * terms / body.divisor, _resolution(model, spread), given)
    base = round_to(body.base, bits)
    trees, columns = integer_trees(body, model.features, bits)
    op = TreeSum(
        source=0 if columns is None else 1,
        trees=trees,
        base=tuple(base.tolist()),
        frac_bits=bits,
        divisor=body.divisor,
    )
    moved = np.abs(np.ldexp(body.base, bits) - base)
    for tree, values in zip(body.trees, inner_free, strict=True):
        errors = np.abs(np.ldexp(values, bits) - round_to(values, bits)).max(axis=0)
        moved[tree.column : tree.column + len(errors)] += errors
    return _Sum(
        op,
        float(moved.max()) / (body.divisor * 2.0**bits),
        None if columns is None else Encode(0, columns),
    )


def _weighted_sum(model: FloatModel, body: FloatLinear, given: int | None) -> _Sum:
    """Equations 10 and 11 for weights: the contract multiplies ``q``, so the scale goes inside."""
    lows, highs, scales = _ranges(model)
    largest = np.maximum(np.abs(lows), np.abs(highs)).astype(np.float64)
    per_step = body.weights / scales
    spread = float((np.abs(per_step) * (highs - lows)).sum(axis=1).max())
    bits = _bits_for(0.5 * (1 + float(largest.sum())), _resolution(model, spread), given)
    weights, bias = round_to(per_step, bits), round_to(body.bias, bits)
    op = Affine(
        source=1 if model.columns else 0,
        weights=IntTensor(weights),
        bias=IntTensor(bias),
        frac_bits=bits,
    )
    # The division above is itself off by half an ulp at most.
    slack = np.abs(np.ldexp(per_step, bits)) * 2.0**-52
    moved = (np.abs(np.ldexp(per_step, bits) - weights) + slack) @ largest
    moved += np.abs(np.ldexp(body.bias, bits) - bias)
    encode = Encode(0, model.columns) if model.columns else None
    return _Sum(op, float(moved.max()) / 2.0**bits, encode)


def _ranges(model: FloatModel) -> tuple[Ints, Ints, Ints]:
    """Lowest and highest value and scale of what weights read, int64[inputs] each."""
    columns = model.columns or tuple(Value(i) for i in range(len(model.features)))
    ranges = [column_range(column, model.features[column.feature]) for column in columns]
    lows, highs, scales = np.array(ranges, dtype=np.int64).T
    return lows, highs, scales


def _head(
    model: FloatModel, first: _Sum, cutoff: float
) -> tuple[tuple[Op, ...], tuple[tuple[str, int], ...]]:
    """What turns the accumulator into the task's outputs."""
    ops, bits = first.ops, first.op.frac_bits
    divisor = first.op.divisor if isinstance(first.op, TreeSum) else 1
    at = len(ops)
    match model.task:
        case "regression":
            return ops, (("values" if model.classes else "value", at),)
        case "multiclass":
            return (*ops, Argmax(source=at)), (("logits", at), ("class", at + 1))
        case "binary":
            if model.body.link == "logistic":
                score: Op = Sigmoid(source=at, frac_bits=bits)
                threshold = math.log(cutoff) - math.log1p(-cutoff)
            else:
                score = _basis_points(at, bits, divisor)
                threshold = cutoff * divisor
            least = int(round_to(np.array([threshold]), bits)[0])
            return (*ops, score, AtLeast(source=at, threshold=least)), (
                ("logit", at),
                ("score", at + 1),
                ("decision", at + 2),
            )
    assert_never(model.task)


def _basis_points(source: int, bits: int, divisor: int) -> Requantise:
    """From an accumulated probability to basis points: times ``10000 / (divisor * 2^F)``."""
    if bits > MAX_PROBABILITY_BITS:
        raise ModelError(
            f"frac_bits is {bits}; a probability takes at most {MAX_PROBABILITY_BITS}.",
            "Leave frac_bits out: 16 bits are a sixth of a basis point.",
        )
    shift = min(bits + SCORE_SHIFT, MAX_SCORE_SHIFT)
    multiplier = round(SCORE_MAX * 2 ** (shift - bits) / divisor)
    return Requantise(source, (multiplier,), shift, low=0, high=SCORE_MAX)
