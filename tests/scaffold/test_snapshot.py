"""``stylus-ai snapshot`` on a real project and node: written, equal, dearer, damaged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scaffold.templates import create
from stylus_ai import pipeline
from stylus_ai.project import Project
from stylus_ai.snapshots import ABOUT
from tests.scaffold.documented import documented_keys

pytestmark = [pytest.mark.wasm, pytest.mark.node]

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Shell:
    """A project to run ``stylus-ai snapshot`` in."""

    project: Project

    @property
    def file(self) -> Path:
        """The snapshot."""
        return self.project.snapshot_file

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run ``stylus-ai snapshot``; no node of the user's may be touched, so none can be had."""
        return subprocess.run(
            [sys.executable, "-m", "scaffold", "snapshot", *options],
            cwd=self.project.root,
            env={**os.environ, "PYTHONPATH": str(ROOT), "STYLUS_AI_RPC": "http://127.0.0.1:9"},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A trained project with a snapshot."""
    folder = tmp_path_factory.mktemp("snapshot") / "lender"
    project = Project.open(create(folder, {"application": "credit-score"}, git=False).folder)
    pipeline.train(project, print)
    shell = Shell(project)
    done = shell.run()
    assert done.returncode == 0, done.stderr
    assert "create the contract" in done.stdout
    return shell


def test_the_file_holds_every_figure_and_a_second_run_measures_the_same(shell: Shell) -> None:
    before = shell.file.read_text()
    found: dict[str, Any] = json.loads(shell.run("--json").stdout)
    assert set(found) == documented_keys("snapshot")
    assert [figure["name"] for figure in found["figures"]] == [f"lender:{what}" for what in ABOUT]
    assert (found["written"], found["equal"], found["ok"]) == (True, True, True)
    assert shell.file.read_text() == before
    gas = {figure["name"]: figure["value"] for figure in found["figures"]}
    assert 21_000 < gas["lender:predict:least"] <= gas["lender:predict:median"]
    assert gas["lender:predict:median"] <= gas["lender:predict:most"] < gas["lender:predict:first"]


def test_check_fails_on_a_change_shows_it_and_leaves_the_file(shell: Shell) -> None:
    kept = shell.file.read_text()
    (line,) = (line for line in kept.splitlines() if ":predict:median" in line)
    measured = int(line.rpartition(" ")[2].strip(")"))
    edited = kept.replace(line, f"lender:predict:median (gas: {measured - 100})")
    shell.file.write_text(edited)
    try:
        done = shell.run("--check")
        assert done.returncode == 1
        assert "1 of 8 figures differ" in done.stdout
        for shown in (f"{measured - 100:,}", f"{measured:,} gas", "+100", "+0.44 %", "median row"):
            assert shown in done.stdout
        assert "\x1b" not in done.stdout
        assert "if this is as it should be" in done.stderr
        assert shell.file.read_text() == edited
        assert shell.run("--check", "--tolerance", "1").returncode == 0
        assert shell.run("--diff").returncode == 0
    finally:
        shell.file.write_text(kept)


@pytest.mark.parametrize(
    ("text", "options", "code", "cause"),
    [
        (None, ["--check"], 2, "There is no .stylus-snapshot here yet"),
        ("<<<<<<< HEAD\n", ["--check"], 2, 'line 1: "<<<<<<< HEAD" is no figure'),
        ("", ["--check", "--diff"], 2, "exclude each other"),
        ("", ["--tolerance", "1"], 2, "--tolerance is for --check"),
        ("", ["--check", "--tolerance", "much"], 2, "'much' is no number of percent"),
        ("", ["--check", "--tolerance", "nan"], 2, "nan"),
        ("", ["--check", "--tolerance", "-1"], 2, "not between 0 and 100"),
    ],
)
def test_a_wrong_call_or_file_is_refused_before_anything_is_built(
    shell: Shell, text: str | None, options: list[str], code: int, cause: str
) -> None:
    kept = shell.file.read_text()
    shell.file.unlink()
    if text is not None:
        shell.file.write_text(text)
    try:
        done = shell.run(*options)
        assert (done.returncode, done.stdout) == (code, "")
        assert cause in done.stderr
        assert "cargo" not in done.stderr
    finally:
        shell.file.write_text(kept)


def test_a_damaged_file_is_written_anew_on_request(shell: Shell) -> None:
    kept = shell.file.read_text()
    shell.file.write_text("<<<<<<< HEAD\n")
    done = shell.run()
    assert done.returncode == 0
    assert "It is written anew" in done.stderr
    assert shell.file.read_text() == kept
