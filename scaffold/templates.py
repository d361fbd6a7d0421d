"""New projects: the packaged templates, rendered by copier, all or nothing.

The templates stand in the wheel as ``scaffold/_templates`` and in a checkout at its root. They are
rendered from a plain copy (copier would clone a checkout at its last tag, not as it stands) into a
hidden folder beside the new one, which is renamed at the end: an interrupted run leaves nothing.
"""

from __future__ import annotations

import difflib
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffold.kits import CONTRACT, Kit, check_files, rendering
from scaffold.naming import check_project_name
from scaffold.releases import CONFIG, copy_templates
from scaffold.repository import commit_all, require_git
from stylus_ai import __version__
from stylus_ai.errors import ProjectError, UsageError
from stylus_ai.project import Project


@dataclass(frozen=True)
class Choice:
    """One possible answer to a question."""

    value: str
    about: str


@dataclass(frozen=True)
class Created:
    """What ``create`` made.

    Attributes:
        folder: The new repository, absolute.
        name: Name of the project.
        answers: Answer to each question, defaults included.
        committed: True if there is a first commit.
        own_identity: True if that commit has the user's own name.
    """

    folder: Path
    name: str
    answers: Mapping[str, str]
    committed: bool
    own_identity: bool


def template_root() -> Path:
    """Folder that holds ``copier.yml`` and ``templates/``.

    Raises:
        UsageError: The installation is incomplete.
    """
    here = Path(__file__).resolve().parent
    for root in (here / "_templates", here.parent):
        if (root / CONFIG).is_file() and (root / "templates").is_dir():
            return root
    raise UsageError(
        f"{here} has no templates: this installation of stylus-ai is incomplete.",
        "Install stylus-ai again from its wheel or checkout.",
    )


def choices(question: str) -> tuple[Choice, ...]:
    """Possible answers to ``question`` of ``copier.yml``; the first is the default or nearly so."""
    listed = _config()[question]["choices"]
    if isinstance(listed, dict):
        return tuple(
            Choice(value, about.removeprefix(f"{value} — ")) for about, value in listed.items()
        )
    return tuple(Choice(value, "") for value in listed)


def kits() -> tuple[Choice, ...]:
    """The starter kits, each with a line about it."""
    return choices("application")


def check_choice(question: str, value: str) -> str:
    """Return ``value`` if it is an answer to ``question``.

    Raises:
        UsageError: It is not; the nearest is suggested.
    """
    allowed = [choice.value for choice in choices(question)]
    if value in allowed:
        return value
    close = difflib.get_close_matches(value, allowed, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    what = "kit" if question == "application" else question
    raise UsageError(f'There is no {what} "{value}".{hint}', f"Choose one of: {', '.join(allowed)}")


def read_answers(path: Path, kit: Kit | None = None) -> dict[str, str]:
    """Answers from a file: YAML or JSON, e.g. the ``.copier-answers.yml`` of another project.

    Keys that begin with _ are copier's own and are left out.

    Args:
        path: The file.
        kit: Whose questions are answered; None for those of the kits that come with stylus-ai.

    Raises:
        UsageError: The file cannot be read, is no mapping, or answers a question nobody asks.
    """
    import yaml  # noqa: PLC0415 - only when a file is given

    try:
        answers = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, RecursionError, yaml.YAMLError) as error:
        raise UsageError(f"{path} cannot be read as YAML: {error}") from None
    if not isinstance(answers, dict):
        raise UsageError(
            f"{path} does not hold questions and answers.", "Write lines such as: data: german"
        )
    answers = {str(key): value for key, value in answers.items() if not str(key).startswith("_")}
    known = [key for key in _config(kit) if not key.startswith("_")]
    for key, value in answers.items():
        if key not in known:
            raise UsageError(f'{path}: "{key}" is no question.', f"Questions: {', '.join(known)}")
        if not isinstance(value, str):
            raise UsageError(
                f"{path}: {key} must be a text, not {value!r}.", "Put it in quotation marks."
            )
    return answers


def create(
    folder: Path,
    answers: Mapping[str, str],
    *,
    ask: bool = False,
    git: bool = True,
    kit: Kit | None = None,
    trust: bool = False,
) -> Created:
    """Render a kit into ``folder`` and commit it.

    Args:
        folder: Does not exist yet, or is empty.
        answers: By question; ``application`` is needed for a kit that comes with stylus-ai,
            ``project_name`` is by default the folder's name.
        ask: True lets copier ask for what ``answers`` leaves open; else defaults are taken.
        git: False leaves out the repository and its first commit.
        kit: A kit of somebody else's; None for one that comes with stylus-ai.
        trust: True lets ``kit`` run its own code.

    Raises:
        UsageError: The folder, the name or an answer does not do, git is missing, or ``kit`` does
            not make a stylus-ai project.
    """
    folder = folder.absolute()
    answers = {**answers, "project_name": answers.get("project_name", folder.name)}
    _check_answers(answers, kit)
    name = check_project_name(answers["project_name"], "Choose a name with: --name my-lender")
    _check_folder(folder)
    require_git()
    with _staging(folder) as staged:
        given = _render(staged, answers, ask=ask, kit=kit, trust=trust)
        application = _opened(staged, kit).application if kit else given["application"]
        own_identity = (
            commit_all(staged, f"Start {name} from the {application} kit") if git else False
        )
        _move(staged, folder)
    given = {"application": application, **given}
    return Created(folder, name, given, committed=git, own_identity=own_identity)


def _check_answers(answers: Mapping[str, str], kit: Kit | None) -> None:
    """Refuse an answer that will not do; a kit of somebody else's checks its own choices."""
    if kit is None:
        for question in ("application", "licence", "network", "data", "policy"):
            if question in answers:
                check_choice(question, answers[question])
                if not _is_asked(question, answers):
                    raise UsageError(
                        f"The kit {answers['application']} has no choice of {question}.",
                        f"Leave out --{question}.",
                    )
        return
    for question in answers:
        if question not in kit.questions:
            raise UsageError(
                f"{kit.source} does not ask for {question}.",
                f"It asks for: {', '.join(kit.questions) or 'nothing'}. {CONTRACT}",
            )


def _opened(staged: Path, kit: Kit) -> Project:
    """The project that somebody else's kit made, which must be one."""
    check_files(staged)
    try:
        return Project.open(staged)
    except ProjectError as error:
        cause = error.cause.replace(f"{staged}/", "")
        raise UsageError(f"{kit.source} makes no stylus-ai project: {cause}", CONTRACT) from None


def _config(kit: Kit | None = None) -> Mapping[str, Any]:
    if kit is not None:
        return kit.config
    import yaml  # noqa: PLC0415 - comes with copier; not needed for --help

    config: dict[str, Any] = yaml.safe_load((template_root() / CONFIG).read_text(encoding="utf-8"))
    return config


def _is_asked(question: str, answers: Mapping[str, str]) -> bool:
    """Whether a kit has this choice: ``when`` of ``copier.yml``."""
    from jinja2 import Template  # noqa: PLC0415 - comes with copier; not needed for --help

    when = str(_config()[question].get("when", True))
    said: str = Template(when, autoescape=True).render(**answers)
    return said.lower() == "true"


def _check_folder(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(
            f"{folder} exists and is not a folder.", "Choose another name for the folder."
        )
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty.", "Choose a new folder, or empty this one first.")
    if folder.parent.is_dir():
        return
    found = next(above for above in folder.parents if above.exists())
    if not found.is_dir():
        raise UsageError(f"{found} is not a folder.", "Choose another place.")
    raise UsageError(
        f"{folder.parent} does not exist.",
        f"Make it first: mkdir -p {shlex.quote(str(folder.parent))}",
    )


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """A hidden folder beside ``folder``, on the same file system; gone when the block ends."""
    try:
        staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}.new-", dir=folder.parent))
    except OSError as error:
        raise UsageError(
            f"{folder.parent} cannot be written: {error.strerror}.", "Choose another folder."
        ) from None
    try:
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _move(staged: Path, folder: Path) -> None:
    """Put what is in ``staged`` in ``folder``'s place.

    An empty folder that exists already is filled instead of replaced: a shell may stand in it.
    """
    staged.chmod(0o755)
    if not folder.exists():
        staged.rename(folder)
        return
    moved: list[Path] = []
    try:
        for child in staged.iterdir():
            target = folder / child.name
            moved.append(target)
            child.rename(target)
    except BaseException:
        for target in moved:
            shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
        raise


def _render(
    target: Path, answers: Mapping[str, str], *, ask: bool, kit: Kit | None, trust: bool
) -> dict[str, str]:
    """Run copier; returns every question's answer."""
    if kit is not None:
        return _run_copier(kit.source, kit, target, answers, ask=ask, trust=trust)
    with tempfile.TemporaryDirectory(prefix="stylus-ai-") as plain:
        copy_templates(template_root(), Path(plain))
        return _run_copier(plain, None, target, answers, ask=ask, trust=False)


def _run_copier(
    source: str,
    kit: Kit | None,
    target: Path,
    answers: Mapping[str, str],
    *,
    ask: bool,
    trust: bool,
) -> dict[str, str]:
    import copier  # noqa: PLC0415 - takes half a second

    config = _config(kit)
    version = {"stylus_ai_version": __version__} if "stylus_ai_version" in config else {}
    with rendering("rendered"):
        worker = copier.run_copy(
            source,
            target,
            data={**answers, **version},
            vcs_ref=kit.ref if kit else None,
            settings=copier.Settings(),
            defaults=not ask,
            overwrite=True,
            quiet=True,
            unsafe=trust,
        )
    return {
        key: str(value)
        for key, value in worker.answers.combined.items()
        if key in config
        and not key.startswith("_")
        and (kit is not None or _is_asked(key, answers))
    }
