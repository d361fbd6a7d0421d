"""Measure what a snapshot keeps: one project's contract on a chain of its own.

The chain is new, so nothing that ran before has a part in the figures, and a node that the user has
running is left alone.
"""

from __future__ import annotations

from statistics import median_low

from stylus_ai import chain, pipeline
from stylus_ai.chain import Client, Node
from stylus_ai.errors import ProjectError
from stylus_ai.fixtures import fixture_rows
from stylus_ai.project import Project
from stylus_ai.reports.snapshot import Figure, Snapshot
from stylus_ai.units import Gas

ABOUT = {
    "code": "contract on the chain, compressed",
    "wasm": "wasm, uncompressed",
    "create": "create the contract",
    "activate": "activate it",
    "predict:first": "predict, not cached",
    "predict:least": "predict, cached, cheapest row",
    "predict:median": "predict, cached, median row",
    "predict:most": "predict, cached, dearest row",
}
"""What is measured, in the order of the file. Gas is that of a whole transaction, as billed."""


def take(project: Project, on_step: pipeline.OnStep) -> Snapshot:
    """Build the contract, deploy it on a new embedded chain, and pay for every test row there.

    Args:
        project: Trained.
        on_step: Told what happens next.

    Raises:
        ProjectError: There is no trained model, or no test rows.
        BuildError: The contract does not build.
        ChainError: The contract refuses a row.
    """
    built = pipeline.build(project, on_step)
    on_step("measuring on an embedded chain of its own")
    with Node() as node:
        return _measure(project, built, Client.connect(node.network), on_step)


def _measure(
    project: Project, built: pipeline.Build, client: Client, on_step: pipeline.OnStep
) -> Snapshot:
    artifact, features = built.artifact, built.program.features
    rows = fixture_rows(project.fixtures / "test.csv", features)
    if not len(rows):
        raise ProjectError(f"{project.fixtures / 'test.csv'} has no rows.", "Run: stylus-ai train")
    key = chain.find_key(client.network)
    made = pipeline.put(project, client, artifact, key, on_step=on_step)
    questions = [chain.predict_data(features, row) for row in rows.tolist()]
    (first,) = chain.gas_paid(client, key, made.address, questions[:1])
    chain.cache(client, made, key)
    cached = chain.gas_paid(client, key, made.address, questions)
    gas: dict[str, Gas] = {
        "create": made.gas_deploy,
        "activate": made.gas_activate,
        "predict:first": first,
        "predict:least": min(cached),
        "predict:median": median_low(cached),
        "predict:most": max(cached),
    }
    return (
        Figure(f"{project.name}:code", "bytes", artifact.size_compressed),
        Figure(f"{project.name}:wasm", "bytes", artifact.size_raw),
        *(Figure(f"{project.name}:{what}", "gas", value) for what, value in gas.items()),
    )
