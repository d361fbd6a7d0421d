"""Figures of convolutions; ``python -m bench.convolutions`` prints them."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.digits import accuracy_on_test_digits, kept
from bench.figure import Figure
from bench.layers import measure_network, trained_like
from bench.sdk import some_digits
from stylus_ai.build import assemble, build_contract
from stylus_ai.chain import Client, Node, deploy, find_key
from stylus_ai.codegen.conv import layer_source
from stylus_ai.codegen.crate import kernels
from stylus_ai.errors import ParityError
from stylus_ai.ir import Conv2d, Intervals, Requantise, Windows, arithmetic, tensor
from stylus_ai.ir.verify import Bounds
from stylus_ai.plan.conv import ConvLayer, plan_image_layer
from stylus_ai.plan.image import images
from stylus_ai.plan.stage import Stage
from stylus_ai.units import Bytes, Ink

Ints = npt.NDArray[np.int64]
HERE = Path(__file__).parent
SIDE, INPUTS, OUTPUTS, KERNEL = 14, 16, 32, 3
ROWS = 3


@dataclass(frozen=True)
class Convolution:
    """A convolution of 3 x 3 to measure.

    Attributes:
        weights: int64[outputs, inputs * 9].
        stride: In both directions.
        side: Rows and columns of the image.
        top: Largest pixel, of the image and of the result.
        shift: Of the requantisation, which multiplies by 1, as trained networks do.
    """

    weights: Ints
    stride: int = 1
    side: int = SIDE
    top: int = 15
    shift: int = 5

    @property
    def windows(self) -> Windows:
        """Where it looks."""
        margin = KERNEL // 2
        padding = (margin, margin, margin, margin)
        inputs = self.weights.shape[1] // KERNEL**2
        stride = (self.stride, self.stride)
        return Windows(inputs, self.side, self.side, (KERNEL, KERNEL), stride, padding)

    @property
    def stage(self) -> Stage:
        """As a stage of a network, of value 0 to value 2."""
        shape = (len(self.weights), self.windows.channels, KERNEL, KERNEL)
        bias = tensor(np.zeros(len(self.weights), dtype=np.int64))
        op = Conv2d(0, self.windows, tensor(self.weights.reshape(shape)), bias)
        return Stage(op, Requantise(1, (1,), self.shift, 0, self.top), 0, 2)

    @property
    def macs(self) -> int:
        """Multiply-accumulates, those with a weight of 0 included."""
        return self.windows.positions * self.weights.size


@dataclass(frozen=True)
class Measured:
    """What a convolution costs: on the node, by the plan, and in bytes of the whole contract."""

    ink: Ink
    predicted: Ink
    size: Bytes


def four_bits(share: float = 1.0, inputs: int = INPUTS, outputs: int = OUTPUTS) -> Ints:
    """Weights as trained ones, of which a share is left when the smallest are pruned."""
    weights = trained_like(outputs, inputs * KERNEL**2, 2, 7)
    if share < 1:
        order = np.argsort(np.abs(weights), axis=None, kind="stable")
        weights.reshape(-1)[order[: round(weights.size * (1 - share))]] = 0
    return weights


CONVOLUTIONS = {
    "4 bits, 16 to 32 on 14 x 14": Convolution(four_bits()),
    "ternary, 16 to 32 on 14 x 14": Convolution(trained_like(32, 144, 0.8, 1), shift=3),
    "4 bits, half of them pruned, 16 to 32 on 14 x 14, stride 2": Convolution(four_bits(0.5), 2),
    "4 bits, 30 % left, 32 to 48 on 7 x 7": Convolution(four_bits(0.3, 32, 48), side=7),
}
"""Convolutions whose ink per multiply-accumulate is measured."""


def planned(convolution: Convolution) -> ConvLayer:
    """The layer, between images as a network would have them."""
    stage = convolution.stage
    size = convolution.windows.size
    out = convolution.windows.positions * len(convolution.weights)
    pixel = Intervals.same(0, convolution.top, size)
    bounds = Bounds((pixel, pixel, Intervals.same(0, convolution.top, out)), ())
    found = images([stage], bounds)
    source, target = found[0], found[2]
    layer = plan_image_layer(stage, bounds, source.layout, target.layout, (source, target))
    if not isinstance(layer, ConvLayer):
        raise TypeError(f"not on lanes: {layer.kernel}")
    return layer


def measure(convolution: Convolution, client: Client, folder: Path) -> Measured:
    """Build a contract around a convolution and ask it about a few images.

    Raises:
        ParityError: The answer is not the interpreter's.
    """
    layer = planned(convolution)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "image_contract", folder)
    (folder / "src/layer.rs").write_text(layer_source(layer, 0))
    (folder / "src/input.rs").write_text(
        f"pub const INPUT: usize = {layer.takes.length};\n"
        f"pub const OUTPUT: usize = {layer.gives.length};\n"
        f"pub const PAD: u8 = {layer.gives.pad};\npub const DIGEST: [u8; 32] = [0; 32];\n"
    )
    for name, text in kernels().items():
        path = folder / "kernels" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    raw = build_contract(folder, "image-contract")
    zero = "00" * 32
    artifact = assemble(
        raw,
        folder / "contract.wasm",
        program_digest=zero,
        crate_digest=zero,
        profile="arbos51",
    )
    address = deploy(client, artifact, find_key(client.network)).address
    rng = np.random.default_rng(0)
    inks = set()
    for row in rng.integers(0, convolution.top + 1, (ROWS, convolution.windows.size)):
        answer = client.call(address, _array(layer, row))
        inks.add(int.from_bytes(answer[:8], "little"))
        found = [answer[8 + position] for position in layer.gives.position]
        if found != _expected(layer, row):
            raise ParityError(f"A convolution answers {found[:10]}.")
    (ink,) = inks
    return Measured(Ink(ink), layer.ink, artifact.size_compressed)


def _array(layer: ConvLayer, row: Ints) -> bytes:
    array = np.full(layer.takes.length, layer.takes.pad, dtype=np.uint8)
    array[list(layer.takes.position)] = row
    return array.tobytes()


def _expected(layer: ConvLayer, row: Ints) -> list[int]:
    op, scale = layer.op, layer.stage.requantise
    if scale is None:
        raise TypeError("a convolution without requantisation")
    sums = arithmetic.conv2d(row[np.newaxis], op.windows, op.weights.array, op.bias.array, 1)
    given = arithmetic.requantise(
        sums, scale.multipliers, scale.shift, low=scale.low, high=scale.high
    )
    found: list[int] = given[0].tolist()
    return found


def convolution_figures(folder: Path) -> list[Figure]:
    """The digit classifier, and ink per multiply-accumulate of convolutions."""
    figures = []
    goals = {"4 bits, 16": "<= 36", "ternary": "<= 26"}
    with Node(port=0) as node:
        client = Client.connect(node.network)
        figures.append(cnn_figure(client, folder / "cnn"))
        for name, convolution in CONVOLUTIONS.items():
            found = measure(convolution, client, folder / "convolution")
            goal = next((text for start, text in goals.items() if name.startswith(start)), "")
            figures.append(
                Figure(
                    f"convolution 3 x 3, {name}: ink per multiply-accumulate",
                    f"{found.ink / convolution.macs:.1f}",
                    goal,
                    "requantisation included, pruned weights counted as well; the plan predicted "
                    f"{found.predicted / convolution.macs:.1f}; {found.size:,} bytes",
                )
            )
    return figures


def cnn_figure(client: Client, folder: Path) -> Figure:
    """The best digit classifier that one contract holds."""
    programs = kept("cnn-small")
    rows = some_digits(10)
    whole = [measure_network(program, rows, client, folder / "network") for program in programs]
    accuracy = np.mean(accuracy_on_test_digits(programs))
    return Figure(
        "MNIST, a convolutional network of 4 bits, bare contract: wasm",
        f"{np.mean([found.ink for found in whole]) / 1e4:,.0f} gas, {accuracy:.2%} right",
        "<= 10,000 gas, >= 98.5 %",
        "entry to return of `user_entrypoint`, host calls included; mean of 3 seeds, 1,000 test "
        f"digits; {max(found.size for found in whole):,} bytes of 24,576",
    )


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(prefix="stylus-ai-bench-") as temporary:
        for figure in convolution_figures(Path(temporary)):
            sys.stdout.write(f"{figure.what}: {figure.value} ({figure.goal}) {figure.how}\n")


if __name__ == "__main__":
    main()
