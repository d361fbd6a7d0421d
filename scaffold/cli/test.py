"""``stylus-ai test``: the project's own tests."""

from __future__ import annotations

import importlib.util
from typing import Annotated

import typer

from scaffold.cli.options import HERE, JsonOutput, ProjectFolder, examples
from scaffold.console import Console
from stylus_ai.errors import UsageError
from stylus_ai.project import Project


@examples("stylus-ai test", "stylus-ai test -- -k behaviour -x")
def command(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="-- PYTEST...", help="Passed on to pytest.")
    ] = None,
    *,
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
    report = pipeline.test(Project.find(project), console.note, arguments or [])
    value = {"passed": report.passed, "code": report.code, "summary": report.summary}
    console.result(value, lambda: console.line(report.summary))
    if not report.passed:
        raise typer.Exit(1)
