"""``stylus-ai test``: the project's own tests."""

from __future__ import annotations

import importlib.util
from functools import partial
from typing import Annotated

import typer

from scaffold.cli.options import HERE, JsonOutput, ProjectFolder, examples
from scaffold.cli.several import Alone, Outcome, members, present
from scaffold.console import Console
from stylus_ai.errors import UsageError
from stylus_ai.project import Project


@examples("stylus-ai test", "stylus-ai test -- -k behaviour -x")
def command(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="-- PYTEST...", help="Passed on to pytest.")
    ] = None,
    *,
    alone: Alone = False,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Run the project's tests: parity on every row of the fixtures, behaviour, the chain.

    They use a node of their own, not the one that deploy uses. Ends with code 1 if one fails.
    """
    from stylus_ai import pipeline  # noqa: PLC0415 - numpy and web3 take their time

    console = Console(json_output=json_output)
    if importlib.util.find_spec("pytest") is None:
        raise UsageError(
            "pytest is not installed beside stylus-ai.", "pip install -r requirements.txt"
        )
    outcomes: list[tuple[Project, Outcome]] = []
    passed = True
    for opened in members(console, project, alone=alone):
        report = pipeline.test(opened, console.note, arguments or [])
        value = {"passed": report.passed, "code": report.code, "summary": report.summary}
        outcomes.append((opened, (value, partial(console.line, report.summary))))
        passed = passed and report.passed
    present(console, outcomes)
    if not passed:
        raise typer.Exit(1)
