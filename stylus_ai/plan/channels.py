"""Output channels as sums on lanes: which inputs are added to which, and how far that is safe.

A lane of ``bits`` holds a pixel and has room to spare, so pixels are added in it as they come. For
each output channel the inputs whose weights have the same size are added first and multiplied by it
once; a weight of 0 is not there at all. A `Heap` is as much as a lane holds: its proven range,
moved by ``start`` so that it begins at 0, stays below ``2^bits``. Heaps are added in lanes twice as
wide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from stylus_ai.errors import ModelError
from stylus_ai.ir import Interval, Requantise
from stylus_ai.plan.scale import Scale, raw, scale
from stylus_ai.plan.shared import Ints, Pair, share

LANE_BITS = 8
"""A pixel in an image."""

WIDTHS = (LANE_BITS, 16, 32)
"""Bits of a narrow lane, the cheapest first: all pixels of a word, half of them, a quarter."""

PASS_INPUTS = 160
"""Inputs that are held in local variables at a time, of which there are 348 (rules 3)."""

LOCALS = (255, 220)
"""Inputs and common sums held in local variables, in one pass and in several; the rest of the 348
is for what rustc holds besides."""

FUNCTION_OPERATORS = 50_000
"""Operators of a function, of which Nitro allows 65,536 after metering (rules 3)."""

OPERATORS_PER_WEIGHT = 4
OPERATORS_PER_OUTPUT = 100
"""What rustc makes of a weight that is not 0, and of an output besides."""

Signed = tuple[int, int]
"""A sign, and an input or a common sum."""


@dataclass(frozen=True)
class Term:
    """``factor`` times a sum of inputs."""

    factor: int
    inputs: tuple[Signed, ...]


@dataclass(frozen=True)
class Heap:
    """What one narrow lane adds up, ``start`` included."""

    start: int
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Output:
    """One output channel.

    Attributes:
        heaps: By factor; all heaps of a factor are added before they are multiplied by it.
    """

    heaps: tuple[tuple[int, tuple[Heap, ...]], ...]


@dataclass(frozen=True)
class Pass:
    """The inputs of a function that are held at a time, and what is made of them.

    Attributes:
        inputs: First and last + 1 of the group's inputs.
        used: Inputs that have a weight, counted from the group's first.
        pairs: Common sums; symbol ``count of the group's inputs + i`` is ``pairs[i]``.
        outputs: What the pass adds to each output.
    """

    used: tuple[int, ...]
    pairs: tuple[Pair, ...]
    outputs: tuple[Output, ...]


@dataclass(frozen=True)
class Part:
    """Output channels of one group that are computed together.

    Attributes:
        group: Number of the group.
        channels: Numbers of the output channels.
        passes: At least one.
        scales: For each channel.
        starts: For each channel: what its lanes begin with, heaps' starts taken off.
    """

    group: int
    channels: tuple[int, ...]
    passes: tuple[Pass, ...]
    scales: tuple[Scale, ...]
    starts: tuple[int, ...]


@dataclass(frozen=True)
class Lanes:
    """A convolution on lanes.

    Attributes:
        bits: Of a narrow lane.
        parts: Each a run of the code; those of a large group are several.
    """

    bits: int
    parts: tuple[Part, ...]


def plan_lanes(
    weights: Ints,
    bias: Ints,
    ends: tuple[Ints, Ints],
    requantise: Requantise | None,
    groups: int,
) -> Lanes:
    """Choose lanes that are proven to hold everything.

    Args:
        weights: int64[outputs, inputs of a group].
        bias: int64[outputs].
        ends: Least and greatest value of each input, int64[groups, inputs of a group]; padding
            counts as 0.
        requantise: What the sums go through; None if they are wanted themselves.
        groups: Number of groups.

    Raises:
        ModelError: No width of lanes is wide enough.
    """
    low, high = np.minimum(ends[0], 0), np.maximum(ends[1], 0)
    for bits in WIDTHS if requantise is not None else WIDTHS[:1]:
        found = _at_width(bits, (weights, bias), (low, high), requantise, groups)
        if found is not None:
            return found
    raise ModelError(
        "A convolution's sums or its requantisation do not fit lanes of 64 bits.",
        "Use fewer bits for its weights or inputs, and at most 8 for its outputs.",
    )


def _at_width(
    bits: int,
    sums: tuple[Ints, Ints],
    ends: tuple[Ints, Ints],
    requantise: Requantise | None,
    groups: int,
) -> Lanes | None:
    """Lanes of this width, or None where something does not fit."""
    (weights, bias), (low, high) = sums, ends
    count = len(weights)
    per_group = count // groups
    span = (1 << bits) - 1
    parts = []
    for group in range(groups):
        lows, highs = low[group], high[group]
        if (highs - lows).max() > span:
            return None
        for first, last in _chunks(weights[group * per_group : (group + 1) * per_group]):
            channels = tuple(range(group * per_group + first, group * per_group + last))
            rows = weights[list(channels)]
            scales = []
            for channel, row in zip(channels, rows, strict=True):
                every = _range(row, int(bias[channel]), lows, highs)
                if requantise is None:
                    fit = raw(every, bits)
                else:
                    many = requantise.multipliers
                    fit = scale(requantise, many[channel * len(many) // count], every, bits)
                if fit is None:
                    return None
                scales.append(fit)
            passes = tuple(_passes(rows, scales, lows, highs, span))
            starts = tuple(
                fit.start + fit.multiplier * int(bias[channel]) - _heap_starts(passes, at)
                for at, (channel, fit) in enumerate(zip(channels, scales, strict=True))
            )
            parts.append(Part(group, channels, passes, tuple(scales), starts))
    return Lanes(bits, tuple(parts))


def _chunks(rows: Ints) -> list[tuple[int, int]]:
    """Ranges of outputs that one function has room for."""
    outputs = len(rows)
    size = OPERATORS_PER_WEIGHT * int(np.count_nonzero(rows)) + OPERATORS_PER_OUTPUT * outputs
    pieces = min(outputs, -(-size // FUNCTION_OPERATORS))
    return list(pairwise(outputs * i // pieces for i in range(pieces + 1)))


def _range(row: Ints, bias: int, low: Ints, high: Ints) -> Interval:
    """Everything that a lane of this output may hold, those beyond the image's edge included."""
    ends = np.stack([row * low, row * high])
    return Interval(bias + int(ends.min(axis=0).sum()), bias + int(ends.max(axis=0).sum()))


def _passes(
    rows: Ints, scales: Sequence[Scale], low: Ints, high: Ints, span: int
) -> Iterator[Pass]:
    """Cut the inputs, find what outputs have in common, and heap it up."""
    outputs, inputs = rows.shape
    pieces = -(-inputs // PASS_INPUTS)
    room = LOCALS[pieces > 1] - -(-inputs // pieces)
    constant = np.array([fit.multiplier == 0 for fit in scales])
    rows = np.where(constant[:, np.newaxis], 0, rows)
    for piece in range(pieces):
        mine = np.zeros(inputs, dtype=bool)
        mine[inputs * piece // pieces : inputs * (piece + 1) // pieces] = True
        part = np.where(mine, rows, 0)
        keys = [
            (at, int(size))
            for at, row in enumerate(part)
            for size in np.unique(np.abs(row))
            if size
        ]
        signs = np.array(
            [np.where(np.abs(part[at]) == size, np.sign(part[at]), 0) for at, size in keys],
            dtype=np.int64,
        ).reshape(len(keys), inputs)
        sharing = share(signs, low, high, most=room, span=span)
        by_output: list[list[tuple[int, list[Signed]]]] = [[] for _ in range(outputs)]
        for (at, size), row in zip(keys, sharing.rows, strict=True):
            there = np.flatnonzero(row)
            by_output[at].append((size, [(int(row[i]), int(i)) for i in there]))
        heaps = tuple(
            Output(_heaps(values, fit.multiplier, sharing.low, sharing.high, span))
            for values, fit in zip(by_output, scales, strict=True)
        )
        used = tuple(np.flatnonzero(part.any(axis=0)).tolist())
        yield Pass(used, sharing.pairs, heaps)


def _heaps(
    values: list[tuple[int, list[Signed]]], multiplier: int, low: Ints, high: Ints, span: int
) -> tuple[tuple[int, tuple[Heap, ...]], ...]:
    """Fill heaps: full ones with a single size of weight, the rest mixed where they fit."""
    found: dict[int, list[Heap]] = {}
    rest: list[tuple[int, int, list[Signed]]] = []

    def close(factor: int, terms: list[tuple[int, list[Signed]]]) -> None:
        start = sum(size * _below(inputs, low, high) for size, inputs in terms)
        width = sum(size * int(high[at] - low[at]) for size, inputs in terms for _, at in inputs)
        half = (span + 1) // 2
        if 0 < start <= half and width - start <= span - half:
            start = half  # equal constants compress better
        heap = Heap(start, tuple(Term(size, tuple(inputs)) for size, inputs in terms))
        found.setdefault(factor * multiplier, []).append(heap)

    for size, inputs in values:
        room, heap = span, list[Signed]()
        for sign, at in sorted(inputs, key=lambda one: int(low[one[1]] - high[one[1]])):
            width = int(high[at] - low[at])
            if width > room:
                close(size, [(1, heap)])
                room, heap = span, []
            heap.append((sign, at))
            room -= width
        rest.append((size, span - room, heap))
    bins: list[tuple[int, list[tuple[int, list[Signed]]]]] = []
    for size, width, heap in sorted(rest, key=lambda one: -one[0] * one[1]):
        if size * width > span:
            close(size, [(1, heap)])
            continue
        fits = [i for i, (room, _) in enumerate(bins) if size * width <= room]
        if fits:
            room, terms = bins[fits[0]]
            bins[fits[0]] = (room - size * width, [*terms, (size, heap)])
        else:
            bins.append((span - size * width, [(size, heap)]))
    for _, terms in bins:
        close(1, terms)
    return tuple((factor, tuple(heaps)) for factor, heaps in sorted(found.items()))


def _below(inputs: list[Signed], low: Ints, high: Ints) -> int:
    """How far a sum of signed inputs can fall below 0."""
    return -sum(int(low[at]) if sign > 0 else -int(high[at]) for sign, at in inputs)


def _heap_starts(passes: Sequence[Pass], at: int) -> int:
    """What the heaps' starts add to the sum of an output."""
    return sum(
        factor * heap.start
        for one in passes
        for factor, heaps in one.outputs[at].heaps
        for heap in heaps
    )
