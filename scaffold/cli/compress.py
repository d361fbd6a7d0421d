"""``stylus-ai compress``: smaller programs from one model, and what each step costs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import HERE, JsonOutput, ProjectFolder, examples
from scaffold.console import Console
from stylus_ai.errors import StylusAiError, UsageError
from stylus_ai.project import AS_TRAINED, Project

if TYPE_CHECKING:
    from stylus_ai.compress.fit import Measured
    from stylus_ai.pipeline import Ladder


@examples(
    "stylus-ai compress",
    "stylus-ai compress --fit size=24576 --fit gas=1000 --min-accuracy 0.97",
    "stylus-ai compress --use 'thresholds shared' && stylus-ai train",
)
def command(
    *,
    fit: Annotated[
        list[str] | None,
        typer.Option(
            "--fit",
            metavar="WHAT=LIMIT",
            help="Search for the smallest change that keeps to a limit: size=BYTES of the "
            "compressed contract, gas=GAS of the model in a call, deploy=GAS. May be repeated.",
        ),
    ] = None,
    min_accuracy: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Search for a rung that is at least so accurate, 0..1."),
    ] = None,
    use: Annotated[
        str | None,
        typer.Option(
            metavar="RUNG", help=f'Let train make this rung from now on; "{AS_TRAINED}" for none.'
        ),
    ] = None,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Print the ladder: accuracy, agreement with the float model, bytes and gas of each rung.

    Runs the project's train.py up to its export. A fifth of its training rows judges the rungs; the
    test rows are not looked at. Sizes and gas are what the plan predicts for the whole contract.
    """
    from stylus_ai import pipeline  # noqa: PLC0415 - numpy and scikit-learn take their time
    from stylus_ai.compress.fit import Limits  # noqa: PLC0415 - likewise

    console = Console(json_output=json_output)
    opened = Project.find(project)
    limits = Limits.parse(fit or [], min_accuracy)
    if use is not None:
        if limits:
            raise UsageError("--use names a rung; --fit and --min-accuracy search for one.")
        opened.choose_rung(use)
        console.result({"compress": use}, lambda: console.line(f"train will make: {use}"))
        console.next_steps(["stylus-ai train"])
        return
    console.step(f"making smaller models: {opened.train_script}")
    ladder = pipeline.compress(opened, limits, console.note)
    console.result(asdict(ladder), lambda: _show(console, ladder))
    if ladder.choice is None or not ladder.choice.missed:
        chosen = ladder.choice.rung.name if ladder.choice else "RUNG"
        console.next_steps([f"stylus-ai compress --use '{chosen}'", "stylus-ai train"])
        return
    raise StylusAiError(
        f"No rung keeps to the limits. The nearest, {ladder.choice.rung.name!r}, misses "
        f"{_missed(ladder.choice.missed)}.",
        "Widen the limits, or train a smaller model.",
    )


def _show(console: Console, ladder: Ladder) -> None:
    rows = [["float", f"{ladder.float_accuracy:.4f}", "", "", "", ""]]
    rows += [_row(rung) for rung in ladder.rungs]
    console.table(
        f"On {ladder.judged_rows:,} validation rows",
        ["rung", "accuracy", "agrees", "bytes", "gas, call", "gas, deploy"],
        rows,
    )
    if ladder.choice and not ladder.choice.missed:
        console.line(f"The smallest change that fits: {ladder.choice.rung.name}")


def _row(rung: Measured) -> list[str]:
    return [
        rung.name,
        f"{rung.accuracy:.4f}",
        f"{rung.agreement:.4f}",
        f"{rung.size:,.0f}",
        f"{rung.gas:,.0f}",
        f"{rung.deploy:,.0f}",
    ]


def _missed(missed: dict[str, float]) -> str:
    return ", ".join(f"{what} by {share:.1%}" for what, share in missed.items())
