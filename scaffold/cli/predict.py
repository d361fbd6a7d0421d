"""``stylus-ai predict``: ask the deployed contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli import chain_views as views
from scaffold.cli.options import (
    HERE,
    FeaturesJson,
    JsonOutput,
    NetworkName,
    ProjectFolder,
    RowsFile,
    examples,
    open_project,
)
from scaffold.console import Console
from stylus_ai.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from stylus_ai.chain import ChainExplanation
    from stylus_ai.ir.features import Features, IntRows


@examples(
    """stylus-ai predict '{"amount_dm": 1200, "duration_months": 12, ...}' --explain""",
    "stylus-ai predict --input fixtures/test.csv --row 3",
    "stylus-ai predict --input data/german-credit.csv",
    "stylus-ai predict --version 1 --input fixtures/test.csv",
    "stylus-ai predict --input rows.npz --json | jq '.predictions[].score'",
)
def command(
    features: FeaturesJson = None,
    *,
    file: RowsFile = None,
    number: Annotated[
        int | None,
        typer.Option("--row", min=0, help="One row of the file, from 0.", show_default="all"),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say which leaves and which features decided.")
    ] = False,
    version: Annotated[
        int | None,
        typer.Option("--version", metavar="N", help="Ask this version of the registry instead."),
    ] = None,
    network: NetworkName = None,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Ask the contract about one row, or about a file of them: score and decision, class, value.

    Values are in natural units; categories may be given by label. Results come in row order.
    """
    from stylus_ai import upgrade  # noqa: PLC0415 - numpy and web3 take their time
    from stylus_ai.ir import answers  # noqa: PLC0415

    console = Console(json_output=json_output)
    opened, name = open_project(project, network)
    program = upgrade.program_of(opened, name, version)
    rows = _rows(features, file, program.features, number)
    if explain:
        reasons = upgrade.explain(opened, name, rows, version)
        console.result(
            views.explanations_json(program.features, reasons),
            lambda: _explain(console, program.features, rows, reasons),
        )
    else:
        found, returned = upgrade.predict(opened, name, rows, version), answers(program)
        console.result(
            views.predictions_json(returned, found, len(rows)),
            lambda: views.predictions(console, returned, found, len(rows)),
        )


def _explain(
    console: Console, features: Features, rows: IntRows, answers: list[ChainExplanation]
) -> None:
    for row, answer in zip(rows, answers, strict=True):
        views.explanation(console, features, row, answer)


def _rows(text: str | None, file: Path | None, features: Features, number: int | None) -> IntRows:
    """The rows to ask about, from the argument or the file."""
    from scaffold.tables import one_row, row_from_json, rows_from_file  # noqa: PLC0415 - needs numpy

    if text is not None and file is None and number is None:
        return row_from_json(text, features)
    if file is not None and text is None:
        rows = rows_from_file(file, features)
        return rows if number is None else one_row(rows, number, file)
    raise UsageError("Give either a JSON object or --input FILE.", "See: stylus-ai predict --help")
