"""FloatModel to Program: thresholds stay exact, only leaves, weights and bias are rounded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai.compress.trees import integer_tree, round_to, tree_terms
from stylus_ai.errors import ModelError
from stylus_ai.frontends import FloatLinear, FloatModel, FloatNetwork, FloatTrees
from stylus_ai.ir import (
    Affine,
    Argmax,
    AtLeast,
    Features,
    IntTensor,
    Op,
    Program,
    Requantise,
    Sigmoid,
    TreeSum,
    verify,
)
from stylus_ai.ir.arithmetic import SCORE_MAX
from stylus_ai.ir.verify import MAX_FRAC_BITS

Floats = npt.NDArray[np.float64]

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
    """The first op of a program, and how far its rounding moves the accumulator."""

    op: TreeSum | Affine
    divisor: int
    rounding_bound: float


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
    op = TreeSum(
        source=0,
        trees=tuple(
            integer_tree(tree, model.features, body.comparison, bits) for tree in body.trees
        ),
        base=tuple(base.tolist()),
        frac_bits=bits,
        divisor=body.divisor,
    )
    moved = np.abs(np.ldexp(body.base, bits) - base)
    for tree, values in zip(body.trees, inner_free, strict=True):
        errors = np.abs(np.ldexp(values, bits) - round_to(values, bits)).max(axis=0)
        moved[tree.column : tree.column + len(errors)] += errors
    return _Sum(op, body.divisor, float(moved.max()) / (body.divisor * 2.0**bits))


def _weighted_sum(model: FloatModel, body: FloatLinear, given: int | None) -> _Sum:
    """Equations 10 and 11 for weights: the contract multiplies ``q``, so the scale goes inside."""
    features = model.features
    largest = np.maximum(np.abs(features.q_lows), np.abs(features.q_highs)).astype(np.float64)
    per_step = body.weights / features.scales
    spread = float((np.abs(per_step) * (features.q_highs - features.q_lows)).sum(axis=1).max())
    bits = _bits_for(0.5 * (1 + float(largest.sum())), _resolution(model, spread), given)
    weights, bias = round_to(per_step, bits), round_to(body.bias, bits)
    op = Affine(
        source=0,
        weights=IntTensor(weights),
        bias=IntTensor(bias),
        frac_bits=bits,
    )
    # The division above is itself off by half an ulp at most.
    slack = np.abs(np.ldexp(per_step, bits)) * 2.0**-52
    moved = (np.abs(np.ldexp(per_step, bits) - weights) + slack) @ largest
    moved += np.abs(np.ldexp(body.bias, bits) - bias)
    return _Sum(op, 1, float(moved.max()) / 2.0**bits)


def _head(
    model: FloatModel, first: _Sum, cutoff: float
) -> tuple[tuple[Op, ...], tuple[tuple[str, int], ...]]:
    """What turns the accumulator (value 1) into the task's outputs."""
    body, bits = first.op, first.op.frac_bits
    match model.task:
        case "regression":
            return (body,), (("value", 1),)
        case "multiclass":
            return (body, Argmax(source=1)), (("logits", 1), ("class", 2))
        case "binary":
            if model.body.link == "logistic":
                score: Op = Sigmoid(source=1, frac_bits=bits)
                threshold = math.log(cutoff) - math.log1p(-cutoff)
            else:
                score = _basis_points(bits, first.divisor)
                threshold = cutoff * first.divisor
            least = int(round_to(np.array([threshold]), bits)[0])
            return (body, score, AtLeast(source=1, threshold=least)), (
                ("logit", 1),
                ("score", 2),
                ("decision", 3),
            )
    assert_never(model.task)


def _basis_points(bits: int, divisor: int) -> Requantise:
    """From an accumulated probability to basis points: times ``10000 / (divisor * 2^F)``."""
    if bits > MAX_PROBABILITY_BITS:
        raise ModelError(
            f"frac_bits is {bits}; a probability takes at most {MAX_PROBABILITY_BITS}.",
            "Leave frac_bits out: 16 bits are a sixth of a basis point.",
        )
    shift = min(bits + SCORE_SHIFT, MAX_SCORE_SHIFT)
    multiplier = round(SCORE_MAX * 2 ** (shift - bits) / divisor)
    return Requantise(1, (multiplier,), shift, low=0, high=SCORE_MAX)
