"""``stylus-ai check``: would Stylus accept this wasm, and what does it cost?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaffold.cli.options import HERE, JsonOutput, ProjectFolder, examples
from scaffold.console import Console
from stylus_ai.errors import ProjectError
from stylus_ai.project import Project

if TYPE_CHECKING:
    from stylus_ai.build import CheckReport

DEFAULT_PROFILE = "arbos51"


@examples(
    "stylus-ai check",
    "stylus-ai check target/wasm32-unknown-unknown/release/other.wasm --profile arbos61",
)
def command(
    wasm: Annotated[
        Path | None,
        typer.Argument(metavar="WASM", help="A wasm file.", show_default="the built contract"),
    ] = None,
    *,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="arbos51, arbos60 or arbos61.", show_default="the project's"
        ),
    ] = None,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Check a wasm file against the rules and limits of a chain profile, without a chain.

    Looks at floating point (naming the function and the crate it came from), operators, imports,
    memory, sizes and activation. Ends with code 1 if the chain would refuse the file.
    """
    from stylus_ai.build import check_wasm, get_profile  # noqa: PLC0415 - pulls in the build stage

    console = Console(json_output=json_output)
    if wasm is None:
        opened = Project.find(project)
        path, limits = opened.wasm_file, profile or opened.profile
    else:
        path, limits = wasm, profile or DEFAULT_PROFILE
    if wasm is None and not path.is_file():
        raise ProjectError("There is no built contract here yet.", "Run: stylus-ai build")
    report = check_wasm(path, get_profile(limits))
    console.result(_json(report), lambda: _show(console, report))
    if not report.ok:
        raise typer.Exit(1)


def _json(report: CheckReport) -> dict[str, Any]:
    return {
        "ok": report.ok,
        "wasm": str(report.path),
        "profile": report.profile.name,
        "findings": [
            {"level": f.level, "subject": f.subject, "what": f.what, "remedy": f.remedy}
            for f in report.findings
        ],
        "size_raw": report.size_raw,
        "size_compressed": report.size_code,
        "memory_pages": report.memory_pages,
        "data_bytes": report.data_bytes,
        "activation_gas": report.activation_gas,
        "data_fee_wei": report.data_fee,
        "call_gas": report.call_gas,
        "cached_call_gas": report.cached_call_gas,
    }


def _show(console: Console, report: CheckReport) -> None:
    limits = report.profile
    console.line(f"{report.path} for {limits.name}: {'accepted' if report.ok else 'REFUSED'}")
    rows = [
        ["on the chain, compressed", f"{report.size_code:,}", f"{limits.max_compressed:,} bytes"],
        ["wasm, uncompressed", f"{report.size_raw:,}", f"{limits.max_wasm:,} bytes"],
        ["memory", f"{report.memory_pages:,}", f"{limits.max_pages:,} pages"],
        ["data segments", f"{report.data_bytes:,}", ""],
        ["gas to activate", _figure(report.activation_gas), ""],
        ["gas before the first operator", _figure(report.call_gas), ""],
        ["the same once cached", _figure(report.cached_call_gas), ""],
    ]
    console.table("", ["", "", "limit"], rows)
    for finding in report.findings:
        console.line(f"{finding.level}: {finding.what}")
        console.line(f"  -> {finding.remedy}")


def _figure(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"
