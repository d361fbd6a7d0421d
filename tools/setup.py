"""Set up a checkout: virtual environment, Python packages, native node, wasm target.

Run by ``make``. Needs Python 3.11, a Rust toolchain, a C linker and git; no root. Each step is
remembered by a digest of what it depends on (``.venv/setup.json``), so an interrupted run goes on
where it stopped and a second run does nothing. This file imports the standard library alone, and
parses under old versions of Python 3, so that one gets a sentence and not a syntax error.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
STATE = VENV / "setup.json"
MINIMUM_PYTHON = (3, 11)
MINIMUM_FREE_GB = 4

REMEDIES = {
    "cargo": "the Rust toolchain: https://rustup.rs (then open a new shell)",
    "cc": "a C linker: apt install build-essential (Debian), xcode-select --install (macOS)",
    "git": "git: apt install git (Debian), brew install git (macOS)",
}


def say(text: str) -> None:
    """Progress is prose: it goes to stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def missing() -> list[str]:
    """What this machine lacks: a list of sentences, each with its remedy."""
    lines = []
    if sys.version_info < MINIMUM_PYTHON:
        version = ".".join(map(str, sys.version_info[:2]))
        lines.append(
            f"Python 3.11 or newer; this is {version}. Name another: make PYTHON=python3.12 ..."
        )
    lines.extend(REMEDIES[name] for name in sorted(REMEDIES) if shutil.which(name) is None)
    free = shutil.disk_usage(ROOT).free / 1e9
    if not STATE.exists() and free < MINIMUM_FREE_GB:
        lines.append(f"{MINIMUM_FREE_GB} GB of free disk; there are {free:.1f}")
    return lines


def digest(*names: str) -> str:
    """SHA-256 over the names and contents of files and folders, relative to the root."""
    total = hashlib.sha256()
    for name in names:
        path = ROOT / name
        files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
        for file in sorted(files):
            total.update(str(file.relative_to(ROOT)).encode() + b"\0")
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def load_state() -> dict[str, str]:
    """Digests of the steps that are done; empty when nothing is, or the file is damaged."""
    try:
        state: dict[str, str] = json.loads(STATE.read_text())
    except (OSError, ValueError):
        return {}
    return state


def step(name: str, why: str, key: str, command: list[str | Path], result: Path) -> None:
    """Run ``command`` unless it ran before with the same ``key`` and its ``result`` is there."""
    if load_state().get(name) == key and result.exists():
        return
    say(f"== {name}: {why}")
    started = time.monotonic()
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if subprocess.call([str(part) for part in command], cwd=ROOT, env=environment):
        say(f"\n{name} failed: the lines above say why. Run the same make command to go on.")
        sys.exit(1)
    STATE.write_text(json.dumps({**load_state(), name: key}, indent=2))
    say(f"   done in {time.monotonic() - started:.0f} s")


def main() -> int:
    """Set up, step by step."""
    parser = argparse.ArgumentParser(description="Set up this checkout of stylus-ai.")
    parser.add_argument("--dev", action="store_true", help="also what the tests and lints need")
    options = parser.parse_args()

    lacking = missing()
    if lacking:
        say("stylus-ai cannot be set up yet. This machine lacks:")
        for line in lacking:
            say("  - " + line)
        return 1

    python = BIN / "python"
    pip: list[str | Path] = [python, "-m", "pip", "--quiet"]
    crates = digest("crates/stylus-rules", "crates/devnode", "Cargo.toml", "Cargo.lock")
    step(
        "environment",
        "a virtual environment in .venv",
        sys.version,
        [sys.executable, "-m", "venv", VENV],
        python,
    )
    for lock in ["requirements/base.txt", "requirements/dev.txt"][: 2 if options.dev else 1]:
        step(
            "packages of " + lock,
            "at their locked versions and hashes (about a minute)",
            digest(lock),
            [*pip, "install", "--require-hashes", "-r", lock],
            python,
        )
    step(
        "stylus-ai",
        "this checkout, editable",
        digest("pyproject.toml"),
        [*pip, "install", "--no-deps", "--editable", "."],
        BIN / "stylus-ai",
    )
    step(
        "node",
        "the embedded chain, compiled once (several minutes on 2 cores)",
        crates,
        ["cargo", "build", "--release", "--locked", "--package", "stylus-devnode"],
        ROOT / "target" / "release",
    )
    step(
        "node's wheel",
        "stylus-devnode into .venv/bin",
        crates,
        [*pip, "install", "--no-deps", "--force-reinstall", "./crates/devnode"],
        BIN / "stylus-devnode",
    )
    return subprocess.call([python, "-m", "stylus_ai.build.wasm_target"], cwd=ROOT)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("\ninterrupted; run the same make command again to go on")
        sys.exit(130)
