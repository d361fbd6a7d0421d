"""``stylus-ai keepalive``: keep the project's programs from expiring."""

from __future__ import annotations

from typing import Annotated

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
from scaffold.console import Console


@examples("stylus-ai keepalive --check", "stylus-ai keepalive", "stylus-ai keepalive --every")
def command(
    *,
    check: Annotated[bool, typer.Option("--check", help="Only say; pay nothing.")] = False,
    every: Annotated[
        bool, typer.Option("--every", help="All that can be extended now, due or not.")
    ] = False,
    network: NetworkName = None,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Give another year to every program of the project that is due, old versions too.

    A Stylus program expires a year after its activation; then nobody can call it. Anybody may
    extend its time once it is 31 days old, or activate it again once it has expired.
    """
    from stylus_ai import upgrade  # noqa: PLC0415 - numpy and web3 take their time

    console = Console(json_output=json_output)
    opened, name = open_project(project, network)
    if check:
        _, found = upgrade.programs(opened, name)
    else:
        found = upgrade.keep_alive(
            opened, name, every=every, prompt=key_prompt(console), on_step=console.step
        )
    value = {
        "programs": [
            {
                "name": entry.name,
                "address": entry.address,
                "days_left": entry.lifetime.days,
                "state": entry.lifetime.state,
                "done": entry.done,
            }
            for entry in found
        ]
    }
    rows = [
        [
            entry.name,
            entry.address,
            "" if entry.lifetime.days is None else f"{entry.lifetime.days}",
            entry.lifetime.state,
            entry.done or "",
        ]
        for entry in found
    ]
    console.result(
        value, lambda: console.table("", ["", "contract", "days left", "state", "done"], rows)
    )
