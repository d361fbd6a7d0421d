"""The game-npc kit: its contracts built and its own tests run, rules and recorded play alike."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from scaffold.templates import create
from stylus_ai import build, pipeline
from stylus_ai.project import Project

if TYPE_CHECKING:
    from pathlib import Path


def build_beside(project: Project, crate: str) -> None:
    """Build a contract beside the model's, where the kit's tests look for it."""
    raw = build.build_contract(project.root, crate)
    artifact = build.assemble(
        raw,
        project.artifacts / f"{crate}.wasm",
        program_digest="",
        crate_digest="",
        profile=project.profile,
    )
    build.check_wasm(artifact.path, project.profile).insist()
    artifact.save(project.artifacts / f"{crate}.build.json")


@pytest.mark.wasm
@pytest.mark.node
def test_the_kits_own_tests_pass_as_generated(tmp_path: Path) -> None:
    project = Project.open(create(tmp_path / "bridge", {"application": "game-npc"}).folder)
    pipeline.train(project, print)
    pipeline.build(project, print)
    for crate in ("registry", "arena"):
        build_beside(project, crate)
    command = [sys.executable, "-m", "pytest", "-q", "tests"]
    done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_recorded_play_trains_too(tmp_path: Path) -> None:
    answers = {"application": "game-npc", "policy": "play"}
    project = Project.open(create(tmp_path / "bridge", answers, git=False).folder)
    report = pipeline.train(project, print)
    program = pipeline.load_program(project)
    assert program.classes == (
        *("approach", "attack", "block", "flee", "mend", "parley", "rally", "shoot"),
    )
    assert report.integer_metrics == report.float_metrics
