"""``demo --force`` replaces what an earlier demo left, and nothing that somebody worked on."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.demo_folder import clear, mark
from scaffold.templates import create
from stylus_ai.errors import UsageError
from stylus_ai.project import Project


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """A folder as the demo leaves it: generated files lie about uncommitted."""
    folder = create(tmp_path / "demo", {"application": "credit-score"}).folder
    mark(Project.open(folder))
    for name in ("model/src/lib.rs", "fixtures/test.csv", "abi/x.json", "artifacts/program.json"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("generated", encoding="utf-8")
    return folder


def test_an_untouched_demo_is_removed(demo: Path) -> None:
    clear(demo)
    assert not demo.exists()


def test_nothing_and_an_empty_folder_are_left_as_they_are(tmp_path: Path) -> None:
    clear(tmp_path / "no")
    (tmp_path / "empty").mkdir()
    clear(tmp_path / "empty")
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def append(name: str) -> Callable[[Path], None]:
    """An edit of one file."""

    def edit(folder: Path) -> None:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write("\n# mine\n")

    return edit


def commit_a_file(folder: Path) -> None:
    """Work that has been committed."""
    (folder / "rules.py").write_text("mine = 1\n", encoding="utf-8")
    subprocess.run(["git", "add", "rules.py"], cwd=folder, check=True)
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run(["git", *identity, "commit", "-qm", "Mine"], cwd=folder, check=True)


@pytest.mark.parametrize(
    ("edit", "cause"),
    [
        (append("train.py"), "You have edited train.py"),
        (append("notes.md"), "You have edited notes.md"),
        (append("contract/src/lib.rs"), "You have edited contract/src/lib.rs"),
        (commit_a_file, "You have edited rules.py"),
        (lambda folder: (folder / "train.py").unlink(), "You have edited train.py"),
        (lambda folder: (folder / ".stylus-ai" / "made-by-demo").unlink(), "not made by the demo"),
        (lambda folder: (folder / "stylus-ai.toml").unlink(), "not made by the demo"),
    ],
)
def test_work_is_never_removed(demo: Path, edit: Callable[[Path], None], cause: str) -> None:
    edit(demo)
    before = sorted(demo.rglob("*"))
    with pytest.raises(UsageError, match=cause) as caught:
        clear(demo)
    assert "another folder" in caught.value.next_step
    assert sorted(demo.rglob("*")) == before


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="not made by the demo"):
        clear(tmp_path)
    assert (tmp_path / "thesis.tex").is_file()
