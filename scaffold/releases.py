"""Every release of the templates as a git repository, without a network.

``releases.bundle`` beside this file holds a commit and a tag for each release, with ``copier.yml``
and ``templates/`` alone. copier finds it at the public address that each project's answers file
names, because git is told to look there instead: ``stylus-ai update`` then works offline and on any
machine. The templates of this installation are a release too, whether it was tagged yet or not.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.repository import FALLBACK_EMAIL, FALLBACK_NAME, import_git
from stylus_ai import __version__

if TYPE_CHECKING:
    from git import Repo

BUNDLE = Path(__file__).with_name("releases.bundle")
"""Written by tools/release_templates.py; a file of a few hundred kilobytes, or none before the
first release."""

SOURCE = "https://github.com/stylus-ai/stylus-ai.git"
"""Where the answers file of each project says that its template is."""

PRESENT = f"v{__version__}"
"""Tag of the templates that this installation carries."""

CONFIG = "copier.yml"

CACHE = "COPIER_CACHE_DIR"
"""Environment variable by which copier is told where to keep what it fetched."""


def copy_templates(root: Path, target: Path) -> None:
    """Copy what a release consists of from ``root`` into the folder ``target``."""
    shutil.copy(root / CONFIG, target / CONFIG)
    shutil.copytree(
        root / "templates", target / "templates", ignore=shutil.ignore_patterns("__pycache__")
    )


def open_bundle(folder: Path, bundle: Path) -> Repo:
    """A new repository in the empty ``folder`` with every release in ``bundle``."""
    repo: Repo = import_git().Repo.init(folder, initial_branch="main")
    with repo.config_writer() as config:
        config.set_value("core", "autocrlf", "false")  # templates are stored as they are
        config.set_value("core", "hooksPath", os.devnull)
    if bundle.is_file():
        repo.git.fetch(str(bundle), "refs/tags/*:refs/tags/*")
    return repo


def tags(repo: Repo) -> list[str]:
    """Tags of the releases, e.g. ``v0.1.0``."""
    return [tag.name for tag in repo.tags]


def add_release(repo: Repo, root: Path, tag: str) -> None:
    """Commit the templates of ``root`` and tag them.

    Args:
        repo: As `open_bundle` gives it, with no file in its folder yet.
        root: Folder with ``copier.yml`` and ``templates/``.
        tag: Not there yet.
    """
    copy_templates(root, Path(str(repo.working_tree_dir)))
    repo.git.add("--all", "--force", ".")  # whatever the user's own git ignores
    actor = import_git().Actor(FALLBACK_NAME, FALLBACK_EMAIL)
    repo.index.commit(f"Templates of {tag}", author=actor, committer=actor, skip_hooks=True)
    repo.create_tag(tag)


@contextmanager
def available(root: Path) -> Iterator[list[str]]:
    """Let git find every release at `SOURCE` while the block lasts; gives their tags.

    Args:
        root: Folder with the templates of this installation.
    """
    with tempfile.TemporaryDirectory(prefix="stylus-ai-") as folder:
        repository = Path(folder)
        with open_bundle(repository, BUNDLE) as repo:
            if PRESENT not in tags(repo):
                add_release(repo, root, PRESENT)
            released = tags(repo)
        with mapped(SOURCE, repository):
            yield released


@contextmanager
def mapped(url: str, repository: Path) -> Iterator[None]:
    """Let copier's git read ``repository`` where ``url`` is asked for, while the block lasts.

    The setting reaches git through the environment of its processes alone. copier's own cache is
    elsewhere meanwhile, so what is left there of an older copy does not matter.
    """
    from plumbum import local  # noqa: PLC0415 - copier runs git by it, in an environment of its own

    kept = os.environ.get(CACHE)
    with tempfile.TemporaryDirectory(prefix="stylus-ai-") as cache:
        os.environ[CACHE] = cache
        try:
            with local.env(**_instead_of(url, repository.as_uri())):
                yield
        finally:
            del os.environ[CACHE]
            if kept is not None:
                os.environ[CACHE] = kept


def _instead_of(url: str, base: str) -> dict[str, str]:
    """Variables that make git read ``base`` where ``url`` is asked for; the user's own stay.

    They are listed too: plumbum has taken its copy of the environment when it was imported.
    """
    count = int(os.environ.get("GIT_CONFIG_COUNT", "0"))
    own = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")
    return {
        **{name: value for name, value in os.environ.items() if name.startswith(own)},
        "GIT_CONFIG_COUNT": str(count + 1),
        f"GIT_CONFIG_KEY_{count}": f"url.{base}.insteadOf",
        f"GIT_CONFIG_VALUE_{count}": url,
    }
