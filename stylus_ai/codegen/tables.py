"""Oblivious trees as Rust: tables of constants, see ``stylus_ai.plan.oblivious``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from stylus_ai.codegen.text import Source, part_mark
from stylus_ai.plan import Split, Table, TablePart
from stylus_ai.plan.oblivious import WORD_BITS


def table_sums(out: Source, name: str, part: TablePart, bits: int) -> None:
    """Write the function that adds the tables' leaves to ``sums``.

    Args:
        out: Where to.
        name: Of the function.
        part: Its tables, those of an output and a shift together.
        bits: 32 or 64, of the sums.
    """
    shared = _shared(part)
    with out.block(f"fn {name}(row: &Row, sums: &mut Sums)"):
        out.lines(_features(part, wide=True))
        out.lines(f"let {name} = {_compared(split)};" for split, name in shared.items())
        for (column, zeros), group in groupby(part.tables, lambda t: (t.column, t.zeros)):
            tables = list(group)
            out.line("let mut sum = 0_i64;")
            for table in tables:
                out.line(part_mark(f"tree {table.number}"))
                out.line(f"sum = sum.wrapping_add({_TableWriter(out, table, shared).lane()});")
            out.line(part_mark("sums of tables"))
            start = sum(table.low for table in tables)
            text = f"sum.wrapping_shl({zeros})" if zeros else "sum"
            text += f".wrapping_add({_wrap(start, 64)})" if start else ""
            out.line(f"let sum = {text};")
            cast = "" if bits == WORD_BITS else " as i32"
            out.line(f"sums[{column}] = sums[{column}].wrapping_add(sum{cast});")


def table_leaves(out: Source, name: str, part: TablePart) -> None:
    """Write the function that stores the leaves' numbers: the levels' answers as bits."""
    with out.block(f"fn {name}(row: &Row, leaves: &mut [u16; TREES])"):
        out.lines(_features(part, wide=False))
        for table in part.tables:
            out.line(part_mark(f"tree {table.number}"))
            out.line("let mut leaf = 0_u16;")
            for feature, threshold in table.splits:
                out.line(f"leaf = leaf << 1 | u16::from(x{feature} > {threshold});")
            out.line(f"leaves[{table.number}] = leaf;")


def _features(part: TablePart, *, wide: bool) -> Iterable[str]:
    for feature in sorted({feature for feature, _ in part.uses}):
        yield f"let x{feature} = {f'i64::from(row[{feature}])' if wide else f'row[{feature}]'};"


def _shared(part: TablePart) -> dict[Split, str]:
    """Variables of the masks that are read more than once."""
    often = sorted(split for split, count in part.uses.items() if count > 1)
    return {split: f"m{index}" for index, split in enumerate(often)}


def _compared(split: Split) -> str:
    feature, threshold = split
    return f"above_wide(x{feature}, {threshold})"


def _wrap(value: int, bits: int) -> int:
    half = 1 << (bits - 1)
    return (value + half) % (2 * half) - half


class _TableWriter:
    """Writes one table."""

    def __init__(self, out: Source, table: Table, shared: dict[Split, str]) -> None:
        self._out = out
        self._table = table
        self._masks = []
        for level, split in enumerate(table.splits):
            mask = shared.get(split)
            if mask is None:
                mask = f"b{level}"
                out.line(f"let {mask} = {_compared(split)};")
            self._masks.append(mask)
        self._names = 0

    def lane(self) -> str:
        """Write all but the last step; returns the expression of the lane that the row reaches."""
        table = self._table
        word = self._word(table.words, 0)
        at = []
        for level in range(table.choosing, len(table.splits)):
            bit = table.lane_bits << (len(table.splits) - 1 - level)
            at.append(f"({self._masks[level]} & {bit})")
        text = " | ".join(at)
        self._out.line(f"let at = {text.strip('()') if len(at) == 1 else text};")
        return f"lane({word}, at, {table.lane_bits})"

    def _word(self, words: Sequence[int], level: int) -> str:
        """Write the choice among ``words``; returns its name, or the only word."""
        if len(words) == 1:
            return str(_wrap(words[0], WORD_BITS))
        half = len(words) // 2
        low, high = words[:half], words[half:]
        left = self._word(low, level + 1)
        step = [one ^ other for one, other in zip(low, high, strict=True)]
        if not any(step):
            return left
        right = self._word(step, level + 1)
        name = f"w{self._names}"
        self._names += 1
        mask = self._masks[level]
        text = mask if right == "-1" else f"{mask} & {right}"
        if left != "0":
            text = f"{left} ^ {mask}" if right == "-1" else f"{left} ^ ({text})"
        self._out.line(f"let {name} = {text};")
        return name
