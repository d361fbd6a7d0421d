"""The price of a build: what the cost model expects of it, and what a chain charges."""

from __future__ import annotations

from dataclasses import dataclass

from stylus_ai import chain
from stylus_ai.build import get_profile
from stylus_ai.chain.bill import Bill, bill
from stylus_ai.cost import Band, Price, band_of, price_plan
from stylus_ai.fixtures import fixture_rows
from stylus_ai.pipeline import Build, put
from stylus_ai.project import Project

ROWS = 50
"""Most rows of the fixtures that are priced."""


@dataclass(frozen=True)
class Priced:
    """Prediction and truth.

    Attributes:
        predicted: Before anything was compiled, over the first rows of the fixtures.
        measured: The same on an embedded chain of its own, which is gone afterwards.
        band: How far predictions for this kind of model were off; None if that is not known.
    """

    predicted: Price
    measured: Bill
    band: Band | None


def price_build(project: Project, built: Build) -> Priced:
    """Hold the cost model's prediction against a chain.

    Args:
        project: Whose fixtures to ask.
        built: What was built from it.

    Raises:
        ProjectError: The fixtures are missing.
        NodeError: The embedded node did not start.
        ChainError: The contract cannot be deployed, or fails.
    """
    features = built.program.features
    rows = fixture_rows(project.fixtures / "test.csv", features)[:ROWS]
    questions = [chain.predict_data(features, row.tolist()) for row in rows]
    arbos = get_profile(built.artifact.profile).arbos
    with chain.Node(port=0, arbos=arbos) as node:
        client, key = chain.Client.connect(node.network), chain.find_key(node.network)
        deployment = put(project, client, built.artifact, key)
        charged = bill(client, deployment, key, questions)
    return Priced(
        predicted=price_plan(built.program, built.plan, built.crate, rows=rows),
        measured=charged,
        band=band_of(built.program, built.plan),
    )
