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
from stylus_ai.ir.program import WIDE_OUTPUTS
from stylus_ai.project import Project

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Fixture:
    """Rows with the answers that were computed when the model was trained.

    Attributes:
        rows: int64[n, features], as the contract sees them.
        expected: Each output of the model by name: int64[n], or int64[n, width] of several numbers.
        leaves: int64[n, trees], the leaf that each tree ends in.
    """

    rows: np.ndarray
    expected: dict[str, np.ndarray]
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
        """One number a row, or several, apart by spaces."""
        found = np.array([[int(part) for part in record[name].split()] for record in records])
        return found[:, 0] if name not in WIDE_OUTPUTS | {"leaves"} else found

    return Fixture(
        rows=np.column_stack([column(name) for name in program.features.names]),
        expected={name: column(name) for name, _ in program.outputs},
        leaves=column("leaves"),
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
        key = chain.find_key(client.network)
        yield OnChain(client, pipeline.put(project, client, artifact, key))
