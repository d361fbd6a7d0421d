"""``stylus-ai kit``: for those who make kits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scaffold.cli.options import JsonOutput, examples
from scaffold.console import Console
from stylus_ai.errors import UsageError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """For those who make kits, see docs/kits.md."""


@app.command("check", short_help="Say what a kit still lacks.")
@examples("stylus-ai kit check .", "stylus-ai kit check my-kit --full")
def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with copier.yml.")],
    *,
    full: Annotated[
        bool, typer.Option("--full", help="Also train, build and test a project; takes minutes.")
    ] = False,
    json_output: JsonOutput = False,
) -> None:
    """Check a kit against docs/kits.md: its copier.yml, and projects made with each choice.

    Code of the kit's own (tasks, Jinja extensions) is named and not run; --full runs the training
    script and the tests of a project. Ends with code 1 if users would fail.
    """
    from scaffold import kit_check  # noqa: PLC0415 - the framework takes its time

    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", "Name the one that holds copier.yml.")
    console = Console(json_output=json_output)
    findings = kit_check.check(folder, console.note, full=full)
    ok = all(finding.level != "error" for finding in findings)
    value = {
        "ok": ok,
        "full": full,
        "findings": [{"level": f.level, "what": f.what, "remedy": f.remedy} for f in findings],
    }

    def render() -> None:
        for finding in findings:
            console.line(f"{finding.level}: {finding.what}")
            console.line(f"  -> {finding.remedy}")
        console.line("The kit is complete." if ok else "The kit is not complete.")

    console.result(value, render)
    if not ok:
        raise typer.Exit(1)
