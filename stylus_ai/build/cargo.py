"""cargo: from a generated project to the raw wasm of its contract.

Takes a project's folder, gives the bytes that rustc and the linker made (`RawWasm`). Two matters
need care, and both are handled here alone.

*Reproducible bytes.* Panic messages name source files; the user's home would end in the contract.
The registry's folder is remapped on the command line, where cargo adds the flags to those of the
project's ``.cargo/config.toml``; files of the project itself are named relative to its root anyway.

*One target folder for all projects.* A clean build of the SDK takes 80 s and 270 MB, so projects
share it. But cargo tells crates apart by their path *relative to the workspace*, and a ``cdylib``
has no hash in its file name: in a shared folder a second project with the same layout counts as
built, and gets the first one's wasm. `shared_target` therefore lets one project at a time in, and
evicts its crates unless the folder was last used for the very same sources at the same place.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from stylus_ai.build.tools import (
    WASM_TARGET,
    cache_dir,
    end_group,
    find_cargo,
    output_of,
    rust_env,
    toolchain,
)
from stylus_ai.errors import BuildError

OWNER_FILE = ".stylus-ai-project"
LOCK_FILE = ".stylus-ai-lock"
WORKSPACE_FILES = ("Cargo.toml", "Cargo.lock", ".cargo/config.toml", "rust-toolchain.toml")
"""Files of a workspace's root that decide what is built, beside its packages."""

TAIL_LINES = 40
"""How much of cargo's output an error shows."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class RawWasm:
    """What the linker wrote, before re-encoding.

    Attributes:
        data: The module, names of functions included.
        crate: Package that it was built from.
        rustc: Version of the compiler.
    """

    data: bytes
    crate: str
    rustc: str


@contextmanager
def shared_target(
    root: Path, environ: Mapping[str, str] | None = None, progress: Progress | None = None
) -> Iterator[dict[str, str]]:
    """Environment for cargo commands in the workspace ``root``, with the shared target folder.

    While the context is open no other project's cargo runs in that folder. Where ``environ`` sets
    ``CARGO_TARGET_DIR``, that folder is used in the same way.

    Args:
        root: Root of the cargo workspace.
        environ: Environment to begin with; None for `rust_env` of ``root``.
        progress: Told when another project holds the folder.

    Raises:
        BuildError: There is no cargo, or ``root`` is no cargo workspace.
    """
    root = root.resolve()
    env = rust_env(root) if environ is None else dict(environ)
    target = Path(env.get("CARGO_TARGET_DIR") or cache_dir(env) / "target")
    target.mkdir(parents=True, exist_ok=True)
    env["CARGO_TARGET_DIR"] = str(target)
    with (target / LOCK_FILE).open("w", encoding="utf-8") as lock:
        _lock(lock, target, progress)
        _evict_other(root, target, env)
        yield env


def _lock(lock: IO[str], target: Path, progress: Progress | None) -> None:
    """Wait for the folder; the lock goes with the file handle, also when the process dies."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if progress is not None:
            progress(f"waiting for another build in {target}")
        fcntl.flock(lock, fcntl.LOCK_EX)


def _evict_other(root: Path, target: Path, env: Mapping[str, str]) -> None:
    """Remove this workspace's crates from the folder unless they were built from these sources."""
    packages = _packages(root, env)
    owner = target / OWNER_FILE
    identity = _identity(root, packages.values())
    if owner.is_file() and owner.read_text(encoding="utf-8") == identity:
        return
    owner.unlink(missing_ok=True)
    for profile in [*target.glob("*/.fingerprint"), *target.glob("*/*/.fingerprint")]:
        for entry in profile.iterdir():
            if entry.name.rpartition("-")[0] in packages:
                shutil.rmtree(entry)
    owner.write_text(identity, encoding="utf-8")


def _packages(root: Path, env: Mapping[str, str]) -> dict[str, Path]:
    """Name and folder of each package of the cargo workspace ``root``.

    Raises:
        BuildError: cargo does not accept the workspace.
    """
    command = [str(find_cargo()), "metadata", "--no-deps", "--offline", "--format-version=1"]
    try:
        answer = json.loads(output_of(command, environ=env, cwd=root))
    except BuildError as error:
        raise BuildError(
            error.cause, f"Mend the Cargo.toml files below {root}, or: git checkout Cargo.toml"
        ) from None
    return {
        package["name"]: Path(package["manifest_path"]).parent for package in answer["packages"]
    }


def _identity(root: Path, folders: Iterable[Path]) -> str:
    """Digest of where a workspace stands and of every source file in it.

    cargo compares times of files, and a folder that was moved or copied over another brings its
    own: only the contents tell whether what was built is what would be built.
    """
    files = [root / name for name in WORKSPACE_FILES if (root / name).is_file()]
    for folder in folders:
        for at, subfolders, names in os.walk(folder):
            subfolders[:] = [name for name in subfolders if name != "target" and name[0] != "."]
            files += [Path(at, name) for name in names]
    total = hashlib.sha256(str(root).encode())
    for file in sorted(set(files)):
        total.update(f"{file.relative_to(root)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def build_contract(
    root: Path,
    crate: str = "contract",
    *,
    progress: Progress | None = None,
    environ: Mapping[str, str] | None = None,
) -> RawWasm:
    """Compile a contract crate to wasm, in release mode.

    Args:
        root: Root of the cargo workspace.
        crate: Package to build; its library must be a ``cdylib``.
        progress: Takes each line that cargo reports.
        environ: Environment to begin with; None for `rust_env` of ``root``.

    Raises:
        BuildError: No cargo, no wasm target, code that does not compile, or no network for crates
            that are not yet on this machine.
    """
    if not (root / "Cargo.toml").is_file():
        raise BuildError(f"{root} holds no Cargo.toml.", "Get it back: git checkout Cargo.toml")
    with shared_target(root, environ, progress) as env:
        tools = toolchain(env)
        if not tools.has_wasm:
            raise BuildError(
                f"rustc {tools.version} has no {WASM_TARGET} target.",
                "Get it: python -m stylus_ai.build.wasm_target",
            )
        locked = ["--locked"] if (root / "Cargo.lock").is_file() else []
        _run(["fetch", *locked, "--target", WASM_TARGET], root, env, progress)
        command = ["build", "--package", crate, "--lib", "--release", *locked]
        command += ["--target", WASM_TARGET, "--message-format=json-render-diagnostics"]
        flags = json.dumps(remap_flags(env))
        command += ["--config", f"target.{WASM_TARGET}.rustflags={flags}"]
        command += ["--config", 'profile.release.strip="none"']  # names tell who brought a float
        messages = _run(command, root, env, progress)
        return RawWasm(_artifact(messages, crate).read_bytes(), crate, tools.version)


def remap_flags(env: Mapping[str, str]) -> list[str]:
    """Flags that keep this machine's folders out of the wasm.

    What is left of a registry path is ``crate-version/src/file.rs``. The folder below
    ``registry/src`` is named after the index and differs between mirrors, so each is listed.
    """
    home = Path(env.get("CARGO_HOME") or Path.home() / ".cargo")
    folders = sorted(path for path in (home / "registry" / "src").glob("*") if path.is_dir())
    folders.append(home / "git" / "checkouts")
    return [f"--remap-path-prefix={folder}=" for folder in folders]


def _artifact(messages: str, crate: str) -> Path:
    """The wasm file among cargo's JSON messages."""
    for line in messages.splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("reason") != "compiler-artifact":
            continue
        if message.get("target", {}).get("name") != crate.replace("-", "_"):
            continue
        for name in message.get("filenames", []):
            if name.endswith(".wasm"):
                return Path(name)
    raise BuildError(
        f"cargo built {crate}, but no wasm.",
        f'The [lib] of {crate} needs crate-type = ["lib", "cdylib"].',
    )


def _run(
    arguments: list[str], root: Path, env: Mapping[str, str], progress: Progress | None
) -> str:
    """Run cargo in ``root``; each line of its stderr goes to ``progress``. Gives its stdout."""
    process = subprocess.Popen(
        [str(find_cargo()), *arguments],
        cwd=root,
        env={**env, "CARGO_TERM_COLOR": "never", "CARGO_TERM_PROGRESS_WHEN": "never"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,  # so that cargo's own children can be ended with it
    )
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    listener = threading.Thread(target=_listen, args=(process.stderr, tail, progress), daemon=True)
    listener.start()
    try:
        output = process.stdout.read() if process.stdout else ""
        code = process.wait()
    except BaseException:
        end_group(process)  # Ctrl-C: nothing must go on alone
        raise
    listener.join()
    if code != 0:
        said = "\n".join(tail)
        raise BuildError(f"cargo {arguments[0]} failed:\n{said}", _remedy(said))
    return output


def _listen(stream: IO[str] | None, tail: deque[str], progress: Progress | None) -> None:
    for line in stream or ():
        text = line.rstrip()
        tail.append(text)
        if progress is not None and text.strip():
            progress(text.strip())


REMEDIES = (
    ("lock file", "New dependency: cargo update --workspace. Else: git checkout Cargo.lock"),
    ("failed to download", "The crates are not all on this machine: connect it and try again."),
    ("is not installed", "Get the toolchain: rustup toolchain install 1.95.0 --profile minimal"),
    ("did not match any packages", "The crate is named in stylus-ai.toml, project.contract."),
    ("No space left on device", "Free some disk: a first build takes 300 MB."),
)
"""Text in cargo's output -> what to do about it; the first that fits."""


def _remedy(said: str) -> str:
    known = (remedy for text, remedy in REMEDIES if text in said)
    return next(known, "Mend what the compiler names, then build again.")
