"""Ask a deployed contract for predictions, over JSON-RPC.

Takes rows of integers as the program's features describe them; gives answers in row order, in the
form that the interpreter has. Rows go as packed bytes (`Features.pack`), many to an HTTP request.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError

from stylus_ai.chain.client import Client, selector, transaction
from stylus_ai.chain.deploy import Deployment
from stylus_ai.chain.rpc import to_bytes
from stylus_ai.errors import ChainError, Reverted
from stylus_ai.ir import Features, Program, answers
from stylus_ai.ir.features import IntRows
from stylus_ai.ir.tensor import Ints
from stylus_ai.units import Gas

BATCH = 100
"""Rows per HTTP request."""

OnRows = Callable[[int, int], None]
"""Called with the number of rows that are done, and of all."""


@dataclass(frozen=True)
class ChainExplanation:
    """Why a contract that decides answers so.

    Attributes:
        score: Probability of the positive class in basis points, 0 to 10,000.
        approved: The decision at the model's cut-off.
        leaves: Index of the leaf that the row reaches, per tree; empty for linear models.
        points: Per feature, what its value adds to the score against the reference row, in basis
            points.
    """

    score: int
    approved: bool
    leaves: tuple[int, ...]
    points: tuple[int, ...]


def predict_data(features: Features, row: Sequence[int]) -> bytes:
    """Calldata of ``predict(bytes)`` for one row."""
    return selector("predict(bytes)") + encode(["bytes"], [features.pack(row)])


def predict_rows(
    client: Client,
    deployment: Deployment,
    program: Program,
    rows: IntRows,
    on_rows: OnRows = lambda _done, _all: None,
) -> dict[str, Ints]:
    """The contract's answers, in row order.

    Args:
        client: The chain.
        deployment: The contract.
        program: What it computes, see ``ir.answers``.
        rows: Shape (rows, features), in integer steps.
        on_rows: Told after each request.

    Returns:
        What ``interpret`` gives for the same rows, as far as the contract answers it: by output
        int64[rows], or int64[rows, width] of an array.

    Raises:
        FeatureError: A row does not fit the features.
        Reverted: The contract refuses a row; names it.
        ChainError: The node answers with something else than predictions.
    """
    returned = answers(program)
    types = [answer.type for answer in returned]
    found: list[tuple[Any, ...]] = []
    for first in range(0, len(rows), BATCH):
        batch = [
            predict_data(program.features, row) for row in rows[first : first + BATCH].tolist()
        ]
        calls = [
            ("eth_call", (transaction(deployment.address, data, None, 0), "latest"))
            for data in batch
        ]
        for index, answer in enumerate(client.answers(calls)):
            try:
                result = to_bytes(client.result_of(answer, "eth_call"))
            except Reverted as error:
                raise Reverted(f"Row {first + index}: {error.cause}", error.next_step) from None
            found.append(_decoded(types, result, deployment))
        on_rows(len(found), len(rows))
    return {
        answer.output: np.array([values[number] for values in found], dtype=np.int64).reshape(
            (len(found), len(answer.labels)) if answer.wide else (len(found),)
        )
        for number, answer in enumerate(returned)
    }


def predict_gas(
    client: Client, deployment: Deployment, features: Features, row: Sequence[int]
) -> Gas:
    """Gas of a transaction that asks for one prediction, with what every transaction pays."""
    return client.estimate(deployment.address, predict_data(features, row))


def explain_row(
    client: Client, deployment: Deployment, features: Features, row: Sequence[int]
) -> ChainExplanation:
    """The contract's answer for one row, and the reasons for it.

    Raises:
        Reverted: The contract refuses the row.
    """
    data = selector("explain(bytes)") + encode(["bytes"], [features.pack(row)])
    types = ["uint16", "bool", "uint16[]", "int32[]"]
    score, approved, leaves, points = _decoded(
        types, client.call(deployment.address, data), deployment
    )
    return ChainExplanation(score, approved, tuple(leaves), tuple(points))


def _decoded(types: Sequence[str], data: bytes, deployment: Deployment) -> tuple[Any, ...]:
    """ABI values in an answer.

    Raises:
        ChainError: The answer is not of these types: no contract is there, or another one.
    """
    try:
        return decode(types, data)
    except DecodingError:
        raise ChainError(
            f"{deployment.address} on {deployment.network} answers {len(data)} bytes that are no "
            "prediction.",
            "The contract is not there any more, or another one is: stylus-ai deploy",
        ) from None
