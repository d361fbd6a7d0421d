"""The built wheel: it carries the templates, and makes a project without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.registry  # the build backend is fetched into an environment of its own

ROOT = Path(__file__).parents[2]
PREFIX = "scaffold/_templates/"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel installs, built from this checkout."""
    out = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = out.glob("stylus_ai-*.whl")
    folder = out / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_every_template_file_and_no_rubbish(installed: Path) -> None:
    carried = {
        path.relative_to(installed / PREFIX).as_posix()
        for path in (installed / PREFIX).rglob("*")
        if path.is_file()
    }
    ours = {
        f"templates/{path.relative_to(ROOT / 'templates').as_posix()}"
        for path in (ROOT / "templates").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert carried == ours | {"copier.yml"}
    assert not any(path.is_symlink() for path in (ROOT / "templates").rglob("*"))


def test_the_wheel_holds_the_page_with_its_licence(installed: Path) -> None:
    page = Path("scaffold") / "page"
    carried = {path.name for path in (installed / page).iterdir()}
    assert carried == {path.name for path in (ROOT / page).iterdir()}
    assert {"index.html", "viem.js", "viem.LICENSE"} <= carried


def test_a_project_made_from_the_wheel_is_the_one_made_from_the_checkout(
    installed: Path, tmp_path: Path
) -> None:
    made = []
    for name, packages in (("wheel", installed), ("checkout", ROOT)):
        folder = tmp_path / name
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-m", "scaffold", "new", "credit-score", "my-lender", "--yes"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(packages)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        project = folder / "my-lender"
        tree = subprocess.run(
            ["git", "rev-parse", "HEAD^{tree}"],
            cwd=project,
            capture_output=True,
            text=True,
            check=True,
        )
        made.append(tree.stdout)
    assert made[0] == made[1]


def test_the_code_that_runs_is_the_wheels(installed: Path, tmp_path: Path) -> None:
    """Guards the test above: a checkout on the path would make it say nothing."""
    done = subprocess.run(
        [sys.executable, "-c", "import scaffold; print(scaffold.__file__)"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).is_relative_to(installed)
