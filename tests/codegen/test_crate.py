"""The crate as text, and the folder that holds it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from stylus_ai.codegen import MARKER, Crate, emit, write
from stylus_ai.errors import ProjectError, UsageError
from stylus_ai.plan import plan
from tests.ir.test_verify import program


@pytest.fixture
def crate() -> Crate:
    one = program()
    return emit(one, plan(one))


def test_emission_is_deterministic(crate: Crate) -> None:
    one = program()
    again = emit(one, plan(one))
    assert again == crate
    assert again.digest == crate.digest
    assert emit(replace(one, reference=(11, 0)), plan(replace(one, reference=(11, 0)))) != crate


def test_no_line_is_longer_than_rustfmt_allows(crate: Crate) -> None:
    long = {
        f"{name}: {line}"
        for name, text in crate.files.items()
        for line in text.splitlines()
        if len(line) > 100 and name.endswith(".rs")
    }
    assert not long


def test_a_foreign_plan_is_refused() -> None:
    one = program()
    with pytest.raises(UsageError, match="another program"):
        emit(one, plan(replace(one, name="other")))


def test_write_makes_a_folder_and_leaves_an_equal_one_alone(crate: Crate, tmp_path: Path) -> None:
    folder = tmp_path / "project" / "model"
    assert write(crate, folder) is True
    before = (folder / "src/lib.rs").stat().st_mtime_ns
    assert write(crate, folder) is False
    assert (folder / "src/lib.rs").stat().st_mtime_ns == before
    for name, text in crate.files.items():
        assert (folder / name).read_text() == text
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_write_replaces_an_older_crate_and_keeps_what_cargo_made(
    crate: Crate, tmp_path: Path
) -> None:
    write(crate, tmp_path / "model")
    (tmp_path / "model/target").mkdir()
    (tmp_path / "model/target/kept").write_text("x")
    newer = Crate(crate.program, {"src/lib.rs": "// new\n"})
    assert write(newer, tmp_path / "model") is True
    names = {path.name for path in (tmp_path / "model").iterdir()}
    assert names == {"src", "target", MARKER}
    assert (tmp_path / "model/target/kept").read_text() == "x"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_missing_file_is_written_again(crate: Crate, tmp_path: Path) -> None:
    write(crate, tmp_path / "model")
    (tmp_path / "model/src/sums.rs").unlink()
    assert write(crate, tmp_path / "model") is True
    assert (tmp_path / "model/src/sums.rs").is_file()


def test_edited_and_added_files_are_named_and_kept(crate: Crate, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    write(crate, folder)
    (folder / "src/sums.rs").write_text("// mine\n")
    (folder / "src/extra.rs").write_text("// mine\n")
    with pytest.raises(ProjectError, match=r"src/extra.rs, src/sums.rs"):
        write(Crate(crate.program, {}), folder)
    assert (folder / "src/sums.rs").read_text() == "// mine\n"


@pytest.mark.parametrize("marker", [None, "", "[]", "{}", '{"files": 1, "crate": ""}', "\x00"])
def test_a_folder_that_is_not_ours_is_left_alone(
    crate: Crate, tmp_path: Path, marker: str | None
) -> None:
    (tmp_path / "precious").write_text("x")
    if marker is not None:
        (tmp_path / MARKER).write_text(marker)
    with pytest.raises(ProjectError):
        write(crate, tmp_path)
    assert (tmp_path / "precious").read_text() == "x"


def test_a_file_in_the_way_is_left_alone(crate: Crate, tmp_path: Path) -> None:
    (tmp_path / "model").write_text("x")
    with pytest.raises(ProjectError, match="is a file"):
        write(crate, tmp_path / "model")


def test_an_interrupted_write_leaves_nothing(
    crate: Crate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(crate, tmp_path / "model")
    before = sorted(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    def interrupt(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(json, "dumps", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(Crate(crate.program, {"src/lib.rs": "// new\n"}), tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    after = sorted(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert after == before
