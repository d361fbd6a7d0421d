"""``stylus-ai snapshot``: gas and size in a file, and a comparison with it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaffold.cli.options import HERE, JsonOutput, ProjectFolder, examples
from scaffold.cli.several import Alone, members
from scaffold.console import Console, bad, good
from stylus_ai.errors import ProjectError, UsageError
from stylus_ai.project import Project

if TYPE_CHECKING:
    from stylus_ai.reports.snapshot import Change, Figure, Snapshot


def _percent(text: str) -> Decimal:
    """Value of ``--tolerance``."""
    try:
        value = Decimal(text.removesuffix("%"))
        fits = 0 <= value <= 100  # raises for NaN
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is no number of percent, e.g. 0.5") from None
    if not fits:
        raise typer.BadParameter(f"{text} is not between 0 and 100 percent")
    return value


@examples(
    "stylus-ai snapshot",
    "stylus-ai snapshot --check",
    "stylus-ai snapshot --check --tolerance 0.5",
    "stylus-ai snapshot --diff --json | jq '.changes[].percent'",
)
def command(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; end with code 1 if a figure differs.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what differs.")] = False,
    tolerance: Annotated[
        Decimal | None,
        typer.Option(
            "--tolerance",
            metavar="PERCENT",
            parser=_percent,
            help="With --check: let figures differ by this much, either way.",
            show_default="0: gas is exact",
        ),
    ] = None,
    alone: Alone = False,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Measure gas and size of the model's contract, and keep them in .stylus-snapshot.

    Builds, deploys on an embedded chain of its own and pays there for every row of
    fixtures/test.csv. Commit the file: --check then finds what became dearer or larger, and what
    became cheaper too, so that the file never promises less than the contract does.
    """
    from stylus_ai import snapshots  # noqa: PLC0415 - numpy and web3 take their time
    from stylus_ai.reports.snapshot import EXACT, compare, read, write  # noqa: PLC0415

    if check and diff:
        raise UsageError("--check and --diff exclude each other.", "Give one of them.")
    if tolerance is not None and not check:
        raise UsageError("--tolerance is for --check.", "Add --check.")
    console = Console(json_output=json_output)
    opened = Project.find(project)
    path = opened.snapshot_file
    old: Snapshot | None = None
    try:
        old = read(path)
    except ProjectError as error:
        if check or diff:
            raise
        if path.exists():
            console.warn(f"{error.cause} It is written anew.")
    new = tuple(
        figure
        for member in members(console, project, alone=alone)
        for figure in snapshots.take(member, console.note)
    )
    changes = compare(new if old is None else old, new, tolerance or EXACT)
    ok = all(change.accepted for change in changes)
    if not (check or diff):
        write(new, path)
    value = {
        "file": str(path),
        "written": not (check or diff),
        "equal": not changes,
        "ok": ok,
        "figures": [_figure_json(figure) for figure in new],
        "changes": [_change_json(change) for change in changes],
    }
    console.result(value, lambda: _show(console, path.name, new, changes, new_file=old is None))
    if check and not ok:
        console.next_steps(
            [
                "stylus-ai snapshot   # if this is as it should be; commit the file",
                "stylus-ai profile",
            ]
        )
        raise typer.Exit(1)


def _figure_json(figure: Figure) -> dict[str, Any]:
    return {"name": figure.name, "unit": figure.unit, "value": figure.value}


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "name": change.name,
        "unit": change.unit,
        "old": change.old,
        "new": change.new,
        "absolute": change.absolute,
        "percent": change.percent,
        "accepted": change.accepted,
    }


def _show(
    console: Console, name: str, new: Snapshot, changes: tuple[Change, ...], *, new_file: bool
) -> None:
    if new_file:
        rows = [[_title(figure.name), f"{figure.value:,} {figure.unit}"] for figure in new]
        console.table(f"{name}, new", ["", "measured"], rows)
        return
    if not changes:
        console.line(f"All {len(new)} figures are as {name} says.")
        return
    console.table(
        f"{name}: {len(changes)} of {len(new)} figures differ",
        ["", "old", "new", "change", "%"],
        [_row(change) for change in changes],
    )


def _row(change: Change) -> list[object]:
    """One line of the table: red for dearer or larger, green for cheaper or smaller."""
    colour = bad if (change.absolute or 0) > 0 else good
    absolute = "" if change.absolute is None else colour(f"{change.absolute:+,}")
    percent = "" if change.percent is None else colour(f"{change.percent:+.2f} %")
    old = "-" if change.old is None else f"{change.old:,}"
    new = "-" if change.new is None else f"{change.new:,}"
    return [_title(change.name), old, f"{new} {change.unit}", absolute, percent]


def _title(name: str) -> str:
    """Model, and what was measured, in words."""
    from stylus_ai.snapshots import ABOUT  # noqa: PLC0415 - numpy and web3 take their time

    model, _, what = name.partition(":")
    return f"{model}: {ABOUT.get(what, what)}"
