"""The programs that a build runs: cargo, rustc, rustup and the native binary ``stylus-devnode``.

Nothing here changes the machine. What is missing becomes a `BuildError` that says how to get it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stylus_ai.errors import BuildError

NATIVE = "stylus-devnode"
"""The native binary: the embedded chain, and what reads and re-encodes wasm."""

WASM_TARGET = "wasm32-unknown-unknown"

RUST_VERSION = "1.95.0"
"""The compiler that generated projects pin in ``rust-toolchain.toml``."""

NEUTRAL = Path("/")
"""A folder in which no ``rust-toolchain.toml`` of a project has a say."""

END_SECONDS = 5.0
"""How long a program that is told to end may take to clean up."""

GET_RUST = "Install Rust: https://rustup.rs, or your distribution's rustc and cargo."
GET_NATIVE = "Install it from the checkout: pip install ./crates/devnode (or: make setup)."


@dataclass(frozen=True)
class Toolchain:
    """The Rust compiler that builds contracts.

    Attributes:
        rustc: The program that runs as ``rustc``; a rustup proxy where rustup is installed.
        sysroot: Where its standard libraries lie.
        version: e.g. ``1.95.0``.
        commit: Git commit of the compiler, as it appears in panic messages of its library.
        by_rustup: True if rustup manages it.
    """

    rustc: Path
    sysroot: Path
    version: str
    commit: str
    by_rustup: bool

    @property
    def target_folder(self) -> Path:
        """Where the compiler looks for the wasm target's libraries."""
        return self.sysroot / "lib" / "rustlib" / WASM_TARGET / "lib"

    @property
    def has_wasm(self) -> bool:
        """True if the wasm target's ``core`` and ``std`` are in place."""
        return all(any(self.target_folder.glob(f"lib{name}-*.rlib")) for name in ("core", "std"))

    @property
    def cargo(self) -> Path:
        """The cargo that belongs to this compiler, past any rustup proxy where there is one."""
        own = self.sysroot / "bin" / "cargo"
        return own if own.is_file() else find_cargo()


def find_program(name: str, remedy: str) -> Path:
    """Path of a program on ``PATH``.

    Raises:
        BuildError: It is not there; ``remedy`` says how to get it.
    """
    found = shutil.which(name)
    if found is None:
        raise BuildError(f"{name} is not on PATH.", remedy)
    return Path(found)


def find_cargo() -> Path:
    """Path of cargo.

    Raises:
        BuildError: There is none.
    """
    return find_program("cargo", GET_RUST)


def find_native(environ: Mapping[str, str] | None = None) -> Path:
    """Path of ``stylus-devnode``.

    Looked for in this order: the environment variable ``STYLUS_DEVNODE``, the folder of the running
    interpreter (where pip puts it), ``PATH``.

    Raises:
        BuildError: It is in none of these places, or ``STYLUS_DEVNODE`` names no program.
    """
    environ = os.environ if environ is None else environ
    named = environ.get("STYLUS_DEVNODE")
    if named:
        if not os.access(named, os.X_OK) or not Path(named).is_file():
            raise BuildError(
                f"STYLUS_DEVNODE names {named}, which is no program.",
                "Unset it, or let it name the binary.",
            )
        return Path(named)
    beside = Path(sys.executable).parent / NATIVE
    if beside.is_file():
        return beside
    found = shutil.which(NATIVE, path=environ.get("PATH"))
    if found is None:
        raise BuildError(f"The native binary {NATIVE} is not installed.", GET_NATIVE)
    return Path(found)


def cache_dir(environ: Mapping[str, str] | None = None) -> Path:
    """Folder for what is worth keeping between projects: compiled crates, downloads.

    ``STYLUS_AI_CACHE``, else ``$XDG_CACHE_HOME/stylus-ai``, else ``~/.cache/stylus-ai``.
    """
    environ = os.environ if environ is None else environ
    if own := environ.get("STYLUS_AI_CACHE"):
        return Path(own).expanduser().absolute()
    base = environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).expanduser().absolute() / "stylus-ai"


def output_of(
    command: Sequence[str | Path],
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 60,
) -> str:
    """What a short command writes to stdout, stripped.

    Raises:
        BuildError: It cannot be started, fails or takes longer than ``timeout`` seconds.
    """
    shown = " ".join(str(part) for part in command)
    try:
        done = subprocess.run(
            [str(part) for part in command],
            capture_output=True,
            text=True,
            env=None if environ is None else dict(environ),
            cwd=cwd,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BuildError(f"`{shown}` did not end within {timeout:.0f} s.") from None
    except OSError as error:
        raise BuildError(f"`{shown}` cannot be started: {error}.") from None
    if done.returncode != 0:
        said = done.stderr.strip() or done.stdout.strip() or "it said nothing"
        raise BuildError(f"`{shown}` failed with code {done.returncode}: {said}")
    return done.stdout.strip()


def end_group(process: subprocess.Popen[str]) -> None:
    """End a program that leads a process group of its own, and its children with it; wait for it.

    It may clean up for ``END_SECONDS``.
    """
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def version_of(program: Path) -> str:
    """Version that a program reports, e.g. ``1.95.0``, or ``unknown`` where it reports none.

    Raises:
        BuildError: The program cannot be run.
    """
    words = output_of([program, "--version"], cwd=NEUTRAL).split()
    return next((word for word in words if word[:1].isdigit()), "unknown")


def toolchain(environ: Mapping[str, str] | None = None) -> Toolchain:
    """The compiler that ``environ`` selects: ``RUSTC``, else ``rustc`` on ``PATH``.

    Args:
        environ: As from `rust_env`, so that a project's pin is taken into account.

    Raises:
        BuildError: There is no compiler, or it does not answer.
    """
    environ = os.environ if environ is None else environ
    named = environ.get("RUSTC")
    found = shutil.which(named or "rustc", path=environ.get("PATH"))
    if found is None:
        raise BuildError(f"The Rust compiler {named or 'rustc'} is not on PATH.", GET_RUST)
    rustc = Path(found)
    try:
        # a rustup proxy may have to fetch the toolchain first
        answer = output_of([rustc, "-vV"], environ=environ, cwd=NEUTRAL, timeout=300)
    except BuildError as error:
        raise BuildError(error.cause, _how_to_get(environ)) from None
    facts = dict(line.split(": ", 1) for line in answer.splitlines() if ": " in line)
    sysroot = Path(output_of([rustc, "--print", "sysroot"], environ=environ, cwd=NEUTRAL))
    managed = not named and (sysroot.parent.name == "toolchains")
    return Toolchain(
        rustc=rustc,
        sysroot=sysroot,
        version=facts.get("release", "unknown"),
        commit=facts.get("commit-hash", "unknown"),
        by_rustup=managed and shutil.which("rustup", path=environ.get("PATH")) is not None,
    )


def rust_env(root: Path | None = None, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment for cargo and rustc.

    A ``rust-toolchain.toml`` that names a version makes rustup fetch a toolchain of that name, even
    where the default toolchain *is* that version; where its server does not answer, every cargo
    command in the folder fails. So the toolchain is named outright: the default one if it is the
    pinned version, else the pinned one.
    ``RUSTFLAGS`` is taken out: it would replace the flags of the project's ``.cargo/config.toml``.

    Args:
        root: Folder whose pin counts; None for the pin of generated projects.
        environ: Environment to begin with; None for the process's own.
    """
    env = dict(os.environ if environ is None else environ)
    for name in ("RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"):
        env.pop(name, None)
    rustup = shutil.which("rustup", path=env.get("PATH"))
    if rustup is None or env.get("RUSTUP_TOOLCHAIN") or env.get("RUSTC"):
        return env
    pinned = RUST_VERSION if root is None else pinned_version(root)
    if pinned is None:
        return env
    default = _default_toolchain(rustup, env)
    same = default is not None and default[1] == pinned
    env["RUSTUP_TOOLCHAIN"] = default[0] if default is not None and same else pinned
    return env


def pinned_version(root: Path) -> str | None:
    """Toolchain that ``rust-toolchain.toml`` in ``root`` or above asks for, or None.

    Raises:
        BuildError: The file is not TOML.
    """
    for folder in (root, *root.resolve().parents):
        path = folder / "rust-toolchain.toml"
        if path.is_file():
            try:
                table = tomllib.loads(path.read_text(encoding="utf-8")).get("toolchain", {})
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise BuildError(f"{path} is not TOML: {error}", "Mend or delete it.") from None
            channel = table.get("channel") if isinstance(table, dict) else None
            return channel if isinstance(channel, str) else None
    return None


def _how_to_get(environ: Mapping[str, str]) -> str:
    """What to type when the compiler that ``environ`` selects does not answer."""
    wanted = environ.get("RUSTUP_TOOLCHAIN")
    if wanted is None:
        return GET_RUST
    return (
        f"Get it: rustup toolchain install {wanted} --profile minimal --target {WASM_TARGET}\n"
        "Or use another one: RUSTUP_TOOLCHAIN=stable stylus-ai ..."
    )


def _default_toolchain(rustup: str, env: Mapping[str, str]) -> tuple[str, str] | None:
    """Name and compiler version of rustup's default toolchain; None if there is none."""
    try:
        name = output_of([rustup, "default"], environ=env, cwd=NEUTRAL).split(" ", 1)[0]
        version = output_of([rustup, "run", name, "rustc", "-V"], environ=env, cwd=NEUTRAL)
    except BuildError:
        return None
    return name, version.split()[1]


def free_disk(path: Path) -> int:
    """Bytes that are free where ``path`` lies or would lie."""
    folder = path.absolute()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
