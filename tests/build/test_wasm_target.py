"""The three roads to the wasm target, each on a copy of the installed compiler."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from stylus_ai.build.tools import WASM_TARGET, Toolchain, rust_env, toolchain
from stylus_ai.build.wasm_target import ROAD_VARIABLE, Road, ensure
from stylus_ai.errors import BuildError, UsageError
from tests.build.test_tools import program
from tests.permitted_skips import PERMITTED

pytestmark = pytest.mark.wasm

LINKED = {".so", ".rlib", ".rmeta", ".a", ".o"}
"""Files that no tool writes to in place: the bulk of a compiler."""

LEFT_OUT = shutil.ignore_patterns(WASM_TARGET, "share", "*wasm32-unknown-unknown*")


@pytest.fixture(scope="module")
def real() -> Toolchain:
    """The compiler of this machine, with its wasm target."""
    return toolchain(rust_env())


@pytest.fixture
def bare(real: Toolchain, tmp_path: Path) -> Toolchain:
    """A copy of it that lacks the wasm target; the real one is not touched.

    Libraries are linked where the file system can: a compiler takes a gigabyte.
    """
    home = tmp_path / "rustup" / "toolchains" / real.sysroot.name
    shutil.copytree(real.sysroot, home, copy_function=link, ignore=LEFT_OUT, symlinks=True)
    config = home / "lib" / "rustlib" / "multirust-config.toml"
    if config.is_file():  # rustup's list of what is installed
        first, *rest = config.read_text(encoding="utf-8").split("[[components]]")
        kept = [first, *(entry for entry in rest if WASM_TARGET not in entry)]
        config.write_text("[[components]]".join(kept), encoding="utf-8")
    found = toolchain({**os.environ, "RUSTC": str(home / "bin" / "rustc")})
    assert not found.has_wasm
    return found


def link(source: str, target: str) -> None:
    """Link a library or program, copy anything else.

    rustup writes its records in place: through a link it would change the real compiler's.
    """
    if Path(source).suffix in LINKED or Path(source).parent.name == "bin":
        with contextlib.suppress(OSError):  # another file system
            os.link(source, target)
            return
    shutil.copy2(source, target)


def selecting(tools: Toolchain, road: Road, tmp_path: Path) -> dict[str, str]:
    """Environment that chooses a compiler and a road, with a cache of the test's own."""
    env = {**os.environ, "RUSTC": str(tools.sysroot / "bin" / "rustc")}
    return {**env, ROAD_VARIABLE: road.value, "STYLUS_AI_CACHE": str(tmp_path / "cache")}


def compiles(tools: Toolchain, env: Mapping[str, str], folder: Path) -> bool:
    """True if a program that uses ``alloc`` through ``std`` compiles and links for wasm."""
    source = folder / "trial.rs"
    source.write_text("#[unsafe(no_mangle)] pub fn f(n: usize) -> usize { vec![n; n].len() }\n")
    rustc, output = str(tools.sysroot / "bin" / "rustc"), str(folder / "trial.wasm")
    command = [
        rustc,
        "--crate-type=cdylib",
        "--target",
        WASM_TARGET,
        "-O",
        "-o",
        output,
        str(source),
    ]
    subprocess.run(command, env=dict(env), check=True)
    return (folder / "trial.wasm").read_bytes().startswith(b"\x00asm")


def test_a_target_that_is_there_is_left_alone(real: Toolchain) -> None:
    said: list[str] = []
    found = ensure(said.append)
    assert found.road is Road.PRESENT
    assert found.toolchain.sysroot == real.sysroot
    assert said == [f"{WASM_TARGET} is ready for rustc {real.version} (present)"]


def test_forcing_the_first_road_does_not_take_another(bare: Toolchain, tmp_path: Path) -> None:
    env = selecting(bare, Road.PRESENT, tmp_path)
    with pytest.raises(BuildError, match="present: no libraries in") as caught:
        ensure(lambda _: None, env)
    assert f"rustup target add {WASM_TARGET}" in caught.value.next_step
    assert not bare.has_wasm


def test_the_second_road_has_rustup_add_the_target(
    real: Toolchain, bare: Toolchain, tmp_path: Path
) -> None:
    """Rustup itself, on a copy, fetching from a folder instead of its server."""
    if not real.by_rustup:
        with pytest.raises(BuildError, match="rustup does not manage"):
            ensure(lambda _: None, selecting(real, Road.RUSTUP, tmp_path))
        return
    env = {**rust_env(), ROAD_VARIABLE: Road.RUSTUP.value}
    env["RUSTUP_HOME"] = str(tmp_path / "rustup")
    env["RUSTUP_TOOLCHAIN"] = bare.sysroot.name
    env["RUSTUP_DIST_SERVER"] = f"file://{distribute(real, bare, tmp_path / 'server')}"

    found = ensure(lambda _: None, env)

    assert found.road is Road.RUSTUP
    assert found.toolchain.sysroot == bare.sysroot
    assert compiles(found.toolchain, env, tmp_path)


def distribute(real: Toolchain, bare: Toolchain, server: Path) -> Path:
    """A folder from which rustup can install the wasm target into ``bare``.

    The package is packed from the real compiler's libraries, and the copy's manifest names its
    hash; address and format are rustup's.
    """
    name = f"rust-std-{real.version}-{WASM_TARGET}"
    component = f"rust-std-{WASM_TARGET}"
    manifest_file = bare.sysroot / "lib" / "rustlib" / "multirust-channel-manifest.toml"
    text = manifest_file.read_text(encoding="utf-8")
    entry = tomllib.loads(text)["pkg"]["rust-std"]["target"][WASM_TARGET]

    staged = server / name / component
    libraries = staged / "lib" / "rustlib" / WASM_TARGET / "lib"
    libraries.mkdir(parents=True)
    for library in real.target_folder.iterdir():
        link(str(library), str(libraries / library.name))
    files = [path.relative_to(staged) for path in sorted(libraries.iterdir())]
    (staged / "manifest.in").write_text("".join(f"file:{path}\n" for path in files))
    (staged.parent / "components").write_text(f"{component}\n")
    (staged.parent / "rust-installer-version").write_text("3\n")

    package = server / entry["xz_url"].split("/", 3)[3]
    package.parent.mkdir(parents=True)
    with tarfile.open(package, "w:xz", preset=0) as archive:
        archive.add(server / name, name)
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    text = text.replace(entry["xz_hash"], digest)
    manifest_file.write_text(text, encoding="utf-8")
    return server


def test_a_rustup_that_hangs_is_given_up(bare: Toolchain, tmp_path: Path) -> None:
    program(tmp_path / "bin", "rustup", "exec sleep 20")
    (tmp_path / "bin" / "rustc").symlink_to(bare.sysroot / "bin" / "rustc")
    env = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        ROAD_VARIABLE: Road.RUSTUP.value,
        "STYLUS_AI_RUSTUP_SECONDS": "0.2",
    }
    with pytest.raises(BuildError, match=r"rustup did not end within 0\.2 s"):
        ensure(lambda _: None, env)


def test_a_rustup_that_fails_is_quoted(bare: Toolchain, tmp_path: Path) -> None:
    program(tmp_path / "bin", "rustup", "echo 'error: could not download file' >&2; exit 1")
    (tmp_path / "bin" / "rustc").symlink_to(bare.sysroot / "bin" / "rustc")
    env = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", ROAD_VARIABLE: Road.RUSTUP.value}
    with pytest.raises(BuildError, match="could not download file"):
        ensure(lambda _: None, env)


@pytest.mark.registry
@pytest.mark.slow
def test_the_third_road_compiles_the_distribution_s_sources(
    real: Toolchain, bare: Toolchain, tmp_path: Path
) -> None:
    """Interrupted after the download, then run again: it goes on from there."""
    env = selecting(bare, Road.RUST_SRC, tmp_path)
    said: list[str] = []

    def interrupt(line: str) -> None:
        said.append(line)
        if line.startswith("compiling"):
            raise KeyboardInterrupt

    try:
        ensure(interrupt, env)
    except KeyboardInterrupt:
        pass
    except BuildError as error:
        if "has no rust-src of" in error.cause or "Debian's apt" in error.cause:
            pytest.skip(PERMITTED["rust_src"])
        raise
    assert any(line.startswith("downloading rust-src") for line in said)
    assert not bare.has_wasm, "an interrupted run leaves nothing half-done"

    said.clear()
    found = ensure(said.append, env)

    assert said[0] == "sources are there from an earlier run"
    assert found.road is Road.RUST_SRC
    assert len(list(bare.target_folder.glob("*.rlib"))) == 21
    assert compiles(found.toolchain, env, tmp_path)
    assert not (tmp_path / "cache" / "wasm-target" / real.version).exists()


def test_an_unknown_road_is_refused() -> None:
    with pytest.raises(UsageError, match="train is no road") as caught:
        ensure(lambda _: None, {**rust_env(), ROAD_VARIABLE: "train"})
    assert "present, rustup, rust-src" in caught.value.next_step


def test_run_as_a_program_it_reports_on_stderr_and_ends_well() -> None:
    command = [sys.executable, "-m", "stylus_ai.build.wasm_target"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout == ""
    assert done.stderr.endswith("(present)\n")
