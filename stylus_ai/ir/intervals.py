"""Intervals: what a value's elements can be, proven without a tolerance.

Ends are Python integers where they may pass 64 bits, so that a proof never wraps itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

INT64 = 2**63
SAFE = 2.0**62
"""Sums that float64 puts below this are below 2^63 in truth."""

Ends = npt.NDArray[Any]
"""int64, or Python integers (dtype object) where 64 bits might not do."""


@dataclass(frozen=True)
class Interval:
    """All integers from ``low`` to ``high``, both included."""

    low: int
    high: int

    def fits(self, limit: int) -> bool:
        """True if every integer lies in ``-limit .. limit - 1``."""
        return -limit <= self.low and self.high < limit

    def __or__(self, other: Interval) -> Interval:
        """Smallest interval that holds both."""
        return Interval(min(self.low, other.low), max(self.high, other.high))


@dataclass(frozen=True, eq=False)
class Intervals(Sequence[Interval]):
    """One interval for each element of a value.

    Attributes:
        low: Smallest of each element, [width].
        high: Largest of each element, [width].
    """

    low: Ends
    high: Ends

    @classmethod
    def of(cls, intervals: Sequence[Interval]) -> Intervals:
        """From single intervals."""
        lows = [interval.low for interval in intervals]
        highs = [interval.high for interval in intervals]
        return cls(_narrow(np.array(lows, dtype=object)), _narrow(np.array(highs, dtype=object)))

    @classmethod
    def same(cls, low: int, high: int, width: int) -> Intervals:
        """``width`` times the same."""
        return cls.of([Interval(low, high)] * width)

    def __len__(self) -> int:
        return len(self.low)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return Intervals(self.low[index], self.high[index])
        return Interval(int(self.low[index]), int(self.high[index]))

    @property
    def hull(self) -> Interval:
        """Smallest interval that holds all of them."""
        return Interval(int(self.low.min()), int(self.high.max()))


def _narrow(ends: Ends) -> Ends:
    """Python integers as int64 if all fit."""
    if ends.size and min(ends) >= -INT64 and max(ends) < INT64:
        return ends.astype(np.int64)
    return ends


def narrowed(low: Ends, high: Ends) -> Intervals:
    """Intervals from ends of either type, flat."""
    return Intervals(_flat(low), _flat(high))


def _flat(ends: Ends) -> Ends:
    return _narrow(ends.reshape(-1)) if ends.dtype == object else ends.reshape(-1)


@dataclass(frozen=True)
class WeightedSums:
    """Bounds of ``weights @ x + bias``.

    Attributes:
        totals: Of the sums.
        partials: Of every sum over any subset of the terms, in whatever order a kernel adds.
    """

    totals: Intervals
    partials: Intervals


def weighted_sums(weights: Ends, bias: Ends, low: Ends, high: Ends) -> WeightedSums:
    """Bound sums of products.

    Args:
        weights: int64[k, i].
        bias: int64[k].
        low: Smallest inputs, [i, p].
        high: Largest inputs, [i, p].

    Returns:
        Intervals of the k * p sums, k major.
    """
    largest = np.maximum(np.abs(low.astype(np.float64)), np.abs(high.astype(np.float64)))
    size = np.abs(weights.astype(np.float64)) @ largest
    size += np.abs(bias.astype(np.float64))[:, np.newaxis]
    if size.max(initial=0.0) >= SAFE:
        weights, bias, low, high = (part.astype(object) for part in (weights, bias, low, high))
    positive, negative = np.maximum(weights, 0), np.minimum(weights, 0)
    start = bias[:, np.newaxis]
    totals = narrowed(
        positive @ low + negative @ high + start, positive @ high + negative @ low + start
    )
    below, above = np.minimum(low, 0), np.maximum(high, 0)
    partials = narrowed(
        positive @ below + negative @ above + np.minimum(start, 0),
        positive @ above + negative @ below + np.maximum(start, 0),
    )
    return WeightedSums(totals, partials)
