"""A dense layer as straight-line code: geometry, constants and price, before anything is emitted.

Of several schemes (`lanes.Scheme`) the cheapest is taken that provably overflows nowhere; one
output to a word of 64 bits always does. Inputs are cut into parts, since every one takes a local
variable of a function, and outputs too, since a function has a limited number of operators.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stylus_ai.ir import Interval, Requantise
from stylus_ai.ir.verify import Bounds
from stylus_ai.plan import prices
from stylus_ai.plan.dense_inputs import Place, Task, chunks_of, rows_of, task_of, units_of
from stylus_ai.plan.dense_price import PART_WORD_INK, estimate, finish_ink, sum_bytes, sum_ink
from stylus_ai.plan.grouping import arranged
from stylus_ai.plan.lanes import WORD, Group, Mode, Scheme, Unit, build_group, segments
from stylus_ai.plan.layout import BITS, Layout
from stylus_ai.plan.rescale import Rescale, find_rescale
from stylus_ai.plan.stage import Stage
from stylus_ai.units import Bytes, Ink

PART_TERMS = 8_000
"""Products in one function: about 5 operators each, of 65,536 (rules 3)."""

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


def plan_layer(stage: Stage, bounds: Bounds, takes: Layout, wanted: Layout | None) -> DenseLayer:
    """Choose the scheme of a dense layer, and lay out its constants.

    Args:
        stage: An ``Affine``, with or without a requantisation.
        bounds: Of the program.
        takes: Layout of its input.
        wanted: Layout that the next layer asks for; None if any order will do.
    """
    task = task_of(stage, bounds, takes, wanted)
    known = SCHEMES[1 if takes.element == "u1" else 0]
    tried = [scheme for scheme in known if task.narrow and _possible(scheme, takes)]
    priced = [(ink, n) for n, scheme in enumerate(tried) if (ink := estimate(task, scheme))]
    for _, n in sorted(priced):
        layer = _build(task, tried[n])
        if layer is not None:
            return layer
    layer = _build(task, WIDEST)
    if layer is None:
        raise AssertionError("a whole word holds what verify has bounded")
    return layer


def _possible(scheme: Scheme, takes: Layout) -> bool:
    """Pairs come out of a word by one mask only where their distance is a slot's."""
    if scheme.mode is not Mode.PAIR:
        return True
    return not takes.wide and scheme.bits % BITS[takes.element] == 0


def _group(
    task: Task, scheme: Scheme, outputs: Sequence[int | None], units: list[Unit]
) -> Group | None:
    numbers = tuple(-1 if output is None else output for output in outputs)
    ends = (task.low, task.high)
    return build_group(scheme, numbers, rows_of(task, outputs), units, ends)


def _build(task: Task, scheme: Scheme) -> DenseLayer | None:
    """The whole layer; None where the scheme turns out to be too narrow."""
    used = np.flatnonzero(np.abs(task.weights).sum(axis=0))
    chunks = chunks_of(units_of(task, scheme, used), scheme.mode)
    groups = arranged(task.weights, task.wanted, scheme)
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
    ink += finish_ink(task, len(chunks), words, rescales, scheme.pitch)
    if len(parts) > 1:
        ink += sum(_words(part) * PART_WORD_INK for part in parts)
        ink += len(parts) * (prices.CALL + prices.BLOCK)
    size = sum(sum_bytes(group.total) for part in parts for group in part.sums)
    return DenseLayer(
        task.stage,
        task.takes,
        gives,
        scheme,
        task.places,
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


def _slots(task: Task, table: list[list[Group]]) -> tuple[Slot, ...] | None:
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
    task: Task, scheme: Scheme, slots: tuple[Slot, ...], words: int
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


def _rescales(task: Task, scheme: Scheme, op: Requantise) -> tuple[Rescale, ...]:
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


def _part_ink(task: Task, scheme: Scheme, part: Part) -> int:
    used = {task.places[unit[0]].at for unit in part.units}
    ink = len(used) * prices.LOAD_WORD + len(part.units) * prices.UNPACK
    return ink + sum(sum_ink(group.total, group.used, scheme.mode) for group in part.sums)
