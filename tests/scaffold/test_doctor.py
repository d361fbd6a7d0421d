"""``scaffold.doctor``: a line for each thing, and a remedy for each that is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scaffold import doctor
from scaffold.cli import app
from stylus_ai.build import tools


def line(name: str, folder: Path) -> doctor.Line:
    """The finding of that name."""
    (found,) = (line for line in doctor.examine(folder) if line.name == name)
    return found


def test_every_failing_line_has_a_remedy_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("STYLUS_DEVNODE", str(tmp_path / "no"))
    monkeypatch.setattr(doctor, "NEEDED_DISK", 2**80)
    monkeypatch.setattr(doctor, "LIBRARIES", ("numpy", "no-such-library"))
    lines = doctor.examine(tmp_path)
    failing = {line.name for line in lines if not line.ok}
    assert failing == {"Python packages", "git", "cargo", "rustc", "stylus-devnode", "disk"}
    assert {line.name for line in lines if line.remedy} == failing


def test_it_says_where_the_package_was_loaded_from(tmp_path: Path) -> None:
    assert str(Path(doctor.__file__).parent) in line("stylus-ai", tmp_path).detail


@pytest.mark.wasm
@pytest.mark.node
def test_a_machine_with_everything_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert app.run(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ready"] is True
    assert [check["name"] for check in found["checks"] if not check["ok"]] == []


def test_another_compiler_than_the_pinned_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "RUST_VERSION", "9.9.9")
    assert "rustup toolchain install 9.9.9" in line("rustc", tmp_path).remedy


def test_a_machine_that_lacks_something_ends_with_code_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STYLUS_DEVNODE", str(tmp_path / "no"))
    assert app.run(["doctor"]) == 1
    assert "MISSING  stylus-devnode" in capsys.readouterr().out
