"""Would Stylus accept this wasm, and what does it cost to run? Asked without a chain.

Takes a wasm file and a profile, gives a `CheckReport`: findings, each with its remedy, and the
figures behind them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from stylus_ai.build.artifact import encode, inspect
from stylus_ai.build.profiles import Profile, get_profile
from stylus_ai.errors import CheckError
from stylus_ai.units import Bytes, Gas, Wei

FREE_PAGES = 2
"""Pages that a transaction has for nothing (rules 1.2)."""

LARGE_DATA = 2_048
"""Bytes of data segments from which a hint is worth giving: 0.75 gas each, on every call."""

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or dear.

    Attributes:
        level: ``error`` where the chain would refuse the program, ``warning`` where it costs.
        subject: Stable word for programs: floats, operators, imports, memory, size, data,
            activation.
        what: What was found, with figures.
        remedy: What to do about it.
    """

    level: Level
    subject: str
    what: str
    remedy: str


@dataclass(frozen=True)
class CheckReport:
    """The verdict on one wasm file for one profile.

    Attributes:
        path: The file.
        profile: What it was checked against.
        findings: Errors first.
        size_raw: Bytes of the wasm.
        size_code: Bytes of code on the chain: prefix and compressed wasm.
        memory_pages: Pages of 64 KiB at the start of a call.
        data_bytes: Bytes of data segments.
        activation_gas: Gas of the activating call; None if refused.
        data_fee: Fee of the activation when nothing else was activated lately; None if refused.
        call_gas: Gas before a call's first operator, not cached; None if refused.
        cached_call_gas: The same once cached; None if refused.
    """

    path: Path
    profile: Profile
    findings: tuple[Finding, ...]
    size_raw: Bytes
    size_code: Bytes
    memory_pages: int
    data_bytes: Bytes
    activation_gas: Gas | None
    data_fee: Wei | None
    call_gas: Gas | None
    cached_call_gas: Gas | None
    facts: Mapping[str, Any] = field(repr=False)

    @property
    def ok(self) -> bool:
        """True if the chain would accept the program."""
        return all(finding.level != "error" for finding in self.findings)

    def insist(self) -> None:
        """Do nothing if the chain would accept the program.

        Raises:
            CheckError: It would not; the first reason and its remedy.
        """
        for finding in self.findings:
            if finding.level == "error":
                raise CheckError(finding.what, finding.remedy)


def check_wasm(path: Path, profile: Profile | str) -> CheckReport:
    """Check a wasm file against a profile.

    Args:
        path: A re-encoded module, such as ``artifacts/contract.wasm``.
        profile: The limits of the chain it is meant for, or their name.

    Raises:
        BuildError: The file is missing, is no wasm, or the native binary is missing.
        UsageError: There is no profile of that name.
    """
    profile = get_profile(profile) if isinstance(profile, str) else profile
    facts = inspect(path)
    # the chain stores what our own encoder makes; the native one may differ by a byte
    found = {**facts, "code_bytes": len(encode(path.read_bytes()))}
    verdict = _verdict(found, profile)
    costs = verdict["costs"] or {}
    findings = (*_errors(found, verdict, profile), *_warnings(found, profile))
    memory = found["memory"] or {}
    return CheckReport(
        path=path,
        profile=profile,
        findings=findings,
        size_raw=Bytes(found["wasm_bytes"]),
        size_code=Bytes(found["code_bytes"]),
        memory_pages=memory.get("initial_pages", 0),
        data_bytes=Bytes(found["data_bytes"]),
        activation_gas=_gas(costs, "activation_gas"),
        data_fee=Wei(int(costs["data_fee_wei"])) if costs else None,
        call_gas=_gas(costs, "call_gas"),
        cached_call_gas=_gas(costs, "cached_call_gas"),
        facts=found,
    )


def _gas(costs: Mapping[str, Any], key: str) -> Gas | None:
    return Gas(costs[key]) if costs else None


def _verdict(facts: Mapping[str, Any], profile: Profile) -> Mapping[str, Any]:
    """What the native binary says for the profile's ArbOS version."""
    for verdict in facts["activation"]:
        if verdict["arbos"] == profile.arbos:
            return dict(verdict)
    raise CheckError(
        f"The native binary knows no ArbOS {profile.arbos}.",
        "Its version does not fit: pip install ./crates/devnode",
    )


def _errors(
    facts: Mapping[str, Any], verdict: Mapping[str, Any], profile: Profile
) -> Iterator[Finding]:
    """Why the chain would refuse the program; nothing if it would not."""
    before = 0
    for finding in _reasons(facts, profile):
        before += 1
        yield finding
    if not verdict["accepted"] and not before:
        yield Finding(
            "error",
            "activation",
            f"{profile.name} refuses it: {verdict['refusal']}.",
            "The limit is in docs/stylus-rules.md, section 3; split what exceeds it.",
        )


def _reasons(facts: Mapping[str, Any], profile: Profile) -> Iterator[Finding]:
    """Reasons that can be told apart and for which there is particular advice."""
    if facts["floats"]:
        yield Finding(
            "error",
            "floats",
            f"Floating point, which Stylus refuses: {_places(facts['floats'])}.",
            "Compute with integers there, or leave out the crate that brings it.",
        )
    if facts["unsupported"]:
        yield Finding(
            "error",
            "operators",
            f"Operators that Stylus does not know: {_places(facts['unsupported'])}.",
            "Build with rustc's default wasm features; re-encode with stylus-ai build.",
        )
    strange = [entry for entry in facts["imports"] if not entry["known"]]
    if strange:
        names = ", ".join(f"{entry['module']}.{entry['name']}" for entry in strange)
        yield Finding(
            "error",
            "imports",
            f"Imports that no chain offers: {names}.",
            "A crate expects a browser or a system (often getrandom or chrono): leave it out.",
        )
    yield from _memory(facts, profile)
    yield from _sizes(facts, profile)


def _memory(facts: Mapping[str, Any], profile: Profile) -> Iterator[Finding]:
    pages = (facts["memory"] or {}).get("initial_pages", 0)
    if pages > profile.max_pages:
        yield Finding(
            "error",
            "memory",
            f"It begins with {pages} pages of memory; {profile.max_pages} are allowed.",
            "Link with -zstack-size=16384 (.cargo/config.toml) and keep tables small.",
        )


def _sizes(facts: Mapping[str, Any], profile: Profile) -> Iterator[Finding]:
    smaller = (
        f"Make the model smaller: stylus-ai compress --fit size={profile.max_compressed}; "
        "or use a profile with fragments."
    )
    if facts["wasm_bytes"] > profile.max_wasm:
        yield Finding(
            "error",
            "size",
            f"The wasm has {facts['wasm_bytes']:,} bytes; {profile.max_wasm:,} are allowed.",
            smaller,
        )
    if facts["code_bytes"] > profile.max_compressed:
        yield Finding(
            "error",
            "size",
            f"The code has {facts['code_bytes']:,} bytes; {profile.max_compressed:,} are allowed.",
            smaller,
        )


def _warnings(facts: Mapping[str, Any], profile: Profile) -> Iterator[Finding]:
    """What is accepted but costs more than it need."""
    pages = (facts["memory"] or {}).get("initial_pages", 0)
    if FREE_PAGES < pages <= profile.max_pages:
        yield Finding(
            "warning",
            "memory",
            f"It begins with {pages} pages of memory; each above {FREE_PAGES} costs 1,000 gas on "
            "every call.",
            "Link with -zstack-size=16384 (.cargo/config.toml).",
        )
    if facts["data_bytes"] > LARGE_DATA:
        gas = facts["data_bytes"] * 3 // 4
        yield Finding(
            "warning",
            "data",
            f"{facts['data_bytes']:,} bytes of data segments cost about {gas:,} gas on every call.",
            "Put tables into code as constants; drop panic messages and formatting.",
        )


def _places(entries: list[dict[str, Any]], most: int = 3) -> str:
    """The functions that hold operators, the worst first: name, crate, count."""
    counts = Counter(
        (entry["name"] or f"function {entry['function']}", entry["crate"]) for entry in entries
    )
    shown = [
        f"{name} (crate {crate or 'unknown'}, {count}x)"
        for (name, crate), count in counts.most_common(most)
    ]
    rest = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {rest} more functions" if rest > 0 else "")
