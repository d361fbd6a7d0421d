"""Finding the tools, and the environment in which they do what a generated project needs."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stylus_ai.build import cache_dir, end_group, find_native, free_disk, rust_env
from stylus_ai.build.tools import output_of, pinned_version, toolchain, version_of
from stylus_ai.errors import BuildError


def program(folder: Path, name: str, script: str) -> Path:
    """A shell script as a program."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def rustup(folder: Path, default: str, version: str) -> dict[str, str]:
    """A PATH on which rustup has one default toolchain of a version."""
    script = (
        f'case "$1" in default) echo "{default} (default)";; '
        f'run) echo "rustc {version} (59807616e 2026-04-14)";; esac'
    )
    program(folder, "rustup", script)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def test_a_default_toolchain_of_the_pinned_version_is_named(tmp_path: Path) -> None:
    """Else rustup would fetch a second toolchain of the same version, or fail to."""
    env = rust_env(environ=rustup(tmp_path, "stable-x86_64-unknown-linux-gnu", "1.95.0"))
    assert env["RUSTUP_TOOLCHAIN"] == "stable-x86_64-unknown-linux-gnu"


def test_another_default_gives_way_to_the_pinned_version(tmp_path: Path) -> None:
    assert rust_env(environ=rustup(tmp_path, "stable", "1.96.1"))["RUSTUP_TOOLCHAIN"] == "1.95.0"


def test_the_pin_is_read_from_the_project(tmp_path: Path) -> None:
    environ = rustup(tmp_path / "bin", "stable", "1.96.1")
    (tmp_path / "rust-toolchain.toml").write_text('[toolchain]\nchannel = "1.96.1"\n')
    inner = tmp_path / "contract"
    inner.mkdir()
    assert rust_env(inner, environ)["RUSTUP_TOOLCHAIN"] == "stable"


def test_what_the_user_chose_stays(tmp_path: Path) -> None:
    environ = {**rustup(tmp_path, "stable", "1.95.0"), "RUSTUP_TOOLCHAIN": "nightly"}
    assert rust_env(environ=environ)["RUSTUP_TOOLCHAIN"] == "nightly"


def test_without_rustup_nothing_is_chosen(tmp_path: Path) -> None:
    assert "RUSTUP_TOOLCHAIN" not in rust_env(environ={"PATH": str(tmp_path)})


def test_flags_that_would_replace_the_project_s_are_taken_out(tmp_path: Path) -> None:
    environ = {"PATH": str(tmp_path), "RUSTFLAGS": "-g", "CARGO_ENCODED_RUSTFLAGS": "-g"}
    assert rust_env(environ=environ) == {"PATH": str(tmp_path)}


def test_a_broken_toolchain_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "rust-toolchain.toml").write_text("[toolchain\n")
    with pytest.raises(BuildError, match=r"rust-toolchain\.toml is not TOML"):
        pinned_version(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[toolchain]\n", "toolchain = 3\n", "[toolchain]\nchannel = 1\n"]
)
def test_a_toolchain_file_without_channel_pins_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "rust-toolchain.toml").write_text(text)
    assert pinned_version(tmp_path) is None


def test_a_compiler_that_fails_shows_what_it_says_and_how_to_get_it(tmp_path: Path) -> None:
    program(tmp_path, "rustc", "echo 'toolchain 1.95.0 is not installed' >&2; exit 1")
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "RUSTUP_TOOLCHAIN": "1.95.0"}
    with pytest.raises(BuildError, match="is not installed") as caught:
        toolchain(environ)
    assert "rustup toolchain install 1.95.0" in caught.value.next_step


def test_the_named_native_binary_comes_first(tmp_path: Path) -> None:
    own = program(tmp_path / "own", "stylus-devnode", "true")
    program(tmp_path / "path", "stylus-devnode", "true")
    environ = {"STYLUS_DEVNODE": str(own), "PATH": str(tmp_path / "path")}
    assert find_native(environ) == own


def test_then_the_one_beside_the_interpreter_then_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv" / "python"))
    on_path = program(tmp_path / "path", "stylus-devnode", "true")
    environ = {"PATH": str(tmp_path / "path")}
    assert find_native(environ) == on_path
    beside = program(tmp_path / "venv", "stylus-devnode", "true")
    assert find_native(environ) == beside


def test_no_native_binary_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(BuildError, match="not installed") as caught:
        find_native({"PATH": str(tmp_path)})
    assert "pip install ./crates/devnode" in caught.value.next_step


def test_a_named_binary_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="STYLUS_DEVNODE names"):
        find_native({"STYLUS_DEVNODE": str(tmp_path)})


def test_the_cache_follows_the_environment(tmp_path: Path) -> None:
    assert cache_dir({"STYLUS_AI_CACHE": str(tmp_path)}) == tmp_path
    assert cache_dir({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "stylus-ai"
    assert cache_dir({}) == Path.home() / ".cache" / "stylus-ai"


def test_a_program_that_hangs_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="did not end within"):
        output_of([program(tmp_path, "hang", "exec sleep 5")], timeout=0.1)


def test_a_group_that_does_not_want_to_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stylus_ai.build.tools.END_SECONDS", 0.1)
    with subprocess.Popen(
        ["sh", "-c", "trap '' TERM; echo begun; while :; do sleep 1; done"],
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        end_group(process)
    assert process.returncode == -signal.SIGKILL
    end_group(process)  # gone already: no harm


def test_a_program_that_is_none_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="cannot be started"):
        output_of([tmp_path / "missing"])


def test_the_version_is_the_word_that_begins_with_a_digit(tmp_path: Path) -> None:
    assert (
        version_of(program(tmp_path, "a", "echo cargo 1.95.0 '(f2d3ce0bd 2026-03-21)'")) == "1.95.0"
    )
    assert version_of(program(tmp_path, "b", "echo none")) == "unknown"


def test_free_disk_is_asked_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    assert free_disk(tmp_path / "not" / "yet") > 0
