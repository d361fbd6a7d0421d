"""``stylus-ai compress``: smaller programs from one model, and what each step costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import HERE, JsonOutput, ProjectFolder, examples
from scaffold.console import Console
from stylus_ai.errors import StylusAiError, UsageError
from stylus_ai.project import AS_TRAINED, Project

if TYPE_CHECKING:
    from stylus_ai.compress.fit import Choice, Measured
    from stylus_ai.rungs import Ladder


SHOWN = 10
"""Rungs of a search that a terminal shows."""


@examples(
    "stylus-ai compress",
    "stylus-ai compress --fit size=24576 --fit gas=1000 --min-accuracy 0.97",
    "stylus-ai compress --fit size=24576 --measure",
    "stylus-ai compress --use 'thresholds shared'",
    f"stylus-ai compress --use {AS_TRAINED}",
)
def command(
    *,
    fit: Annotated[
        list[str] | None,
        typer.Option(
            "--fit",
            metavar="WHAT=LIMIT",
            help="Search for the smallest change that keeps to a limit: size=BYTES of the "
            "compressed contract, gas=GAS of the model in a call, call=GAS of a whole transaction "
            "that asks the cached contract, deploy=GAS. May be repeated.",
        ),
    ] = None,
    min_accuracy: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Search for a rung that is at least so accurate, 0..1."),
    ] = None,
    use: Annotated[
        str | None,
        typer.Option(
            metavar="RUNG",
            help="Make nothing, but let train make this rung of the last ladder from now on; "
            f'"{AS_TRAINED}" for the model as it was trained.',
        ),
    ] = None,
    measure: Annotated[
        bool,
        typer.Option(
            "--measure",
            help="Build and call the rungs on a node of their own, some seconds each; of a search "
            "those that seem to fit, until one does.",
        ),
    ] = False,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Print the ladder: accuracy, agreement with the float model, bytes and gas of each rung.

    Runs the project's train.py up to its export. A fifth of its training rows judges the rungs; the
    test rows are not looked at. Sizes and gas are predicted for the whole contract unless --measure
    builds it. A rung that is chosen or found goes to stylus-ai.toml, from where train takes it.
    """
    from stylus_ai import rungs  # noqa: PLC0415 - numpy and scikit-learn take their time
    from stylus_ai.compress.fit import Limits  # noqa: PLC0415 - likewise

    console = Console(json_output=json_output)
    limits = Limits.parse(fit or [], min_accuracy)
    opened = Project.find(project)
    if use is not None:
        if limits or measure:
            raise UsageError("--use takes a rung that was made; --fit and --measure make some.")
        rungs.use(opened, use)
        console.result({"compress": use}, lambda: console.line(f"train makes from now on: {use}"))
        console.next_steps(["stylus-ai train"])
        return
    console.step(f"making smaller models: {opened.train_script}")
    with console.progress() as on_rung:
        ladder = rungs.compress(
            opened, limits, measure=measure, on_line=console.note, on_rung=on_rung
        )
    choice = ladder.choice
    if choice and not choice.missed:
        rungs.use(opened, choice.rung.name)
    console.result(asdict(ladder), lambda: _show(console, ladder))
    if choice is None:
        console.next_steps(["stylus-ai compress --use RUNG"])
        return
    if choice.missed:
        raise StylusAiError(
            f"No rung keeps to the limits. {_nearest(choice)}",
            "Widen the limits, or train a smaller model.",
        )
    console.next_steps(["stylus-ai train"])


def _show(console: Console, ladder: Ladder) -> None:
    """The table, and what has to be known to read it; of a search the best rungs alone."""
    from stylus_ai.compress.fit import MARGINS  # noqa: PLC0415 - numpy takes its time

    shown = _best(ladder.rungs, ladder.choice) if ladder.choice else ladder.rungs
    rows = [["float", f"{ladder.float_accuracy:.4f}", "", "", "", "", ""]]
    rows += [_row(rung) for rung in shown]
    console.table(
        f"On {ladder.judged_rows:,} validation rows",
        ["rung", "accuracy", "agrees", "bytes", "gas, model", "gas, call", "gas, deploy"],
        rows,
    )
    if not all(rung.measured for rung in shown):
        within = ", ".join(f"{what} {share:.0%}" for what, share in MARGINS.items())
        console.line(f"~ predicted, off by at most: {within}; --measure builds the contract.")
    if not ladder.unseen:
        console.line("The model has learned from the validation rows: it cannot be fitted again.")
    if len(shown) < len(ladder.rungs):
        rest = len(ladder.rungs) - len(shown)
        console.line(f"{rest} other rungs agree less, or cost no less; --json has them.")
    for name, reason in ladder.left_out.items() if not ladder.choice else ():
        console.line(f"Left out: {name}. {reason}")
    if ladder.choice and not ladder.choice.missed:
        console.line(f"The smallest change that fits: {ladder.choice.rung.name}")
        console.line("It stands in stylus-ai.toml now, as project.compress.")


def _best(rungs: Sequence[Measured], choice: Choice) -> list[Measured]:
    """The choice, and those that no other beats or equals in agreement, bytes and gas at once."""
    found: list[Measured] = []
    for rung in sorted(rungs, key=lambda rung: (-rung.agreement, rung.size, rung.gas)):
        beaten = any(other.size <= rung.size and other.gas <= rung.gas for other in found)
        if rung == choice.rung or not (beaten or len(found) >= SHOWN):
            found.append(rung)
    return found


def _row(rung: Measured) -> list[str]:
    return [
        rung.name,
        f"{rung.accuracy:.4f}",
        f"{rung.agreement:.4f}",
        *(
            f"{'' if rung.measured else '~'}{value:,.0f}"
            for value in (rung.size, rung.gas, rung.call, rung.deploy)
        ),
    ]


def _nearest(choice: Choice) -> str:
    missed = ", ".join(f"{what} by {share:.1%}" for what, share in choice.missed.items())
    return f"The nearest, {choice.rung.name!r}, misses {missed}."
