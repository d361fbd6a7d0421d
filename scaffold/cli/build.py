"""``stylus-ai build``: from the integer program to a contract that Stylus accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli import views
from scaffold.cli.options import HERE, JsonOutput, ProjectFolder, examples
from scaffold.cli.several import Alone, Outcome, members, present
from scaffold.console import Console

if TYPE_CHECKING:
    from stylus_ai.pipeline import Build


@examples(
    "stylus-ai build", "stylus-ai build --explain", "stylus-ai build --json | jq .size_compressed"
)
def command(
    *,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the plan: kernel, size and price of each part.")
    ] = False,
    alone: Alone = False,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Compile the trained model to Rust and the contract around it to wasm.

    Writes the crate model/ (generated, do not edit), the Solidity interface in abi/, and
    artifacts/contract.wasm, which is checked against Stylus's rules and the profile's limits.
    """
    from stylus_ai import pipeline  # noqa: PLC0415 - numpy takes its time

    console = Console(json_output=json_output)

    def outcome(built: Build) -> Outcome:
        value = views.artifact_json(built.artifact)
        if explain:
            value |= {"plan": views.plan_json(built.plan)}

        def render() -> None:
            views.artifact(console, built.artifact)
            if explain:
                views.plan(console, built.plan)

        return value, render

    found = members(console, project, alone=alone)
    present(console, [(each, outcome(pipeline.build(each, console.step))) for each in found])
    console.next_steps(["stylus-ai test", "stylus-ai deploy"])
