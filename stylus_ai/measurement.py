"""A deployed contract held against the interpreter, row by row, and what a prediction costs there.

The embedded chain's public account pays; see ``pipeline`` for the stages before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stylus_ai import chain, pipeline
from stylus_ai.chain import Client, Deployment
from stylus_ai.errors import ParityError
from stylus_ai.ir import Program, interpret
from stylus_ai.ir.features import IntRows
from stylus_ai.project import Project
from stylus_ai.units import Gas


@dataclass(frozen=True)
class Measurement:
    """A deployed contract held against the interpreter, and what a prediction costs.

    Attributes:
        deployment: The contract.
        rows: Rows on which chain and interpreter agreed: all that were asked.
        gas_first: ``gasUsed`` of a transaction that predicts, program not cached.
        gas_cached: The same once the program is cached.
    """

    deployment: Deployment
    rows: int
    gas_first: Gas
    gas_cached: Gas


def check_parity(client: Client, deployment: Deployment, program: Program, rows: IntRows) -> None:
    """Ask the contract for every row and insist on the interpreter's answer.

    Args:
        client: The chain.
        deployment: A contract that holds ``program``.
        program: What it must compute.
        rows: int64[n, features].

    Raises:
        ParityError: A row differs; names it with both answers.
    """
    theirs = chain.predict_rows(client, deployment, program, rows)
    expected = interpret(program, rows)
    different = np.zeros(len(rows), dtype=np.bool_)
    for name, values in theirs.items():
        different |= np.atleast_2d((values != expected[name]).T).any(axis=0)
    if different.any():
        row = int(np.flatnonzero(different)[0])
        said, ours = (
            ", ".join(f"{name} {found[name][row].tolist()}" for name in theirs)
            for found in (theirs, expected)
        )
        raise ParityError(
            f"{different.sum()} of {len(rows)} rows differ. Row {row}: the chain answers {said}; "
            f"the interpreter {ours}.",
            "This is a defect of stylus-ai: please report it with artifacts/program.json.",
        )


def measure(project: Project, rows: IntRows) -> Measurement:
    """Check parity on the embedded chain, then pay for one prediction uncached and cached.

    Args:
        project: Deployed on the embedded chain; its program is cached afterwards.
        rows: int64[n, features], at least one.

    Raises:
        ParityError: A row differs from the interpreter's answer.
    """
    client, deployment = pipeline.find_deployment(project, "embedded")
    program = pipeline.load_program(project)
    check_parity(client, deployment, program, rows)
    key = chain.find_key(client.network)
    question = chain.predict_data(program.features, rows[0].tolist())

    def pay() -> Gas:
        return client.receipt(client.send(key, deployment.address, question)).gas

    chain.evict(client, deployment, key)
    first = pay()
    chain.cache(client, deployment, key)
    return Measurement(deployment, len(rows), gas_first=first, gas_cached=pay())
