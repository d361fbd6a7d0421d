"""The third road to the wasm target: the distribution's ``rust-src``, compiled once.

Takes a toolchain without wasm libraries; fetches the Debian package with the library's sources of
exactly its version through a private apt state (nothing in ``/etc``, ``/var`` or dpkg changes, no
root), compiles ``core``, ``alloc``, ``std`` and puts the rlibs into the toolchain's sysroot. About
45 MB to fetch, crates.io for what ``std`` depends on, 40 s on two cores, 65 MB kept.

Every step leaves its result in ``work`` and is skipped when the result is there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from stylus_ai.build.tools import WASM_TARGET, Toolchain, find_program, output_of
from stylus_ai.errors import BuildError

SUITES = ("trixie-backports", "trixie", "sid")
"""Debian suites that may hold the version; apt verifies each by its signature."""

PACKAGES = ("rust-src", "rust-web-src")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SOURCES = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))

APT_SECONDS = 300.0
BUILD_SECONDS = 1200.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Apt:
    """apt with a state of its own below ``folder``."""

    folder: Path

    def run(self, program: str, *arguments: str, cwd: Path | None = None) -> str:
        """Run ``apt-get`` or ``apt-cache`` on the private state; gives its stdout."""
        options = {
            "Dir::Etc::sourcelist": self.folder / "sources.list",
            "Dir::Etc::sourceparts": "-",
            "Dir::State::lists": self.folder / "lists",
            "Dir::State::status": "/dev/null",
            "Dir::Cache": self.folder / "cache",
            "APT::Sandbox::User": "root",  # do not drop privileges that are not there
            "Acquire::Languages": "none",
        }
        flags = [part for key, value in options.items() for part in ("-o", f"{key}={value}")]
        path = find_program(program, "This road needs Debian's apt.")
        return output_of([path, "-q", *flags, *arguments], cwd=cwd, timeout=APT_SECONDS)

    def prepare(self, mirror: str, suites: Iterable[str]) -> None:
        """Write the list of sources and fetch their indexes."""
        for name in ("lists/partial", "cache/archives/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        lines = [f"deb [signed-by={KEYRING}] {mirror} {suite} main\n" for suite in suites]
        (self.folder / "sources.list").write_text("".join(lines), encoding="utf-8")
        self.run("apt-get", "update")

    def find(self, version: str) -> str | None:
        """``package=version`` of the sources of rustc ``version``, or None."""
        for package in PACKAGES:
            for line in self.run("apt-cache", "madison", package).splitlines():
                fields = [field.strip() for field in line.split("|")]
                if len(fields) == 3 and fields[1].startswith(f"{version}+"):
                    return f"{package}={fields[1]}"
        return None


def install(tools: Toolchain, work: Path, environ: Mapping[str, str], say: Say) -> None:
    """Compile the wasm libraries from the distribution's sources and put them into the sysroot.

    Args:
        tools: The toolchain to complete.
        work: Folder for what is fetched and compiled; removed at the end.
        environ: Environment for cargo.
        say: Takes one line of progress at a time.

    Raises:
        BuildError: No apt, no such package, no network, no room, or the compiler failed.
    """
    parent = tools.target_folder.parent.parent
    if not os.access(parent, os.W_OK):
        raise BuildError(f"{parent} cannot be written by this user")
    work.mkdir(parents=True, exist_ok=True)
    library = _sources(tools, work, say)
    rlibs = _compile(tools, library, work / "target", environ, say)
    _place(rlibs, tools.target_folder)
    say(f"{len(rlibs)} libraries put into {tools.target_folder}")
    shutil.rmtree(work, ignore_errors=True)


def _sources(tools: Toolchain, work: Path, say: Say) -> Path:
    """The unpacked ``library`` folder of rustc's sources."""
    library = work / "src" / "library"
    if library.is_dir():
        say("sources are there from an earlier run")
        return library
    package = next(iter(sorted(work.glob("*.deb"))), None) or _fetch(tools, work, say)
    say(f"unpacking {package.name}")
    unpacked = Path(tempfile.mkdtemp(dir=work, prefix="unpack."))
    output_of(["dpkg-deb", "--extract", package, unpacked], timeout=APT_SECONDS)
    found = next(iter(unpacked.glob("usr/src/*/library")), None)
    if found is None:
        raise BuildError(f"{package.name} holds no usr/src/*/library")
    library.parent.mkdir(exist_ok=True)
    found.rename(library)
    shutil.rmtree(unpacked)
    return library


def _fetch(tools: Toolchain, work: Path, say: Say) -> Path:
    """Download the package; apt checks its signed hash."""
    apt = Apt(work / "apt")
    mirror = _mirror()
    say(f"reading Debian's package lists from {mirror}")
    apt.prepare(mirror, SUITES[:1])
    package = apt.find(tools.version)
    if package is None:
        apt.prepare(mirror, SUITES)
        package = apt.find(tools.version)
    if package is None:
        raise BuildError(f"Debian ({', '.join(SUITES)}) has no rust-src of rustc {tools.version}")
    say(f"downloading {package} (45 MB)")
    apt.run("apt-get", "download", package, cwd=work)
    return next(iter(work.glob("*.deb")))


def _mirror() -> str:
    """Debian mirror of this machine.

    Raises:
        BuildError: apt's sources name none: not Debian, or one that is set up in another way.
    """
    for path in SOURCES:
        if not path.is_file():
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if words[:1] in (["URIs:"], ["deb"]):
                uri = next((word for word in words if word.startswith("http")), None)
                if uri is not None and uri.rstrip("/").endswith("/debian"):
                    return uri
    raise BuildError(f"apt's sources ({', '.join(map(str, SOURCES))}) name no Debian mirror")


def _compile(
    tools: Toolchain, library: Path, target: Path, environ: Mapping[str, str], say: Say
) -> list[Path]:
    """Build the standard library for wasm; gives its rlibs."""
    say(f"compiling std of rustc {tools.version} for {WASM_TARGET} (about a minute)")
    flags = (
        "-Zforce-unstable-if-unmarked -Cembed-bitcode=yes "
        # the same names in panic messages as in rustup's libraries: builds stay reproducible
        f"--remap-path-prefix={library}=/rustc/{tools.commit}/library"
    )
    env = {
        **environ,
        "RUSTC_BOOTSTRAP": "1",
        "RUSTC": str(tools.rustc if not tools.by_rustup else tools.sysroot / "bin" / "rustc"),
        "CARGO_TARGET_DIR": str(target),
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS": flags,
        "__CARGO_DEFAULT_LIB_METADATA": "debsrc",
    }
    manifest = library / "sysroot" / "Cargo.toml"
    command = [str(tools.cargo), "build", "--locked", "--release", "--target", WASM_TARGET]
    command += ["--manifest-path", str(manifest)]
    try:
        done = subprocess.run(
            command,
            cwd=library,
            env=env,
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildError(f"compiling std failed: {error}") from None
    if done.returncode != 0:
        tail = "\n".join(done.stderr.strip().splitlines()[-15:])
        raise BuildError(f"compiling std failed:\n{tail}")
    return sorted((target / WASM_TARGET / "release" / "deps").glob("*.rlib"))


def _place(rlibs: list[Path], folder: Path) -> None:
    """Copy the libraries beside their place, then rename: the folder is whole or not there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".lib."))
    for rlib in rlibs:
        shutil.copy2(rlib, fresh)
    fresh.chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
