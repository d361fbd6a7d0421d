"""cargo: the wasm of this project and of no other, the same bytes everywhere, clear errors."""

from __future__ import annotations

import fcntl
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stylus_ai.build import assemble, build_contract, shared_target
from stylus_ai.build.cargo import LOCK_FILE
from stylus_ai.errors import BuildError
from tests.build.conftest import CONTRACT, ENTRY, Workspace

pytestmark = pytest.mark.wasm


def test_projects_of_the_same_layout_get_their_own_wasm_from_one_target_folder(
    workspace: Workspace, cargo_env: dict[str, str]
) -> None:
    """Left alone, cargo would call the second project fresh and hand out the first one's wasm."""
    first = workspace("first", {"contract/src/lib.rs": ENTRY % "len + 1111"})
    second = workspace("second", {"contract/src/lib.rs": ENTRY % "len + 2222"})

    wasms = [build_contract(root, environ=cargo_env).data for root in (first, second, first)]

    assert wasms[0] != wasms[1]
    assert wasms[2] == wasms[0]


def test_a_project_moved_over_another_is_built_from_its_own_sources(
    workspace: Workspace, cargo_env: dict[str, str]
) -> None:
    """Its files are older than what was built at that path, which is all that cargo looks at."""
    moved = workspace("moved", {"contract/src/lib.rs": ENTRY % "len + 1"})
    first = workspace("place", {"contract/src/lib.rs": ENTRY % "len + 2"})
    before = build_contract(first, environ=cargo_env).data
    shutil.rmtree(first)
    moved.rename(first)
    after = build_contract(first, environ=cargo_env).data
    assert after != before


def test_the_bytes_do_not_depend_on_where_the_project_lies(
    workspace: Workspace, cargo_env: dict[str, str], tmp_path: Path
) -> None:
    source = {
        "contract/src/lib.rs": "pub mod deep;\n"
        + ENTRY % "deep::table(len).checked_mul(3).expect(file!())",
        "contract/src/deep.rs": "pub fn table(i: usize) -> usize { [7usize, 9][i] }\n",
    }
    codes = []
    for place in ("here", "some/where/else"):
        root = workspace(place, source)
        env = {**cargo_env, "CARGO_TARGET_DIR": str(tmp_path / place / "target")}
        raw = build_contract(root, environ=env)
        codes.append(
            assemble(
                raw,
                root / "artifacts" / "contract.wasm",
                program_digest="",
                crate_digest="",
                profile="arbos51",
            )
        )
    assert codes[0].code == codes[1].code
    wasm = codes[0].path.read_bytes()
    assert b"src/deep.rs" in wasm, "the test must look at a module with panic messages"
    assert str(tmp_path).encode() not in wasm
    assert str(Path.home()).encode() not in wasm


def test_flags_of_the_shell_do_not_replace_the_project_s(
    workspace: Workspace, cargo_env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """RUSTFLAGS would silence .cargo/config.toml, and memory would begin with 17 pages."""
    root = workspace("project", {"contract/src/lib.rs": ENTRY % "len"})
    monkeypatch.setenv("RUSTFLAGS", "-Cdebuginfo=0")
    monkeypatch.setenv("CARGO_TARGET_DIR", cargo_env["CARGO_TARGET_DIR"])

    wasm = build_contract(root).data

    assert b"\x05\x04\x01\x01\x01\x01" in wasm, "memory section: one page at least and at most"


def test_code_that_does_not_compile_shows_what_the_compiler_says(
    workspace: Workspace, cargo_env: dict[str, str]
) -> None:
    root = workspace("project", {"contract/src/lib.rs": "fn broken() -> u8 { missing_name }\n"})
    with pytest.raises(BuildError, match="missing_name") as caught:
        build_contract(root, environ=cargo_env)
    assert "Mend" in caught.value.next_step


def test_a_crate_without_cdylib_is_told_what_it_lacks(
    workspace: Workspace, cargo_env: dict[str, str]
) -> None:
    files = {
        "contract/Cargo.toml": CONTRACT.replace(', "cdylib"', ""),
        "contract/src/lib.rs": ENTRY % "len",
    }
    with pytest.raises(BuildError, match="no wasm") as caught:
        build_contract(workspace("project", files), environ=cargo_env)
    assert "cdylib" in caught.value.next_step


def test_an_outdated_lock_file_is_named(workspace: Workspace, cargo_env: dict[str, str]) -> None:
    files = {
        "contract/Cargo.toml": CONTRACT + '[dependencies]\nhelper = { path = "../helper" }\n',
        "contract/src/lib.rs": ENTRY % "len",
        "helper/Cargo.toml": '[package]\nname = "helper"\nversion = "0.1.0"\nedition = "2024"\n',
        "helper/src/lib.rs": "",
    }
    with pytest.raises(BuildError, match="lock file") as caught:
        build_contract(workspace("project", files), environ=cargo_env)
    assert "cargo update" in caught.value.next_step


def test_an_unknown_crate_is_named(workspace: Workspace, cargo_env: dict[str, str]) -> None:
    root = workspace("project", {"contract/src/lib.rs": ENTRY % "len"})
    with pytest.raises(BuildError, match="agreement") as caught:
        build_contract(root, "agreement", environ=cargo_env)
    assert "project.contract" in caught.value.next_step


def test_a_folder_without_cargo_toml_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"no Cargo\.toml"):
        build_contract(tmp_path)


def test_a_broken_manifest_is_a_clear_error(
    workspace: Workspace, cargo_env: dict[str, str]
) -> None:
    root = workspace("project", {"contract/Cargo.toml": "[package\n"})
    with pytest.raises(BuildError, match="metadata") as caught:
        build_contract(root, environ=cargo_env)
    assert str(root) in caught.value.next_step


def test_without_a_compiler_the_error_says_how_to_get_one(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = workspace("project", {"contract/src/lib.rs": ENTRY % "len"})
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CARGO_TARGET_DIR", str(tmp_path / "target"))
    with pytest.raises(BuildError, match="not on PATH") as caught:
        build_contract(root)
    assert "rustup.rs" in caught.value.next_step


def test_progress_hears_what_cargo_does(workspace: Workspace, cargo_env: dict[str, str]) -> None:
    root = workspace("project", {"contract/src/lib.rs": ENTRY % "len"})
    lines: list[str] = []
    build_contract(root, environ=cargo_env, progress=lines.append)
    assert any(line.startswith("Compiling contract") for line in lines)


def test_a_second_build_waits_for_the_first(
    workspace: Workspace, cargo_env: dict[str, str]
) -> None:
    root = workspace("project", {"contract/src/lib.rs": ENTRY % "len"})
    target = Path(cargo_env["CARGO_TARGET_DIR"])
    target.mkdir()
    entered, heard = threading.Event(), threading.Event()
    said: list[str] = []

    def progress(line: str) -> None:
        said.append(line)
        heard.set()

    def second() -> None:
        with shared_target(root, cargo_env, progress):
            entered.set()

    with (target / LOCK_FILE).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        thread = threading.Thread(target=second)
        thread.start()
        assert heard.wait(10), "it must say what it waits for"
        assert not entered.is_set()
    thread.join(20)
    assert entered.is_set()
    assert said == [f"waiting for another build in {target}"]


def test_ctrl_c_ends_cargo_and_what_it_runs(
    workspace: Workspace, cargo_env: dict[str, str], tmp_path: Path
) -> None:
    """A build script that takes a minute stands for a long compilation."""
    script = (
        'fn main() { let out = std::env::var("PID_FILE").unwrap();\n'
        "std::fs::write(&out, std::process::id().to_string()).unwrap();\n"
        "std::thread::sleep(std::time::Duration::from_secs(60)); }\n"
    )
    files = {"contract/build.rs": script, "contract/src/lib.rs": ENTRY % "len"}
    root, pid_file = workspace("project", files), tmp_path / "pid"
    code = (
        "import sys, pathlib\nfrom stylus_ai.build import build_contract\n"
        "build_contract(pathlib.Path(sys.argv[1]))\n"
    )
    env = {**cargo_env, "PID_FILE": str(pid_file)}
    builder = subprocess.Popen(
        [sys.executable, "-c", code, str(root)], env=env, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: pid_file.is_file() and pid_file.read_text() != "")
    child = int(pid_file.read_text())

    builder.send_signal(signal.SIGINT)
    _, said = builder.communicate(timeout=20)

    assert "KeyboardInterrupt" in said
    wait_until(lambda: not alive(child))


def wait_until(happens: Callable[[], bool]) -> None:
    """Wait for something that takes no more than half a minute."""
    end = time.monotonic() + 30
    while not happens():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """True if there is a process of that id that has not ended."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
