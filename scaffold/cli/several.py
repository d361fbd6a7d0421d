"""Commands that work on every model of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from scaffold.console import Console
from stylus_ai.project import Project

Alone = Annotated[
    bool, typer.Option("--alone", help="Leave out the models that `stylus-ai add model` added.")
]

Outcome = tuple[Mapping[str, Any], Callable[[], None]]
"""A value for --json, and what prints the same."""


def members(console: Console, folder: Path, *, alone: bool) -> Iterator[Project]:
    """The project that ``folder`` lies in, then each model added to it, said as its turn comes."""
    root = Project.find(folder)
    found = (root,) if alone else root.members()
    for project in found:
        if len(found) > 1:
            console.step(f"model {project.name}")
        yield project


def present(console: Console, outcomes: Sequence[tuple[Project, Outcome]]) -> None:
    """One model's result as it is; those of several below their names."""
    if len(outcomes) == 1:
        console.result(*outcomes[0][1])
        return

    def render() -> None:
        for project, (_, show) in outcomes:
            console.line(f"{project.name}:")
            show()

    value = {"models": {project.name: value for project, (value, _) in outcomes}}
    console.result(value, render)
