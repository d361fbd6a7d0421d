"""``stylus-ai build``: from the integer program to a contract that Stylus accepts."""

from __future__ import annotations

from typing import Annotated

import typer

from scaffold.cli import views
from scaffold.cli.options import HERE, JsonOutput, ProjectFolder, examples
from scaffold.cli.several import Alone, Outcome, members, present
from scaffold.console import Console
from stylus_ai.project import Project


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
    from stylus_ai import pipeline, pricing  # noqa: PLC0415 - numpy takes its time

    console = Console(json_output=json_output)

    def outcome(each: Project) -> Outcome:
        built = pipeline.build(each, console.step)
        value = views.artifact_json(built.artifact)
        if not explain:
            return value, lambda: views.artifact(console, built.artifact)
        console.step("asking the contract on a chain of its own")
        price = pricing.price_build(each, built)
        value |= {"plan": views.plan_json(built.plan), "price": views.price_json(price, built)}

        def render() -> None:
            views.artifact(console, built.artifact)
            views.plan(console, built.plan)
            views.price(console, price, built)

        return value, render

    found = members(console, project, alone=alone)
    present(console, [(each, outcome(each)) for each in found])
    console.next_steps(["stylus-ai test", "stylus-ai deploy"])
