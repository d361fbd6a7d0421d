"""Inputs: what preprocessing makes of one feature, before a model reads it.

Every preprocessing step that is read here works on one column at a time, so that each input of the
model behind it is a function of one feature. It is kept as the library computes it, step by step in
float64, so that thresholds behind it can be made exact, and weights can be folded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.ir import Bin, Clipped, Feature, Filled, Member, Value, Within

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Add:
    """``x + by``."""

    by: float


@dataclass(frozen=True)
class Multiply:
    """``x * by``, by a positive number."""

    by: float


@dataclass(frozen=True)
class Divide:
    """``x / by``, by a positive number."""

    by: float


@dataclass(frozen=True)
class Clip:
    """``min(max(x, low), high)``."""

    low: float
    high: float


Step = Add | Multiply | Divide | Clip


def stepped(step: Step, x: Floats) -> Floats:
    """What one step makes of numbers; NaN stays NaN."""
    match step:
        case Add(by=by):
            return x + by
        case Multiply(by=by):
            return x * by
        case Divide(by=by):
            return x / by
        case Clip(low=low, high=high):
            clipped: Floats = np.clip(x, low, high)
            return clipped
    assert_never(step)


@dataclass(frozen=True)
class Input:
    """One input of a model.

    Attributes:
        feature: The feature that it is made of.
        column: ``Value``, ``Within`` (an indicator) or ``Bin`` (a number of edges) of it.
        gap: What it is where the feature is missing, after all steps; NaN if it is missing then.
        steps: What is done to the column's number.
    """

    feature: Feature
    column: Value | Within | Bin
    gap: float = np.nan
    steps: tuple[Step, ...] = ()

    @property
    def position(self) -> int:
        """Position of the feature."""
        return self.column.feature

    @property
    def indicator(self) -> bool:
        """Whether it has two values and no order."""
        return isinstance(self.column, Within)

    def then(self, *steps: Step) -> Input:
        """The input with more steps behind it.

        Raises:
            ModelError: A factor is not positive or not finite.
        """
        gap = np.array([self.gap])
        for step in steps:
            numbers = (step.low, step.high) if isinstance(step, Clip) else (step.by,)
            factor = isinstance(step, Multiply | Divide)
            if not np.isfinite(numbers).all() or (factor and numbers[0] <= 0):
                raise ModelError(
                    f"A step before the model moves {self.feature.name} by {numbers!r}.",
                    "Train again on rows without NaN, infinities or constant columns.",
                )
            gap = stepped(step, gap)
        return replace(self, steps=(*self.steps, *steps), gap=float(gap[0]))

    def filled(self, value: float) -> Input:
        """The input with another number where it is missing."""
        return replace(self, gap=value) if np.isnan(self.gap) else self

    def of(self, q: Ints) -> Floats:
        """The input for integers of the feature that stand for no gap, as the library computes."""
        match self.column:
            case Value():
                x = q / self.feature.scale
            case Within(low=low, high=high):
                x = ((q >= low) & (q <= high)).astype(np.float64)
            case Bin(edges=edges):
                x = np.searchsorted(edges, q, side="left").astype(np.float64)
            case _:
                assert_never(self.column)
        for step in self.steps:
            x = stepped(step, x)
        return x

    def last_at_most(
        self, limits: npt.ArrayLike, comparison: Literal["float32", "float64"] = "float64"
    ) -> Ints:
        """For each limit the largest integer whose input, so rounded, is at most the limit.

        ``q_low - 1`` if there is none. The input must have an order.
        """
        limit = np.asarray(limits, dtype=np.float64)
        low = np.full(limit.shape, self.feature.q_low - 1)
        high = np.full(limit.shape, self.feature.q_high)
        while (low < high).any():
            middle = (low + high + 1) >> 1
            holds = self.of(middle).astype(comparison).astype(np.float64) <= limit
            low = np.where(holds, middle, low)
            high = np.where(holds, high, middle - 1)
        return low

    def between(self, low: float, high: float) -> tuple[int, int]:
        """The integers for which the input lies in ``low <= x < high``: first and last."""
        below = np.nextafter([low, high], -np.inf)
        first, last = self.last_at_most(below).tolist()
        return first + 1, last


def column_range(
    column: Value | Filled | Member | Bin | Within | Clipped, feature: Feature
) -> tuple[int, int, int]:
    """Smallest and largest value of a column, and its integer steps for one unit."""
    match column:
        case Value():
            return feature.q_low, feature.q_top, feature.scale
        case Filled(fill=fill):
            return min(fill, feature.q_low), max(fill, feature.q_top), feature.scale
        case Clipped(low=low, high=high):
            return low, high, feature.scale
        case Member() | Within():
            return 0, 1, 1
        case Bin(edges=edges):
            return 0, len(edges), 1
    assert_never(column)
