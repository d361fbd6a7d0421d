"""Run lints and tests, and list what was skipped. ``--all`` adds the long ones and writes a page.

The page, docs/test-results.md, is committed: it says when the long tests last ran, and how it went.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PAGE = ROOT / "docs" / "test-results.md"

Steps = dict[str, list[str | Path]]

LINT: Steps = {
    "ruff format": [BIN / "ruff", "format", "--check", "."],
    "ruff check": [BIN / "ruff", "check", "."],
    "mypy --strict": [BIN / "mypy"],
    "rustfmt": ["cargo", "fmt", "--all", "--check"],
    "clippy": [
        "cargo",
        "clippy",
        "--release",
        "--workspace",
        "--all-targets",
        "--locked",
        "--quiet",
        "--",
        "--deny",
        "warnings",
    ],
}
RUST: Steps = {
    "cargo test": ["cargo", "test", "--release", "--workspace", "--locked", "--quiet"],
    "kernels": [
        "cargo",
        "test",
        "--quiet",
        "--manifest-path",
        "crates/kernels/Cargo.toml",
        "--target-dir",
        "target/kernels",
    ],
}
# Two at a time, a file by one of them: its tests share what they build.
PYTEST: list[str | Path] = [
    BIN / "coverage",
    "run",
    "-m",
    "pytest",
    "-n",
    "2",
    "--dist",
    "loadfile",
]
PYTHON: Steps = {"pytest": PYTEST}
LONG: Steps = {"pytest, long tests too": [*PYTEST, "--slow"]}
COVERAGE: Steps = {
    "coverage of all processes": [BIN / "coverage", "combine", "--quiet"],
    "coverage": [BIN / "coverage", "report", "--skip-covered", "--fail-under=80"],
}


@dataclass(frozen=True)
class Outcome:
    """One step: name, whether it passed, seconds, last line, and what it skipped and why."""

    name: str
    passed: bool
    seconds: float
    closing: str
    skipped: list[str]


def run(name: str, command: list[str | Path]) -> Outcome:
    """Run one step, its output passed through as it comes."""
    sys.stderr.write(f"\n== {name}\n")
    started = time.monotonic()
    lines: list[str] = []
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            lines.append(line)
    said = [line.strip("= \n") for line in lines if line.strip()]
    return Outcome(
        name,
        process.returncode == 0,
        time.monotonic() - started,
        said[-1] if said else "",
        [line for line in said if line.startswith("SKIPPED")],
    )


def page(outcomes: list[Outcome]) -> str:
    """Markdown page of the results."""
    rows = "\n".join(
        f"| {o.name} | {'passed' if o.passed else 'FAILED'} | {o.seconds:.0f} s | {o.closing} |"
        for o in outcomes
    )
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return (
        "# Results of `make test-all`\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, commit {commit}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}.\n\n"
        "| step | result | time | closing line |\n| --- | --- | --- | --- |\n" + rows + "\n"
    )


def main() -> int:
    """Run the steps; 0 when all passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="the long tests too; writes the page")
    parser.add_argument("--lint", action="store_true", help="lints alone")
    options = parser.parse_args()
    steps = dict(LINT)
    if not options.lint:
        steps |= RUST | (LONG if options.all else PYTHON) | COVERAGE
    outcomes = [run(name, command) for name, command in steps.items()]
    if options.all:
        PAGE.write_text(page(outcomes), encoding="utf-8")
    sys.stdout.write("\n")
    for line in [line for outcome in outcomes for line in outcome.skipped]:
        sys.stdout.write(f"{line}\n")
    for outcome in outcomes:
        sys.stdout.write(
            f"{'ok' if outcome.passed else 'FAILED':<8}{outcome.name:<24}{outcome.seconds:6.0f} s\n"
        )
    return 0 if all(outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
