"""The official tool accepts a generated project: ``cargo stylus check`` against the node."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from scaffold.templates import create
from stylus_ai import pipeline
from stylus_ai.build import cache_dir, find_cargo, shared_target
from stylus_ai.chain import Node
from stylus_ai.project import Project

VERSION = "0.10.10"

pytestmark = [pytest.mark.slow, pytest.mark.wasm, pytest.mark.node, pytest.mark.registry]


@pytest.fixture(scope="module")
def cargo_stylus() -> Path:
    """cargo-stylus, compiled once (about ten minutes) into the user's cache."""
    root = cache_dir() / f"cargo-stylus-{VERSION}"
    program = root / "bin" / "cargo-stylus"
    if not program.is_file():
        command = ["cargo-stylus", "--version", VERSION, "--locked", "--root", str(root)]
        subprocess.run([str(find_cargo()), "install", *command], check=True)
    return program


def test_cargo_stylus_check_accepts_a_generated_contract(
    cargo_stylus: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "lender"
    create(folder, {"application": "credit-score"}, git=False)
    project = Project.open(folder)
    pipeline.train(project, lambda _: None)
    pipeline.compile_model(project)
    with Node(port=0) as node, shared_target(folder) as environment:
        done = subprocess.run(
            [cargo_stylus, "stylus", "check", "--endpoint", node.ready.rpc],
            cwd=folder / project.contract_crate,
            env={**environment, "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "contract size" in (done.stdout + done.stderr).lower()
