"""``stylus-ai profile``: where the gas of a call goes, by name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
from stylus_ai.project import Project, write_text

if TYPE_CHECKING:
    from stylus_ai.reports import Line, Profile

MOST_LINES = 20
SEE = "See: stylus-ai profile --help"
HEX = re.compile("0x([0-9a-fA-F]{2})*")


@examples(
    "stylus-ai profile                            a prediction of the first test row",
    "stylus-ai profile --input rows.csv --row 3   of another row",
    "stylus-ai profile --svg flame.svg --speedscope profile.json",
    "stylus-ai profile --tx 0x5c50...             a transaction in a block",
    "stylus-ai profile --to 0x5fbd... --data 0x2e64cec1   any call",
)
def command(
    features: FeaturesJson = None,
    *,
    file: RowsFile = None,
    number: Annotated[
        int,
        typer.Option(
            "--row",
            min=0,
            help="Row of the file, from 0; without JSON and --input, of fixtures/test.csv.",
        ),
    ] = 0,
    tx: Annotated[
        str | None, typer.Option("--tx", metavar="HASH", help="A transaction in a block instead.")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="ADDRESS", help="Any contract instead.")
    ] = None,
    data: Annotated[
        str, typer.Option("--data", metavar="HEX", help="Calldata for --to.", show_default="none")
    ] = "0x",
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="Write a flame graph.")
    ] = None,
    speedscope: Annotated[
        Path | None,
        typer.Option("--speedscope", metavar="FILE", help="Write a file for speedscope.app."),
    ] = None,
    most: Annotated[
        int, typer.Option("--top", min=1, help="Lines of each table; --json has all.")
    ] = MOST_LINES,
    network: NetworkName = None,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Say where the gas of a prediction goes: by tree or layer of the model, and by function.

    The embedded chain counts every basic block, so nothing is sampled and the lines sum up to the
    gas of the call. Names come from the last build; inlined code counts for what it was inlined
    into, the model's trees and layers apart.
    """
    from stylus_ai import pipeline, reports  # noqa: PLC0415 - numpy and web3 take their time

    console = Console(json_output=json_output)
    if sum(choice is not None for choice in (features, file, tx, to)) > 1:
        raise UsageError("JSON, --input, --tx and --to exclude each other.", SEE)
    opened, name = open_project(project, network)
    if tx is not None:
        found = pipeline.profile_transaction(opened, name, _hex(tx, "--tx", length=32))
    else:
        address, calldata = (
            _asked(opened, name, features, file, number)
            if to is None
            else (_hex(to, "--to", length=20), bytes.fromhex(_hex(data, "--data")[2:]))
        )
        found = pipeline.profile(opened, name, address, calldata)
    title = f"{opened.name}, {tx or to or 'a prediction'}"
    if svg is not None:
        _write(console, svg, reports.flame_graph(found, title))
    if speedscope is not None:
        _write(console, speedscope, json.dumps(reports.speedscope(found, title)) + "\n")
    if found.truncated:
        console.warn("There were more places than the node keeps: callers have what is missing.")
    console.result(_json(found), lambda: _tables(console, found, most))


def _asked(
    project: Project, network: str, features: str | None, file: Path | None, number: int
) -> tuple[str, bytes]:
    """The call that asks for a prediction."""
    from scaffold.tables import one_row, row_from_json, rows_from_file  # noqa: PLC0415 - needs numpy
    from stylus_ai import pipeline  # noqa: PLC0415

    known = pipeline.load_program(project).features
    if features is not None:
        row = row_from_json(features, known)[0]
    else:
        path = file or project.fixtures / "test.csv"
        row = one_row(rows_from_file(path, known), number, path)[0]
    return pipeline.prediction_call(project, network, row.tolist())


def _hex(text: str, option: str, length: int | None = None) -> str:
    """``text`` if it is 0x and whole bytes, of this number where one is given."""
    if not HEX.fullmatch(text):
        raise UsageError(f"{option} {text} is not hex with the prefix 0x.", SEE)
    if length is not None and len(text) != 2 + 2 * length:
        raise UsageError(f"{option} {text} has {len(text) // 2 - 1} bytes, not {length}.", SEE)
    return text


def _write(console: Console, path: Path, text: str) -> None:
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is not a folder.", "Make it, or name another.")
    write_text(path, text)
    console.note(f"wrote {path}")


def _tables(console: Console, profile: Profile, most: int) -> None:
    console.line(f"{profile.gas:,} gas" + ("" if profile.success else f", failed: {profile.error}"))
    _table(console, "The bill", profile.bill(), profile, most)
    parts = sorted(profile.parts(), key=lambda line: -line.ink)
    if parts:
        _table(console, "The model, by part", parts, profile, most)
    _table(console, "What ran", profile.functions(), profile, most)


def _table(console: Console, title: str, lines: list[Line], profile: Profile, most: int) -> None:
    """The dearest lines, and the rest in one; shares are of the table's own sum."""
    whole = sum(line.ink for line in lines)

    def row(name: str, calls: str, ink: int) -> list[str]:
        share = 100 * ink / max(whole, 1)
        return [name, calls, f"{ink:,}", f"{ink / profile.ink_price:,.1f}", f"{share:.1f} %"]

    rows = [
        row(f"host: {line.name}" if line.kind == "host" else line.name, _times(line), line.ink)
        for line in lines[:most]
    ]
    if lines[most:]:
        rows.append(row(f"{len(lines) - most} more", "", sum(line.ink for line in lines[most:])))
    console.table(title, ["", "calls", "ink", "gas", "share"], rows)


def _times(line: Line) -> str:
    return f"{line.calls:,}" if line.calls else ""


def _json(profile: Profile) -> dict[str, Any]:
    """Everything for ``--json``."""

    def lines(found: list[Line]) -> list[dict[str, Any]]:
        return [
            {"name": x.name, "kind": x.kind, "calls": x.calls, "ink": x.ink, "total_ink": x.total}
            for x in found
        ]

    return {
        "gas": profile.gas,
        "ink": profile.root.total,
        "ink_price": profile.ink_price,
        "success": profile.success,
        "error": profile.error,
        "truncated": profile.truncated,
        "bill": lines(profile.bill()),
        "parts": lines(profile.parts()),
        "functions": lines(profile.functions()),
    }
