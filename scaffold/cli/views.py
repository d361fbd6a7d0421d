"""How results look on a terminal; the values behind them are what ``--json`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stylus_ai.project import AS_TRAINED
from stylus_ai.units import gas_of

if TYPE_CHECKING:
    from scaffold.console import Console
    from stylus_ai.build import WasmArtifact
    from stylus_ai.pipeline import Build
    from stylus_ai.plan import Plan
    from stylus_ai.pricing import Priced
    from stylus_ai.training import TrainingReport

METRIC_NAMES = {"auc": "AUC", "r2": "R²", "rmse": "RMSE", "mae": "mean error"}
"""Metrics whose names on paper differ."""

SHORT = 16
"""Characters of a digest that tell it from any other at a glance."""


def training(console: Console, report: TrainingReport) -> None:
    """What ``train`` measured: the float model beside the integer model."""
    shape = f", {report.trees} trees of depth {report.depth}" if report.trees else ""
    console.line(f"{report.source}{shape}, {len(report.features)} features")
    if report.compress != AS_TRAINED:
        console.line(f"Compressed: {report.compress}")
    kinds = ["float", "integer"] if report.float_metrics else ["integer"]
    console.table(
        f"On {report.test_rows:,} test rows, after training on {report.train_rows:,}",
        ["", *kinds],
        metric_rows(report.float_metrics, report.integer_metrics),
    )
    if report.task == "multiclass":
        console.table(
            "Test rows by class, across what the model takes them for",
            ["", *report.classes],
            [
                [label, *(f"{count:,}" if count else "" for count in row)]
                for label, row in zip(report.classes, report.confusion, strict=True)
            ],
        )
    if report.leaf_rows_equal is not None and report.trees:
        console.line(
            f"Same leaves as the library: {report.leaf_rows_equal:,} of {report.test_rows:,} rows"
        )
    if report.float_metrics and report.confusion:
        console.line(f"Decisions that rounding changed: {report.decisions_changed}")
    console.line(f"modelHash: 0x{report.program_digest}")


def metric_rows(
    float_metrics: Mapping[str, float], integer_metrics: Mapping[str, float]
) -> list[list[str]]:
    """A row per metric: its name, the float model's value if there is one, the integer model's."""
    models = [metrics for metrics in (float_metrics, integer_metrics) if metrics]
    return [
        [METRIC_NAMES.get(name, name), *(f"{metrics[name]:.4f}" for metrics in models)]
        for name in integer_metrics
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


def price(console: Console, priced: Priced, built: Build) -> None:
    """What the cost model expected of the contract, beside what was built and charged."""
    value = price_json(priced, built)
    rows = [
        [
            each["what"],
            f"{each['predicted']:,}",
            f"{each['measured']:,}",
            f"{100 * (each['predicted'] / each['measured'] - 1):+.1f} %",
        ]
        for each in value["figures"]
        if each["measured"]
    ]
    console.table("Price", ["", "predicted", "measured", "error"], rows)
    band = value["band"]
    known = (
        f"gas of the model within {100 * band['gas']:.1f} %, size within {100 * band['size']:.1f} %"
        if band
        else "nobody has measured how far predictions for such a model are off"
    )
    console.line(f"Of models that took no part in fitting: {known}.")


def price_json(priced: Priced, built: Build) -> dict[str, Any]:
    """The same for ``--json``."""
    expected, charged, band = priced.predicted, priced.measured, priced.band
    figures = [
        ("size, bytes", expected.size, built.artifact.size_compressed),
        ("call, gas", gas_of(expected.ink), charged.gas),
        ("cached transaction, gas", expected.call, charged.call),
        ("creating, gas", expected.create, charged.create),
        ("activating, gas", expected.activate, charged.activate),
    ]
    return {
        "figures": [{"what": what, "predicted": a, "measured": b} for what, a, b in figures],
        "model_gas": expected.gas,
        "band": {"gas": band.predict, "size": band.size} if band else None,
    }
