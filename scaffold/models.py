"""A second model for a project: a whole project of its own below ``models/``, and a line about it.

Nothing is shared but the repository and the chain, so each model can have its own data, contract
and kit, and every command works in its folder as in any project.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from scaffold import templates
from scaffold.kits import Kit
from scaffold.naming import check_project_name
from stylus_ai.errors import UsageError
from stylus_ai.project import Project

FOLDER = "models"
NOT_HERE = (".github",)
"""What only a repository's root has a use for."""


def add_model(
    project: Project,
    name: str,
    answers: Mapping[str, str],
    *,
    ask: bool = False,
    kit: Kit | None = None,
    trust: bool = False,
) -> Project:
    """Render a kit into ``models/NAME`` and list it in the project's stylus-ai.toml.

    Args:
        project: What it is added to.
        name: Of the model, its folder and its contract.
        answers: As `templates.create` takes them, without the name.
        ask: As `templates.create` takes it.
        kit: As `templates.create` takes it.
        trust: As `templates.create` takes it.

    Raises:
        UsageError: The name does not do or is taken, or the kit cannot be rendered.
    """
    check_project_name(name, "Choose another: stylus-ai add model risk")
    if name in (member.name for member in project.members()):
        raise UsageError(f'There is a model "{name}" in this project already.', "Choose another.")
    parent = project.root / FOLDER
    fresh = not parent.exists()
    parent.mkdir(exist_ok=True)
    folder = parent / name
    try:
        templates.create(
            folder, {**answers, "project_name": name}, ask=ask, git=False, kit=kit, trust=trust
        )
        for path in NOT_HERE:
            shutil.rmtree(folder / path, ignore_errors=True)
        project.record_model(name, f"{FOLDER}/{name}")
    except BaseException:
        if fresh:
            shutil.rmtree(parent)
        raise
    return Project.open(folder)
