"""The integer operations: a closed union.

Value 0 is the input row, int64[n, features]; op ``i`` writes value ``i + 1``, int64[n, width].
``source`` names the value that an op reads. An image is a row like any other, channel by channel
and each channel row by row, as PyTorch flattens it. The arithmetic is in ``arithmetic.py``, one
numbered equation each. A new op is one dataclass here and an arm wherever the type checker asks
for one.
"""

from __future__ import annotations

from dataclasses import dataclass

from stylus_ai.ir.columns import Column
from stylus_ai.ir.tensor import IntTensor
from stylus_ai.ir.tree import Tree
from stylus_ai.ir.windows import Windows


@dataclass(frozen=True)
class Encode:
    """Columns made from the row's features: what stands before a model (equation 12).

    Attributes:
        source: Value 0.
        columns: At least one; each reads one feature.
    """

    source: int
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class TreeSum:
    """Sum of the leaves that a row reaches (equations 3 and 4).

    Attributes:
        source: Value 0, or that of an ``Encode``.
        trees: At least one.
        base: Start of each output's sum.
        frac_bits: Leaf values are multiples of ``2**-frac_bits``.
        divisor: The float output is ``sum / (divisor * 2**frac_bits)``: the number of trees when
            a forest averages, else 1. Dividing at the end costs no precision in the leaves.
    """

    source: int
    trees: tuple[Tree, ...]
    base: tuple[int, ...]
    frac_bits: int
    divisor: int = 1


@dataclass(frozen=True)
class Affine:
    """Weighted sums (equation 5): a linear model, or a dense layer.

    Attributes:
        source: Value to read.
        weights: ``weights[k, i]`` for output ``k`` and input ``i``.
        bias: One for each output.
        frac_bits: Of a linear model: the float output is ``sum / 2**frac_bits``.
    """

    source: int
    weights: IntTensor
    bias: IntTensor
    frac_bits: int = 0


@dataclass(frozen=True)
class Conv2d:
    """Weighted sums over the windows of an image (equation 13).

    Attributes:
        source: Value to read.
        windows: Shape of the image and where the windows lie; padded with 0.
        weights: ``weights[o, c, y, x]`` for output channel ``o`` and the channel ``c`` of its
            group.
        bias: One for each output channel.
        groups: Parts of the channels that do not see each other; depthwise if as many as channels.
    """

    source: int
    windows: Windows
    weights: IntTensor
    bias: IntTensor
    groups: int = 1


@dataclass(frozen=True)
class MaxPool2d:
    """Largest element of each window, channel by channel; padding never wins (equation 14)."""

    source: int
    windows: Windows


@dataclass(frozen=True)
class SumPool2d:
    """Sum of each window, channel by channel (equation 14); an average's numerator."""

    source: int
    windows: Windows


@dataclass(frozen=True)
class Requantise:
    """Another scale, rounded half up, shifted and saturated, for each element (equation 6).

    Attributes:
        source: Value to read.
        multipliers: One for all elements, or one for each channel, a channel being an equal run
            of consecutive elements.
        shift: The scale is ``multiplier / 2**shift``.
        low: Smallest result. 0 makes it a ReLU.
        high: Largest result. A clipped ReLU clips here.
        zero_point: Integer that stands for 0.0 in the result.
        frac_bits: Of log-odds and values that leave a network: the float output is
            ``result / 2**frac_bits``.
    """

    source: int
    multipliers: tuple[int, ...]
    shift: int
    low: int
    high: int
    zero_point: int = 0
    frac_bits: int = 0


@dataclass(frozen=True)
class Sigmoid:
    """Logistic function in basis points, 0..10000, for each element (equation 9)."""

    source: int
    frac_bits: int


@dataclass(frozen=True)
class Softmax:
    """Share of each element in basis points, 0..10000 (equation 15)."""

    source: int
    frac_bits: int


@dataclass(frozen=True)
class AtLeast:
    """1 where the element is at least ``threshold``, else 0 (equation 7)."""

    source: int
    threshold: int


@dataclass(frozen=True)
class Argmax:
    """Index of the largest element of a row; the first of equals (equation 8)."""

    source: int


Op = (
    Encode
    | TreeSum
    | Affine
    | Conv2d
    | MaxPool2d
    | SumPool2d
    | Requantise
    | Sigmoid
    | Softmax
    | AtLeast
    | Argmax
)
