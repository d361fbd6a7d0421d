"""What the tests share: this project, its integer model, its fixtures, its contract on a chain."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from stylus_ai import chain, pipeline
from stylus_ai.ir import Program
from stylus_ai.project import Project

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Fixture:
    """Rows with the answers that were computed when the model was trained.

    Attributes:
        rows: int64[n, features], as the contract sees them.
        logit: int64[n], the model's sum.
        score: int64[n], probability in basis points.
        decision: int64[n], 1 for yes.
        leaves: int64[n, trees], the leaf that each tree ends in.
    """

    rows: np.ndarray
    logit: np.ndarray
    score: np.ndarray
    decision: np.ndarray
    leaves: np.ndarray


@pytest.fixture(scope="session")
def project() -> Project:
    """This repository."""
    return Project.open(ROOT)


@pytest.fixture(scope="session")
def program(project: Project) -> Program:
    """The integer program that `stylus-ai train` wrote."""
    return pipeline.load_program(project)


@pytest.fixture(params=["test.csv", "edges.csv"])
def fixture(request: pytest.FixtureRequest, project: Project, program: Program) -> Fixture:
    """Each file of fixtures/ in turn."""
    with (project.fixtures / request.param).open(newline="") as file:
        records = list(csv.DictReader(file))

    def column(name: str) -> np.ndarray:
        return np.array([int(record[name]) for record in records])

    return Fixture(
        rows=np.column_stack([column(name) for name in program.features.names]),
        logit=column("logit"),
        score=column("score"),
        decision=column("decision"),
        leaves=np.array([[int(leaf) for leaf in r["leaves"].split()] for r in records]),
    )


@dataclass(frozen=True)
class OnChain:
    """The built contract on an embedded chain that only these tests use.

    Attributes:
        client: The chain.
        deployment: The contract.
    """

    client: chain.Client
    deployment: chain.Deployment

    def call(self, data: bytes) -> bytes:
        """What the contract answers to this calldata."""
        return self.client.call(self.deployment.address, data)


@pytest.fixture(scope="session")
def on_chain(project: Project) -> Iterator[OnChain]:
    """Start a node on a free port, deploy what `stylus-ai build` made, stop the node at the end."""
    artifact = pipeline.load_artifact(project)
    abi = json.loads((project.abi_dir / f"{project.interface}.json").read_text())
    with chain.Node() as node:
        client = chain.Client.connect(node.network, chain.errors_of(abi))
        yield OnChain(client, chain.deploy(client, artifact, chain.find_key(client.network)))
