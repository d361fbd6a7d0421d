"""A user's road: installed wheels in a clean environment, no checkout, real cargo, real node."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]

pytestmark = [pytest.mark.wasm, pytest.mark.node, pytest.mark.registry]


class Installed:
    """The command line as installed from the built wheels, run in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "venv" / "bin"
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"PYTHONPATH", "VIRTUAL_ENV", "STYLUS_DEVNODE"}
        } | {"PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}"}

    def run(self, *command: str | Path, cwd: Path | None = None) -> str:
        """Standard output of a command that must succeed."""
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd or self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A new virtual environment with both wheels, built from the checkout, and nothing else."""
    folder = tmp_path_factory.mktemp("wheels")
    pip = [sys.executable, "-m", "pip", "--quiet"]
    for source in (".", "./crates/devnode"):
        subprocess.run([*pip, "wheel", "--no-deps", "-w", folder, source], cwd=ROOT, check=True)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    result = Installed(folder)
    own_pip = (str(result.bin / "python"), "-m", "pip", "--quiet")
    result.run(*own_pip, "install", "--require-hashes", "-r", ROOT / "requirements" / "base.txt")
    result.run(*own_pip, "install", "--no-deps", *sorted(folder.glob("*.whl")))
    result.run(*own_pip, "install", "pytest", "ruff")
    return result


@pytest.fixture(scope="module")
def project(installed: Installed) -> Iterator[Path]:
    """A generated, trained and built credit-score repository; its node is stopped at the end."""
    installed.run("stylus-ai", "new", "credit-score", "lender", "--yes")
    project = installed.folder / "lender"
    installed.run("stylus-ai", "train", cwd=project)
    installed.run("stylus-ai", "build", cwd=project)
    yield project
    installed.run("stylus-ai", "devnode", "--stop", cwd=project)


def test_training_and_building_add_their_folders_and_change_no_committed_file(
    installed: Installed, project: Path
) -> None:
    assert installed.run("git", "log", "--oneline", cwd=project).count("\n") == 1
    changed = installed.run("git", "status", "--porcelain", cwd=project).splitlines()
    assert changed == ["?? MODEL_CARD.md", "?? abi/", "?? artifacts/", "?? fixtures/", "?? model/"]


def test_its_python_passes_ruff_and_its_rust_clippy_and_rustfmt(
    installed: Installed, project: Path
) -> None:
    installed.run("ruff", "check", ".", cwd=project)
    installed.run("ruff", "format", "--check", ".", cwd=project)
    installed.run("cargo", "fmt", "--all", "--check", cwd=project)
    code = (
        "import subprocess, sys, pathlib\n"
        "from stylus_ai.build import shared_target\n"
        "with shared_target(pathlib.Path('.')) as env:\n"
        "    sys.exit(subprocess.call(['cargo', 'clippy', '--workspace', '--all-targets',\n"
        "        '--locked', '--quiet', '--', '--deny', 'warnings'], env=env))\n"
    )
    installed.run("python", "-c", code, cwd=project)


def test_its_own_tests_pass(installed: Installed, project: Path) -> None:
    installed.run("stylus-ai", "test", cwd=project)


def test_a_prediction_on_the_chain_equals_the_fixture(installed: Installed, project: Path) -> None:
    installed.run("stylus-ai", "deploy", cwd=project)
    header, first = (project / "fixtures" / "test.csv").read_text().splitlines()[:2]
    row = dict(zip(header.split(","), first.split(","), strict=True))
    features = json.loads((project / "artifacts" / "training.json").read_text())["features"]
    question = json.dumps({name: int(row[name]) for name in features})
    (answer,) = json.loads(installed.run("stylus-ai", "predict", question, "--json", cwd=project))[
        "predictions"
    ]
    assert answer["score"] == int(row["score"])
    assert answer["approved"] == bool(int(row["decision"]))
