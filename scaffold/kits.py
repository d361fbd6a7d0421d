"""Kits of other people: fetched by address, looked at, and rendered without running their code.

A kit is a copier template that makes a stylus-ai project; docs/kits.md is its contract. What a
template can make copier run (tasks, migrations, Jinja extensions) is read here before copier sees
the kit, so that it can be shown and agreed to first.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

from scaffold.releases import CONFIG, mapped
from scaffold.repository import import_git
from stylus_ai.errors import UsageError

if TYPE_CHECKING:
    from git import Repo

HUBS = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}
CODE = {
    "_tasks": "after files are written",
    "_migrations": "when a project is updated",
    "_jinja_extensions": "while files are written",
}
"""Settings of copier by which a template runs code, and when."""

CONTRACT = "The author finds out with: stylus-ai kit check DIR"


@dataclass(frozen=True)
class Kit:
    """Somebody else's template, on this machine.

    Attributes:
        source: Address as a project's answers file keeps it.
        ref: Commit that is rendered; None for a folder without git.
        version: What git calls that commit: a tag where it has one; empty for a folder without git.
        root: Folder with its files as they are at that commit.
        config: Its copier.yml.
    """

    source: str
    ref: str | None
    version: str
    root: Path
    config: Mapping[str, Any]

    @property
    def questions(self) -> tuple[str, ...]:
        """What it asks."""
        return tuple(key for key in self.config if not key.startswith("_"))

    @property
    def code(self) -> tuple[str, ...]:
        """What it would run on the user's machine, and when, a line each."""
        return tuple(
            f"{when}: {_shown(entry)}"
            for key, when in CODE.items()
            for entry in _entries(self.config.get(key))
        )


def is_address(kit: str) -> bool:
    """True for an address or a path, False for the name of a kit that comes with stylus-ai."""
    return ":" in kit or "/" in kit or kit.startswith((".", "~"))


@contextmanager
def fetched(source: str, ref: str | None = None) -> Iterator[Kit]:
    """Get a kit; while the block lasts, copier finds this very copy of it at its address.

    Args:
        source: ``gh:owner/kit``, ``gl:owner/kit``, an address that git knows, or a folder.
        ref: Tag, branch or commit; None for the newest version tag, or the newest commit.

    Raises:
        UsageError: It cannot be had, or has no copier.yml that can be read.
    """
    url = _expanded(source)
    folder = Path(source).expanduser()
    is_folder = url == source and folder.is_dir()
    if is_folder:
        url = source = str(folder.resolve())
    if is_folder and not (folder / ".git").exists():
        if ref is not None:
            raise UsageError(f"{folder} is no git repository: there is no {ref}.", "Omit --ref.")
        yield Kit(source, None, "", folder.resolve(), read_config(folder))
        return
    with tempfile.TemporaryDirectory(prefix="stylus-ai-") as temporary:
        root = Path(temporary) / "kit"
        with _clone(url, root) as repo:
            commit = _checkout(repo, ref, source)
            version = str(repo.git.describe("--tags", "--always"))
            kit = Kit(source, commit, version, root, read_config(root))
            with nullcontext() if is_folder else mapped(url, root):
                yield kit


def copy_plain(root: Path, target: Path) -> None:
    """Copy a kit as it stands, without git: copier would take its newest tag instead."""
    shutil.copytree(root, target, ignore=shutil.ignore_patterns(".git"), symlinks=True)


def read_config(root: Path) -> dict[str, Any]:
    """The copier.yml of a kit.

    Raises:
        UsageError: There is none, or it is more than one plain YAML mapping.
    """
    import yaml  # noqa: PLC0415 - comes with copier; not needed for --help

    found = [name for name in (CONFIG, "copier.yaml") if (root / name).is_file()]
    if len(found) != 1:
        raise UsageError(
            f"This is no kit: it has {' and '.join(found) or f'no {CONFIG}'}.", CONTRACT
        )
    try:
        config = yaml.safe_load((root / found[0]).read_text(encoding="utf-8"))
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        # also for !include, which would hide settings from the reader
        raise UsageError(f"{found[0]} is not one plain YAML mapping: {error}", CONTRACT) from None
    if not isinstance(config, dict) or not all(isinstance(key, str) for key in config):
        raise UsageError(f"{found[0]} is not one plain YAML mapping.", CONTRACT)
    return config


def _expanded(source: str) -> str:
    """The address as git takes it."""
    for short, hub in HUBS.items():
        if source.startswith(short):
            path = source.removeprefix(short).removesuffix(".git")
            if not re.fullmatch(r"[\w.-]+(/[\w.-]+)+", path):
                raise UsageError(f"{source} is no address.", f"For example: {short}owner/kit")
            return f"{hub}{path}.git"
    if source.startswith("-"):
        raise UsageError(f"{source} is no address.", "For example: gh:owner/kit")
    return source.removeprefix("git+")


def _clone(url: str, root: Path) -> Repo:
    """Clone without asking for a password; git runs nothing of what it gets."""
    git = import_git()
    try:
        repo: Repo = git.Repo.clone_from(url, root, env={"GIT_TERMINAL_PROMPT": "0"})
    except (git.GitCommandError, git.UnsafeProtocolError, git.UnsafeOptionError) as error:
        said = getattr(error, "stderr", "") or str(error)
        line = said.strip(" '\n").removeprefix("stderr: '").splitlines()[-1].strip()
        raise UsageError(
            f"{url} cannot be fetched: {line}", "Check the address, and the connection."
        ) from None
    return repo


def _checkout(repo: Repo, ref: str | None, source: str) -> str:
    """Put a commit into the folder; gives its id."""
    git = import_git()
    try:
        commit = str(repo.commit(ref or newest_tag(repo) or "HEAD").hexsha)
    except (git.BadName, ValueError, IndexError):
        try:  # a branch that only the other side has
            commit = str(repo.commit(f"origin/{ref}").hexsha)
        except (git.BadName, ValueError, IndexError):
            tags = ", ".join(tag.name for tag in repo.tags) or "none"
            raise UsageError(f"{source} has no {ref or 'commit'}.", f"Its tags: {tags}.") from None
    repo.git.checkout("--quiet", "--force", "--detach", commit)
    return commit


def newest_tag(repo: Repo) -> str | None:
    """The tag with the highest version that is no preview, as copier chooses it."""
    versions = []
    for tag in repo.tags:
        try:
            version = Version(tag.name)
        except InvalidVersion:
            continue
        if not version.is_prerelease:
            versions.append((version, str(tag.name)))
    return max(versions)[1] if versions else None


@contextmanager
def rendering(what: str) -> Iterator[None]:
    """Turn whatever copier and a template's expressions can raise into a UsageError."""
    from copier.errors import CopierError  # noqa: PLC0415 - takes half a second
    from jinja2 import TemplateError  # noqa: PLC0415
    from plumbum import ProcessExecutionError  # noqa: PLC0415

    expressions = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
    try:
        yield
    except (CopierError, TemplateError, ProcessExecutionError, *expressions) as error:
        raise UsageError(f"The project could not be {what}: {error}") from None


def check_files(root: Path) -> None:
    """Refuse a rendered project with a link that leads out of it.

    Raises:
        UsageError: There is one.
    """
    for at, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(at, name)
            if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
                raise UsageError(
                    f"The kit makes a link that leads out of the project: "
                    f"{path.relative_to(root)} -> {path.readlink()}",
                    CONTRACT,
                )


def _entries(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _shown(entry: Any) -> str:
    """A task as text: its command, or all of it."""
    if isinstance(entry, dict):
        commands = [entry[key] for key in ("command", "before", "after") if key in entry]
        return "; ".join(map(_shown, commands)) or str(entry)
    if isinstance(entry, list):
        return " ".join(map(str, entry))
    return str(entry)
