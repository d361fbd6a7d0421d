"""Oblivious trees: all nodes of a level test the same (feature, threshold), as in CatBoost.

Such a tree is a table with one bit of address for each level. Its leaves, less the smallest and
without the zeros that all end in, stand in the lanes of 64-bit constants. The first levels choose
among the constants: with ``W`` the table and ``m`` the level's mask,

    table(W) = table(lower half) xor (m and table(lower half xor upper half))

which leaves one ``and`` and one ``xor`` for each constant. The last levels are a shift that brings
the lane down. Trees whose leaves end in equally many zeros are added before the shift up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from stylus_ai.ir import Tree
from stylus_ai.plan import prices
from stylus_ai.plan.forest import SHARED, Split
from stylus_ai.units import Bytes, Ink

LANE_BITS = (8, 16, 32)
"""Widths of a lane: powers of two, so that each level that is a shift is one bit of it."""

WORD_BITS = 64

MOST_DEPTH = 10
"""Deeper tables are no smaller than a tree."""

MOST_WORDS = 4_000
"""Constants of tables in one function: 65,536 operators at most (rules 3)."""

# Wasm, counted in what rustc makes of the kernels.
WORD_BYTES = 15
LEVEL_BYTES = 9


@dataclass(frozen=True)
class Table:
    """An oblivious tree.

    Attributes:
        number: Of the tree.
        column: Output that it adds to.
        splits: Of each level, the root's first.
        low: Added to every leaf.
        zeros: Leaves are ``low + (lane << zeros)``.
        lane_bits: One of ``LANE_BITS``.
        words: The leaves from left to right, the first in the lowest lane.
    """

    number: int
    column: int
    splits: tuple[Split, ...]
    low: int
    zeros: int
    lane_bits: int
    words: tuple[int, ...]

    @property
    def choosing(self) -> int:
        """Levels that choose among the words."""
        return len(self.words).bit_length() - 1

    @property
    def ink(self) -> Ink:
        """Price, without the masks."""
        operators = 2 * (len(self.words) - 1) + 2 * (len(self.splits) - self.choosing) + 3
        reads = len(self.words) - 1 + len(self.splits) - self.choosing
        return Ink(operators * (prices.I64_ALU + prices.CONST) + reads * prices.LOCAL_GET)


@dataclass(frozen=True)
class TablePart:
    """Oblivious trees that share a function.

    Attributes:
        tables: Those of one output that end in equally many zeros stand together.
        ink: Of the function.
    """

    tables: tuple[Table, ...]
    ink: Ink

    kernel = "tables"

    @property
    def trees(self) -> tuple[int, ...]:
        """Numbers of the trees."""
        return tuple(table.number for table in self.tables)

    @property
    def comparisons(self) -> int:
        """One for each level."""
        return sum(len(table.splits) for table in self.tables)

    @property
    def bytes(self) -> Bytes:
        """Raw wasm."""
        words = sum(len(table.words) for table in self.tables)
        return Bytes(words * WORD_BYTES + self.comparisons * LEVEL_BYTES)

    @cached_property
    def uses(self) -> Counter[Split]:
        """How often each mask is read."""
        return Counter(split for table in self.tables for split in table.splits)


def table_of(number: int, tree: Tree) -> Table | None:
    """The tree as a table, or None if it is not oblivious, too deep, or has several values."""
    splits = _levels(tree)
    if splits is None or tree.width != 1 or not 1 <= len(splits) <= MOST_DEPTH:
        return None
    leaves = [value for (value,) in tree.values]
    low = min(leaves)
    union = 0
    for value in leaves:
        union |= value - low
    zeros = (union & -union).bit_length() - 1 if union else 0
    need = (union >> zeros).bit_length()
    lane_bits = next((bits for bits in LANE_BITS if need <= bits), None)
    if lane_bits is None:
        return None
    lanes = WORD_BITS // lane_bits
    words = [0] * -(-len(leaves) // lanes)
    for leaf, value in enumerate(leaves):
        words[leaf // lanes] |= (value - low) >> zeros << (leaf % lanes * lane_bits)
    return Table(number, tree.column, splits, low, zeros, lane_bits, tuple(words))


def _levels(tree: Tree) -> tuple[Split, ...] | None:
    """What each level tests, if all its nodes test the same and no leaf lies above the last."""
    level = [tree.root]
    found: list[Split] = []
    while any(child >= 0 for child in level):
        if any(child < 0 for child in level):
            return None
        splits = {(tree.feature[node], tree.threshold[node]) for node in level}
        if len(splits) != 1:
            return None
        found += splits
        level = [child for node in level for child in (tree.left[node], tree.right[node])]
    return tuple(found)


def table_parts(tables: Sequence[Table]) -> tuple[TablePart, ...]:
    """Tables in functions, as many as the local variables and operators allow."""
    parts: list[list[Table]] = []
    uses: Counter[Split] = Counter()
    size = 0
    for table in sorted(tables, key=lambda table: (table.column, table.zeros, table.number)):
        more = uses + Counter(table.splits)
        size += len(table.words)
        shared = sum(count > 1 for count in more.values())
        features = {feature for feature, _ in more}
        if not parts or shared + len(features) > SHARED or size > MOST_WORDS:
            parts.append([])
            more, size = Counter(table.splits), len(table.words)
        parts[-1].append(table)
        uses = more
    return tuple(TablePart(tuple(part), _ink(part)) for part in parts)


def _ink(tables: Iterable[Table]) -> Ink:
    uses = Counter(split for table in tables for split in table.splits)
    features = {feature for feature, _ in uses}
    ink = prices.PART + len(features) * (prices.FEATURE + prices.I64_ALU)
    for count in uses.values():
        ink += prices.WIDE_MASK
        ink += prices.LOCAL_TEE + (count - 1) * prices.LOCAL_GET if count > 1 else 0
    return Ink(ink + sum(table.ink for table in tables))
