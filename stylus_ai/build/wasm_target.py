"""Make the installed Rust compiler able to build for ``wasm32-unknown-unknown``.

Takes the compiler that the environment selects, gives its standard libraries for wasm. Three roads,
tried in this order; each can be forced by ``STYLUS_AI_WASM_ROAD``:

1. ``present``: they are there.
2. ``rustup``: ``rustup target add``, within a time limit.
3. ``rust-src``: the distribution's ``rust-src`` of exactly the compiler's version, compiled once.

Run it as ``python -m stylus_ai.build.wasm_target``. It says what it does on stderr, needs no root
and can be interrupted: what was fetched or compiled stays in the cache until the end is reached.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from stylus_ai.build import rust_src
from stylus_ai.build.tools import WASM_TARGET, Toolchain, cache_dir, rust_env, toolchain
from stylus_ai.errors import BuildError, StylusAiError, UsageError

ROAD_VARIABLE = "STYLUS_AI_WASM_ROAD"
RUSTUP_SECONDS = 120.0
"""Time limit for rustup; where its server answers, it needs 2 s."""

Say = Callable[[str], None]


class Road(Enum):
    """How the wasm target came to be."""

    PRESENT = "present"
    RUSTUP = "rustup"
    RUST_SRC = "rust-src"


@dataclass(frozen=True)
class WasmTarget:
    """The outcome: which compiler has the target, and by which road."""

    toolchain: Toolchain
    road: Road


def forced_road(environ: Mapping[str, str]) -> Road | None:
    """The road that ``STYLUS_AI_WASM_ROAD`` asks for, or None.

    Raises:
        UsageError: The variable names no road.
    """
    name = environ.get(ROAD_VARIABLE)
    if not name:
        return None
    try:
        return Road(name)
    except ValueError:
        choices = ", ".join(road.value for road in Road)
        raise UsageError(f"{ROAD_VARIABLE}={name} is no road.", f"Use one of: {choices}.") from None


def ensure(say: Say, environ: Mapping[str, str] | None = None) -> WasmTarget:
    """Provide the wasm target, changing nothing where it is there.

    Args:
        say: Takes one line of progress at a time.
        environ: Environment that selects the compiler; None for `rust_env`.

    Raises:
        BuildError: No road led there; the error names what was tried and what to do.
    """
    env = rust_env() if environ is None else dict(environ)
    tools = toolchain(env)
    forced = forced_road(env)
    roads = tuple(Road) if forced is None else (forced,)
    refusals: list[str] = []
    for road in roads:
        try:
            _take(road, tools, env, say)
        except BuildError as error:
            refusals.append(f"{road.value}: {error.cause}")
            if road is not Road.PRESENT:
                say(f"road {road.value}: {error.cause}")
            continue
        say(f"{WASM_TARGET} is ready for rustc {tools.version} ({road.value})")
        return WasmTarget(tools, road)
    raise BuildError(
        f"rustc {tools.version} has no {WASM_TARGET} target.\n" + "\n".join(refusals),
        f"With network: rustup target add {WASM_TARGET}; then run this again.",
    )


def _take(road: Road, tools: Toolchain, env: Mapping[str, str], say: Say) -> None:
    """Go one road; returns when the libraries are in place, raises BuildError otherwise."""
    match road:
        case Road.PRESENT:
            pass
        case Road.RUSTUP:
            say(f"asking rustup for {WASM_TARGET}")
            _ask_rustup(tools, env)
        case Road.RUST_SRC:
            rust_src.install(tools, cache_dir(env) / "wasm-target" / tools.version, env, say)
    if not tools.has_wasm:
        raise BuildError(f"no libraries in {tools.target_folder}")


def _ask_rustup(tools: Toolchain, env: Mapping[str, str]) -> None:
    """Let rustup add the target to the toolchain in use."""
    if not tools.by_rustup:
        raise BuildError(f"rustup does not manage {tools.rustc}")
    limit = float(env.get("STYLUS_AI_RUSTUP_SECONDS", RUSTUP_SECONDS))
    command = ["rustup", "target", "add", WASM_TARGET, "--toolchain", tools.sysroot.name]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=limit, env=dict(env), check=False
        )
    except subprocess.TimeoutExpired:
        raise BuildError(f"rustup did not end within {limit:g} s") from None
    except OSError as error:
        raise BuildError(f"rustup cannot be started: {error}") from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        worst = next((line for line in lines if line.startswith("error")), lines[-1])
        raise BuildError(f"rustup failed: {worst}")


def main() -> int:
    """Entry point of ``python -m stylus_ai.build.wasm_target``."""

    def say(line: str) -> None:
        print(f"wasm target: {line}", file=sys.stderr, flush=True)  # noqa: T201 - a program

    try:
        ensure(say)
    except StylusAiError as error:
        say(f"{error.cause}\n{error.next_step}")
        return error.exit_code
    except KeyboardInterrupt:
        say("interrupted; run it again to go on")
        return os.EX_TEMPFAIL
    return 0


if __name__ == "__main__":
    sys.exit(main())
