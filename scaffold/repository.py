"""A new project's git repository: ``git init`` and the first commit, by GitPython."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from stylus_ai.errors import UsageError

if TYPE_CHECKING:
    from git import Repo

BRANCH = "main"

FALLBACK_NAME = "stylus-ai"
FALLBACK_EMAIL = "stylus-ai@localhost"
"""Author of the first commit for a user who has not told git a name yet."""

INSTALL_GIT = "Install git: https://git-scm.com/downloads"


def require_git() -> None:
    """Do nothing if there is a ``git`` program; copier needs it too, whatever it renders.

    Raises:
        UsageError: There is none.
    """
    if shutil.which("git") is None:
        raise UsageError("git was not found.", INSTALL_GIT)


def commit_all(folder: Path, message: str) -> bool:
    """Make ``folder`` a git repository whose one commit holds every file that is not ignored.

    Hooks of the user's git template do not run: they are made for other repositories.

    Returns:
        True if the commit has the user's own name, False if a stand-in had to be used.

    Raises:
        UsageError: git is missing or refused.
    """
    git = import_git()
    try:
        with git.Repo.init(folder, initial_branch=BRANCH) as repo:
            repo.git.add(all=True)
            name, email = _identity(repo)
            actor = git.Actor(name or FALLBACK_NAME, email or FALLBACK_EMAIL)
            repo.index.commit(message, author=actor, committer=actor, skip_hooks=True)
            return bool(name and email)
    except git.GitCommandError as error:
        raise UsageError(
            f"git refused: {error.stderr.strip()}", "Mend that, or add --no-git."
        ) from None


def edited_files(folder: Path, generated: Iterable[str]) -> list[str]:
    """Files of ``folder`` that are not as its first commit left them, sorted.

    Args:
        folder: A repository of its own.
        generated: Folders whose files do not count, and files of the root.

    Raises:
        UsageError: git is missing, or the folder is not a repository of its own.
    """
    git = import_git()
    try:
        with git.Repo(folder) as repo:
            first = repo.git.rev_list("HEAD", max_parents=0).splitlines()[-1]
            changed = repo.git.diff(first, name_only=True).splitlines()
            changed += repo.git.ls_files(others=True, exclude_standard=True).splitlines()
    except (git.InvalidGitRepositoryError, git.GitCommandError, IndexError):
        raise UsageError(
            f"{folder} is not a git repository.", "Choose another folder, or move this one away."
        ) from None
    return sorted(name for name in changed if name.split("/")[0] not in generated)


def import_git() -> ModuleType:
    """Import GitPython, which looks for the ``git`` program when it is imported."""
    try:
        import git  # noqa: PLC0415 - see above
    except ImportError:
        raise UsageError("git was not found.", INSTALL_GIT) from None
    return git


def _identity(repo: Repo) -> tuple[str, str]:
    """The user's name and address, each empty if git does not know it."""
    with repo.config_reader() as config:
        return (
            str(config.get_value("user", "name", default="")),
            str(config.get_value("user", "email", default="")),
        )
