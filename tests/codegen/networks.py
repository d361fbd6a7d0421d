"""Random dense networks, at the edges of their slots on purpose."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from stylus_ai.ir import (
    Affine,
    Argmax,
    AtLeast,
    Feature,
    Features,
    Op,
    Program,
    Requantise,
    Sigmoid,
    Softmax,
    random_rows,
    tensor,
)

Ints = npt.NDArray[np.int64]

WEIGHTS = ("one", "ternary", "four bits", "sparse", "edge", "int8", "wide")
"""Kinds of weights; ``edge`` makes single products fill a slot of 8 bits to the last value."""


def weights_of(kind: str, shape: tuple[int, int], seed: int) -> Ints:  # noqa: PLR0911 - a table
    """Random weights, int64[outputs, inputs]."""
    rng = np.random.default_rng(seed)
    match kind:
        case "one":
            return rng.choice([-1, 1], shape)
        case "ternary":
            return rng.integers(-1, 2, shape)
        case "four bits":
            return trained_like(shape, 2, 7, seed)
        case "sparse":
            return trained_like(shape, 2, 7, seed) * (rng.random(shape) < 0.2)
        case "edge":
            return rng.choice([-17, 17, 0, 16], shape)
        case "int8":
            return trained_like(shape, 36, 127, seed)
        case _:
            return rng.integers(-(2**20), 2**20, shape)


def trained_like(shape: tuple[int, int], deviation: float, limit: int, seed: int) -> Ints:
    """Rounded normal weights, clipped: what quantisation-aware training gives."""
    normal = np.random.default_rng(seed).normal(0, deviation, shape)
    return np.clip(np.rint(normal), -limit, limit).astype(np.int64)


def features_of(count: int, bits: int | None, low: int = 0, high: int | None = None) -> Features:
    """``count`` equal features; by default every value of their bits."""
    top = (1 << (bits or 8)) - 1 if high is None else high
    return Features(tuple(Feature(f"x{i}", low, top) for i in range(count)), bits=bits)


def network(features: Features, ops: list[Op]) -> Program:
    """A program that answers its last op's values."""
    last = next(op for op in reversed(ops) if isinstance(op, Affine))
    outputs = len(last.bias.array)
    return Program(
        name="net",
        features=features,
        task="regression",
        family="mlp",
        ops=tuple(ops),
        outputs=(("values" if outputs > 1 else "value", len(ops)),),
        reference=tuple(column.q_low for column in features),
        classes=tuple(f"t{k}" for k in range(outputs)) if outputs > 1 else (),
        source="test",
        parent="0" * 64,
        rounding_bound=None,
    )


def classifier(layers: list[Ints], bits: int, act: int) -> Program:
    """A network that tells classes apart.

    Args:
        layers: Weights of each layer, int64[outputs, inputs].
        bits: Of an input.
        act: Largest activation.
    """
    ops: list[Op] = []
    top = (1 << bits) - 1
    for number, weights in enumerate(layers):
        bias = np.random.default_rng(number).integers(-50, 50, len(weights))
        ops.append(Affine(len(ops), tensor(weights), tensor(bias)))
        if number < len(layers) - 1:
            # A sum's deviation, were inputs independent and half of them bright.
            deviation = np.sqrt(np.square(weights).sum(axis=1).mean()) * top / 2
            multiplier = max(round(2**16 * act / (2 * deviation)), 1)
            ops.append(Requantise(len(ops), (multiplier,), 16, 0, act))
            top = act
    logits = len(ops)
    ops.append(Argmax(logits))
    inputs = layers[0].shape[1]
    return Program(
        name="digits",
        features=features_of(inputs, bits),
        task="multiclass",
        family="mlp",
        ops=tuple(ops),
        outputs=(("logits", logits), ("class", len(ops))),
        reference=(0,) * inputs,
        classes=tuple(str(k) for k in range(len(layers[-1]))),
        source="test",
        parent="0" * 64,
        rounding_bound=None,
    )


def with_scores(program: Program, frac_bits: int) -> Program:
    """A classifier that answers with shares as well."""
    logits = dict(program.outputs)["logits"]
    *body, last = program.ops
    ops = (*body, Softmax(logits, frac_bits), last)
    at = len(body) + 1
    return replace(
        program, ops=ops, outputs=(("logits", logits), ("scores", at), ("class", at + 1))
    )


def decider(features: Features) -> Program:
    """A network that says yes or no, with a hidden layer."""
    inputs = len(features)
    ops: list[Op] = [
        Affine(0, tensor(trained_like((6, inputs), 9, 99, 0)), tensor(np.arange(6))),
        Requantise(1, (3,), 9, 0, 200),
        Affine(2, tensor(trained_like((1, 6), 40, 99, 1)), tensor([5])),
        Requantise(3, (321,), 6, -(2**62), 2**62),
        Sigmoid(4, 12),
        AtLeast(4, 77),
    ]
    return Program(
        name="decider",
        features=features,
        task="binary",
        family="mlp",
        ops=tuple(ops),
        outputs=(("logit", 4), ("score", 5), ("decision", 6)),
        reference=tuple(column.q_low for column in features),
        classes=("no", "yes"),
        source="test",
        parent="0" * 64,
        rounding_bound=None,
    )


def digits() -> Program:
    """196-64-10 with weights and activations of 4 bits, as the digit classifier has them."""
    return classifier(
        [trained_like((64, 196), 2, 7, 0), trained_like((10, 64), 2, 7, 1)], bits=4, act=15
    )


@dataclass(frozen=True)
class Shape:
    """What a random network looks like."""

    bits: int | None
    wide: bool
    inputs: int
    hidden: int
    outputs: int
    kinds: tuple[str, str]
    low: int
    high: int
    gain: float
    seed: int


shapes = st.builds(
    Shape,
    bits=st.sampled_from((1, 2, 4, None)),
    wide=st.booleans(),
    inputs=st.integers(1, 30) | st.sampled_from((64, 130, 410)),
    hidden=st.integers(1, 20),
    outputs=st.integers(1, 10),
    kinds=st.tuples(st.sampled_from(WEIGHTS), st.sampled_from(WEIGHTS)),
    low=st.sampled_from((0, 0, 0, -8, -128)),
    high=st.sampled_from((1, 7, 15, 127, 255)),
    gain=st.sampled_from((0.03, 0.3, 1.0, 40.0)),
    seed=st.integers(0, 2**32 - 1),
)


def network_of(shape: Shape) -> Program:
    """Two dense layers with a requantisation between them."""
    if shape.wide:
        features = features_of(shape.inputs, None, low=-300, high=2_000)
    else:
        features = features_of(shape.inputs, shape.bits)
    rng = np.random.default_rng(shape.seed)
    first = weights_of(shape.kinds[0], (shape.hidden, shape.inputs), shape.seed)
    second = weights_of(shape.kinds[1], (shape.outputs, shape.hidden), shape.seed + 1)
    span = max(int(np.abs(first).sum(axis=1).max()) * int(features.q_tops.max()), 1)
    multiplier = max(int(shape.gain * (shape.high - shape.low) * 2**24 / span), 1)
    many = tuple(multiplier + k for k in range(shape.hidden))
    multipliers = (multiplier,) if rng.random() < 0.8 else many
    return network(
        features,
        [
            Affine(0, tensor(first), tensor(rng.integers(-500, 500, shape.hidden))),
            Requantise(1, multipliers, 24, shape.low, shape.high, int(rng.integers(-3, 4))),
            Affine(2, tensor(second), tensor(rng.integers(-9, 9, shape.outputs))),
        ],
    )


def extreme_rows(program: Program, count: int) -> Ints:
    """Rows that drive sums of the first layer to their ends, and random ones, int64[n, width]."""
    op = next(op for op in program.ops if isinstance(op, Affine))
    low, high = program.features.q_lows, program.features.q_tops
    upper = np.where(op.weights.array > 0, high, low)[:count]
    lower = np.where(op.weights.array < 0, high, low)[:count]
    return np.vstack([low, high, upper, lower, random_rows(program, count)])
