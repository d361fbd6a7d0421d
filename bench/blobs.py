"""Networks whose weights stream from blobs, in a bare contract on the real node.

``python -m bench.blobs`` measures a million parameters and 24 million, in a minute. With
``--largest`` it fills the 32 million gas of a transaction, which takes a quarter of an hour.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import shutil
import struct
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from stylus_ai.blobs import BlobChain, blob_chain
from stylus_ai.build import assemble, build_contract
from stylus_ai.chain import Client, Node, find_key
from stylus_ai.chain.blobs import deploy_blobs
from stylus_ai.chain.deploy import deploy
from stylus_ai.codegen.blobs import layer_data, layer_source
from stylus_ai.codegen.text import Source
from stylus_ai.errors import ParityError
from stylus_ai.ir import Affine, Bounds, Requantise
from stylus_ai.ir.arithmetic import affine, requantise
from stylus_ai.ir.intervals import Intervals, weighted_sums
from stylus_ai.ir.tensor import IntTensor, Ints
from stylus_ai.plan.blob import LARGEST, BlobLayer, plan_layer
from stylus_ai.plan.layout import Layout
from stylus_ai.plan.stage import Stage
from stylus_ai.units import Gas

ROOT = Path(__file__).parents[1]
CONTRACT = Path(__file__).parent / "blob_contract"

MILLION = (784, 1024, 192, 10)
MANY = (784, 4096, 4096, 1024, 10)
LARGEST_NETWORK = (784, *[8192] * 6, 1024, 10)

SPREAD = 2.0
"""Standard deviation of the weights, which are rounded and cut at 7: trained 4-bit weights look so."""

STEPS = 5.0
"""Result of a requantisation for a sum of one standard deviation; half of the sums give 0."""

PAGE = 65_536


@dataclass(frozen=True)
class Network:
    """A random multilayer perceptron, made anew layer by layer, so that it need not fit memory.

    Attributes:
        widths: Inputs, then outputs of each layer.
        seed: Of all weights.
    """

    widths: tuple[int, ...]
    seed: int = 0

    @property
    def parameters(self) -> int:
        """Weights, biases not counted."""
        return sum(math.prod(pair) for pair in pairwise(self.widths))

    def layers(self) -> Iterator[BlobLayer]:
        """The layers in order; activations are 0..15."""
        last = len(self.widths) - 2
        for number, (inputs, outputs) in enumerate(pairwise(self.widths)):
            rng = np.random.default_rng([self.seed, number])
            drawn = rng.standard_normal((outputs, inputs), dtype=np.float32)
            weights = IntTensor(np.rint(drawn * SPREAD).clip(-7, 7).astype(np.int64))
            bias = IntTensor(rng.integers(-100, 100, outputs))
            x = Intervals.same(0, LARGEST, inputs)
            ends = (x.low[:, np.newaxis], x.high[:, np.newaxis])
            sums = weighted_sums(weights.array, bias.array, *ends).totals
            results = Intervals.same(0, LARGEST, outputs)
            rescale = None if number == last else _rescale(inputs)
            stage = Stage(Affine(0, weights, bias), rescale, 0, 1 if rescale is None else 2)
            takes = Layout("u8", inputs, tuple(range(inputs)))
            layer = plan_layer(stage, Bounds((x, sums, results), ()), takes, None)
            assert layer is not None
            yield layer

    def sums(self, x: Ints) -> Ints:
        """What numpy says that the network answers, int64[n, outputs]."""
        for layer in self.layers():
            x = affine(x, layer.op.weights.array, layer.op.bias.array)
            op = layer.stage.requantise
            if op is not None:
                x = requantise(x, op.multipliers, op.shift, low=op.low, high=op.high)
        return x


def _rescale(inputs: int) -> Requantise:
    """Such that the sums of ``inputs`` half-empty inputs spread over 0..15."""
    deviation = SPREAD * STEPS * math.sqrt(inputs / 2)
    return Requantise(1, (round(STEPS / deviation * 2**16),), 16, 0, LARGEST)


@dataclass(frozen=True)
class Measured:
    """One call.

    Attributes:
        what: The network and its input.
        parameters: Weights.
        blobs: Accounts that were read.
        gas: From entry to the last sum, host calls included.
        gas_per_thousand: Of this, for a thousand weights.
        gas_call: Of the whole call without the transaction's 21,000 and calldata.
        pages: Of memory, 64 KiB each.
    """

    what: str
    parameters: int
    blobs: int
    gas: int
    gas_per_thousand: float
    gas_call: int
    pages: int


def measure(network: Network, inputs: Sequence[tuple[str, Ints]], folder: Path) -> list[Measured]:
    """Build and deploy a network with its blobs; call it with some inputs; compare with numpy.

    Args:
        network: What to run.
        inputs: Names and values, int64[widths[0]] of 0..15.
        folder: Where to build; made anew.

    Raises:
        ParityError: The chain answers other sums than numpy.
    """
    blobs = blob_chain(b"".join(layer_data(layer) for layer in network.layers()))
    with Node(port=0) as node:
        client = Client.connect(node.network)
        address, pages = deploy_network(client, network, blobs, folder)
        expected = network.sums(np.stack([x for _, x in inputs]))
        return [
            Measured(
                f"{'-'.join(map(str, network.widths))}, {name}",
                network.parameters,
                len(blobs.codes),
                gas := ask(client, address, x, sums),
                round(1000 * gas / network.parameters, 1),
                gas_of_call(client, address, x),
                pages,
            )
            for (name, x), sums in zip(inputs, expected, strict=True)
        ]


def deploy_network(
    client: Client, network: Network, blobs: BlobChain, folder: Path
) -> tuple[str, int]:
    """Build and deploy; gives the contract's address and its pages of memory."""
    key = find_key(client.network)
    deploy_blobs(client, blobs, key)
    digest, pages = write_contract(network, blobs, folder)
    raw = build_contract(folder, "blob-contract")
    artifact = assemble(
        raw, folder / "out.wasm", program_digest=digest, crate_digest=digest, profile="arbos51"
    )
    return deploy(client, artifact, key).address, pages


def write_contract(network: Network, blobs: BlobChain, folder: Path) -> tuple[str, int]:
    """The contract's cargo workspace; gives the network's digest and pages of memory."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(CONTRACT, folder)
    shutil.copytree(
        ROOT / "crates" / "kernels",
        folder / "model" / "kernels",
        ignore=shutil.ignore_patterns("target"),
    )
    source = folder / "model" / "src"
    source.mkdir()
    stack = 0
    for number, layer in enumerate(network.layers()):
        (source / f"layer_{number}.rs").write_text(layer_source(layer, number))
        stack = max(stack, 96 * layer.groups + 8 * layer.outputs) 
    stack = 8192 + stack + 2 * sum(network.widths)
    pages = -(-(stack + PAGE // 2 + 1024) // PAGE)
    digest = hashlib.sha256(blobs.first.encode()).hexdigest()
    (source / "lib.rs").write_text(_lib(network, blobs.first, digest))
    (folder / "model" / "Cargo.toml").write_text(
        '[package]\nname = "model"\nversion = "0.1.0"\nedition = "2024"\n\n'
        '[dependencies]\nstylus-kernels = { path = "kernels" }\n'
    )
    (folder / ".cargo").mkdir()
    (folder / ".cargo" / "config.toml").write_text(
        "[target.wasm32-unknown-unknown]\n"
        f'rustflags = ["-Clink-arg=-zstack-size={stack // 16 * 16}", '
        f'"-Clink-arg=--initial-memory={pages * PAGE}", "-Clink-arg=--max-memory={pages * PAGE}"]\n'
    )
    return digest, pages


def _lib(network: Network, first: str, digest: str) -> str:
    inputs, outputs, last = network.widths[0], network.widths[-1], len(network.widths) - 2
    out = Source()
    out.line("#![no_std]")
    out.lines(f"mod layer_{number};" for number in range(last + 1))
    out.line("use stylus_kernels::blob::{Missing, ReadCode, Stream};")
    out.line(f"pub const INPUTS: usize = {inputs};")
    out.line(f"pub const OUTPUTS: usize = {outputs};")
    out.line(f"pub const FIRST_BLOB: [u8; 20] = {list(bytes.fromhex(first[2:]))};")
    out.line(f"pub const DIGEST: [u8; 32] = {list(bytes.fromhex(digest))};")
    out.line("pub fn accumulate<R: ReadCode>(")
    out.line("    x: &[u8; INPUTS],")
    out.line("    weights: &mut Stream<'_, R>,")
    with out.block(") -> Result<[i64; OUTPUTS], Missing>"):
        for number in range(last):
            taken = "x" if number == 0 else "&x"
            out.line(f"let x = layer_{number}::layer({taken}, weights)?;")
        out.line(f"layer_{last}::layer(&x, weights)")
    return out.text()


def ask(client: Client, address: str, x: Ints, expected: Ints) -> Gas:
    """Gas of a call's work, rounded up, once its answer has been compared.

    Raises:
        ParityError: It is another answer.
    """
    answer = client.call(address, x.astype(np.uint8).tobytes())
    ink, *sums = struct.unpack(f"<Q{len(expected)}q", answer)
    if sums != expected.tolist():
        raise ParityError(f"The chain answers {sums}, numpy {expected.tolist()}.")
    return Gas(-(-ink // 10_000))


def gas_of_call(client: Client, address: str, x: Ints) -> int:
    """Gas of the whole transaction, first call, without 21,000 and calldata."""
    data = x.astype(np.uint8).tobytes()
    used = client.profile_call(address, data)["gasUsed"]
    return int(used) - 21_000 - sum(16 if byte else 4 for byte in data)


def inputs_of(width: int) -> list[tuple[str, Ints]]:
    """Inputs of 0..15: as many zeros as a digit of MNIST has, and none."""
    rng = np.random.default_rng(1)
    dense = rng.integers(1, LARGEST + 1, width)
    return [
        ("one input in five is not 0", np.where(rng.random(width) < 0.2, dense, 0)),
        ("no input is 0", dense),
    ]


def main() -> None:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", action="store_true", help="fill the gas of a transaction")
    largest = parser.parse_args().largest
    found: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="stylus-ai-blobs-") as folder:
        for widths in (LARGEST_NETWORK,) if largest else (MILLION, MANY):
            started = time.perf_counter()
            found += measure(Network(widths), inputs_of(widths[0]), Path(folder) / "contract")
            sys.stderr.write(f"== {widths}: {time.perf_counter() - started:.0f} s\n")
    sys.stdout.write(json.dumps([asdict(figure) for figure in found], indent=2) + "\n")


if __name__ == "__main__":
    main()
