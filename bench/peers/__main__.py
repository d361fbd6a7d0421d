"""Compare this project's contracts with their peers and print it: ``python -m bench.peers``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.models import boosted_100x3
from bench.peers.compare import Comparison, compare_mlp, compare_trees
from bench.peers.networks import sample_digits, sample_program
from stylus_ai.ir import random_rows

ROWS = 100


def show(found: Comparison) -> str:
    """A comparison as a table."""
    lines = [f"{found.model}: {found.rows} rows, all answers equal"]
    lines += [
        f"{peer.name:<32}{peer.size:>8,} bytes {peer.execution:>14,.1f} gas, of which running "
        f"{peer.running:>14,.1f}{found.ratio(peer):>12,.1f} times"
        for peer in found.measured
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="stylus-ai-peers-") as temporary:
        folder = Path(temporary) / "build"
        trees = boosted_100x3()
        sys.stdout.write(show(compare_trees(trees, random_rows(trees, ROWS), folder)))
        sys.stdout.write(show(compare_mlp(sample_program(), sample_digits(ROWS), folder)))


if __name__ == "__main__":
    main()
