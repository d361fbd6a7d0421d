"""This project's contracts and their peers on the same rows of the same chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.digits import LEVELS, POOL, kept, training_images
from bench.models import boosted_100x3
from bench.peers import contracts
from bench.peers.contracts import SHELLS, Peer
from bench.peers.forests import Forest, encode_sum
from bench.peers.measure import Measured, measure
from bench.peers.networks import Mlp, encode_answer
from stylus_ai.chain import Client, Node, find_key
from stylus_ai.compress.qat import pooled
from stylus_ai.ir import Program, interpret, random_rows
from stylus_ai.ir.features import IntRows

ROWS = 100
"""Rows of each model that every contract is asked about."""


@dataclass(frozen=True)
class Comparison:
    """Contracts of one model, all of which gave the interpreter's answers.

    Attributes:
        model: Which.
        rows: How many rows each was asked about.
        measured: The contracts; this project's come first.
    """

    model: str
    rows: int
    measured: tuple[Measured, ...]

    def ratio(self, peer: Measured) -> float:
        """How many times as much a peer costs as ours without SDK, beyond 21,000 and calldata."""
        return peer.execution / self.measured[0].execution

    def to_json(self) -> dict[str, Any]:
        """The figures as plain values."""
        figures = [
            {
                "name": peer.name,
                "bytes": peer.size,
                "gas": peer.execution,
                "running": peer.running,
                "times": self.ratio(peer),
            }
            for peer in self.measured
        ]
        return {"model": self.model, "rows": self.rows, "contracts": figures}


def compare_all(folder: Path) -> list[Comparison]:
    """Every model that has peers; built in ``folder``, which is made anew."""
    trees = boosted_100x3()
    images, _ = training_images()
    digits = pooled(images[:ROWS], POOL, LEVELS)
    return [
        compare_mlp(kept("mlp")[0], digits, folder),
        compare_trees(trees, random_rows(trees, ROWS), folder),
    ]


def compare_mlp(program: Program, digits: IntRows, folder: Path) -> Comparison:
    """A network 196-64-10 in all forms.

    Args:
        program: See `Mlp.of` for what the peers take.
        digits: int64[n, 196].
        folder: Where to build; made anew.

    Raises:
        ParityError: A contract does not answer what the interpreter does.
    """
    mlp = Mlp.of(program)
    peers = [
        *(contracts.mlp_of_ours(program, folder, shell) for shell in SHELLS),
        *contracts.mlp_in_solidity(mlp),
        *(contracts.mlp_in_rust(mlp, folder, shell) for shell in SHELLS),
    ]
    out = interpret(program, digits)
    answers = [
        encode_answer(logits, int(digit))
        for logits, digit in zip(out["logits"], out["class"], strict=True)
    ]
    packed = [program.features.pack(digit) for digit in digits]
    return Comparison("MNIST by 196-64-10 of 4 bits", len(digits), _run(peers, packed, answers))


def compare_trees(program: Program, rows: IntRows, folder: Path) -> Comparison:
    """Boosted trees in all forms; as `compare_mlp`. The sum of leaves is compared.

    Raises:
        ParityError: A contract does not answer what the interpreter does.
    """
    forest = Forest.of(program)
    peers = [
        *(contracts.trees_of_ours(program, folder, shell) for shell in SHELLS),
        *contracts.trees_in_solidity(forest),
        *(contracts.trees_in_rust(forest, folder, shell) for shell in SHELLS),
        *(contracts.trees_by_m2cgen(program, forest, folder, shell) for shell in SHELLS),
    ]
    answers = [encode_sum(int(logit)) for logit in interpret(program, rows)["logit"]]
    packed = [program.features.pack(row) for row in rows]
    name = f"{len(forest.trees)} boosted trees of depth {program.depth}"
    return Comparison(name, len(rows), _run(peers, packed, answers))


def _run(
    peers: Sequence[Peer], rows: Sequence[bytes], answers: Sequence[bytes]
) -> tuple[Measured, ...]:
    with Node(port=0) as node:
        client = Client.connect(node.network)
        key = find_key(node.network, environ={})
        return tuple(measure(peer, rows, answers, client, key) for peer in peers)
