"""How an image lies in memory: eight pixels of a row in a word, so that one sum serves all eight.

A word holds every ``phases``-th pixel of one row of one channel. With ``phases`` columns apart,
a window that moves by its stride reads, for all its positions in a word, pixels of one other word,
moved by whole lanes. Nothing has to be gathered:

    phases = 2, 14 columns:   word 0 = columns 0 2 4 6 8 10 12,   word 1 = columns 1 3 5 7 9 11 13

The words of a row stand phase by phase, and in a phase channel by channel. Above and below the
image are rows of padding, left and right the lanes that a row leaves unused, or what a shift
brings in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from stylus_ai.errors import ModelError
from stylus_ai.ir import Conv2d, MaxPool2d, Op, SumPool2d, Windows
from stylus_ai.plan.layout import Layout

LANES = 8
"""Pixels in a word, one byte each."""


@dataclass(frozen=True)
class Image:
    """An image in memory, bytes in rows of words.

    Attributes:
        channels: Channels.
        height: Rows, without those of padding.
        width: Columns.
        phases: Columns between two pixels of a word.
        top: Rows of padding above.
        bottom: Rows of padding below.
        offset: What a byte lacks: ``value = byte + offset``, at most 0.
        pad: Byte of padding and of lanes that hold no pixel.
    """

    channels: int
    height: int
    width: int
    phases: int
    top: int = 0
    bottom: int = 0
    offset: int = 0
    pad: int = 0

    @property
    def lanes(self) -> int:
        """Lanes of a word that hold pixels."""
        return -(-self.width // self.phases)

    @property
    def phase_bytes(self) -> int:
        """Bytes of one phase of a row."""
        return self.channels * LANES

    @property
    def row_bytes(self) -> int:
        """Bytes of a row."""
        return self.phases * self.phase_bytes

    @property
    def rows(self) -> int:
        """Rows, with those of padding."""
        return self.top + self.height + self.bottom

    @property
    def length(self) -> int:
        """Bytes of the whole."""
        return self.rows * self.row_bytes

    @cached_property
    def layout(self) -> Layout:
        """Where each pixel is, in the order of a value: channel by channel, row by row."""
        column = np.arange(self.width)
        across = (column % self.phases) * self.phase_bytes + column // self.phases
        down = (self.top + np.arange(self.height)) * self.row_bytes
        depth = np.arange(self.channels) * LANES
        places = depth[:, np.newaxis, np.newaxis] + down[:, np.newaxis] + across
        position = tuple(places.reshape(-1).tolist())
        return Layout("u8", self.length, position, offset=self.offset, pad=self.pad)

    def read_by(self, windows: Windows) -> Image:
        """The same with the rows of padding that windows reach into."""
        top = windows.padding[0]
        reach = (windows.out_height - 1) * windows.stride[0] + windows.kernel[0] - top
        return replace(self, top=top, bottom=max(0, reach - self.height))


Spatial = Conv2d | MaxPool2d | SumPool2d


def phases(ops: tuple[Op, ...]) -> dict[int, int]:
    """Phases of every value that is an image, by number of the value.

    From one image to the next the phases shrink by the stride of the windows between them. The
    last ones are as few as let every row fit its words.

    Raises:
        ModelError: Two ops read an image with strides that do not go together.
    """
    steps: dict[int, tuple[int, int]] = {}  # value -> (columns, phases in units of the last one)
    images = {at + 1: op for at, op in enumerate(ops) if isinstance(op, Spatial)}
    source = {at: _image_source(ops, op.source, images) for at, op in images.items()}
    for at in sorted(images, reverse=True):
        op = images[at]
        _, unit = steps.setdefault(at, (op.windows.out_width, 1))
        wanted = (op.windows.width, unit * op.windows.stride[1])
        if steps.setdefault(source[at], wanted) != wanted:
            raise ModelError(
                f"Op {at - 1} ({type(op).__name__}) reads value {source[at]} with another stride "
                "than the op after it.",
                "Give both the same stride.",
            )
    last = max((-(-columns // (LANES * unit)) for columns, unit in steps.values()), default=1)
    return {at: unit * last for at, (_, unit) in steps.items()}


def _image_source(ops: tuple[Op, ...], value: int, images: dict[int, Spatial]) -> int:
    """The image that a value holds, other scales of the same pixels apart."""
    while value and value not in images:
        value = ops[value - 1].source
    return value
