"""Bring a project up to date with its template: what the user changed stays, git shows the rest.

copier renders the old and the new version of the template and applies to the new one what the user
has changed since the old. Where both changed the same lines, the file holds both versions between
markers, as after ``git merge``. Nothing is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from scaffold import releases
from scaffold.kits import Kit, fetched, rendering
from scaffold.repository import import_git, require_git
from scaffold.templates import template_root
from stylus_ai.errors import ProjectError, UsageError
from stylus_ai.project import Project

if TYPE_CHECKING:
    from git import Repo

ANSWERS = ".copier-answers.yml"
UPGRADE = "Get the newest stylus-ai: pip install --upgrade stylus-ai"


Consent = Callable[[Kit], bool]


@dataclass(frozen=True)
class Updated:
    """What ``update`` did.

    Attributes:
        source: Address of the template.
        before: Version that the project had.
        after: Version that it has now.
        changed: Files that are not as the last commit has them, from the project's root.
        conflicts: Those of them in which both versions stand, between markers.
    """

    source: str
    before: str
    after: str
    changed: tuple[str, ...]
    conflicts: tuple[str, ...]


def update(project: Project, *, ask: bool = False, consent: Consent = lambda _: False) -> Updated:
    """Apply the newest version of the project's template to it.

    If it fails or is interrupted, the project is as it was.

    Args:
        project: In a git repository, with nothing that is not committed.
        ask: True lets copier ask what the new version wants to know; else defaults are taken.
        consent: Shown a kit of somebody else's before anything is done; answers whether it may run
            its own code.

    Raises:
        ProjectError: It does not say which template it came from.
        UsageError: There are changes that are not committed, or the template has no versions or
            cannot be had.
    """
    require_git()
    source, before = _origin(project)
    with _repository(project) as repo, ExitStack() as stack:
        if source == releases.SOURCE:
            _check_version(before, stack.enter_context(releases.available(template_root())))
            ref, trust = releases.PRESENT, False
        else:
            kit = stack.enter_context(fetched(source))
            ref, trust = kit.ref or "", consent(kit)
        with _whole_or_not_at_all(repo, project.root):
            after = _run_copier(project, ref=ref, ask=ask, trust=trust)
        return Updated(source, before, after, *_changes(repo, project.root))


def _origin(project: Project) -> tuple[str, str]:
    """Address and version of the template that a project came from."""
    import yaml  # noqa: PLC0415 - comes with copier; not needed for --help

    path = project.root / ANSWERS
    try:
        answers = yaml.safe_load(path.read_text(encoding="utf-8"))
        source, version = str(answers["_src_path"]), answers.get("_commit")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise ProjectError(
            f"{path} does not say which template this project came from: {error!r}.",
            f"Get it back: git checkout {ANSWERS}",
        ) from None
    if version is None:
        raise UsageError(
            f"{ANSWERS} names no version of {source}: the kit was a folder without git.",
            "Only kits in git, with tags, have versions to update to: stylus-ai kit check DIR",
        )
    return source, str(version)


@contextmanager
def _repository(project: Project) -> Iterator[Repo]:
    """The repository that the project lies in, without changes in the project's folder."""
    git = import_git()
    try:
        repo = git.Repo(project.root, search_parent_directories=True)
    except git.InvalidGitRepositoryError:
        raise UsageError(
            f"{project.root} is in no git repository, so changes could not be told apart.",
            "Make one: git init && git add --all && git commit -m 'As it is'",
        ) from None
    with repo:
        dirty = _status(repo, project.root)
        if dirty:
            listed = ", ".join(dirty[:5]) + (" and others" if len(dirty) > 5 else "")
            raise UsageError(
                f"There are changes that are not committed: {listed}.",
                "Commit them first, or put them aside: git stash --include-untracked",
            )
        yield repo


def _check_version(before: str, released: list[str]) -> None:
    """Make sure that the version which the project came from is known, and not a later one."""
    try:
        later = Version(before) > Version(releases.PRESENT)
    except InvalidVersion:
        later = False
    if later:
        raise UsageError(
            f"The project is of {before}, later than this stylus-ai, {releases.PRESENT}.", UPGRADE
        )
    if before not in released:
        raise UsageError(
            f"The project is of {before}, which was never released: {ANSWERS} was edited, or the "
            "project was made by a development version.",
            f"Put the nearest into {ANSWERS}: {', '.join(released)}",
        )


@contextmanager
def _whole_or_not_at_all(repo: Repo, root: Path) -> Iterator[None]:
    """Take back what was done to ``root``, which had no changes, if the block does not end well."""
    try:
        yield
    except BaseException:
        repo.git.reset("--quiet", "--", str(root))
        repo.git.checkout("--", str(root))
        repo.git.clean("--force", "-d", "--quiet", "--", str(root))
        raise


def _run_copier(project: Project, *, ref: str, ask: bool, trust: bool) -> str:
    """Run copier; returns the version that the project has now."""
    import copier  # noqa: PLC0415 - takes half a second

    with rendering("updated"):
        copier.run_update(
            project.root,
            vcs_ref=ref,
            settings=copier.Settings(),
            defaults=not ask,
            skip_answered=True,
            overwrite=True,
            quiet=True,
            conflict="inline",
            unsafe=trust,
        )
    return _origin(project)[1]


def _status(repo: Repo, root: Path) -> list[str]:
    """Files below ``root`` that are not as the last commit has them, from there, sorted."""
    top = Path(str(repo.working_tree_dir)).resolve()
    lines = repo.git.status(
        "--porcelain", "--untracked-files=all", "-z", "--no-renames", "--", str(root)
    )
    return sorted(
        (top / line[3:]).relative_to(root).as_posix() for line in lines.split("\0") if line[3:]
    )


def _changes(repo: Repo, root: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Files that the update changed, and those of them that have conflicts."""
    top = Path(str(repo.working_tree_dir)).resolve()
    unmerged = repo.git.diff("--name-only", "--diff-filter=U", "-z", "--", str(root))
    conflicts = {(top / name).relative_to(root).as_posix() for name in unmerged.split("\0") if name}
    return tuple(_status(repo, root)), tuple(sorted(conflicts))
