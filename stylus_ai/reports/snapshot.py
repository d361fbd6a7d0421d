"""Gas and size of a project's contracts, kept in a file and compared with it.

The file is text, a line for each figure, as ``forge snapshot`` writes its own::

    my-lender:predict:median (gas: 22736)

so that a diff in git reads by itself. Gas is exact: two runs of one contract agree to the unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal, cast

from stylus_ai.errors import ProjectError
from stylus_ai.project import write_text

Unit = Literal["gas", "bytes"]

HEADER = "# Written by stylus-ai snapshot. Commit it; `stylus-ai snapshot --check` compares."
WRITE = "Write it: stylus-ai snapshot"
EXACT = Decimal(0)

_LINE = re.compile(r"(?P<name>[a-z][a-z0-9_:-]*) \((?P<unit>gas|bytes): (?P<value>\d{1,18})\)")


@dataclass(frozen=True)
class Figure:
    """One line of a snapshot.

    Attributes:
        name: Model and what was measured, e.g. ``my-lender:predict:median``.
        unit: What ``value`` counts.
        value: The figure; not negative.
    """

    name: str
    unit: Unit
    value: int


@dataclass(frozen=True)
class Change:
    """A figure that is not what the file says.

    Attributes:
        name: Of the figure.
        unit: Of the figure.
        old: What the file says; None if it does not have the figure.
        new: What was measured; None if it was not.
        accepted: True if the change lies within the tolerance.
    """

    name: str
    unit: Unit
    old: int | None
    new: int | None
    accepted: bool

    @property
    def absolute(self) -> int | None:
        """New less old; None where there is only one of them."""
        return None if self.old is None or self.new is None else self.new - self.old

    @property
    def percent(self) -> float | None:
        """The same in percent of old; None where there is no such share."""
        return 100 * self.absolute / self.old if self.absolute is not None and self.old else None


Snapshot = tuple[Figure, ...]
"""Figures in the order in which they were measured; no name occurs twice."""


def to_text(snapshot: Snapshot) -> str:
    """The file's text."""
    lines = [f"{figure.name} ({figure.unit}: {figure.value})" for figure in snapshot]
    return "\n".join([HEADER, *lines]) + "\n"


def from_text(text: str, path: Path) -> Snapshot:
    """The figures in a file's text; empty lines and those that begin with # are left out.

    Raises:
        ProjectError: A line is no figure, a name occurs twice, or there is no figure at all.
    """
    figures: dict[str, Figure] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line.rstrip())
        if found is None:
            shown = line if len(line) < 60 else f"{line[:60]}..."
            raise ProjectError(f'{path}, line {number}: "{shown}" is no figure.', WRITE)
        name = found["name"]
        if name in figures:
            raise ProjectError(f"{path}, line {number}: {name} stands there twice.", WRITE)
        figures[name] = Figure(name, cast("Unit", found["unit"]), int(found["value"]))
    if not figures:
        raise ProjectError(f"{path} holds no figures.", WRITE)
    return tuple(figures.values())


def read(path: Path) -> Snapshot:
    """The snapshot in a file.

    Raises:
        ProjectError: There is none, or it is damaged.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ProjectError(
            f"There is no {path.name} here yet.", f"{WRITE}, and commit it."
        ) from None
    except UnicodeDecodeError:
        raise ProjectError(f"{path} is no text.", WRITE) from None
    return from_text(text, path)


def write(snapshot: Snapshot, path: Path) -> None:
    """Keep a snapshot, whole or not at all."""
    write_text(path, to_text(snapshot))


def compare(
    old: Iterable[Figure], new: Iterable[Figure], tolerance: Decimal = EXACT
) -> tuple[Change, ...]:
    """Figures that differ: those that were measured first, in their order, then those that went.

    Args:
        old: What the file says.
        new: What was measured.
        tolerance: Percent of the old figure by which the new one may differ, either way.
    """
    before = {figure.name: figure for figure in old}
    after = {figure.name: figure for figure in new}
    changes = []
    for name in [*after, *(name for name in before if name not in after)]:
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        changes.append(
            Change(
                name,
                (now or was).unit,  # type: ignore[union-attr]
                was.value if was else None,
                now.value if now else None,
                accepted=was is not None and now is not None and _close(was, now, tolerance),
            )
        )
    return tuple(changes)


def _close(old: Figure, new: Figure, tolerance: Decimal) -> bool:
    """True if ``new`` differs from ``old`` by no more than ``tolerance`` percent of it."""
    return old.unit == new.unit and 100 * abs(new.value - old.value) <= tolerance * old.value
