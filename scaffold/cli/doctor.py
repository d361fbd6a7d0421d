"""``stylus-ai doctor``: what this machine has, and what is missing."""

from __future__ import annotations

from dataclasses import asdict

import typer

from scaffold.cli.options import HERE, JsonOutput, ProjectFolder, examples
from scaffold.console import Console


@examples("stylus-ai doctor", "stylus-ai doctor --json | jq '.checks[] | select(.ok | not)'")
def command(*, project: ProjectFolder = HERE, json_output: JsonOutput = False) -> None:
    """Look for everything that the main job needs; say how to get what is missing.

    Looks at Python and its packages, git, the Rust toolchain with its wasm target, the native
    binary, the node's port and the disk. Ends with code 1 if something is missing.
    """
    from scaffold.doctor import examine  # noqa: PLC0415 - pulls in the build stage

    console = Console(json_output=json_output)
    lines = examine(project)
    ready = all(line.ok for line in lines)

    def render() -> None:
        for line in lines:
            console.line(f"{'ok     ' if line.ok else 'MISSING'}  {line.name:16} {line.detail}")
            if line.remedy:
                console.line(f"         {'':16} -> {line.remedy}")

    console.result({"ready": ready, "checks": [asdict(line) for line in lines]}, render)
    if not ready:
        raise typer.Exit(1)
