"""Compare this project's contracts with its peers: ``python -m bench.peers`` prints a table."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.models import boosted_100x3
from bench.peers import contracts
from bench.peers.contracts import OURS, Peer
from bench.peers.forests import Forest, encode_sum
from bench.peers.measure import Measured, measure
from bench.peers.networks import Ints, Mlp, encode_answer, sample_digits, sample_mlp
from stylus_ai.chain import Client, Key, Node, find_key
from stylus_ai.ir import Program, interpret, random_rows

ROWS = 100


@dataclass(frozen=True)
class Comparison:
    """Contracts of one model, all of which answered the same.

    Attributes:
        model: Which.
        rows: How many rows each was asked about.
        measured: The contracts, this project's among them if it has one.
    """

    model: str
    rows: int
    measured: tuple[Measured, ...]

    @property
    def ours(self) -> Measured | None:
        """This project's contract without SDK, which the others are compared with."""
        return next((found for found in self.measured if found.name.startswith(OURS)), None)

    def ratio(self, peer: Measured) -> float | None:
        """How many times as much a peer costs as ours, in gas beyond the transaction's own."""
        return peer.execution / self.ours.execution if self.ours else None


def compare_mlp(mlp: Mlp, digits: Ints, folder: Path) -> Comparison:
    """The network in all forms, on packed digits int64[n, 196]."""
    peers = [*contracts.mlp_in_solidity(mlp), *contracts.mlp_in_rust(mlp, folder)]
    rows = [mlp.pack(digit) for digit in digits]
    answers = [encode_answer(logits) for logits in mlp.logits(digits)]
    return _compare("196-64-10 of 4 bits", peers, rows, answers)


def compare_trees(program: Program, folder: Path, count: int = ROWS) -> Comparison:
    """A program of trees in all forms, on random rows."""
    forest = Forest.of(program)
    peers = [
        *contracts.trees_of_ours(program, folder),
        *contracts.trees_in_solidity(forest),
        *contracts.trees_in_rust(program, forest, folder),
    ]
    rows = random_rows(program, count)
    answers = [encode_sum(int(logit)) for logit in interpret(program, rows)["logit"]]
    packed = [program.features.pack(row) for row in rows]
    return _compare("100 boosted trees of depth 3", peers, packed, answers)


def _compare(
    model: str, peers: Sequence[Peer], rows: Sequence[bytes], answers: Sequence[bytes]
) -> Comparison:
    with Node(port=0) as node:
        client = Client.connect(node.network)
        key: Key = find_key(node.network, environ={})
        measured = tuple(measure(peer, rows, answers, client, key) for peer in peers)
    return Comparison(model, len(rows), measured)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="stylus-ai-peers-") as temporary:
        folder = Path(temporary) / "build"
        for found in (
            compare_mlp(sample_mlp(), sample_digits(ROWS), folder),
            compare_trees(boosted_100x3(), folder),
        ):
            sys.stdout.write(f"\n{found.model}, {found.rows} rows, all equal\n")
            for peer in found.measured:
                ratio = found.ratio(peer)
                sys.stdout.write(
                    f"{peer.name:<32}{peer.size:>8,} bytes {peer.execution:>14,.1f} gas "
                    f"({peer.running:,.1f} running)" + (f" {ratio:,.1f}x\n" if ratio else "\n")
                )


if __name__ == "__main__":
    main()
