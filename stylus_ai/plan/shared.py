"""Sums that several rows of signs have in common, computed once.

A row of signs is a sum of inputs, each taken with +1, -1 or not at all. Where ``x_a + x_b`` (or
``x_a - x_b``) stands in many rows, a new symbol for it saves one addition in each of them. The pair
that most rows share goes first; its symbol takes part in the next choice. Known as common
subexpression elimination for constant multiplications.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

MIN_USES = 3
"""Rows that make a pair worth a local variable of its own."""


@dataclass(frozen=True)
class Pair:
    """A symbol: ``left + right`` or ``left - right``, both inputs or earlier symbols."""

    left: int
    right: int
    minus: bool


@dataclass(frozen=True)
class Sharing:
    """Rows over inputs and symbols.

    Attributes:
        rows: int64[rows, inputs + symbols]; -1, 0 or 1.
        pairs: The symbols; number ``inputs + i`` is ``pairs[i]``.
        low: Least value of each input and symbol.
        high: Greatest value of each.
    """

    rows: Ints
    pairs: tuple[Pair, ...]
    low: Ints
    high: Ints


def share(rows: Ints, low: Ints, high: Ints, *, most: int, span: int) -> Sharing:
    """Find common sums.

    Args:
        rows: int64[rows, inputs]; -1, 0 or 1.
        low: Least value of each input.
        high: Greatest value of each input.
        most: Symbols at most.
        span: ``high - low`` of a symbol at most.
    """
    inputs = rows.shape[1]
    signs = np.zeros((len(rows), inputs + max(0, most)), dtype=np.float32)
    signs[:, :inputs] = rows
    lows, highs = low.tolist(), high.tolist()
    pairs: list[Pair] = []
    uses = _Uses(signs)
    while len(pairs) < most:
        found = uses.best()
        if found is None:
            break
        a, b, minus = found
        ends = (
            (lows[a] - highs[b], highs[a] - lows[b])
            if minus
            else (lows[a] + lows[b], highs[a] + highs[b])
        )
        if ends[1] - ends[0] > span:
            uses.ban(a, b, minus)
            continue
        uses.replace(a, b, minus, inputs + len(pairs))
        pairs.append(Pair(a, b, minus))
        lows.append(ends[0])
        highs.append(ends[1])
    count = inputs + len(pairs)
    return Sharing(
        signs[:, :count].astype(np.int64),
        tuple(pairs),
        np.array(lows, dtype=np.int64),
        np.array(highs, dtype=np.int64),
    )


class _Uses:
    """How many rows each pair stands in, with equal (0) or with opposite signs (1)."""

    def __init__(self, signs: Floats) -> None:
        self._signs = signs
        there = np.abs(signs)
        both, net = there.T @ there, signs.T @ signs
        self._counts = np.stack([both + net, both - net]) / 2
        for counts in self._counts:
            np.fill_diagonal(counts, -np.inf)

    def best(self) -> tuple[int, int, bool] | None:
        """The pair of most rows; None if it is not worth it."""
        minus, a, b = np.unravel_index(int(self._counts.argmax()), self._counts.shape)
        if self._counts[minus, a, b] < MIN_USES:
            return None
        return int(a), int(b), bool(minus)

    def ban(self, a: int, b: int, minus: bool) -> None:
        """Never offer this pair again."""
        self._counts[int(minus), [a, b], [b, a]] = -np.inf

    def replace(self, a: int, b: int, minus: bool, symbol: int) -> None:
        """Let ``symbol`` stand for the pair in all its rows."""
        mine = np.flatnonzero(self._signs[:, a] * self._signs[:, b] == (-1 if minus else 1))
        rows = self._signs[mine]
        left = rows[:, a].copy()
        for old in (a, b):
            self._tally(rows, old, -1)
            rows[:, old] = 0
        rows[:, symbol] = left
        self._tally(rows, symbol, 1)
        self._signs[mine] = rows

    def _tally(self, rows: Floats, column: int, factor: int) -> None:
        """Count, or count off, the pairs that a column forms with every other."""
        both, net = np.abs(rows[:, column]) @ np.abs(rows), rows[:, column] @ rows
        change = np.stack([both + net, both - net]) * np.float32(factor / 2)
        self._counts[:, column, :] += change
        self._counts[:, :, column] += change
