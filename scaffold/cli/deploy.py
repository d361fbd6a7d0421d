"""``stylus-ai deploy``: the built contract onto a chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli import chain_views as views
from scaffold.cli.options import (
    HERE,
    JsonOutput,
    NetworkName,
    ProjectFolder,
    examples,
    open_project,
)
from scaffold.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable


@examples(
    "stylus-ai deploy",
    "stylus-ai deploy --cache",
    "STYLUS_AI_PRIVATE_KEY=0x... stylus-ai deploy --network sepolia",
)
def command(
    *,
    network: NetworkName = None,
    cache: Annotated[
        bool,
        typer.Option(
            "--cache", help="Cache the program, which makes calls cheaper (embedded node)."
        ),
    ] = False,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Send the contract's code, activate it, and check that the right model answers.

    On the embedded network a node is started if none runs, and its public account pays. Elsewhere
    the key comes from STYLUS_AI_PRIVATE_KEY or is asked for, and the deployment is recorded in
    stylus-ai.toml. An interrupted run goes on where it stopped.
    """
    from stylus_ai import pipeline  # noqa: PLC0415 - numpy and web3 take their time

    console = Console(json_output=json_output)
    opened, name = open_project(project, network)
    deployment = pipeline.deploy(
        opened, name, on_step=console.step, prompt=key_prompt(console), cache=cache
    )
    console.result(views.deployment_json(deployment), lambda: views.deployment(console, deployment))
    console.next_steps(["stylus-ai predict --input fixtures/test.csv", "stylus-ai predict --help"])


def key_prompt(console: Console) -> Callable[[str], str] | None:
    """How to ask for a key without showing it; None where nobody can be asked."""
    if not console.interactive:
        return None
    return lambda question: str(typer.prompt(question, hide_input=True, err=True))
