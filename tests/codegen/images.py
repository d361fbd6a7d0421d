"""Random networks over images, at the edges of their lanes on purpose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from stylus_ai.ir import (
    Affine,
    Argmax,
    Conv2d,
    MaxPool2d,
    Op,
    Program,
    Requantise,
    SumPool2d,
    Windows,
    random_rows,
    tensor,
)
from tests.codegen.networks import features_of, network, weights_of

Ints = npt.NDArray[np.int64]

KINDS = ("conv", "depthwise", "grouped", "max", "sum")


@dataclass(frozen=True)
class Step:
    """One layer of a random network.

    Attributes:
        kind: One of ``KINDS``.
        kernel: Rows and columns of the windows.
        stride: Rows and columns from one to the next.
        padding: Of each side, cut down to what the kernel allows.
        channels: Output channels, in units of the groups.
        weights: Kind of weights, see ``weights_of``.
        low: Smallest result.
        high: Largest result.
        gain: Share of its range that a sum is spread over.
        shift: Bits of the requantisation.
        requantised: Whether there is one.
    """

    kind: str
    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int, int, int]
    channels: int
    weights: str
    low: int
    high: int
    gain: float
    shift: int
    requantised: bool


@dataclass(frozen=True)
class Network:
    """A random network: an image of ``channels`` by ``height`` by ``width``, then its layers."""

    bits: int | None
    wide: bool
    channels: int
    height: int
    width: int
    steps: tuple[Step, ...]
    seed: int


steps = st.builds(
    Step,
    kind=st.sampled_from(KINDS),
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.tuples(*[st.integers(0, 3)] * 4),
    channels=st.integers(1, 3) | st.just(18),
    weights=st.sampled_from(("one", "ternary", "four bits", "sparse", "edge", "int8")),
    low=st.sampled_from((0, 0, 0, -8, -128)),
    high=st.sampled_from((1, 7, 15, 15, 127, 255)),
    gain=st.sampled_from((0.03, 0.3, 1.0, 40.0)),
    shift=st.sampled_from((0, 5, 16, 24)),
    requantised=st.sampled_from((True, True, True, False)),
)

images = st.builds(
    Network,
    bits=st.sampled_from((1, 2, 4, 4, None)),
    wide=st.sampled_from((False, False, False, True)),
    channels=st.integers(1, 3) | st.just(22),
    height=st.integers(1, 9),
    width=st.integers(1, 20),
    steps=st.lists(steps, min_size=1, max_size=3).map(tuple),
    seed=st.integers(0, 2**32 - 1),
)


def image_network(shape: Network) -> Program:
    """The program of a random network: its layers, and a dense one of three outputs."""
    rng = np.random.default_rng(shape.seed)
    channels, width = shape.channels, shape.width
    height = min(shape.height, 1_000 // (channels * width))  # a row has 1,024 features at most
    size = channels * height * width
    features = features_of(size, shape.bits)
    if shape.wide:
        features = features_of(size, None, low=-300, high=2_000)
    top = int(features.q_tops.max())
    ops: list[Op] = []
    for step in shape.steps:
        windows = _windows(step, channels, height, width)
        op, channels = _op(step, windows, len(ops), rng)
        ops.append(op)
        height, width = windows.out_height, windows.out_width
        if step.requantised and step.kind != "max":
            count = channels if rng.random() < 0.5 else 1
            ops.append(_requantise(step, op, top, count, rng))
            top = max(step.high, -step.low)
    limit = 7
    weights = rng.integers(-limit, limit + 1, (3, channels * height * width))
    ops.append(Affine(len(ops), tensor(weights), tensor(rng.integers(-9, 9, 3))))
    return network(features, ops)


def _windows(step: Step, channels: int, height: int, width: int) -> Windows:
    kernel = (min(step.kernel[0], height), min(step.kernel[1], width))
    top, left, bottom, right = (min(pad, kernel[at % 2] - 1) for at, pad in enumerate(step.padding))
    return Windows(channels, height, width, kernel, step.stride, (top, left, bottom, right))


def _op(
    step: Step, windows: Windows, source: int, rng: np.random.Generator
) -> tuple[Conv2d | MaxPool2d | SumPool2d, int]:
    """The op of a step, and its output channels."""
    if step.kind == "max":
        return MaxPool2d(source, windows), windows.channels
    if step.kind == "sum":
        return SumPool2d(source, windows), windows.channels
    groups = {"conv": 1, "depthwise": windows.channels}.get(step.kind, 1)
    if step.kind == "grouped" and windows.channels % 2 == 0:
        groups = 2
    outputs = groups * min(step.channels, 2) if groups > 1 else step.channels
    shape = (outputs, windows.channels // groups * windows.kernel[0] * windows.kernel[1])
    weights = weights_of(step.weights, shape, int(rng.integers(2**32)))
    full = weights.reshape(outputs, windows.channels // groups, *windows.kernel)
    bias = rng.integers(-60, 60, outputs)
    return Conv2d(source, windows, tensor(full), tensor(bias), groups), outputs


def _requantise(step: Step, op: Op, top: int, count: int, rng: np.random.Generator) -> Requantise:
    if isinstance(op, Conv2d):
        span = int(np.abs(op.weights.array).reshape(len(op.weights.array), -1).sum(axis=1).max())
    else:
        span = step.kernel[0] * step.kernel[1]
    span = max(span * max(top, 1), 1)
    factor = max(int(step.gain * (step.high - step.low) * 2**step.shift / span), 1)
    multipliers = tuple(factor + k for k in range(count))
    zero = int(rng.integers(-3, 4))
    return Requantise(op.source + 1, multipliers, step.shift, step.low, step.high, zero)


def image_rows(program: Program, count: int) -> Ints:
    """Rows at the ends of all pixels, rows of extreme pixels, and random ones, int64[n, width]."""
    low, high = program.features.q_lows, program.features.q_tops
    rng = np.random.default_rng(0)
    extreme = np.where(rng.random((count, len(low))) < 0.5, low, high)
    return np.vstack([low, high, extreme, random_rows(program, count)])


def small_cnn() -> Program:
    """A classifier of 6 x 6 pixels: convolution, max pool, convolution, mean."""
    rng = np.random.default_rng(0)
    first = tensor(rng.integers(-2, 3, (2, 1, 3, 3)))
    second = tensor(rng.integers(-7, 8, (3, 2, 2, 2)))
    margin = (1, 1, 1, 1)
    ops: list[Op] = [
        Conv2d(0, Windows(1, 6, 6, (3, 3), padding=margin), first, tensor([3, -4])),
        Requantise(1, (1,), 2, 0, 15),
        MaxPool2d(2, Windows(2, 6, 6, (2, 2), (2, 2))),
        Conv2d(3, Windows(2, 3, 3, (2, 2), padding=(1, 0, 0, 1)), second, tensor([0, 9, 1])),
        Requantise(4, (5, 6, 7), 7, 0, 15, 1),
        SumPool2d(5, Windows(3, 3, 3, (3, 3))),
        Affine(6, tensor(rng.integers(-7, 8, (3, 3))), tensor([1, 2, 3])),
    ]
    logits = len(ops)
    ops.append(Argmax(logits))
    return Program(
        name="shapes",
        features=features_of(36, 4),
        task="multiclass",
        family="cnn",
        ops=tuple(ops),
        outputs=(("logits", logits), ("class", logits + 1)),
        reference=(0,) * 36,
        classes=("circle", "cross", "square"),
        source="test",
        parent="0" * 64,
        rounding_bound=None,
    )
