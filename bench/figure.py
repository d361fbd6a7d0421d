"""A row of docs/performance.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One row of the page: what, the measured value, the goal, and how it was measured."""

    what: str
    value: str
    goal: str
    how: str
