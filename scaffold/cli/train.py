"""``stylus-ai train``: run the training script and show what it measured."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from scaffold.cli import views
from scaffold.cli.options import HERE, JsonOutput, ProjectFolder, examples
from scaffold.cli.several import Alone, Outcome, members, present
from scaffold.console import Console
from stylus_ai.project import Project


@examples(
    "stylus-ai train",
    "stylus-ai train --json | jq .integer_metrics.auc",
    "stylus-ai train -- --model cnn   (the classifier kit's other model)",
)
def command(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="-- ARGS...", help="Passed on to train.py.")
    ] = None,
    *,
    alone: Alone = False,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Fit the model, make it integer, and measure both on the test rows.

    Runs the project's train.py. What it exports goes to artifacts/ and fixtures/, a model card to
    MODEL_CARD.md.
    """
    from stylus_ai import pipeline  # noqa: PLC0415 - numpy and scikit-learn take their time

    console = Console(json_output=json_output)
    outcomes: list[tuple[Project, Outcome]] = []
    for opened in members(console, project, alone=alone):
        console.step(f"training: {opened.train_script}")
        report = pipeline.train(opened, console.note, arguments or [])
        outcomes.append((opened, (report.to_json(), partial(views.training, console, report))))
    present(console, outcomes)
    console.next_steps(["stylus-ai build"])
