"""Networks whose weights stream from blobs, in a bare contract on the real node."""

from __future__ import annotations

import hashlib
import math
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from bench.blob_call import BlobContract
from stylus_ai.blobs import BlobChain, blob_chain
from stylus_ai.chain import Client, Node
from stylus_ai.codegen.blobs import layer_data, layer_source
from stylus_ai.codegen.text import Source
from stylus_ai.errors import ParityError
from stylus_ai.ir import Affine, Bounds, Requantise
from stylus_ai.ir.arithmetic import affine, requantise
from stylus_ai.ir.intervals import Intervals, weighted_sums
from stylus_ai.ir.tensor import Ints, IntTensor
from stylus_ai.plan.blob import BlobLayer, plan_layer, reading_ink
from stylus_ai.plan.layout import Layout
from stylus_ai.plan.stage import Stage
from stylus_ai.units import Gas, Ink, gas_of

KERNELS = Path(__file__).parents[1] / "crates" / "kernels"
DIGITS = Path(__file__).parent / "data" / "mnist-9k.npz"

SPREAD = 2.0
"""Standard deviation of the weights, which are rounded and cut at 7: as trained 4-bit ones are."""

ACTIVATION = 7
"""Largest input of a layer: 3 bits."""

STEPS = 2.5
"""Result of a requantisation for a sum of one standard deviation; over half of the sums give 0."""


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
        """The layers in order; activations are 0..7."""
        last = len(self.widths) - 2
        for number, (inputs, outputs) in enumerate(pairwise(self.widths)):
            rng = np.random.default_rng([self.seed, number])
            drawn = rng.standard_normal((outputs, inputs), dtype=np.float32)
            weights = IntTensor(np.rint(drawn * SPREAD).clip(-7, 7).astype(np.int64))
            bias = IntTensor(rng.integers(-100, 100, outputs))
            x = Intervals.same(0, ACTIVATION, inputs)
            ends = (x.low[:, np.newaxis], x.high[:, np.newaxis])
            sums = weighted_sums(weights.array, bias.array, *ends).totals
            results = Intervals.same(0, ACTIVATION, outputs)
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
    """Such that the sums of ``inputs`` half-empty inputs spread over 0..7."""
    deviation = SPREAD * STEPS * math.sqrt(inputs / 2)
    return Requantise(1, (round(STEPS / deviation * 2**16),), 16, 0, ACTIVATION)


@dataclass(frozen=True)
class Measured:
    """Calls of one network.

    Attributes:
        network: Its widths.
        parameters: Weights.
        blobs: Accounts that are read.
        pages: Of memory, 64 KiB each.
        predicted: Gas that the plan foretells for inputs without a zero.
        gas: The dearest call, from entry to the last sum, by kind of input.
        milliseconds: The slowest call, client's side.
    """

    network: str
    parameters: int
    blobs: int
    pages: int
    predicted: Gas
    gas: Mapping[str, Gas]
    milliseconds: float


def measure(network: Network, inputs: Mapping[str, Ints], folder: Path) -> Measured:
    """Build and deploy a network with its blobs; call it with some inputs; compare with numpy.

    Args:
        network: What to run.
        inputs: By kind, int64[n, widths[0]] of 0..7.
        folder: Where to build; made anew.

    Raises:
        ParityError: The chain answers other sums than numpy.
    """
    blobs = blob_chain(b"".join(layer_data(layer) for layer in network.layers()))
    digest = hashlib.sha256(blobs.first.encode()).hexdigest()
    stack, predicted = write_model(network, blobs, digest, folder)
    expected = iter(network.sums(np.concatenate(list(inputs.values()))).tolist())
    gas = {kind: Gas(0) for kind in inputs}
    slowest = 0.0
    with Node(port=0) as node:
        client = Client.connect(node.network)
        contract = BlobContract(client, blobs, folder, digest, stack=stack)
        for kind, rows in inputs.items():
            for x in rows:
                started = time.perf_counter()
                answer, used = contract.ask(x.astype(np.uint8).tobytes())
                slowest = max(slowest, time.perf_counter() - started)
                if answer != (sums := next(expected)):
                    raise ParityError(f"The chain answers {answer}, numpy {sums}.")
                gas[kind] = max(gas[kind], used)
    return Measured(
        network="-".join(map(str, network.widths)),
        parameters=network.parameters,
        blobs=len(blobs.codes),
        pages=contract.pages,
        predicted=predicted,
        gas=gas,
        milliseconds=1000 * slowest,
    )


def write_model(network: Network, blobs: BlobChain, digest: str, folder: Path) -> tuple[int, Gas]:
    """A crate as ``emit`` writes it; gives its bytes of stack, and the gas that the plan predicts.

    A program of hundreds of millions of weights would take too long to digest and to verify.
    """
    shutil.rmtree(folder, ignore_errors=True)
    without = shutil.ignore_patterns("target")
    shutil.copytree(KERNELS, folder / "model" / "kernels", ignore=without)
    source = folder / "model" / "src"
    source.mkdir()
    stack, ink, size = 0, 0, 0
    for number, layer in enumerate(network.layers()):
        (source / f"layer_{number}.rs").write_text(layer_source(layer, number))
        stack = max(stack, 96 * layer.groups + 8 * layer.outputs)
        ink += layer.ink
        size += layer.size
    (source / "lib.rs").write_text(_lib(network, blobs.first, digest))
    (folder / "model" / "Cargo.toml").write_text(
        '[package]\nname = "model"\nversion = "0.1.0"\nedition = "2024"\n\n'
        '[dependencies]\nstylus-kernels = { path = "kernels" }\n'
    )
    return 8192 + stack + 2 * sum(network.widths), gas_of(Ink(ink + reading_ink(size)))


def _lib(network: Network, first: str, digest: str) -> str:
    inputs, outputs, last = network.widths[0], network.widths[-1], len(network.widths) - 2
    out = Source()
    out.line("#![no_std]")
    out.lines(f"mod layer_{number};" for number in range(last + 1))
    out.line("pub use stylus_kernels::{blob, packed::BUFFER};")
    out.line("use blob::{Missing, ReadCode, Stream};")
    out.line(f"pub const PACKED_LEN: usize = {inputs};")
    out.line(f"pub const CLASSES: usize = {outputs};")
    out.line(f"pub const FIRST_BLOB: [u8; 20] = {list(bytes.fromhex(first[2:]))};")
    out.line(f"pub const PROGRAM_DIGEST: [u8; 32] = {list(bytes.fromhex(digest))};")
    out.line("pub struct Prediction { pub logits: [i64; CLASSES] }")
    out.line("pub type Row = [u8; PACKED_LEN];")
    out.line("pub fn unpack(packed: &Row) -> Result<Row, ()> {")
    out.line("    Ok(*packed)")
    out.line("}")
    out.line("pub fn predict<R: ReadCode>(")
    out.line("    x: &Row,")
    out.line("    weights: &mut Stream<'_, R>,")
    with out.block(") -> Result<Prediction, Missing>"):
        for number in range(last):
            taken = "x" if number == 0 else "&x"
            out.line(f"let x = layer_{number}::layer({taken}, weights)?;")
        out.line(f"Ok(Prediction {{ logits: layer_{last}::layer(&x, weights)? }})")
    return out.text()


def digits(count: int) -> Ints:
    """Test digits of MNIST as inputs of 0..7, int64[count, 784]."""
    with np.load(DIGITS) as found:
        images: Ints = found["images"][found["is_test"]][:count].astype(np.int64)
    return images.reshape(count, -1) >> 5


def without_zeros(width: int) -> Ints:
    """An input that leaves nothing out, int64[1, width]."""
    return np.random.default_rng(1).integers(1, ACTIVATION + 1, (1, width))
