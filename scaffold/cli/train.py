"""``stylus-ai train``: run the training script and show what it measured."""

from __future__ import annotations

from typing import Annotated

import typer

from scaffold.cli import views
from scaffold.cli.options import HERE, JsonOutput, ProjectFolder, examples
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
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Fit the model, make it integer, and measure both on the test rows.

    Runs the project's train.py. What it exports goes to artifacts/ and fixtures/, a model card to
    MODEL_CARD.md.
    """
    from stylus_ai import pipeline  # noqa: PLC0415 - numpy and scikit-learn take their time

    console = Console(json_output=json_output)
    opened = Project.find(project)
    console.step(f"training: {opened.train_script}")
    report = pipeline.train(opened, console.note, arguments or [])
    console.result(report.to_json(), lambda: views.training(console, report))
    console.next_steps(["stylus-ai build"])
