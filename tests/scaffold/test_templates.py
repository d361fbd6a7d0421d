"""``scaffold.templates``: a kit is rendered whole, or not at all."""

from __future__ import annotations

import itertools
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from scaffold import templates
from scaffold.templates import Created, create
from stylus_ai import __version__
from stylus_ai.errors import UsageError
from stylus_ai.project import Project

KIT = {"application": "credit-score"}


def files(folder: Path) -> set[str]:
    """Every file below ``folder``, except git's own."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in paths if path.parts[0] != ".git"}


def git(folder: Path, *arguments: str) -> str:
    """Output of a git command in ``folder``."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_new_project_opens_as_a_project_with_the_answers(tmp_path: Path) -> None:
    created = create(tmp_path / "my-lender", {**KIT, "network": "sepolia"})
    project = Project.open(created.folder)
    assert (project.name, project.application) == ("my-lender", "credit-score")
    assert (project.network, project.interface) == ("sepolia", "ICreditScore")


def test_everything_is_in_the_first_commit_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    created = create(tmp_path / "my-lender", KIT)
    assert git(created.folder, "status", "--porcelain") == ""
    assert git(created.folder, "log", "--format=%s") == "Start my-lender from the credit-score kit"
    assert git(created.folder, "branch", "--show-current") == "main"
    assert set(git(created.folder, "ls-files").splitlines()) == files(created.folder)
    assert [path.name for path in tmp_path.iterdir()] == ["my-lender"]


def test_no_rendered_file_holds_template_syntax_or_a_path_of_this_machine(tmp_path: Path) -> None:
    created = create(tmp_path / "my-lender", KIT)
    for name in files(created.folder):
        text = (created.folder / name).read_text(encoding="utf-8")
        assert "{%" not in name + text, name
        assert "{{" not in text.replace("${{", ""), name
        assert str(tmp_path) not in text, name
        assert not name.endswith(".jinja")


def test_the_answers_file_names_the_public_source_and_the_release(tmp_path: Path) -> None:
    created = create(tmp_path / "my-lender", {**KIT, "data": "wallets"})
    text = (created.folder / ".copier-answers.yml").read_text(encoding="utf-8")
    assert f"_commit: v{__version__}\n" in text
    assert "_src_path: https://" in text
    answers = templates.read_answers(created.folder / ".copier-answers.yml")
    assert answers == {
        "application": "credit-score",
        "data": "wallets",
        "licence": "MIT",
        "network": "embedded",
        "project_name": "my-lender",
    }


def test_the_defaults_of_the_version_in_copier_yml_is_the_packages() -> None:
    text = (templates.template_root() / "copier.yml").read_text(encoding="utf-8")
    assert f"default: {__version__}\n" in text


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("MIT", {"LICENSE"}),
        ("Apache-2.0", {"LICENSE"}),
        ("MIT OR Apache-2.0", {"LICENSE-MIT", "LICENSE-APACHE"}),
        ("none", set()),
    ],
)
def test_the_licence_files_are_those_that_were_chosen(
    tmp_path: Path, licence: str, expected: set[str]
) -> None:
    created = create(tmp_path / "my-lender", {**KIT, "licence": licence}, git=False)
    found = {name for name in files(created.folder) if name.startswith("LICENSE")}
    assert found == expected
    for name in found:
        text = (created.folder / name).read_text(encoding="utf-8")
        assert "my-lender authors" in text or "Apache License" in text
    manifest = tomllib.loads((created.folder / "contract" / "Cargo.toml").read_text("utf-8"))
    assert manifest["package"].get("license", "none") == licence


def pairwise(options: dict[str, list[str]]) -> list[dict[str, str]]:
    """Few combinations in which each pair of values of two options occurs."""
    names = list(options)
    wanted = {
        ((a, x), (b, y))
        for a, b in itertools.combinations(names, 2)
        for x in options[a]
        for y in options[b]
    }
    every = [dict(zip(names, row, strict=True)) for row in itertools.product(*options.values())]
    chosen = []
    while wanted:
        best = max(every, key=lambda row: len(wanted & set(itertools.combinations(row.items(), 2))))
        wanted -= set(itertools.combinations(best.items(), 2))
        chosen.append(best)
    return chosen


OPTIONS = {
    question: [choice.value for choice in templates.choices(question)]
    for question in ("data", "licence", "network")
}


@pytest.mark.parametrize("answers", pairwise(OPTIONS), ids=lambda row: "-".join(row.values()))
def test_every_pair_of_options_renders_to_files_that_their_tools_accept(
    tmp_path: Path, answers: dict[str, str]
) -> None:
    folder = create(tmp_path / "my-lender", {**KIT, **answers}, git=False).folder
    Project.open(folder)
    for name in files(folder):
        if name.endswith(".toml"):
            tomllib.loads((folder / name).read_text(encoding="utf-8"))
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert not readme.splitlines()[-1].startswith(" ")
    assert ("wallets.py" in files(folder)) == (answers["data"] == "wallets")
    assert ("data/german-credit.csv" in files(folder)) == (answers["data"] == "german")
    for arguments in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "--no-cache", "."],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_an_empty_folder_is_filled_in_place(tmp_path: Path) -> None:
    target = tmp_path / "my-lender"
    target.mkdir()
    before = target.stat().st_ino
    create(target, KIT)
    assert target.stat().st_ino == before
    assert (target / "train.py").is_file()
    assert git(target, "status", "--porcelain") == ""


def full(path: Path) -> None:
    path.mkdir()
    (path / "keep.txt").write_text("mine", encoding="utf-8")


@pytest.mark.parametrize(
    ("prepare", "cause"),
    [
        (full, "is not empty"),
        (lambda path: path.write_text("a file", encoding="utf-8"), "is not a folder"),
        (lambda path: path.symlink_to(path.parent), "is not a folder"),
    ],
    ids=["full", "file", "link"],
)
def test_a_folder_that_holds_something_is_refused_and_left_alone(
    tmp_path: Path, prepare: Any, cause: str
) -> None:
    target = tmp_path / "my-lender"
    prepare(target)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match=cause):
        create(target, KIT)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("folder", "answers", "cause", "next_step"),
    [
        ("My Lender", {}, "cannot be the name", "--name"),
        ("my-lender", {"project_name": "fn"}, "keyword of Rust", "--name"),
        (
            "my-lender",
            {"application": "credit-scores"},
            "Did you mean credit-score",
            "credit-score",
        ),
        ("my-lender", {"licence": "GPL"}, 'There is no licence "GPL"', "MIT"),
        ("my-lender", {"data": "germany"}, "Did you mean german", "wallets"),
        ("my-lender", {"network": "mainnet"}, 'There is no network "mainnet"', "embedded"),
        ("missing/my-lender", {}, "does not exist", "mkdir"),
        (
            "my-digits",
            {"application": "classifier", "data": "german"},
            "The kit classifier has no choice of data",
            "Leave out --data",
        ),
    ],
)
def test_a_bad_answer_is_refused_before_anything_is_written(
    tmp_path: Path, folder: str, answers: dict[str, str], cause: str, next_step: str
) -> None:
    with pytest.raises(UsageError, match=cause) as caught:
        create(tmp_path / folder, {**KIT, **answers})
    assert next_step in caught.value.next_step
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stage", ["_render", "commit_all", "_move"])
@pytest.mark.parametrize("there", [False, True], ids=["new", "empty"])
def test_an_interruption_at_any_stage_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str, there: bool
) -> None:
    target = tmp_path / "my-lender"
    if there:
        target.mkdir()
    real = getattr(templates, stage)

    def interrupted(*args: object, **kwargs: object) -> object:
        if stage != "_move":
            real(*args, **kwargs)
        raise KeyboardInterrupt

    monkeypatch.setattr(templates, stage, interrupted)
    with pytest.raises(KeyboardInterrupt):
        create(target, KIT)
    assert list(tmp_path.rglob("*")) == ([target] if there else [])


def test_an_interruption_while_files_move_takes_back_those_that_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "my-lender"
    target.mkdir()
    moves = itertools.count()
    rename = Path.rename

    def fail_at_third(path: Path, to: Path) -> Path:
        if path.parent.name.startswith(".my-lender") and next(moves) == 2:
            raise KeyboardInterrupt
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", fail_at_third)
    with pytest.raises(KeyboardInterrupt):
        create(target, KIT)
    assert list(tmp_path.rglob("*")) == [target]


def test_a_user_without_a_name_in_git_gets_a_commit_by_a_stand_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    created: Created = create(tmp_path / "my-lender", KIT)
    assert not created.own_identity
    assert git(created.folder, "log", "--format=%an %ae") == "stylus-ai stylus-ai@localhost"


def test_hooks_of_the_users_git_template_do_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "git-template" / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (hooks / "pre-commit").chmod(0o755)
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(hooks.parent))
    assert create(tmp_path / "my-lender", KIT).committed


def test_without_git_there_is_no_repository(tmp_path: Path) -> None:
    created = create(tmp_path / "my-lender", KIT, git=False)
    assert not created.committed
    assert not (created.folder / ".git").exists()


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("- a\n- b\n", "does not hold questions and answers"),
        ("colour: red\n", '"colour" is no question'),
        ("data: 3\n", "data must be a text"),
        ("data: [unclosed\n", "cannot be read as YAML"),
        (None, "cannot be read as YAML"),
    ],
)
def test_a_bad_answers_file_is_refused(tmp_path: Path, text: str | None, cause: str) -> None:
    path = tmp_path / "answers.yml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=cause):
        templates.read_answers(path)


def test_each_kit_has_its_folder_of_templates() -> None:
    for kit in templates.kits():
        folder = templates.template_root() / "templates" / kit.value.replace("-", "_")
        assert folder.is_dir(), kit.value
        assert kit.about


def test_without_a_git_program_nothing_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="git was not found") as caught:
        create(tmp_path / "my-lender", KIT)
    assert "Install git" in caught.value.next_step
    assert list(tmp_path.iterdir()) == []
