"""A model card: what a model is for, how good it is, what it costs, where it must not be used.

Figures come from the training report, and from the build once there is one; words come from the
author (``About`` in train.py). The form follows Mitchell et al. 2019.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stylus_ai.build import WasmArtifact, get_profile
from stylus_ai.plan import Plan
from stylus_ai.training import About, TrainingReport
from stylus_ai.units import gas_of

NOTHING_SAID = About(
    purpose="Not stated.",
    data="Not stated.",
    licence="Not stated.",
    limits=("Not stated: decide nothing by this model whose limits nobody has looked for.",),
)
"""Stands where train.py says nothing about its model."""


def model_card(
    name: str, report: TrainingReport, chosen: Plan, built: WasmArtifact | None = None
) -> str:
    """The card as Markdown.

    Args:
        name: Of the project.
        report: What training measured.
        chosen: The plan of the same program.
        built: The contract of the same program; None before there is one.
    """
    about = report.about or NOTHING_SAID
    lines = [
        f"# Model card: {name}",
        "",
        "Written by `stylus-ai train` and `stylus-ai build`; the words are `ABOUT` in train.py.",
        "",
        "## What it is for",
        "",
        about.purpose,
        "",
        "## What it is",
        "",
        *_facts(report),
        "",
        "## Data",
        "",
        about.data,
        "",
        f"Licence of the data: {about.licence}",
        "",
        "## How good it is",
        "",
        *_figures(report),
        "",
        "## What it costs",
        "",
        *_costs(chosen, built),
        "",
        "## Limits of use",
        "",
        *(f"- {limit}" for limit in about.limits),
    ]
    return "\n".join(lines) + "\n"


def _facts(report: TrainingReport) -> Iterator[str]:
    shape = f", {report.trees} trees of depth {report.depth}" if report.trees else ""
    yield f"- {report.source}{shape}; {len(report.features)} features"
    yield f"- fitted on {report.train_rows:,} rows, measured on {report.test_rows:,} others"
    yield f"- program (the contract's `modelHash`): `0x{report.program_digest}`"
    if report.rounding_bound is not None:
        yield f"- rounding moves the model's sum by at most {report.rounding_bound:.2g}, proven"


def _figures(report: TrainingReport) -> Iterator[str]:
    models = {"float": report.float_metrics, "integer, as on the chain": report.integer_metrics}
    models = {name: figures for name, figures in models.items() if figures}
    yield from _table(
        ["", *models],
        [
            [metric, *(f"{figures[metric]:.4f}" for figures in models.values())]
            for metric in report.integer_metrics
        ],
    )
    yield ""
    if not report.float_metrics:
        yield "It was trained as integers: there is no float model that it could differ from."
    elif report.confusion:
        yield f"Answers that rounding changed: {report.decisions_changed} of {report.test_rows:,}."
    if report.confusion:
        yield ""
        yield from _classes(report)


def _classes(report: TrainingReport) -> Iterator[str]:
    """Of each class, how many rows are recognised, and how often its name is right."""
    columns = [sum(column) for column in zip(*report.confusion, strict=True)]
    rows = []
    for number, (label, counts) in enumerate(zip(report.classes, report.confusion, strict=True)):
        right = counts[number]
        rows.append(
            [
                label,
                f"{sum(counts):,}",
                _share(right, sum(counts)),
                _share(right, columns[number]),
                _mistaken(report.classes, counts, number),
            ]
        )
    heads = ["class", "test rows", "recognised", "right when it is named", "else mostly taken for"]
    yield from _table(heads, rows)


def _mistaken(classes: Sequence[str], counts: Sequence[int], own: int) -> str:
    """The class that rows of another are most often taken for."""
    other = max((i for i in range(len(classes)) if i != own), key=lambda i: counts[i])
    return f"{classes[other]} ({counts[other]})" if counts[other] else "-"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _costs(chosen: Plan, built: WasmArtifact | None) -> Iterator[str]:
    yield (
        f"- the model's own work: at most {gas_of(chosen.ink):,} gas, as the plan foretells "
        "(a transaction pays 21,000 and its calldata beside it; `stylus-ai profile` shows all)"
    )
    if built is None:
        yield "- size of the contract: known after `stylus-ai build`"
        return
    limit = get_profile(built.profile).max_compressed
    yield f"- size of the contract: {built.size_compressed:,} of {limit:,} bytes ({built.profile})"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in (heads, ["---"] * len(heads), *rows):
        yield f"| {' | '.join(row)} |"
