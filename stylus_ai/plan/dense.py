"""A dense layer as straight-line code: geometry, constants and price, before anything is emitted.

Of several schemes (`lanes.Scheme`) the cheapest is taken that provably overflows nowhere; one
output to a word of 64 bits always does. Inputs are cut into parts, since every one takes a local
variable of a function, and outputs too, since a function has a limited number of operators.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from stylus_ai.ir import Affine, Interval, Requantise
from stylus_ai.ir.tensor import Ints
from stylus_ai.ir.verify import Bounds
from stylus_ai.plan import prices
from stylus_ai.plan.lanes import (
    WORD,
    Flush,
    Group,
    Mode,
    Node,
    Scheme,
    Segment,
    Unit,
    build_group,
    rough_group,
    segments,
)
from stylus_ai.plan.layout import BITS, Layout
from stylus_ai.plan.rescale import Rescale, find_rescale
from stylus_ai.plan.stage import Stage
from stylus_ai.units import Bytes, Ink

PART_UNITS = {Mode.SINGLE: 120, Mode.MASK: 120, Mode.PAIR: 200}
"""Words of inputs in one function: each is a local, and sums of words are too (348 in all)."""

PART_TERMS = 8_000
"""Products in one function: about 5 operators each, of 65,536 (rules 3)."""

NARROW_LIMIT = 2**52
"""Sums of narrower schemes are bounded in 64 bits themselves; larger sums take whole words."""

TERM_BYTES = 13
"""Of a local, a constant of 64 bits and two operators."""

FLUSH_BYTES = 18

EXTRACT_INK = Ink(prices.LOCAL_GET + 3 * prices.I64_BY_CONST + prices.STORE_WORD)
"""A sum out of its lane into an array."""

PART_WORD_INK = Ink(prices.STORE_WORD + prices.LOAD_WORD + prices.I64_ALU)
"""A word of sums from one function to the other."""

SCALAR_INK = Ink(EXTRACT_INK + 3_000)
"""A sum out of its lane, requantised by itself, into a byte."""

SCHEMES = {
    1: (
        *(Scheme(Mode.MASK, bits, flushes) for bits, flushes in ((2, 3), (3, 2), (4, 2), (8, 1))),
        *(Scheme(Mode.PAIR, bits, flushes) for bits, flushes in ((2, 3), (3, 2), (4, 2), (8, 1))),
        Scheme(Mode.MASK, 16, 0),
    ),
    0: (
        *(Scheme(Mode.PAIR, bits, 1) for bits in (8, 16)),
        *(Scheme(Mode.SINGLE, bits, 1) for bits in (8, 16)),
        *(Scheme(Mode.SINGLE, bits, 0) for bits in (8, 10, 12, 16, 21, 32)),
    ),
}
"""What is tried: for inputs of one bit, and for all others."""

WIDEST = Scheme(Mode.SINGLE, WORD, 0)


@dataclass(frozen=True)
class Place:
    """Where an input lies: in the word that begins at byte ``at``, ``shift`` bits up.

    For elements of 32 and 64 bits ``at`` counts elements, and ``shift`` is 0.
    """

    at: int
    shift: int


@dataclass(frozen=True)
class Part:
    """A function: some inputs, some groups of outputs.

    Attributes:
        units: Inputs in the order in which they are read.
        groups: Numbers of the first group and of the one after the last.
        sums: One for each of these groups.
    """

    units: tuple[Unit, ...]
    groups: tuple[int, int]
    sums: tuple[Group, ...]


@dataclass(frozen=True)
class Slot:
    """Where a sum lies among all words of the layer: bits ``shift .. shift + width`` of ``word``.

    The sum, bias and all, is what the bits hold, plus ``add``.
    """

    word: int
    shift: int
    width: int
    add: int


@dataclass(frozen=True)
class DenseLayer:
    """The plan of a dense layer.

    Attributes:
        stage: What it computes.
        takes: Layout of its input.
        gives: Layout of its output.
        scheme: Geometry of the words.
        places: Of each input.
        groups: Outputs of each group, by slot; None where a slot is not used.
        parts: Functions; those with equal ``groups`` are added.
        slots: Of each output.
        words: How many words the sums fill.
        rescales: Of each output, if all can be requantised in their lanes; else empty.
        ink: Of the layer's function.
        bytes: Raw wasm.
    """

    stage: Stage
    takes: Layout
    gives: Layout
    scheme: Scheme
    places: tuple[Place, ...]
    groups: tuple[tuple[int | None, ...], ...]
    parts: tuple[Part, ...]
    slots: tuple[Slot, ...]
    words: int
    rescales: tuple[Rescale, ...]
    ink: Ink
    bytes: Bytes

    @property
    def kernel(self) -> str:
        """Name of the kernel, for people."""
        return f"dense {self.scheme.mode.value} {self.scheme.bits}"


@dataclass(frozen=True)
class _Task:
    """A layer's numbers, once and for all schemes."""

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
        return int(np.abs(self.weights).max()) * max(largest, 1) * len(self.low) < NARROW_LIMIT


def plan_layer(stage: Stage, bounds: Bounds, takes: Layout, wanted: Layout | None) -> DenseLayer:
    """Choose the scheme of a dense layer, and lay out its constants.

    Args:
        stage: An ``Affine``, with or without a requantisation.
        bounds: Of the program.
        takes: Layout of its input.
        wanted: Layout that the next layer asks for; None if any order will do.
    """
    task = _task(stage, bounds, takes, wanted)
    known = SCHEMES[1 if takes.element == "u1" else 0]
    tried = [scheme for scheme in known if task.narrow and _possible(scheme, takes)]
    priced = [(ink, n) for n, scheme in enumerate(tried) if (ink := _estimate(task, scheme))]
    for _, n in sorted(priced):
        layer = _build(task, tried[n])
        if layer is not None:
            return layer
    layer = _build(task, WIDEST)
    if layer is None:
        raise AssertionError("a whole word holds what verify has bounded")
    return layer


def _task(stage: Stage, bounds: Bounds, takes: Layout, wanted: Layout | None) -> _Task:
    if not isinstance(stage.op, Affine):
        raise TypeError(f"not a dense layer: {stage.op!r}")
    weights, x = stage.op.weights.array, bounds.values[stage.source]
    # Elements hold ``value - offset``, so that the bias takes what the offset adds.
    bias = stage.op.bias.array + weights.sum(axis=1) * takes.offset
    return _Task(
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


def _possible(scheme: Scheme, takes: Layout) -> bool:
    """Pairs come out of a word by one mask only where their distance is a slot's."""
    if scheme.mode is not Mode.PAIR:
        return True
    return not takes.wide and scheme.bits % BITS[takes.element] == 0


def _units(task: _Task, scheme: Scheme, used: Ints) -> list[Unit]:
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


def _chunks(units: Sequence[Unit], mode: Mode) -> list[list[Unit]]:
    """Equal parts of the inputs, at least one, each small enough for a function."""
    count = max(-(-len(units) // PART_UNITS[mode]), 1)
    ends = [len(units) * k // count for k in range(count + 1)]
    return [list(units[first:last]) for first, last in pairwise(ends)]


def _group(
    task: _Task, scheme: Scheme, outputs: Sequence[int | None], units: list[Unit]
) -> Group | None:
    numbers = tuple(-1 if output is None else output for output in outputs)
    ends = (task.low, task.high)
    return build_group(scheme, numbers, _rows(task, outputs), units, ends)


def _rows(task: _Task, outputs: Sequence[int | None]) -> Ints:
    """Weights of the outputs in a group's slots; 0 where a slot is not used."""
    weights = np.zeros((len(outputs), task.weights.shape[1]), dtype=np.int64)
    for slot, output in enumerate(outputs):
        if output is not None:
            weights[slot] = task.weights[output]
    return weights


def _arrangement(task: _Task, scheme: Scheme) -> list[tuple[int | None, ...]]:
    """Which outputs share words: those with sums of like size, unless an order is asked for."""
    order: list[int | None]
    if task.wanted is not None and not task.wanted.wide:
        order = [None] * task.wanted.bytes
        for output, position in enumerate(task.wanted.position):
            order[position] = output
        order = _by_lane(order, scheme)
    else:
        size = np.abs(task.weights).sum(axis=1)
        order = list(np.argsort(size, kind="stable").tolist())
    width = scheme.outputs
    groups = [tuple(order[first : first + width]) for first in range(0, len(order), width)]
    return [group for group in groups if any(output is not None for output in group)]


def _by_lane(order: list[int | None], scheme: Scheme) -> list[int | None]:
    """Reorder outputs that are given by byte, so that lanes put them there."""
    if scheme.mode is not Mode.PAIR or scheme.pitch not in {16, 32}:
        return order
    across = scheme.pitch // 8
    found: list[int | None] = []
    for first in range(0, len(order), 8):
        eight = order[first : first + 8]
        for word in range(across):
            found += eight[word::across]
    return found


def _estimate(task: _Task, scheme: Scheme) -> int | None:
    """About the ink of a scheme; None where a slot could overflow."""
    used = np.flatnonzero(np.abs(task.weights).sum(axis=0))
    chunks = _chunks(_units(task, scheme, used), scheme.mode)
    groups = _arrangement(task, scheme)
    kind = "and" if scheme.mode is Mode.MASK else "multiply"
    # Groups are in the order of their sums' sizes, so that a few of them stand for all.
    sample = sorted({0, len(groups) // 2, len(groups) - 1})
    ink = 0.0
    for number in sample:
        weights = _rows(task, groups[number])
        for chunk in chunks:
            rough = rough_group(scheme, weights, chunk, (task.low, task.high))
            if rough is None:
                return None
            ink += rough.terms * prices.TERM[kind] + rough.flushes * prices.FLUSH_ODD
            ink += rough.both * (prices.FLUSH_BOTH - prices.FLUSH_ODD)
    units = sum(len(chunk) for chunk in chunks)
    words = len(groups) * (1 << scheme.flushes) // (2 if scheme.mode is Mode.PAIR else 1)
    total = ink * len(groups) / len(sample) + units * prices.UNPACK
    if len(chunks) > 1:
        total += len(chunks) * words * PART_WORD_INK
    return round(total) + _rough_finish(task, scheme, words)


def _rough_finish(task: _Task, scheme: Scheme, words: int) -> int:
    """About the ink from words to elements."""
    if task.stage.requantise is None:
        return len(task.weights) * EXTRACT_INK
    if scheme.pitch in {16, 32}:
        return words * (CLAMPS_INK + STEPS_INK)
    return len(task.weights) * SCALAR_INK


def _sum_ink(node: Node, words: frozenset[int], mode: Mode) -> int:
    """Of some words of a group."""
    if isinstance(node, Segment):
        kind = "and" if mode is Mode.MASK else "multiply"
        return len(node.terms) * prices.TERM[kind] + prices.CONST
    origins = node.origins(words)
    below = sum(_sum_ink(part, origins, mode) for part in node.parts)
    each = (
        prices.FLUSH_BOTH if node.keeps_even(origin, words) else prices.FLUSH_ODD
        for origin in origins
    )
    return below + len(node.parts) * sum(each)


def _sum_bytes(node: Node) -> int:
    if isinstance(node, Flush):
        below = sum(_sum_bytes(part) for part in node.parts)
        return below + len(node.parts) * len(node.masks) * FLUSH_BYTES
    return (len(node.terms) + 1) * TERM_BYTES


def _build(task: _Task, scheme: Scheme) -> DenseLayer | None:
    """The whole layer; None where the scheme turns out to be too narrow."""
    used = np.flatnonzero(np.abs(task.weights).sum(axis=0))
    chunks = _chunks(_units(task, scheme, used), scheme.mode)
    groups = _arrangement(task, scheme)
    table: list[list[Group]] = []
    for chunk in chunks:
        row = [_group(task, scheme, outputs, chunk) for outputs in groups]
        if any(group is None for group in row):
            return None
        table.append([group for group in row if group is not None])
    slots = _slots(task, table)
    if slots is None:
        return None
    parts = tuple(
        Part(tuple(chunk), (first, last), tuple(row[first:last]))
        for chunk, row in zip(chunks, table, strict=True)
        for first, last in _spread(table)
    )
    words = sum(group.words for group in table[0])
    rescales, gives = _outputs(task, scheme, slots, words)
    ink = sum(_part_ink(task, scheme, part) for part in parts)
    ink += _finish_ink(task, len(chunks), words, rescales)
    if len(parts) > 1:
        ink += sum(_words(part) * PART_WORD_INK for part in parts)
        ink += len(parts) * (prices.CALL + prices.BLOCK)
    size = sum(_sum_bytes(group.total) for part in parts for group in part.sums)
    return DenseLayer(
        task.stage,
        task.takes,
        gives,
        scheme,
        task.places,
        tuple(groups),
        parts,
        slots,
        words,
        rescales,
        Ink(ink + prices.CALL + prices.BLOCK),
        Bytes(size + 40 * len(slots) // (4 if rescales else 1)),
    )


def _spread(table: list[list[Group]]) -> list[tuple[int, int]]:
    """Ranges of groups, each few enough for a function in every chunk."""
    ranges: list[tuple[int, int]] = []
    first = terms = 0
    for number in range(len(table[0])):
        here = max(
            sum(len(segment.terms) for segment in segments(row[number].total)) for row in table
        )
        if number > first and terms + here > PART_TERMS:
            ranges.append((first, number))
            first = number
            terms = 0
        terms += here
    return [*ranges, (first, len(table[0]))]


def _words(part: Part) -> int:
    return sum(len(group.used) for group in part.sums)


def _slots(task: _Task, table: list[list[Group]]) -> tuple[Slot, ...] | None:
    """Where each output's sum lies; None if the chunks' sums together could leave their lane."""
    found: dict[int, Slot] = {}
    base = 0
    for column in zip(*table, strict=True):
        for place, output in enumerate(column[0].outputs):
            lanes = [group.lanes[place] for group in column]
            if lanes[0].width < WORD and sum(lane.span for lane in lanes) >> lanes[0].width:
                return None
            if output >= 0:
                add = int(task.bias[output]) - sum(lane.start for lane in lanes)
                found[output] = Slot(base + lanes[0].word, lanes[0].shift, lanes[0].width, add)
        base += column[0].words
    return tuple(found[output] for output in range(len(task.weights)))


def _outputs(
    task: _Task, scheme: Scheme, slots: tuple[Slot, ...], words: int
) -> tuple[tuple[Rescale, ...], Layout]:
    """How sums become elements, and where these lie."""
    order = tuple(range(len(slots)))
    offset = min(task.results.low, 0)
    if task.stage.requantise is None or task.results.high - offset > 0xFF:
        return (), task.wanted or Layout("i64", len(order), order)
    plain = task.wanted or Layout("u8", len(order), order, offset)
    rescales = _rescales(task, scheme, task.stage.requantise)
    across = scheme.pitch // 8
    natural = tuple(
        slot.word // across * 8 + slot.shift // 8 + slot.word % across for slot in slots
    )
    if task.wanted is None and rescales:
        return rescales, Layout("u8", -(-words // across) * 8, natural, offset)
    # Lanes that belong to no output end as 0.
    padded = plain.length > len(plain.position) and plain.pad != 0
    if plain.position == natural and plain.bytes % 8 == 0 and not padded:
        return rescales, plain
    return (), plain


def _rescales(task: _Task, scheme: Scheme, op: Requantise) -> tuple[Rescale, ...]:
    """Of each output; empty where one cannot be requantised in its lane."""
    if scheme.pitch not in {16, 32}:
        return ()
    run = len(task.weights) // len(op.multipliers)
    found: list[Rescale] = []
    for channel in range(len(op.multipliers)):
        if channel and op.multipliers[channel] == op.multipliers[channel - 1]:
            found.append(found[-1])
            continue
        rescale = find_rescale(op, task.sums, channel)
        if rescale is None or not _fits(rescale, task.sums, scheme.pitch):
            return ()
        found.append(rescale)
    return tuple(rescale for rescale in found for _ in range(run))


def _fits(rescale: Rescale, sums: Interval, pitch: int) -> bool:
    """Whether the clamps stay within a lane, and the product within one of 32 bits."""
    half = 1 << (pitch - 1)
    top = rescale.floor + rescale.depth
    return (
        top - sums.low < half
        and sums.high - top <= half
        and rescale.depth < half
        and rescale.lane <= 32
    )


def _part_ink(task: _Task, scheme: Scheme, part: Part) -> int:
    used = {task.places[unit[0]].at for unit in part.units}
    ink = len(used) * prices.LOAD_WORD + len(part.units) * prices.UNPACK
    return ink + sum(_sum_ink(group.total, group.used, scheme.mode) for group in part.sums)


def _finish_ink(task: _Task, chunks: int, words: int, rescales: tuple[Rescale, ...]) -> int:
    """From words to elements."""
    outputs = len(task.weights)
    adding = (chunks - 1) * words * prices.I64_ALU
    if rescales:
        each = STEPS_INK if len(set(rescales)) == 1 else outputs * STEP_INK // words
        return adding + words * (CLAMPS_INK + each) + -(-words // 2) * prices.STORE_WORD
    each = SCALAR_INK if task.stage.requantise is not None else EXTRACT_INK
    return adding + outputs * each


CLAMPS_INK = Ink(1_300)
"""Both clamps of a word."""

STEPS_INK = Ink(1_300)
"""A word split in two, two products, and the way back."""

STEP_INK = Ink(850)
"""The product of a single lane."""
