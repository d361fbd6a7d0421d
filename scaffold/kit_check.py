"""What a kit's author still has to do: docs/kits.md, as a program.

The kit is read, rendered with its defaults and then with every other choice, and each project is
looked at. ``full`` also trains, builds and tests the default one, as its user would.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from scaffold import templates
from scaffold.kits import Kit, copy_plain, newest_tag, read_config
from scaffold.releases import CONFIG
from scaffold.repository import import_git
from stylus_ai.errors import StylusAiError, UsageError
from stylus_ai.project import Project

NAME = "my-project"
PRESENT = {
    "README.md": "It says what the project is, and what to type first.",
    "Cargo.toml": "The workspace of the contract, model and model/kernels.",
    "Cargo.lock": "Without it nobody builds the same contract: cargo generate-lockfile",
    "rust-toolchain.toml": "It pins the compiler, on which size and gas depend.",
    ".gitignore": "At least: /target/ and /.stylus-ai/",
    "requirements.txt": "At least: stylus-ai and pytest",
    ".copier-answers.yml": "Add a file named {{ _copier_conf.answers_file }}.jinja with "
    "{{ _copier_answers | to_nice_yaml }}, or nobody can update.",
    "tests": "`stylus-ai test` runs pytest there.",
}
"""Files that each project needs, and why."""

OWN = ("train.py", "contract/src/lib.rs")
"""Files that an update must leave alone."""


@dataclass(frozen=True)
class Finding:
    """Something that a kit lacks.

    Attributes:
        level: ``error`` if users will fail, ``warning`` if they could do better.
        what: What was found.
        remedy: What to do.
    """

    level: Literal["error", "warning"]
    what: str
    remedy: str


def check(root: Path, on_step: Callable[[str], None], *, full: bool = False) -> list[Finding]:
    """Check the kit in a folder; its own code is not run.

    Args:
        root: Folder with copier.yml.
        on_step: Told what happens next.
        full: Also train, build and test a project.
    """
    on_step(f"reading {CONFIG}")
    try:
        config = read_config(root)
    except UsageError as error:
        return [Finding("error", error.cause, f"Put a {CONFIG} into {root}, see docs/kits.md.")]
    kit = Kit(str(root.resolve()), None, "", root.resolve(), config)
    found = [*_config(kit), *_repository(root)]
    if kit.code or "project_name" not in kit.questions:
        return found  # it does not render as it is
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "kit"
        copy_plain(root, plain)
        kit = Kit(str(plain), None, "", plain, config)
        for number, answers in enumerate(_answers(config)):
            on_step("making a project" + "".join(f", {key}: {answers[key]}" for key in answers))
            target = Path(folder) / str(number) / NAME
            target.parent.mkdir()
            found += _project(kit, target, answers)
        made = Path(folder) / "0" / NAME
        if full and not any(finding.level == "error" for finding in found):
            found += _works(Project.open(made), on_step)
    return found


def _config(kit: Kit) -> Iterator[Finding]:
    if "project_name" not in kit.questions:
        yield Finding(
            "error", f"{CONFIG} does not ask for project_name.", "Add the question, type: str"
        )
    for line in kit.code:
        yield Finding(
            "error",
            f"The kit runs code of its own, {line}",
            "Do without: users must say --trust for it, and this check does not run it.",
        )
    skipped = [str(entry).strip("/") for entry in kit.config.get("_skip_if_exists", [])]
    for name in OWN:
        if not any(name == entry or name.startswith(f"{entry}/") for entry in skipped):
            yield Finding(
                "warning",
                f"An update would merge into {name}, which belongs to the user.",
                f"Add /{name} to _skip_if_exists in {CONFIG}.",
            )
    if "_min_copier_version" not in kit.config:
        yield Finding(
            "warning",
            "_min_copier_version is not set.",
            f'Add _min_copier_version: "9.6" to {CONFIG}.',
        )


def _repository(root: Path) -> Iterator[Finding]:
    git = import_git()
    try:
        with git.Repo(root) as repo:
            tagged = newest_tag(repo) is not None
    except git.InvalidGitRepositoryError:
        yield Finding(
            "warning", "The kit is in no git repository.", "git init, then git tag v0.1.0"
        )
        return
    if not tagged:
        yield Finding(
            "warning", "No version is tagged, so nobody can update to one.", "git tag v0.1.0"
        )


def _answers(config: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The defaults, then each other choice of each question, one at a time."""
    yield {}
    for key, question in config.items():
        choices = question.get("choices") if isinstance(question, dict) else None
        if key.startswith("_") or not isinstance(choices, list | dict):
            continue
        values = choices.values() if isinstance(choices, dict) else choices
        for value in values:
            if isinstance(value, str) and value != question.get("default"):
                yield {key: value}


def _project(kit: Kit, target: Path, answers: dict[str, str]) -> Iterator[Finding]:
    """Make a project and look at it."""
    with_what = "".join(f" ({key}: {value})" for key, value in answers.items())
    try:
        made = templates.create(target, answers, git=False, kit=kit).folder
    except StylusAiError as error:
        yield Finding("error", f"{error.cause}{with_what}", "See docs/kits.md.")
        return
    for name, why in PRESENT.items():
        if not (made / name).exists():
            yield Finding("error", f"A project has no {name}{with_what}.", why)
    project = Project.open(made)
    if project.name != NAME:
        yield Finding(
            "error",
            f'stylus-ai.toml says name = "{project.name}"{with_what}.',
            'Write name = "{{ project_name }}"',
        )
    for what, path in (
        ("train", made / project.train_script),
        ("contract", made / project.contract_crate / "Cargo.toml"),
    ):
        if not path.is_file():
            yield Finding(
                "error",
                f"stylus-ai.toml, project.{what}: there is no {path.relative_to(made)}{with_what}.",
                "Name a file that the kit makes.",
            )
    for at, folders, files in os.walk(made):
        for name in (*folders, *files):
            if "{{" in name or "{%" in name:
                path = Path(at, name).relative_to(made)
                yield Finding("error", f"{path} was not rendered{with_what}.", "Mend its name.")


def _works(project: Project, on_step: Callable[[str], None]) -> Iterator[Finding]:
    """Train, build and test; the first that fails ends it."""
    from stylus_ai import pipeline  # noqa: PLC0415 - numpy and web3 take their time

    lines: list[str] = []

    def test() -> None:
        done = pipeline.test(project, lines.append, [])
        if not done.passed:
            raise UsageError("\n".join(lines[-20:]))

    for name, run in (
        ("train", lambda: pipeline.train(project, on_step)),
        ("build", lambda: pipeline.build(project, on_step)),
        ("test", test),
    ):
        on_step(f"stylus-ai {name}")
        try:
            run()
        except StylusAiError as error:
            yield Finding("error", f"`stylus-ai {name}` fails: {error.cause}", error.next_step)
            return
