"""The folder of an earlier demo: replaced on request, but never with somebody's work in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from scaffold.repository import edited_files
from stylus_ai.errors import ProjectError, UsageError
from stylus_ai.project import Project

MARK = "made-by-demo"
"""Empty file in the project's own state folder, which git ignores."""


def mark(project: Project) -> None:
    """Note that the demo made this project."""
    project.state_dir.mkdir(exist_ok=True)
    (project.state_dir / MARK).touch()


def clear(folder: Path) -> None:
    """Remove what an earlier demo left in ``folder``, and end its node.

    Raises:
        UsageError: The folder is something else, or a file of its first commit was changed.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    elsewhere = "Choose another folder, or move this one away."
    try:
        project = Project.open(folder)
    except ProjectError:
        raise UsageError(f"{folder} was not made by the demo.", elsewhere) from None
    if not (project.state_dir / MARK).is_file():
        raise UsageError(f"{folder} was not made by the demo.", elsewhere)
    generated = (path.name for path in _generated(project))
    if edited := edited_files(folder, set(generated)):
        raise UsageError(f"You have edited {', '.join(edited)} in {folder}.", elsewhere)
    _stop_node(project)
    shutil.rmtree(folder)


def _generated(project: Project) -> tuple[Path, ...]:
    """What ``train`` and ``build`` write."""
    folders = (project.artifacts, project.model_dir, project.fixtures, project.abi_dir)
    return (*folders, project.card_file)


def _stop_node(project: Project) -> None:
    from stylus_ai.chain import stop_node  # noqa: PLC0415 - web3 takes its time

    stop_node(project)
