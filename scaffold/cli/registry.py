"""``stylus-ai registry``: the versions of the model, and a rollback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from scaffold.cli.deploy import key_prompt
from scaffold.cli.options import (
    HERE,
    JsonOutput,
    NetworkName,
    ProjectFolder,
    examples,
    open_project,
)
from scaffold.cli.views import short
from scaffold.console import Console
from stylus_ai.errors import UsageError

if TYPE_CHECKING:
    from stylus_ai.chain import Client, Registry


@examples("stylus-ai registry", "stylus-ai registry rollback 1", "stylus-ai registry --json")
def command(
    action: Annotated[
        str | None, typer.Argument(metavar="[rollback]", help="Make a version current again.")
    ] = None,
    number: Annotated[
        int | None, typer.Argument(metavar="[N]", help="The version to go back to.")
    ] = None,
    *,
    network: NetworkName = None,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """List the model's versions and how long their programs live; or roll back.

    A rollback changes which version applications are answered by. It removes nothing: every
    version can still be asked, with predict --version N.
    """
    from stylus_ai import upgrade  # noqa: PLC0415 - numpy and web3 take their time

    console = Console(json_output=json_output)
    if action not in (None, "rollback") or (action is None) != (number is None):
        raise UsageError("That is no action of the registry.", "E.g. stylus-ai registry rollback 1")
    opened, name = open_project(project, network)
    if number is not None:
        upgrade.rollback(opened, name, number, key_prompt(console))
    value = _json(*upgrade.open_registry(opened, name))
    console.result(value, lambda: _show(console, value))


def _json(client: Client, registry: Registry) -> dict[str, Any]:
    from stylus_ai.chain import lifetime  # noqa: PLC0415 - web3 takes its time

    current = registry.current
    number = current.number if current else 0
    return {
        "registry": registry.address,
        "owner": registry.owner,
        "current": number,
        "versions": [
            {
                "number": version.number,
                "current": version.number == number,
                "address": version.address,
                "code_hash": version.code_hash,
                "model_hash": f"0x{version.model_hash}",
                "note": version.note,
                "time": version.time,
                "days_left": lifetime(client, version.address).days,
            }
            for version in registry.versions()
        ],
    }


def _show(console: Console, value: dict[str, Any]) -> None:
    console.line(f"registry {value['registry']}, owned by {value['owner']}")
    rows = [
        [
            f"{entry['number']}{' (current)' if entry['current'] else ''}",
            entry["address"],
            short(entry["model_hash"]),
            entry["time"],
            "expired" if entry["days_left"] is None else f"{entry['days_left']} days",
            entry["note"],
        ]
        for entry in value["versions"]
    ]
    console.table("", ["version", "contract", "model", "published", "lives", "note"], rows)
