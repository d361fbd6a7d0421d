"""``stylus-ai add``: more for a project that is there."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

import typer

from scaffold import templates
from scaffold.cli.consent import consent
from scaffold.cli.options import HERE, JsonOutput, ProjectFolder, examples
from scaffold.console import Console
from scaffold.kits import fetched, is_address
from scaffold.models import add_model
from stylus_ai.project import Project

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """More for a project that is there."""


@app.command("model", short_help="Add a second model, with a contract of its own.")
@examples(
    "stylus-ai add model risk",
    "stylus-ai add model risk --data wallets",
    "stylus-ai add model risk --kit gh:owner/kit",
)
def model(
    name: Annotated[str, typer.Argument(help="Name of the model, of its folder and contract.")],
    *,
    kit: Annotated[
        str | None,
        typer.Option(
            metavar="KIT",
            help="Starter kit, or an address, as `new` takes it.",
            show_default="the project's",
        ),
    ] = None,
    data: Annotated[str | None, typer.Option(help="german or wallets.")] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Let a kit by address run its own code.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing; take the defaults.")
    ] = False,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Put a second model into a project: models/NAME, a whole project with its own contract.

    From then on train, build, test, deploy and snapshot in the project's root work on every model,
    with --alone on its own only, and every command in models/NAME works on that one.
    """  # fmt: skip
    console = Console(json_output=json_output)
    root = Project.find(project)
    chosen = kit or root.application
    foreign = is_address(chosen)
    answers = {"network": root.network} if not foreign and root.network in _networks() else {}
    answers |= {} if foreign else {"application": chosen}
    answers |= {"data": data} if data else {}
    with fetched(chosen) if foreign else nullcontext() as source:
        made = add_model(
            root,
            name,
            answers,
            ask=console.interactive and not yes,
            kit=source,
            trust=consent(console, trust=trust)(source) if source else False,
        )
    value = {"name": made.name, "folder": str(made.root), "application": made.application}
    console.result(value, lambda: console.line(f"Made {made.root}"))
    console.next_steps(["stylus-ai train", "stylus-ai build", "stylus-ai deploy"])


def _networks() -> list[str]:
    return [choice.value for choice in templates.choices("network")]
