"""The numbers of a dense layer, and how its inputs come out of memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from stylus_ai.ir import Affine, Interval
from stylus_ai.ir.tensor import Ints
from stylus_ai.ir.verify import Bounds
from stylus_ai.plan.lanes import Mode, Scheme, Unit
from stylus_ai.plan.layout import BITS, Layout
from stylus_ai.plan.stage import Stage

PART_UNITS = {Mode.SINGLE: 120, Mode.MASK: 120, Mode.PAIR: 200}
"""Words of inputs in one function: each is a local, and sums of words are too (348 in all)."""

NARROW_LIMIT = 2**52
"""Sums of narrower schemes are bounded in 64 bits themselves; larger sums take whole words."""


@dataclass(frozen=True)
class Place:
    """Where an input lies: in the word that begins at byte ``at``, ``shift`` bits up.

    For elements of 32 and 64 bits ``at`` counts elements, and ``shift`` is 0.
    """

    at: int
    shift: int


@dataclass(frozen=True)
class Task:
    """A layer's numbers, once and for all schemes.

    Attributes:
        stage: What is computed.
        takes: Layout of the input.
        wanted: Layout that the next layer asks for; None if any order will do.
        places: Of each input.
        weights: int64[outputs, inputs].
        bias: int64[outputs]; what the elements' offset adds is in it.
        low: Least element for each input.
        high: Greatest element for each input.
        sums: All that the sums can be.
        results: All that the stage can give.
    """

    stage: Stage
    takes: Layout
    wanted: Layout | None
    places: tuple[Place, ...]
    weights: Ints
    bias: Ints
    low: Ints
    high: Ints
    sums: Interval
    results: Interval

    @property
    def narrow(self) -> bool:
        """Whether narrow slots may be thought of at all."""
        if self.takes.wide:
            largest = max(abs(int(self.low.min())), abs(int(self.high.max())))
        else:
            largest = int(self.high.max())
        # As floats: the size of -2^63 is no int64.
        heaviest = float(np.abs(self.weights.astype(np.float64)).max())
        return heaviest * max(largest, 1) * len(self.low) < NARROW_LIMIT


def task_of(stage: Stage, bounds: Bounds, takes: Layout, wanted: Layout | None) -> Task:
    """The numbers of a stage that is an ``Affine``, with or without a requantisation.

    Args:
        stage: What is computed.
        bounds: Of the program.
        takes: Layout of the input.
        wanted: Layout that the next layer asks for; None if any order will do.
    """
    if not isinstance(stage.op, Affine):
        raise TypeError(f"not a dense layer: {stage.op!r}")
    weights, x = stage.op.weights.array, bounds.values[stage.source]
    # Elements hold ``value - offset``, so that the bias takes what the offset adds.
    bias = stage.op.bias.array + weights.sum(axis=1) * takes.offset
    return Task(
        stage,
        takes,
        wanted,
        tuple(_place(takes, position) for position in takes.position),
        weights,
        bias,
        x.low.astype(np.int64) - takes.offset,
        x.high.astype(np.int64) - takes.offset,
        bounds.values[stage.sums].hull,
        bounds.values[stage.value].hull,
    )


def _place(takes: Layout, position: int) -> Place:
    """Words are read at multiples of 8 bytes, the last one so that it ends with the array."""
    if takes.wide:
        return Place(position, 0)
    bits = BITS[takes.element]
    byte, rest = divmod(position * bits, 8)
    at = max(min(byte // 8 * 8, takes.bytes - 8), 0)
    return Place(at, 8 * (byte - at) + 8 - bits - rest)


def units_of(task: Task, scheme: Scheme, used: Ints) -> list[Unit]:
    """Inputs, or pairs of them, in the order in which they lie in memory."""
    inputs = sorted(used.tolist(), key=lambda i: (task.places[i].at, task.places[i].shift))
    if scheme.mode is not Mode.PAIR:
        return [(i,) for i in inputs]
    at = {task.places[i]: i for i in inputs}
    units: list[Unit] = []
    taken: set[int] = set()
    for i in inputs:
        if i in taken:
            continue
        place = task.places[i]
        partner = at.get(Place(place.at, place.shift + scheme.bits))
        unit = (i,) if partner is None or partner in taken else (i, partner)
        units.append(unit)
        taken.update(unit)
    return units


def chunks_of(units: Sequence[Unit], mode: Mode) -> list[list[Unit]]:
    """Equal parts of the inputs, at least one, each small enough for a function."""
    count = max(-(-len(units) // PART_UNITS[mode]), 1)
    ends = [len(units) * k // count for k in range(count + 1)]
    return [list(units[first:last]) for first, last in pairwise(ends)]


def rows_of(task: Task, outputs: Sequence[int | None]) -> Ints:
    """Weights of the outputs in a group's slots; 0 where a slot is not used."""
    weights = np.zeros((len(outputs), task.weights.shape[1]), dtype=np.int64)
    for slot, output in enumerate(outputs):
        if output is not None:
            weights[slot] = task.weights[output]
    return weights
