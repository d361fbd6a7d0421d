"""How results look on a terminal; the values behind them are what ``--json`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stylus_ai.project import AS_TRAINED
from stylus_ai.units import gas_of

if TYPE_CHECKING:
    from scaffold.console import Console
    from stylus_ai.build import WasmArtifact
    from stylus_ai.cost import Price
    from stylus_ai.pipeline import Build
    from stylus_ai.plan import Plan
    from stylus_ai.training import TrainingReport

SHORT = 16
"""Characters of a digest that tell it from any other at a glance."""


def training(console: Console, report: TrainingReport) -> None:
    """What ``train`` measured: the float model beside the integer model."""
    shape = f", {report.trees} trees of depth {report.depth}" if report.trees else ""
    console.line(f"{report.source}{shape}, {len(report.features)} features")
    if report.compress != AS_TRAINED:
        console.line(f"Compressed: {report.compress}")
    console.table(
        f"On {report.test_rows:,} test rows, after training on {report.train_rows:,}",
        ["", "float", "integer"],
        metric_rows(report.float_metrics, report.integer_metrics),
    )
    if report.leaf_rows_equal is not None and report.trees:
        console.line(
            f"Same leaves as the library: {report.leaf_rows_equal:,} of {report.test_rows:,} rows"
        )
    console.line(f"Decisions that rounding changed: {report.decisions_changed}")
    console.line(f"modelHash: 0x{report.program_digest}")


def metric_rows(
    float_metrics: Mapping[str, float], integer_metrics: Mapping[str, float]
) -> list[list[str]]:
    """A row per metric: its name, the float model's value, the integer model's."""
    names = {"auc": "AUC", "r2": "R²"}
    return [
        [names.get(name, name), f"{value:.4f}", f"{integer_metrics[name]:.4f}"]
        for name, value in float_metrics.items()
    ]


def share(part: int, whole: int) -> str:
    """``part`` with its share of ``whole``: 9,035 (37 %)."""
    return f"{part:,} ({100 * part / whole:.0f} %)" if whole else f"{part:,}"


def short(digest: str) -> str:
    """The beginning of a digest, with 0x."""
    return f"0x{digest.removeprefix('0x')[:SHORT]}…"


def artifact(console: Console, built: WasmArtifact) -> None:
    """The contract that ``build`` made, against the limits of its profile."""
    from stylus_ai.build import get_profile  # noqa: PLC0415 - the stage's tools take their time

    limits = get_profile(built.profile)
    console.table(
        f"Contract for {built.profile}",
        ["", "bytes", "limit"],
        [
            [
                "on the chain, compressed",
                f"{built.size_compressed:,}",
                f"{limits.max_compressed:,}",
            ],
            ["wasm, uncompressed", f"{built.size_raw:,}", f"{limits.max_wasm:,}"],
        ],
    )
    console.line(f"modelHash: 0x{built.program_digest}")
    console.line(f"code hash: {built.code_hash}")


def artifact_json(built: WasmArtifact) -> dict[str, Any]:
    """The same for ``--json``."""
    from stylus_ai.build import get_profile  # noqa: PLC0415 - the stage's tools take their time

    limits = get_profile(built.profile)
    return {
        "model_hash": f"0x{built.program_digest}",
        "crate_digest": built.crate_digest,
        "code_hash": built.code_hash,
        "profile": built.profile,
        "size_compressed": built.size_compressed,
        "limit_compressed": limits.max_compressed,
        "size_raw": built.size_raw,
        "limit_raw": limits.max_wasm,
        "wasm": str(built.path),
    }


def plan(console: Console, chosen: Plan) -> None:
    """Which kernels run the trees, function by function, and what the cost model expects."""
    rows = [
        [trees(len(part.trees)), part.kernel, f"{part.ink:,}", f"{part.bytes:,}"]
        for part in chosen.parts
    ]
    total = ["model function, worst path", "", f"{chosen.ink:,}", f"{chosen.bytes:,}"]
    console.table("Plan", ["", "kernel", "ink", "bytes of wasm"], [*rows, total])
    console.line(f"{chosen.ink:,} ink are {gas_of(chosen.ink):,} gas")


def trees(count: int) -> str:
    """A number of trees in words."""
    return f"{count} trees" if count > 1 else "1 tree"


def plan_json(chosen: Plan) -> dict[str, Any]:
    """The same for ``--json``."""
    return {
        "ink": chosen.ink,
        "gas": gas_of(chosen.ink),
        "bytes": chosen.bytes,
        "parts": [
            {
                "trees": len(part.trees),
                "kernel": part.kernel,
                "ink": part.ink,
                "bytes": part.bytes,
            }
            for part in chosen.parts
        ],
        "leaf_numbers": chosen.leaf_numbers,
    }


def price(console: Console, predicted: Price, built: Build) -> None:
    """What the cost model expected of the contract, beside what was built."""
    rows = [
        [
            each["what"],
            f"{each['predicted']:,}",
            "-" if each["measured"] is None else f"{each['measured']:,}",
        ]
        for each in price_json(predicted, built)
    ]
    console.table("Price", ["", "predicted", "measured"], rows)


def price_json(predicted: Price, built: Build) -> list[dict[str, Any]]:
    """The same for ``--json``; what only a call on a chain can tell is measured as null."""
    facts = built.artifact.facts
    arbos = get_arbos(built.artifact.profile)
    costs = next((each["costs"] for each in facts["activation"] if each["arbos"] == arbos), None)
    chain = costs or {"cached_call_gas": None}
    figures: list[tuple[str, int, int | None]] = [
        ("contract, bytes", predicted.size, built.artifact.size_compressed),
        ("wasm, bytes", predicted.raw, built.artifact.size_raw),
        ("model, ink", predicted.predict, None),
        ("unpacking, ink", predicted.unpack, None),
        ("contract around it, ink", predicted.entry, None),
        ("before a cached call, gas", predicted.init, chain["cached_call_gas"]),
        ("cached call, gas", predicted.call, None),
        ("creating, gas", predicted.create, None),
        ("activating, gas", predicted.activate, None),
    ]
    return [{"what": what, "predicted": a, "measured": b} for what, a, b in figures]


def get_arbos(profile: str) -> int:
    """ArbOS version that a profile stands for."""
    from stylus_ai.build import get_profile  # noqa: PLC0415 - the stage's tools take their time

    return get_profile(profile).arbos
