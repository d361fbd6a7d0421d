"""A comparison for docs/performance.md."""

from __future__ import annotations

from collections.abc import Sequence

from bench.peers.compare import Comparison

INTRODUCTION = """## Peers

The same model in other forms, on the same chain and the same rows, all answers equal to the
interpreter's. Sources and what was done for each: [bench/peers](../bench/peers/README.md).
`gas` is what the call costs beyond the transaction's 21,000 and its calldata, mean over the rows,
programs cached; `running` is the part of it after initialisation: the EVM's operations, or wasm
with its host calls. `bytes` are those of all code on the chain. `times` compares `gas`.
"""


def section(comparisons: Sequence[Comparison]) -> str:
    """The comparisons as Markdown, a table each."""
    return "\n".join([INTRODUCTION, *map(_table, comparisons)])


def _table(comparison: Comparison) -> str:
    rows = "".join(
        f"| {peer.name} | {peer.execution:,.0f} | {peer.running:,.0f} | {peer.size:,} | "
        f"{comparison.ratio(peer):,.1f} |\n"
        for peer in comparison.measured
    )
    return (
        f"| {comparison.model}, {comparison.rows} rows | gas | running | bytes | times |\n"
        f"| --- | --- | --- | --- | --- |\n{rows}"
    )
