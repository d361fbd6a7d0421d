"""Where weights live, and what each place costs: measures, and writes docs/weights.md.

    python -m bench.weights            # a minute or two
    python -m bench.weights --largest  # the largest network anew: a quarter of an hour, 3 GB

Nearly all of that time deploys the blobs of the largest network, one transaction each; what comes
out is kept in ``bench/largest.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bench.blob_call import BlobContract
from bench.blobs import Measured, Network, digits, measure, without_zeros, write_model
from bench.figure import Figure
from stylus_ai.blobs import blob_chain
from stylus_ai.chain import Client, Node
from stylus_ai.codegen import emit, write
from stylus_ai.codegen.blobs import layer_data
from stylus_ai.errors import ParityError
from stylus_ai.ir import Argmax, Feature, Features, Op, Program, interpret
from stylus_ai.plan import plan
from stylus_ai.plan.blob import LARGEST
from stylus_ai.units import Bytes, Gas

TRANSACTION = 32_000_000
"""Gas that one transaction may use (rules 1.1)."""

PAGE = Path(__file__).parents[1] / "docs" / "weights.md"
TEXT = Path(__file__).parent / "weights.md"
KEPT = Path(__file__).parent / "largest.json"

SMALL = Network((196, 64, 10))
"""Fits into every place."""

PLACES = ("code", "blobs", "data", "storage")

MILLION = Network((784, 1264, 10))
MANY = Network((784, 4096, 4096, 1024, 10))
MOST = Network((784, *[8192] * 6, 1024, 10))
"""Nearly what the 32 million gas of a transaction allow."""

DIGIT, DENSE = "dearest of 50 test digits", "no input is 0"


@dataclass(frozen=True)
class Place:
    """The small network with its weights in one place.

    Attributes:
        place: Where.
        work: Gas from entry to the last sum.
        start: Gas of starting the program, which is cached.
        size: Bytes of the contract's code.
    """

    place: str
    work: Gas
    start: Gas
    size: Bytes


def program_of(network: Network) -> Program:
    """A random network as a program."""
    ops: list[Op] = []
    for layer in network.layers():
        for op in (layer.op, layer.stage.requantise):
            if op is not None:
                ops.append(type(op)(**{**vars(op), "source": len(ops)}))
    ops.append(Argmax(len(ops)))
    inputs, classes = network.widths[0], network.widths[-1]
    return Program(
        name="net",
        features=Features(tuple(Feature(f"x{i}", 0, LARGEST) for i in range(inputs)), bits=4),
        task="multiclass",
        family="mlp",
        ops=tuple(ops),
        outputs=(("logits", len(ops) - 1), ("class", len(ops))),
        reference=(0,) * inputs,
        classes=tuple(map(str, range(classes))),
        source="random weights",
        parent="0" * 64,
        rounding_bound=None,
    )


def measure_place(place: str, folder: Path) -> Place:
    """Call the small network once, on an input without zeros.

    Raises:
        ParityError: The chain answers other sums than the interpreter.
    """
    program = program_of(SMALL)
    x = without_zeros(SMALL.widths[0])
    expected = interpret(program, x)["logits"][0].tolist()
    blobs = blob_chain(b"".join(layer_data(layer) for layer in SMALL.layers()))
    if place == "code":
        write(emit(program, plan(program)), folder / "model")
        stack, packed = 16_384, program.features.pack(x[0])
    else:
        stack, _ = write_model(SMALL, blobs, program.digest, folder)
        packed = x[0].astype(np.uint8).tobytes()
    with Node(port=0) as node:
        client = Client.connect(node.network)
        contract = BlobContract(client, blobs, folder, program.digest, stack=stack, place=place)
        answer, gas = contract.ask(packed)
        if answer != expected:
            raise ParityError(f"From {place} the chain answers {answer}, not {expected}.")
        return Place(place, gas, contract.start(), contract.size)


def measure_network(network: Network, folder: Path) -> Measured:
    """Call a network on digits, and on an input without zeros."""
    inputs = {DIGIT: digits(50), DENSE: without_zeros(network.widths[0])}
    return measure(network, inputs, folder)


def million_figure(folder: Path) -> Figure:
    """The row of docs/performance.md."""
    found = measure_network(MILLION, folder)
    return Figure(
        f"{found.parameters:,} weights of 4 bits in {found.blobs} blobs, one call",
        f"{found.gas[DIGIT]:,} gas; {found.gas[DENSE]:,} if no input is 0",
        "<= 80,000 gas",
        f"{found.network}, random weights, activations of 3 bits; entry to the last sum, host "
        "calls included; the dearest of 50 test digits of 28 x 28; see docs/weights.md",
    )


def page(places: Sequence[Place], networks: Sequence[Measured]) -> str:
    """The text with its two tables."""
    text = TEXT.read_text(encoding="utf-8")
    weights = SMALL.parameters
    rows = [
        f"| {p.place} | {p.work:,} | {p.start:,} | {1000 * (p.work + p.start) / weights:,.0f} | "
        f"{p.size:,} |"
        for p in places
    ]
    text = text.replace("PLACES", "\n".join(rows))
    rows = [
        f"| {n.network} | {n.parameters:,} | {n.blobs:,} | {n.gas[DIGIT]:,} | {n.gas[DENSE]:,} | "
        f"{n.predicted:,} | {n.pages} |"
        for n in networks
    ]
    last = networks[-1]
    most = TRANSACTION * last.parameters // last.gas[DENSE] // 10**6
    return text.replace("NETWORKS", "\n".join(rows)).replace("MOST", f"{most:,}")


def main() -> None:
    """Measure, write the page, print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", action="store_true", help="measure the largest network anew")
    anew = parser.parse_args().largest
    with tempfile.TemporaryDirectory(prefix="stylus-ai-weights-") as temporary:
        folder = Path(temporary)
        if anew:
            found = asdict(measure_network(MOST, folder / "network"))
            KEPT.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        places = [measure_place(place, folder / place) for place in PLACES]
        networks = [measure_network(network, folder / "network") for network in (MILLION, MANY)]
    if KEPT.is_file():
        networks.append(Measured(**json.loads(KEPT.read_text(encoding="utf-8"))))
    PAGE.write_text(page(places, networks), encoding="utf-8")
    figures = [*map(asdict, places), *map(asdict, networks)]
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
