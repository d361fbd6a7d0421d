"""Many small sums in one 64-bit word: weighted sums as constants, words and flushes (equation 30).

A word has slots of ``bits`` bits. Times a constant that holds a weight in each slot, an input
adds to the sums of as many outputs as there are slots:

    x * (w_0 + w_1 2^s + w_2 2^2s + ...)  =  x w_0 + x w_1 2^s + x w_2 2^2s + ...

Three ways to fill a word (`Mode`). SINGLE is the above. PAIR multiplies two inputs at once,
``X = x_0 + x_1 2^s``, by a constant with the weights crossed, so that every second slot holds a sum
of two products and those between hold nothing of use. MASK is SINGLE for inputs of one bit, which
become a mask of 64 bits: ``and`` is cheaper than ``mul``.

A slot is narrow, so a sum is cut into segments. In each, the worst case of every slot fits
(``high - low < 2^s``, from the proven intervals of the inputs); a constant that starts the segment
keeps all slots from falling below 0, so that nothing borrows from its neighbour. At the end of a
segment its slots are flushed into slots twice as wide: those at odd places by a shift and a mask,
those at even places as the difference of the sum of all words and the odd ones. Wider slots may be
flushed in turn.

Everything is exact modulo 2^64; `Lane` says where a sum ends, and what to subtract.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

WORD = 64
_ALL = (1 << WORD) - 1

SCARCITY = 8
"""Exponent of a column's demand where bins are filled; the best of a few on random weights."""

SLACK = 1.08
"""Bins that `_fill` takes beyond the least that the fullest slot allows, seen on random weights."""

Ints = npt.NDArray[np.int64]
Unit = tuple[int, ...]
"""Inputs that come in one word: one, or two."""


class Mode(Enum):
    """How inputs fill a word."""

    SINGLE = "single"
    PAIR = "pair"
    MASK = "mask"


@dataclass(frozen=True)
class Scheme:
    """Geometry of the words of a layer.

    Attributes:
        mode: How inputs fill a word.
        bits: Of a slot in a segment.
        flushes: How often slots double; the sums end in slots of ``bits * 2**flushes``.
    """

    mode: Mode
    bits: int
    flushes: int

    @property
    def slots(self) -> int:
        """Slots of a segment's word: as many as can be flushed without loss."""
        fit = WORD // self.bits
        if self.mode is Mode.PAIR or (self.flushes and fit % 2):
            fit -= fit % 2
        return fit

    @property
    def outputs(self) -> int:
        """Sums in one word."""
        return self.slots // 2 if self.mode is Mode.PAIR else self.slots

    @property
    def pitch(self) -> int:
        """Distance of the final slots."""
        return self.bits << self.flushes


@dataclass(frozen=True)
class Term:
    """An input, or two, times a constant.

    Attributes:
        inputs: One element of the source, or two.
        constant: Weights in their slots, modulo 2^64.
    """

    inputs: tuple[int, ...]
    constant: int


@dataclass(frozen=True)
class Segment:
    """Terms whose sum fits the slots of one word."""

    start: int
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Flush:
    """Parts that are added in slots of twice ``bits``.

    Each word of the parts gives a word with its odd slots, and before it, unless ``only_odd``, one
    with its even slots.

    Attributes:
        bits: Slot width of the parts.
        masks: For each word of the parts: its odd slots, moved down by one.
        only_odd: The even slots hold nothing of use (PAIR).
        parts: Segments, or flushes themselves; all give equally many words.
    """

    bits: int
    masks: tuple[int, ...]
    only_odd: bool
    parts: tuple[Segment | Flush, ...]

    def origins(self, words: frozenset[int]) -> frozenset[int]:
        """Words of the parts from which these words of the flush come."""
        return words if self.only_odd else frozenset(word // 2 for word in words)

    def keeps_even(self, origin: int, words: frozenset[int]) -> bool:
        """Whether a word's even slots are among ``words``."""
        return not self.only_odd and 2 * origin in words


Node = Segment | Flush


@dataclass(frozen=True)
class Lane:
    """Where a sum lies: ``sum = ((words[word] >> shift) mod 2^width) - start``.

    Attributes:
        word: Which of the group's words.
        shift: Position of its lowest bit.
        width: Bits.
        start: What the segments' starts have added.
        span: Greatest value of ``sum + start``.
    """

    word: int
    shift: int
    width: int
    start: int
    span: int


@dataclass(frozen=True)
class Group:
    """Outputs that share words.

    Attributes:
        outputs: Number of each output, by slot; -1 where a slot is not used.
        total: The sum; its words are counted from the first.
        words: How many.
        lanes: For each output of the group.
    """

    outputs: tuple[int, ...]
    total: Node
    words: int
    lanes: tuple[Lane, ...]

    @property
    def used(self) -> frozenset[int]:
        """Words that hold the sum of an output."""
        return frozenset(
            lane.word for output, lane in zip(self.outputs, self.lanes, strict=True) if output >= 0
        )


def segments(node: Node) -> Iterator[Segment]:
    """All segments below a node, in order."""
    if isinstance(node, Segment):
        yield node
    else:
        for part in node.parts:
            yield from segments(part)


def build_group(
    scheme: Scheme,
    outputs: tuple[int, ...],
    weights: Ints,
    units: Sequence[Unit],
    ends: tuple[Ints, Ints],
) -> Group | None:
    """Lay out the sums of some outputs.

    Args:
        scheme: Geometry.
        outputs: At most ``scheme.outputs`` of them.
        weights: int64[len(outputs), inputs].
        units: Inputs that come in one word, one or two; those of weight 0 are left out.
        ends: Least and greatest value of each input.

    Returns:
        The group, or None where a slot could overflow.
    """
    if scheme.bits == WORD:
        return _whole_words(outputs, weights, units)
    factors = _factors(scheme, weights, units)
    least, most = _reach(factors, units, ends)
    shifts = (np.arange(scheme.slots) * scheme.bits).astype(np.uint64)
    constants = (factors[:, 0].astype(np.uint64) << shifts).sum(axis=1, dtype=np.uint64)
    used = np.flatnonzero(constants)
    bins = _fill((most - least)[used], (1 << scheme.bits) - 1)
    if bins is None:
        return None
    pieces = []
    for rows in bins:
        members = used[rows]
        start = -least[members].sum(axis=0)
        word = int((start.astype(np.uint64) << shifts).sum(dtype=np.uint64))
        terms = tuple(Term(units[row], int(constants[row])) for row in members)
        span = (most[members] - least[members]).sum(axis=0)
        pieces.append(_Piece(Segment(word, terms), span, start))
    return _flushed(scheme, outputs, pieces)


@dataclass(frozen=True)
class Rough:
    """About what the sums of some outputs take, without laying them out.

    Attributes:
        terms: Products.
        flushes: Words that are flushed, those with even slots counted as ``both``.
        both: Of these, how many give an even word too.
    """

    terms: int
    flushes: float
    both: float


def rough_group(
    scheme: Scheme, weights: Ints, units: Sequence[Unit], ends: tuple[Ints, Ints]
) -> Rough | None:
    """What `build_group` would give, about; None where a slot could overflow."""
    factors = _factors(scheme, weights, units)
    least, most = _reach(factors, units, ends)
    spans = most - least
    total = int(spans.sum(axis=0).max(initial=0))
    if spans.max(initial=0) >= 1 << scheme.bits or total >= 1 << min(scheme.pitch, WORD - 1):
        return None
    flushes = both = 0.0
    words = 1
    for level in range(scheme.flushes):
        parts = max(SLACK * total / (1 << (scheme.bits << level)), 1.0)
        flushes += parts * words
        if scheme.mode is not Mode.PAIR or level:
            both += parts * words
            words *= 2
    return Rough(int(np.count_nonzero(factors[:, 0].any(axis=1))), flushes, both)


def _reach(factors: Ints, units: Sequence[Unit], ends: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """What each unit can add to each slot, at least and at most: int64[units, slots]."""
    places = np.array([(unit[0], unit[-1]) for unit in units], dtype=np.int64).reshape(-1, 2)
    products = np.stack([factors * side[places][:, :, np.newaxis] for side in ends])
    return products.min(axis=0).sum(axis=1), products.max(axis=0).sum(axis=1)


def _whole_words(outputs: Sequence[int], weights: Ints, units: Sequence[Unit]) -> Group:
    """One output to a word: ``verify`` has proven that 64 bits hold it."""
    (output,) = outputs
    used = [unit for unit in units if weights[0, unit[0]]]
    terms = tuple(Term(unit, int(weights[0, unit[0]]) & _ALL) for unit in used)
    return Group((output,), Segment(0, terms), 1, (Lane(0, 0, WORD, 0, 0),))


@dataclass(frozen=True)
class _Piece:
    """A node, what each slot of it spans at most, and what its segments' starts add to it."""

    node: Node
    span: Ints
    start: Ints


def _factors(scheme: Scheme, weights: Ints, units: Sequence[Unit]) -> Ints:
    """int64[units, 2, slots]: what each input of a unit is multiplied by in each slot."""
    found = np.zeros((len(units), 2, scheme.slots), dtype=np.int64)
    count = len(weights)
    first = np.array([unit[0] for unit in units], dtype=np.int64)
    if scheme.mode is not Mode.PAIR:
        found[:, 0, :count] = weights[:, first].T
        return found
    # The constant holds w_1 in the even and w_0 in the odd slots. The second input stands one slot
    # higher, so its factors move up by one, and the topmost falls off the word or beyond the lanes.
    both = np.array([len(unit) == 2 for unit in units], dtype=bool)
    second = np.array([unit[-1] for unit in units], dtype=np.int64)
    found[:, 0, 1 : 2 * count : 2] = weights[:, first].T
    found[:, 0, 0 : 2 * count : 2] = np.where(both, weights[:, second], 0).T
    found[both, 1, 1:] = found[both, 0, :-1]
    return found


def _fill(spans: Ints, limit: int) -> list[list[int]] | None:
    """Few bins of rows whose sums stay within ``limit`` in every column; None if a row does not.

    One bin after the other takes the row that leaves it fullest, where columns count that are
    scarce in the rows that are left.
    """
    if not len(spans):
        return [[]]
    if spans.max() > limit:
        return None
    left = np.arange(len(spans))
    bins: list[list[int]] = []
    while len(left):
        scarce = (spans[left].mean(axis=0) / limit) ** SCARCITY
        room, taken = np.full(spans.shape[1], limit), []
        while True:
            after = room - spans[left]
            fits = np.flatnonzero((after >= 0).all(axis=1))
            if not len(fits):
                break
            best = fits[np.argmin((scarce * (after[fits] / limit) ** 2).sum(axis=1))]
            room = after[best]
            taken.append(int(left[best]))
            left = np.delete(left, best)
        bins.append(taken)
    return bins


def _flushed(scheme: Scheme, outputs: tuple[int, ...], pieces: list[_Piece]) -> Group | None:
    """Flush segments into ever wider slots, until one node holds the sums."""
    bits = scheme.bits
    words = [list(range(scheme.slots))]
    for _ in range(scheme.flushes):
        only_odd = scheme.mode is Mode.PAIR and bits == scheme.bits
        masks = tuple(_odd_mask(bits, len(word)) for word in words)
        if only_odd:
            words = [word[1::2] for word in words]
        else:
            if any(len(word) % 2 and WORD - (len(word) - 1) * bits < 2 * bits for word in words):
                return None  # the topmost even slot has no room to grow
            words = [half for word in words for half in (word[0::2], word[1::2])]
        kept = sorted(slot for word in words for slot in word)
        pieces = _merged(pieces, bits, masks, only_odd, kept)
        bits *= 2
    if len(pieces) > 1:
        return None
    (piece,) = pieces
    lanes = {}
    for number, word in enumerate(words):
        for place, slot in enumerate(word):
            lanes[slot] = Lane(
                number, place * bits, bits, int(piece.start[slot]), int(piece.span[slot])
            )
    if scheme.mode is Mode.PAIR:
        chosen = [lanes[2 * j + 1] for j in range(len(outputs))]
    else:
        chosen = [lanes[j] for j in range(len(outputs))]
    return Group(outputs, piece.node, len(words), tuple(chosen))


def _odd_mask(bits: int, count: int) -> int:
    """All bits of the odd slots among ``count``, moved down by one slot."""
    return sum(((1 << bits) - 1) << (2 * bits * k) for k in range(count // 2))


def _merged(
    pieces: Sequence[_Piece], bits: int, masks: tuple[int, ...], only_odd: bool, kept: list[int]
) -> list[_Piece]:
    """Consecutive pieces, together as long as the slots of twice ``bits`` hold them."""
    limit = (1 << (2 * bits)) - 1
    merged: list[_Piece] = []
    batch: list[_Piece] = []

    def close() -> None:
        node = Flush(bits, masks, only_odd, tuple(piece.node for piece in batch))
        span = np.sum([piece.span for piece in batch], axis=0)
        merged.append(_Piece(node, span, np.sum([piece.start for piece in batch], axis=0)))

    total = np.zeros_like(pieces[0].span)
    for piece in pieces:
        if batch and (total + piece.span)[kept].max() > limit:
            close()
            batch, total = [], np.zeros_like(total)
        batch.append(piece)
        total = total + piece.span
    close()
    return merged
