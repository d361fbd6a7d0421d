"""``stylus-ai update``: a newer template under a project that has been worked on."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from scaffold.cli.consent import consent
from scaffold.cli.options import HERE, JsonOutput, ProjectFolder, examples
from scaffold.console import Console
from scaffold.updates import Updated, update
from stylus_ai.project import Project


@examples("stylus-ai update", "stylus-ai update --yes", "stylus-ai update --json | jq .conflicts")
def command(
    *,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing; new questions take their defaults.")
    ] = False,
    trust: Annotated[
        bool, typer.Option("--trust", help="Let a kit of somebody else's run its own code.")
    ] = False,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Apply the templates of this stylus-ai to a project that an earlier one made.

    What you changed stays, what the template changed is added, and git shows the difference;
    nothing is committed. Where both changed the same lines, the file holds both between markers
    (exit code 1). train.py, contract/src/lib.rs and the data are yours and never touched. Needs no
    network for the kits that come with stylus-ai, and a repository without uncommitted changes.
    """
    console = Console(json_output=json_output)
    opened = Project.find(project)
    done = update(
        opened, ask=console.interactive and not yes, consent=consent(console, trust=trust)
    )
    value = {
        "source": done.source,
        "before": done.before,
        "after": done.after,
        "changed": list(done.changed),
        "conflicts": list(done.conflicts),
    }
    console.result(value, lambda: _show(console, done))
    if done.conflicts:
        _explain(console, done)
        raise typer.Exit(1)
    if done.changed:
        console.next_steps(
            [
                "git diff",
                "stylus-ai build && stylus-ai test",
                f"git add --all && git commit -m 'Update the template to {done.after}'",
            ]
        )


def _show(console: Console, done: Updated) -> None:
    if not done.changed:
        console.line(f"Nothing to do: the project has {done.after} already.")
        return
    console.line(f"From {done.before} to {done.after}: {len(done.changed)} files changed")
    for name in done.changed:
        console.line(f"  {'CONFLICT' if name in done.conflicts else 'changed '}  {name}")


def _explain(console: Console, done: Updated) -> None:
    """How to go on after conflicts, or back."""
    files = " ".join(shlex.quote(name) for name in done.conflicts)
    console.warn(
        f"You and the template changed the same lines of {', '.join(done.conflicts)}. Nothing is "
        "lost: yours stand below <<<<<<< before updating, the template's above >>>>>>> after "
        "updating."
    )
    console.next_steps(
        [
            f"edit {files}   # keep what is right, remove the markers",
            f"git add {files}",
            "stylus-ai build && stylus-ai test",
            f"git add --all && git commit -m 'Update the template to {done.after}'",
            "git reset --hard && git clean --force -d   # or instead: back to what was",
        ]
    )
