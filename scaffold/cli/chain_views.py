"""How what a chain answered looks on a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, assert_never

from stylus_ai.units import WEI_PER_ETHER

if TYPE_CHECKING:
    from scaffold.console import Console
    from stylus_ai.chain import ChainExplanation, Deployment
    from stylus_ai.ir import Answer
    from stylus_ai.ir.features import Feature, Features, IntRows
    from stylus_ai.ir.tensor import Ints
    from stylus_ai.upgrade import Release

MOST_ROWS = 20
"""Rows of predictions that a terminal shows; --json has all."""


def deployment(console: Console, made: Deployment) -> None:
    """Where the contract is and what that cost."""
    console.line(f"{made.address} on {made.network} (chain {made.chain_id})")
    rows = [
        ["create the contract", f"{made.gas_deploy:,}"],
        [
            "activate the program",
            f"{made.gas_activate:,}" if made.activate_tx else "active already",
        ],
    ]
    if made.gas_l1:
        rows.append(["of these, for data on L1", f"{made.gas_l1:,}"])
    console.table("", ["", "gas"], rows)
    if made.data_fee_wei:
        console.line(f"Fee of the activation: {made.data_fee_wei / WEI_PER_ETHER:.6f} ETH")
    console.line(f"modelHash: 0x{made.program_digest}, as the contract answers it")


def deployment_json(made: Deployment) -> dict[str, Any]:
    """The same for ``--json``: the record, with 0x before the digest."""
    record = made.to_record()
    record["model_hash"] = f"0x{record.pop('program_digest')}"
    return record


def release(console: Console, made: Release) -> None:
    """The model's contract, its version, and where the other contracts are."""
    deployment(console, made.deployment)
    for role, contract in made.companions.items():
        console.line(f"{role}: {contract.address}")
    if made.version is not None:
        console.line(f"version {made.version.number} of the model is current")


def release_json(made: Release) -> dict[str, Any]:
    """The same for ``--json``."""
    contracts = {role: contract.address for role, contract in made.companions.items()}
    return {"version": made.version.number if made.version else None, "contracts": contracts}


def predictions(
    console: Console, returned: Sequence[Answer], found: Mapping[str, Ints], rows: int
) -> None:
    """What the contract answered, in row order; of a single row all of an array."""
    columns = [answer for answer in returned if not answer.wide]
    arrays = [answer for answer in returned if answer.wide]
    if columns:
        lines = [
            [f"row {row}", *(shown(a, int(found[a.output][row])) for a in columns)]
            for row in range(min(rows, MOST_ROWS))
        ]
        console.table("", ["", *(answer.name for answer in columns)], lines)
    for answer in arrays:
        _array(console, answer, found[answer.output])
    if rows > MOST_ROWS:
        console.line(f"... and {rows - MOST_ROWS:,} more rows; --json prints all")
    for answer in columns:
        if answer.meaning == "decision":
            console.line(f"{int(found[answer.output].sum()):,} of {rows:,} {answer.name}")


def _array(console: Console, answer: Answer, found: Ints) -> None:
    """An array of a single row with its labels; of several rows nothing, the table has no room."""
    if len(found) == 1:
        lines = [
            [label, shown(answer, value)]
            for label, value in zip(answer.labels, found[0].tolist(), strict=True)
        ]
        console.table("", ["", answer.name], lines)


def predictions_json(
    returned: Sequence[Answer], found: Mapping[str, Ints], rows: int
) -> dict[str, Any]:
    """The same for ``--json``."""
    return {
        "predictions": [
            {answer.name: plain(answer, found[answer.output][row].tolist()) for answer in returned}
            for row in range(rows)
        ]
    }


def plain(answer: Answer, value: int | list[int]) -> Any:
    """An integer, or an array of them, as JSON has it: by label, in natural units."""
    if isinstance(value, list):
        return {
            label: _one(answer, entry) for label, entry in zip(answer.labels, value, strict=True)
        }
    return _one(answer, value)


def _one(answer: Answer, value: int) -> Any:
    match answer.meaning:
        case "basis points":
            return value
        case "decision":
            return bool(value)
        case "class":
            return answer.labels[value]
        case "number":
            return value if answer.scale == 1 else value / answer.scale
    assert_never(answer.meaning)


def shown(answer: Answer, value: int) -> str:
    """An integer as people read it."""
    match answer.meaning:
        case "basis points":
            return percent(value)
        case "decision":
            return decision(bool(value))
        case "class":
            return answer.labels[value]
        case "number":
            return f"{value:,}" if answer.scale == 1 else f"{value / answer.scale:,.6g}"
    assert_never(answer.meaning)


def explanation(console: Console, features: Features, row: IntRows, why: ChainExplanation) -> None:
    """One answer with its reasons, the weightiest feature first."""
    console.line(f"score {percent(why.score)}: {decision(why.approved)}")
    ranked = sorted(zip(features, row.tolist(), why.points, strict=True), key=lambda t: -abs(t[2]))
    rows = [[f.name, natural(f, value), f"{points / 100:+.2f}"] for f, value, points in ranked]
    console.table(
        "What moved the score, against the median applicant", ["", "value", "points"], rows
    )
    if why.leaves:
        shown = " ".join(str(leaf) for leaf in why.leaves)
        console.line(f"leaves: {shown}")


def explanations_json(features: Features, answers: Sequence[ChainExplanation]) -> dict[str, Any]:
    """Every answer with its reasons for ``--json``; points in basis points, by feature."""
    return {
        "predictions": [
            {
                "score": why.score,
                "approved": why.approved,
                "leaves": list(why.leaves),
                "points": dict(zip(features.names, why.points, strict=True)),
            }
            for why in answers
        ]
    }


def natural(feature: Feature, value: int) -> str:
    """An integer value as a person wrote it: the label, or the number in natural units."""
    if feature.labels:
        return feature.labels[value - feature.q_low]
    unit = f" {feature.unit}" if feature.unit else ""
    return f"{value / feature.scale:,g}{unit}"


def percent(score: int) -> str:
    """Basis points as percent."""
    return f"{score / 100:.2f} %"


def decision(approved: bool) -> str:
    """The decision in a word."""
    return "approved" if approved else "refused"
