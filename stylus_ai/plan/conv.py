"""Convolutions and pools: images in bytes where everything fits, else plain loops."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from stylus_ai.errors import ModelError
from stylus_ai.ir import Conv2d, IntTensor, MaxPool2d, Requantise, Windows, tensor
from stylus_ai.ir.verify import Bounds
from stylus_ai.plan import prices
from stylus_ai.plan.channels import LANE_BITS, Lanes, Part, Pass, plan_lanes
from stylus_ai.plan.image import Image, Sums, strided, windows_of
from stylus_ai.plan.layout import Layout, plain
from stylus_ai.plan.stage import Stage
from stylus_ai.units import Bytes, Ink


@dataclass(frozen=True)
class Tap:
    """Where the pixels of one column of the kernel are, for one phase of the output.

    Attributes:
        phase: Phase of the source.
        move: Lanes that its words move by: lane ``i`` takes what lane ``i + move`` holds.
    """

    phase: int
    move: int


def taps(windows: Windows, source: Image, phase: int) -> list[Tap]:
    """One for each column of the kernel, as phase ``phase`` of the output sees the source."""
    first = phase * windows.stride[1] - windows.padding[1]
    columns = range(first, first + windows.kernel[1])
    return [Tap(x % source.phases, x // source.phases * source.spread) for x in columns]


@dataclass(frozen=True)
class ConvLayer:
    """The plan of a convolution, or of a sum pool, which is one with weights of 1.

    Attributes:
        stage: What it computes.
        takes: Layout of its input.
        gives: Layout of its output.
        source: Image that it works on.
        target: Image that it writes.
        op: The convolution; of a sum pool, one of a single channel.
        uniform: Every channel is computed like the first (a sum pool).
        lanes: Its sums.
        ink: Of the layer's function.
        bytes: Raw wasm.
    """

    stage: Stage
    takes: Layout
    gives: Layout
    source: Image
    target: Image | Sums
    op: Conv2d
    uniform: bool
    lanes: Lanes
    ink: Ink
    bytes: Bytes

    @property
    def kernel(self) -> str:
        """Name of the kernel, for people."""
        return f"{'sum pool' if self.uniform else 'convolution'} {self.lanes.bits}"


@dataclass(frozen=True)
class MaxLayer:
    """The plan of a max pool on bytes.

    Attributes:
        stage: What it computes.
        takes: Layout of its input.
        gives: Layout of its output.
        source: Image that it works on.
        target: Image that it writes.
        most: Largest byte of the source.
        ink: Of the layer's function.
        bytes: Raw wasm.
    """

    stage: Stage
    takes: Layout
    gives: Layout
    source: Image
    target: Image
    most: int
    ink: Ink
    bytes: Bytes

    kernel = "max pool"


@dataclass(frozen=True)
class LoopLayer:
    """The plan of a convolution or pool that goes pixel by pixel, in 64 bits.

    Attributes:
        stage: What it computes.
        takes: Layout of its input.
        gives: Layout of its output.
        windows: Where it looks.
        channels: Channels of the output.
        source: Image that it reads; None for a layout in the value's own order.
        target: Image that it writes; None likewise.
        ink: Of the layer's function.
        bytes: Raw wasm.
    """

    stage: Stage
    takes: Layout
    gives: Layout
    windows: Windows
    channels: int
    source: Image | None
    target: Image | None
    ink: Ink
    bytes: Bytes

    kernel = "loops"


ImageLayer = ConvLayer | MaxLayer | LoopLayer

PIXEL_INK = Ink(3_500)
"""A pixel from the packed row to its byte, one at a time."""

HALVES_INK = Ink(
    2 * prices.STORE_WORD + 3 * prices.I64_BY_CONST + prices.LOCAL_SET + 4 * prices.LOCAL_GET
)
"""A word of half bytes to two words of pixels."""

LOOP_INK = Ink(6_500)
"""A multiplication and everything around it, in loops over memory."""

LOOP_BYTES = Bytes(900)
WEIGHT_BYTES = Bytes(7)
"""Of a weight that is not 0, with its share of everything else."""

HEAP_INK = Ink(2 * prices.I64_ALU + prices.I64_BY_CONST + 2 * prices.LOCAL_GET)
"""A heap, from narrow lanes to wide ones."""

FINISH_INK = Ink(1_900)
"""A channel's sums, to bytes in memory; fitted to what rustc makes of it."""

PASS_INK = Ink(2 * prices.STORE_WORD + 2 * prices.LOAD_WORD)
"""A channel's unfinished sums, from one pass to the next."""

FILL_INK = Ink(100)
"""A byte of padding, before the pixels come (rules 2.3)."""

LOOP_TURN_INK = Ink(
    2 * prices.BLOCK + prices.BRANCH_IF + 10 * prices.LOCAL_GET + 5 * prices.I32_ALU
)
"""One more turn of the loop over rows or words: its places, its end and the way back."""

LARGER_INK = Ink(8 * prices.I64_ALU + 5 * prices.LOCAL_GET)
"""The larger of two numbers in each lane."""

MOVE_INK = Ink(prices.I64_BY_CONST + 2 * prices.LOCAL_GET)
"""A word that is moved by lanes, and read again."""


def plan_image_layer(
    stage: Stage,
    bounds: Bounds,
    takes: Layout,
    wanted: Layout | None,
    around: tuple[Image | None, Image | None],
) -> ImageLayer:
    """Choose a kernel.

    Args:
        stage: A convolution or a pool.
        bounds: Of the program.
        takes: Layout of the input.
        wanted: Layout of the output, that of its image if there is one; None if any will do.
        around: Images of the input and of the output; None for one that does not fit bytes, or that
            the head reads.
    """
    source, target = around
    if source is not None and target is not None:
        if isinstance(stage.op, MaxPool2d):
            if stage.requantise is None:
                return _max(stage, bounds, takes, source, target)
        else:
            layer = _conv(stage, bounds, takes, source, target)
            if layer is not None:
                return layer
    windows = _windows(stage)
    if source is not None and target is None and not isinstance(stage.op, MaxPool2d):
        layer = _raw(stage, bounds, takes, wanted, source)
        if layer is not None:
            return layer
    channels = len(stage.op.bias.array) if isinstance(stage.op, Conv2d) else windows.channels
    seen = windows.kernel[0] * windows.kernel[1]
    if isinstance(stage.op, Conv2d):
        seen *= stage.op.weights.shape[1]
    ink = Ink(windows.positions * channels * seen * LOOP_INK)
    known = source if source is not None and takes == source.layout else None
    wanted = wanted or plain(bounds.values[stage.value])
    return LoopLayer(stage, takes, wanted, windows, channels, known, target, ink, LOOP_BYTES)


def _windows(stage: Stage) -> Windows:
    windows = windows_of(stage)
    if windows is None:
        raise TypeError(f"not a stage of an image: {stage!r}")
    return windows


def _max(stage: Stage, bounds: Bounds, takes: Layout, source: Image, target: Image) -> MaxLayer:
    windows = _windows(stage)
    most = bounds.values[stage.source].hull.high - source.offset
    words = sum(_largest_ink(windows, source, phase, most) for phase in range(target.phases))
    turn = windows.channels * words + LOOP_TURN_INK
    ink = Ink(windows.out_height * turn + _gather_ink(takes, source))
    return MaxLayer(stage, takes, target.layout, source, target, most, ink, LOOP_BYTES)


def _largest_ink(windows: Windows, source: Image, phase: int, most: int) -> int:
    """The largest of all pixels that one word of the target sees."""
    rows = windows.kernel[0]
    seen = taps(windows, source, phase)
    loads = len({tap.phase for tap in seen})
    moves = sum(tap.move != 0 for tap in seen)
    wide = 2 if most >> (LANE_BITS - 1) else 1
    ink = rows * (loads * prices.LOAD_WORD + moves * MOVE_INK)
    ink += (rows * len(seen) - 1) * wide * LARGER_INK
    return ink + prices.STORE_WORD + wide * prices.I64_BY_CONST


def _conv(
    stage: Stage, bounds: Bounds, takes: Layout, source: Image, target: Image
) -> ConvLayer | None:
    requantise = stage.requantise
    if requantise is None:
        # Whatever fits a byte as it is stays as it is.
        hull = bounds.values[stage.value].hull
        requantise = Requantise(stage.value, (1,), 0, hull.low, hull.high)
    if target.channels % len(requantise.multipliers):
        return None
    if not isinstance(stage.op, Conv2d) and len(requantise.multipliers) > 1:
        return None
    return _on_lanes(stage, bounds, takes, requantise, (source, target))


def _raw(
    stage: Stage, bounds: Bounds, takes: Layout, wanted: Layout | None, source: Image
) -> ConvLayer | None:
    """Sums as they are, where whoever reads them takes them in any order."""
    if stage.requantise is not None or wanted is not None:
        return None
    windows = _windows(stage)
    channels = len(stage.op.bias.array) if isinstance(stage.op, Conv2d) else windows.channels
    size = (windows.out_height, windows.out_width)
    apart = strided(source, windows.stride[1])
    if apart is None:
        return None
    target = Sums(channels, *size, *apart)
    return _on_lanes(stage, bounds, takes, None, (source, target))


def _on_lanes(
    stage: Stage,
    bounds: Bounds,
    takes: Layout,
    requantise: Requantise | None,
    around: tuple[Image, Image | Sums],
) -> ConvLayer | None:
    source, target = around
    uniform = not isinstance(stage.op, Conv2d)
    op = stage.op if isinstance(stage.op, Conv2d) else _ones(stage)
    x = bounds.values[stage.source]
    _, inputs, height, width = op.weights.shape
    ends = []
    for side, worst in ((x.low, np.min), (x.high, np.max)):
        # One for each channel; a sum pool takes the worst of all.
        channels = worst(side.reshape(op.groups if not uniform else 1, inputs, -1), axis=2)
        ends.append(np.repeat(channels, height * width, axis=1))
    flat = op.weights.array.reshape(len(op.weights.array), -1)
    try:
        lanes = plan_lanes(flat, op.bias.array, (ends[0], ends[1]), requantise, op.groups)
    except ModelError:
        return None
    words = op.windows.out_height * target.phases * lanes.bits // LANE_BITS
    words *= target.channels if uniform else 1
    ink = words * _word_ink(op.windows, around, lanes.parts) + _gather_ink(takes, source)
    ink += FILL_INK * target.length
    size = int(np.count_nonzero(flat)) * WEIGHT_BYTES
    return ConvLayer(
        stage, takes, target.layout, source, target, op, uniform, lanes, Ink(ink), Bytes(size)
    )


def _ones(stage: Stage) -> Conv2d:
    """A channel of a sum pool as a convolution."""
    windows = replace(_windows(stage), channels=1)
    weights = np.ones((1, 1, *windows.kernel), dtype=np.int64)
    return Conv2d(stage.source, windows, IntTensor(weights), tensor([0]))


def by_words(takes: Layout, image: Image) -> bool:
    """Whether a packed row becomes an image word by word: a byte has one pixel of each phase."""
    return (
        takes.element == "u4"
        and (image.phases, image.spread) == (2, 1)
        and image.width % 2 == 0
        and image.offset == 0
    )


def _gather_ink(takes: Layout, source: Image) -> int:
    if takes == source.layout:
        return 0
    if not by_words(takes, source):
        return len(takes.position) * PIXEL_INK
    loads = (source.width // 2).bit_count()
    return source.channels * source.height * (loads * prices.LOAD_WORD + HALVES_INK)


def _word_ink(windows: Windows, around: tuple[Image, Image | Sums], parts: tuple[Part, ...]) -> int:
    """Of all channels of one word of pixels."""
    ink = prices.CALL + 2 * prices.BLOCK + 4 * prices.LOCAL_GET
    for part in parts:
        ink += len(part.channels) * FINISH_INK
        ink += (len(part.passes) - 1) * len(part.channels) * PASS_INK
        for one in part.passes:
            loads, moves = _reads(windows, around, one)
            ink += loads * prices.LOAD_WORD
            ink += moves * MOVE_INK
            ink += len(one.pairs) * (3 * prices.LOCAL_GET + prices.I64_ALU)
            for factor, heaps in (found for output in one.outputs for found in output.heaps):
                ink += len(heaps) * HEAP_INK
                ink += 2 * (prices.MUL + prices.I64_ALU) if factor != 1 else 0
                for term in (term for heap in heaps for term in heap.terms):
                    ink += len(term.inputs) * (prices.LOCAL_GET + prices.I64_ALU)
                    ink += (prices.MUL + prices.I64_ALU) if term.factor != 1 else 0
    return ink


def _reads(windows: Windows, around: tuple[Image, Image | Sums], one: Pass) -> tuple[int, int]:
    """Words that a pass reads from memory, and inputs that it moves by lanes."""
    source, target = around
    phases = [taps(windows, source, phase) for phase in range(target.phases)]
    width = windows.kernel[1]
    moves = sum(any(phase[i % width].move for phase in phases) for i in one.used)
    if target.phases > 1:
        return len(one.used), moves
    return len({(i // width, phases[0][i % width].phase) for i in one.used}), moves
