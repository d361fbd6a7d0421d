"""How an image lies in memory: eight pixels of a row in a word, so that one sum serves all eight.

A word holds every ``phases``-th pixel of one row of one channel. With ``phases`` columns apart,
a window that moves by its stride reads, for all its positions in a word, pixels of one other word,
moved by whole lanes. Nothing has to be gathered:

    phases = 2, 14 columns:   word 0 = columns 0 2 4 6 8 10 12,   word 1 = columns 1 3 5 7 9 11 13

Where a stride is larger than the phases, the pixels that are left keep their lanes, ``spread``
apart; what stands between them is nothing.

The words of a row stand phase by phase, and in a phase channel by channel. Above and below the
image are rows of padding, left and right the lanes that a row leaves unused, or what a shift
brings in.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import ClassVar

import numpy as np

from stylus_ai.ir import Affine, Conv2d, MaxPool2d, Requantise, SumPool2d, Windows
from stylus_ai.ir.tensor import Ints
from stylus_ai.ir.verify import Bounds
from stylus_ai.plan.layout import Layout
from stylus_ai.plan.stage import Stage

LANES = 8
"""Pixels in a word, one byte each."""


@dataclass(frozen=True)
class _Rows(ABC):
    """Numbers in the order in which the words of a row give them: phase by phase, by channel.

    Attributes:
        channels: Channels.
        height: Rows, without those of padding.
        width: Columns.
        phases: Columns between two pixels of a word.
        spread: Lanes between them; 1 unless ``phases`` is 1.
    """

    channels: int
    height: int
    width: int
    phases: int
    spread: int = 1

    @property
    @abstractmethod
    def each(self) -> int:
        """Elements of one channel in a phase of a row."""

    @property
    def lanes(self) -> int:
        """Lanes of a word up to its last pixel."""
        return lanes(self.width, Fraction(self.phases, self.spread))

    def lane(self, column: Ints) -> Ints:
        """Lane of a column."""
        return column // self.phases * self.spread

    @property
    def phase_length(self) -> int:
        """Elements of one phase of a row."""
        return self.channels * self.each

    @property
    def row_length(self) -> int:
        """Elements of a row."""
        return self.phases * self.phase_length

    def places(self, top: int) -> tuple[int, ...]:
        """Where each number is, in the order of a value, below ``top`` rows of padding."""
        column = np.arange(self.width)
        across = (column % self.phases) * self.phase_length + self.lane(column)
        down = (top + np.arange(self.height)) * self.row_length
        depth = np.arange(self.channels) * self.each
        found = depth[:, np.newaxis, np.newaxis] + down[:, np.newaxis] + across
        return tuple(found.reshape(-1).tolist())


@dataclass(frozen=True)
class Image(_Rows):
    """An image in memory, bytes in rows of words.

    Attributes:
        top: Rows of padding above.
        bottom: Rows of padding below.
        offset: What a byte lacks: ``value = byte + offset``, at most 0.
        pad: Byte of padding and of lanes that hold no pixel.
    """

    top: int = 0
    bottom: int = 0
    offset: int = 0
    pad: int = 0

    @property
    def each(self) -> int:
        """A word for each channel."""
        return LANES

    @property
    def rows(self) -> int:
        """Rows, with those of padding."""
        return self.top + self.height + self.bottom

    @property
    def length(self) -> int:
        """Bytes of the whole."""
        return self.rows * self.row_length

    @cached_property
    def layout(self) -> Layout:
        """Where each pixel is, in the order of a value: channel by channel, row by row."""
        return Layout("u8", self.length, self.places(self.top), offset=self.offset, pad=self.pad)

    def read_by(self, stage: Stage) -> Image:
        """The same with the padding that a convolution or a pool reaches into."""
        windows = windows_of(stage)
        if windows is None:
            return self
        top = windows.padding[0]
        reach = (windows.out_height - 1) * windows.stride[0] + windows.kernel[0] - top
        pad = 0 if isinstance(stage.op, MaxPool2d) else -self.offset
        return replace(self, top=top, bottom=max(0, reach - self.height), pad=pad)


@dataclass(frozen=True)
class Sums(_Rows):
    """Sums in memory that fit no byte, 32 bits each."""

    top: ClassVar[int] = 0
    pad: ClassVar[int] = 0
    offset: ClassVar[int] = 0

    @property
    def each(self) -> int:
        """The lanes that hold a sum."""
        return self.lanes

    @property
    def length(self) -> int:
        """Elements of the whole."""
        return self.height * self.row_length

    @cached_property
    def layout(self) -> Layout:
        """Where each sum is, in the order of a value."""
        return Layout("i32", self.length, self.places(0))


def windows_of(stage: Stage) -> Windows | None:
    """Where a stage looks at an image; None for a stage that reads no image."""
    match stage.op:
        case Conv2d() | MaxPool2d() | SumPool2d():
            return stage.op.windows
        case Affine() | Requantise():
            return None


def images(chain: Sequence[Stage], bounds: Bounds) -> dict[int, Image]:
    """Every value between layers that is an image and fits bytes, by number of the value.

    From one image to the next the columns between two pixels of a word shrink by the stride of the
    windows between them. In a run of convolutions and pools they are as few as let every row fit.
    """
    found: dict[int, Image] = {}
    run: list[Stage] = []
    for stage in chain:
        if windows_of(stage) is None:
            found |= _run(run, bounds)
            run = []
        else:
            run.append(stage)
    return found | _run(run, bounds)


def lanes(width: int, apart: Fraction) -> int:
    """Lanes that a row of pixels takes.

    Args:
        width: Pixels.
        apart: Columns from a pixel to the next one of the same word; below 1 the other way round.
    """
    if apart >= 1:
        return -(-width // int(apart))
    return (width - 1) * apart.denominator + 1


def strided(image: Image, stride: int) -> tuple[int, int] | None:
    """Phases and spread of what windows of this stride make of an image; None if there are none."""
    apart = Fraction(image.phases, image.spread) / stride
    if 1 not in (apart.numerator, apart.denominator):
        return None
    return apart.numerator, apart.denominator


def _run(run: Sequence[Stage], bounds: Bounds) -> dict[int, Image]:
    """Images of consecutive convolutions and pools."""
    sizes: list[tuple[int, tuple[int, int, int]]] = []
    strides: list[int] = []
    for stage in run:
        windows = windows_of(stage)
        if windows is None:
            raise TypeError(f"not a stage of an image: {stage!r}")
        if not sizes:
            sizes.append((stage.source, (windows.channels, windows.height, windows.width)))
        channels = len(stage.op.bias.array) if isinstance(stage.op, Conv2d) else windows.channels
        sizes.append((stage.value, (channels, windows.out_height, windows.out_width)))
        strides.append(windows.stride[1])
    apart = _apart([shape[2] for _, shape in sizes], strides)
    found = {}
    for (value, shape), each, reader in zip(sizes, apart, [*run, None], strict=False):
        hull = bounds.values[value].hull
        offset = min(hull.low, 0)
        if hull.high - offset > 0xFF:
            continue
        image = Image(*shape, each.numerator, each.denominator, offset=offset)
        found[value] = image if reader is None else image.read_by(reader)
    return found


def _apart(widths: Sequence[int], strides: Sequence[int]) -> list[Fraction]:
    """Columns between two pixels of a word, for each image of a run: as few as fit words."""
    units = [prod(strides[at:]) for at in range(len(widths))]
    if not widths:
        return []
    tried = [Fraction(1, part) for part in range(units[0], 1, -1)]
    tried += [Fraction(whole) for whole in range(1, max(widths) + 1)]
    for least in tried:
        found = [unit * least for unit in units]
        whole = all(1 in (each.numerator, each.denominator) for each in found)
        if whole and all(
            lanes(width, each) <= LANES for width, each in zip(widths, found, strict=True)
        ):
            return found
    raise AssertionError("one pixel to a word always fits")
