"""What this machine has for stylus-ai, line by line; a failing line carries its remedy.

Each check looks at one thing and raises nothing: what goes wrong in it becomes its line.
"""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import scaffold
from stylus_ai import __version__
from stylus_ai.build import tools
from stylus_ai.chain import get_network, port_is_free
from stylus_ai.chain.networks import RPC_VARIABLE
from stylus_ai.chain.node import chain_at
from stylus_ai.errors import BuildError, UsageError

NEEDED_DISK = 2 * 1024**3
"""Bytes that compiled crates and downloads take, with room to spare."""

SETUP = "stylus-ai setup"

LIBRARIES = ("numpy", "scikit-learn", "web3", "copier", "GitPython", "brotli")


@dataclass(frozen=True)
class Line:
    """One finding.

    Attributes:
        name: What was looked at.
        ok: False if something must be done before the main job works.
        detail: What was found.
        remedy: What to do about it; empty if nothing.
    """

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def examine(folder: Path) -> list[Line]:
    """Every check in order; ``folder`` is where a project would lie."""
    lines: list[Line] = []
    for check in (_python, _packages, _git, _rust, _native, _port):
        lines.extend(check())
    lines.extend(_disk((folder, tools.cache_dir())))
    return lines


def _python() -> Iterable[Line]:
    version = platform.python_version()
    ok = sys.version_info >= (3, 11)
    yield Line(
        "Python", ok, f"{version}, {sys.executable}", "" if ok else "Install Python 3.11 or later."
    )
    yield Line("stylus-ai", True, f"{__version__}, from {Path(scaffold.__file__).parent}")


def _packages() -> Iterable[Line]:
    found, missing = [], []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    remedy = f"pip install {' '.join(missing)}" if missing else ""
    detail = ", ".join(found) if not missing else f"missing: {', '.join(missing)}"
    yield Line("Python packages", not missing, detail, remedy)


def _git() -> Iterable[Line]:
    yield _program("git", lambda: tools.find_program("git", "Install git."))


def _rust() -> Iterable[Line]:
    yield _program("cargo", tools.find_cargo)
    try:
        compiler = tools.toolchain(tools.rust_env())
    except BuildError as error:
        yield Line("rustc", False, error.cause, error.next_step)
        return
    pinned = tools.RUST_VERSION
    fits = compiler.version == pinned
    remedy = "" if fits else f"Projects pin Rust {pinned}: rustup toolchain install {pinned}"
    yield Line("rustc", fits, f"{compiler.version}, {compiler.sysroot}", remedy)
    if compiler.has_wasm:
        yield Line("wasm target", True, str(compiler.target_folder))
    else:
        yield Line("wasm target", False, f"{tools.WASM_TARGET} is not installed", SETUP)


def _native() -> Iterable[Line]:
    yield _program(tools.NATIVE, tools.find_native)


def _port() -> Iterable[Line]:
    yield Line("node's port", *_at_the_port())


def _at_the_port() -> tuple[bool, str, str]:
    """Is there a node at the embedded chain's address, or room for one? Verdict, detail, remedy."""
    try:
        network = get_network("embedded")
    except UsageError as error:
        return False, error.cause, error.next_step
    found = chain_at(network)
    if found == network.chain_id:
        return True, f"{network.shown} answers: a node runs (chain {found})", ""
    another = f"take another port: export {RPC_VARIABLE}=http://127.0.0.1:{network.port + 1}"
    if found is not None:
        detail = f"{network.shown} is chain {found}, not {network.chain_id}"
        return False, detail, f"Stop that node, or {another}"
    if not network.is_local:
        return False, f"no node answers at {network.shown}", f"Start it, or unset {RPC_VARIABLE}"
    if port_is_free(network.port):
        return True, f"{network.shown} is free", ""
    return False, f"{network.shown} is held by another program", f"Stop that program, or {another}"


def _disk(folders: Iterable[Path]) -> Iterable[Line]:
    for folder in folders:
        free = tools.free_disk(folder)
        ok = free >= NEEDED_DISK
        remedy = (
            ""
            if ok
            else f"Free {NEEDED_DISK >> 30} GB, or set STYLUS_AI_CACHE to a folder with room."
        )
        yield Line("disk", ok, f"{free / 1024**3:.1f} GB free at {folder.absolute()}", remedy)


def _program(name: str, find: Callable[[], Path]) -> Line:
    """A program: where it is and which version it reports."""
    try:
        path = find()
        return Line(name, True, f"{tools.version_of(path)}, {path}")
    except BuildError as error:
        return Line(name, False, error.cause, error.next_step)
