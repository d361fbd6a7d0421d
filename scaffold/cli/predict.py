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
    "stylus-ai predict --input data/german-credit.csv",
    "stylus-ai predict --version 1 --input fixtures/test.csv",
    "stylus-ai predict --input rows.npz --json | jq '.predictions[].score'",
)
def command(
    features: FeaturesJson = None,
    *,
    file: RowsFile = None,
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
    """Ask the contract for score and decision of one applicant, or of a file of them.

    Values are in natural units; categories may be given by label. Results come in row order.
    """
    from stylus_ai import upgrade  # noqa: PLC0415 - numpy and web3 take their time

    console = Console(json_output=json_output)
    opened, name = open_project(project, network)
    program = upgrade.program_of(opened, name, version)
    rows = _rows(features, file, program.features)
    if explain:
        answers = upgrade.explain(opened, name, rows, version)
        console.result(
            views.explanations_json(program.features, answers),
            lambda: _explain(console, program.features, rows, answers),
        )
    else:
        predictions = upgrade.predict(opened, name, rows, version)
        console.result(
            views.predictions_json(predictions), lambda: views.predictions(console, predictions)
        )


def _explain(
    console: Console, features: Features, rows: IntRows, answers: list[ChainExplanation]
) -> None:
    for row, answer in zip(rows, answers, strict=True):
        views.explanation(console, features, row, answer)


def _rows(text: str | None, file: Path | None, features: Features) -> IntRows:
    """The rows to ask about, from the argument or the file."""
    from scaffold.tables import row_from_json, rows_from_file  # noqa: PLC0415 - needs numpy

    if text is not None and file is None:
        return row_from_json(text, features)
    if file is not None and text is None:
        return rows_from_file(file, features)
    raise UsageError("Give either a JSON object or --input FILE.", "See: stylus-ai predict --help")
