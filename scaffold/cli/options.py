"""Options that several commands share, and the example block of their help."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from stylus_ai.project import Project

Command = TypeVar("Command", bound=Callable[..., object])

JsonOutput = Annotated[
    bool,
    typer.Option(
        "--json", help="Print the result as one JSON value on stdout, see docs/cli-json.md."
    ),
]

ProjectFolder = Annotated[
    Path,
    typer.Option(
        "--project",
        "-C",
        metavar="DIR",
        help="Work on the project in DIR, or above it.",
        show_default="the working directory",
    ),
]

NetworkName = Annotated[
    str | None,
    typer.Option(
        "--network",
        "-n",
        metavar="NAME",
        help="embedded, devnode-docker, sepolia, one, or a network of stylus-ai.toml.",
        show_default="the project's",
    ),
]

FeaturesJson = Annotated[
    str | None,
    typer.Argument(metavar="JSON", help="An object with a value for each feature."),
]

RowsFile = Annotated[
    Path | None,
    typer.Option(
        "--input",
        "-i",
        metavar="FILE",
        help="Many rows: CSV with a header (fixtures too), or NPZ with the array x.",
    ),
]

HERE = Path()


def examples(*lines: str) -> Callable[[Command], Command]:
    r"""Put an ``Examples:`` block below a command's docstring; ``\b`` keeps its lines apart."""

    def decorate(command: Command) -> Command:
        block = "\n".join(f"  {line}" for line in lines)
        command.__doc__ = f"{inspect.cleandoc(command.__doc__ or '')}\n\n\b\nExamples:\n{block}\n"
        return command

    return decorate


def open_project(folder: Path, network: str | None = None) -> tuple[Project, str]:
    """The project that ``folder`` lies in, and the network: the option's or the project's own.

    Raises:
        ProjectError: ``folder`` is in no project.
        UsageError: There is no such network.
    """
    from stylus_ai.chain import get_network  # noqa: PLC0415 - web3 takes its time

    project = Project.find(folder)
    name = network or project.network
    get_network(name, project.networks)
    return project, name
