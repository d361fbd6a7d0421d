"""Integer operations of a float network, layer by layer, and what each integer stands for.

At each point a float value is ``integer * step + offset``: equations 16 to 20 of docs/numerics.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from stylus_ai.compress.qat.grids import GRIDS, Grid, Weights
from stylus_ai.errors import ModelError
from stylus_ai.frontends import Convolution, Dense, FloatModel, FloatNetwork
from stylus_ai.frontends.inputs import column_range
from stylus_ai.ir import (
    Affine,
    Conv2d,
    Encode,
    Feature,
    Features,
    Op,
    Requantise,
    SumPool2d,
    Windows,
    run_op,
    tensor,
)

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MULTIPLIER_BITS = 31
"""Bits of the largest multiplier of a layer, as in gemmlowp."""

MAX_SHIFT = 62
"""``verify`` allows no more."""

INPUT_HIGH = 255
"""Inputs are read as they are up to here; wider ones are rescaled first."""


@dataclass(frozen=True)
class Precision:
    """How a network is rounded.

    Attributes:
        weights: Grid of each layer that has weights, or one for all of them.
        activation_bits: Bits of an activation between layers, 2 to 8.
        input_bits: Bits of a feature whose range is wider than 8 bits, 8 to 16.
        percentile: Share in percent of the calibration values that the range of an activation
            holds; 100 for the largest. Leaving out a few outliers makes the steps finer.
    """

    weights: Weights | tuple[Weights, ...] = "int8"
    activation_bits: int = 8
    input_bits: int = 12
    percentile: float = 99.99

    def __post_init__(self) -> None:
        for name, low, high in (
            ("activation_bits", 2, 8),
            ("input_bits", 8, 16),
            ("percentile", 50, 100),
        ):
            if not low <= getattr(self, name) <= high:
                raise ModelError(f"{name} is {getattr(self, name)}, not in {low}..{high}.")

    def grids(self, layers: int) -> tuple[Grid, ...]:
        """Grid of each of ``layers`` layers."""
        several = self.weights if isinstance(self.weights, tuple) else (self.weights,) * layers
        if len(several) != layers:
            raise ModelError(f"{len(several)} grids are given for {layers} layers with weights.")
        return tuple(GRIDS[name] for name in several)


@dataclass
class Chain:
    """Operations so far; op ``i`` reads value ``i``.

    Attributes:
        precision: Bits and ranges.
        ops: What was appended.
        step: Of the last value, float64: one number, or one for each channel or element.
        offset: In the same shape; only an input has one.
        is_sum: Whether the last value is a sum, too wide to be weighed again.
    """

    precision: Precision
    ops: list[Op]
    step: Doubles
    offset: Doubles
    is_sum: bool = False

    @property
    def at(self) -> int:
        """The last value."""
        return len(self.ops)

    def weigh(
        self, layer: Dense | Convolution, grid: Grid, before: Doubles, *, one_step: bool
    ) -> None:
        """Equations 16 and 17: a layer with weights.

        Args:
            layer: Its float weights.
            grid: Of its integer weights.
            before: Calibration values that it reads, float64[n, width].
            one_step: One step for all outputs, so that their sums can be compared.
        """
        if self.is_sum:
            self.rescale(before, signed=True)
        weights, bias = self._with_steps(layer)
        flat = weights.reshape(len(weights), -1)
        steps = grid.steps(flat.reshape(1, -1) if one_step else flat)
        column = np.broadcast_to(steps, len(bias))
        rounded = grid.integers(flat / column[:, np.newaxis]).astype(np.int64)
        whole = tensor(rounded.reshape(weights.shape))
        offsets = tensor(np.rint(bias / column).astype(np.int64))
        if isinstance(layer, Dense):
            self.ops.append(Affine(self.at, whole, offsets))
        else:
            self.ops.append(Conv2d(self.at, layer.windows, whole, offsets, layer.groups))
        self.step, self.offset, self.is_sum = steps, np.zeros(1), True

    def rescale(self, after: Doubles, *, signed: bool) -> None:
        """Equations 18 and 19: to few bits, over the range of the calibration values ``after``.

        Unsigned, it is a ReLU as well.
        """
        bits = self.precision.activation_bits
        high = (1 << (bits - 1)) - 1 if signed else (1 << bits) - 1
        reach = float(np.percentile(np.abs(after), self.precision.percentile))
        step = (reach or float(np.abs(after).max(initial=0.0)) or 1.0) / high
        multipliers, shift = multipliers_of(self.step / step)
        self.ops.append(
            Requantise(self.at, multipliers, shift, low=-high if signed else 0, high=high)
        )
        self.step, self.is_sum = np.array([step]), False

    def average(self, windows: Windows) -> None:
        """The mean of windows: their sum, in steps that are as many times smaller."""
        self.ops.append(SumPool2d(self.at, windows))
        self.step, self.is_sum = self.step / (windows.kernel[0] * windows.kernel[1]), True

    def _with_steps(self, layer: Dense | Convolution) -> tuple[Doubles, Doubles]:
        """Weights by integers instead of floats, and the bias with the offset's share."""
        if isinstance(layer, Dense):
            inputs = layer.weights.shape[1]
            offset = np.repeat(self.offset, inputs // len(self.offset))
            step = np.repeat(self.step, inputs // len(self.step))
            return layer.weights * step, layer.bias + layer.weights @ offset
        outputs, inputs = layer.weights.shape[:2]
        channels = np.arange(layer.windows.channels).reshape(layer.groups, inputs)
        seen = np.repeat(channels, outputs // layer.groups, axis=0)
        step = np.broadcast_to(self.step, layer.windows.channels)[seen]
        offset = np.broadcast_to(self.offset, layer.windows.channels)[seen]
        bias = layer.bias + (layer.weights.sum(axis=(2, 3)) * offset).sum(axis=1)
        return layer.weights * step[:, :, np.newaxis, np.newaxis], bias


def first_read(model: FloatModel, q: Ints) -> tuple[Features, Ints]:
    """What the first layer reads of rows ``q``: the features, or the columns made from them."""
    if not model.columns:
        return model.features, q
    found = []
    for number, column in enumerate(model.columns):
        low, high, unit = column_range(column, model.features[column.feature])
        found.append(Feature(f"c{number}", low / unit, high / unit, scale=unit))
    return Features(tuple(found)), run_op(Encode(0, model.columns), q)


def after_columns(model: FloatModel, ops: Sequence[Op]) -> list[Op]:
    """Operations that read columns, behind the one that makes the columns if there are any."""
    if not model.columns:
        return list(ops)
    return [Encode(0, model.columns), *(replace(op, source=op.source + 1) for op in ops)]


def reading_features(features: Features, body: FloatNetwork, q: Ints, bits: Precision) -> Chain:
    """The start of a chain whose first layer is dense.

    Features of more than 8 bits are rescaled, each over the range that it has in the calibration
    rows ``q``.
    """
    step = body.slope / features.scales
    chain = Chain(bits, [], step, body.offset)
    widest = np.maximum(np.abs(features.q_lows), np.abs(features.q_highs))
    if widest.max() > INPUT_HIGH:
        high = (1 << bits.input_bits) - 1
        reach = np.abs(q).max(axis=0)
        factors = high / np.where(reach > 0, reach, widest)
        multipliers, shift = multipliers_of(factors)
        low = -high if features.q_lows.min() < 0 else 0
        chain.ops.append(Requantise(0, multipliers, shift, low=low, high=high))
        chain.step = step / np.ldexp(np.array(multipliers, dtype=np.float64), -shift)
    return chain


def reading_image(features: Features, body: FloatNetwork, channels: int, bits: Precision) -> Chain:
    """The start of a chain whose first layer looks at windows of an image.

    Padding is 0 in integers and has to be 0.0, so an offset becomes a zero point (equation 20).
    """
    steps = (body.slope / features.scales).reshape(channels, -1)
    offsets = body.offset.reshape(channels, -1)
    if np.ptp(steps, axis=1).any() or np.ptp(offsets, axis=1).any():
        raise ModelError(
            "The pixels of a channel are scaled differently.",
            "Scale an image channel by channel, or begin with a dense layer.",
        )
    if max(features.q_highs.max(), -features.q_lows.min()) > INPUT_HIGH:
        raise ModelError(f"A pixel's integers go beyond {INPUT_HIGH}.", "Give pixels 8 bits.")
    chain = Chain(bits, [], steps[:, 0], offsets[:, 0])
    points = np.rint(chain.offset / chain.step).astype(np.int64)
    if np.ptp(points):
        raise ModelError(
            f"The channels have the zero points {points.tolist()}.",
            "Give all channels the same mean and scale.",
        )
    point = int(points[0])
    if point:
        low, high = int(features.q_lows.min()) + point, int(features.q_highs.max()) + point
        chain.ops.append(Requantise(0, (1,), 0, low=low, high=high, zero_point=point))
        chain.offset = chain.offset - point * chain.step
    return chain


def multipliers_of(factors: Doubles) -> tuple[tuple[int, ...], int]:
    """Equation 19: whole multipliers and the shift for which ``factor = multiplier / 2^shift``."""
    shift = MULTIPLIER_BITS - 1 - int(np.ceil(np.log2(np.abs(factors).max())))
    shift = min(max(shift, 0), MAX_SHIFT)
    return tuple(int(m) for m in np.rint(np.ldexp(factors, shift))), shift
