"""What ``Encode`` makes of a feature: a closed union of columns (equation 12)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Value:
    """The feature itself."""

    feature: int


@dataclass(frozen=True)
class Filled:
    """The feature, and ``fill`` where it is ``missing``.

    A tree that sends gaps left reads the feature filled with a number below its range; one that
    sends them right, with the number above that stands for a gap anyway.
    """

    feature: int
    missing: int
    fill: int


@dataclass(frozen=True)
class Member:
    """1 where the feature is one of ``codes``, else 0: one-hot, and splits by category."""

    feature: int
    codes: tuple[int, ...]


@dataclass(frozen=True)
class Bin:
    """How many of ``edges``, ascending, lie below the feature: binning, ordinal codes."""

    feature: int
    edges: tuple[int, ...]


@dataclass(frozen=True)
class Within:
    """1 where ``low <= feature <= high``, else 0: one bin of several, a scorecard's attribute."""

    feature: int
    low: int
    high: int


@dataclass(frozen=True)
class Clipped:
    """The feature, no less than ``low`` and no more than ``high``: a scaler that clips."""

    feature: int
    low: int
    high: int


Column = Value | Filled | Member | Bin | Within | Clipped
