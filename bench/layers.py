"""Ink of networks and of their layers on the real node, in contracts without any SDK."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stylus_ai.build import WasmArtifact, assemble, build_contract
from stylus_ai.chain import Client, deploy, find_key
from stylus_ai.codegen import emit, write
from stylus_ai.codegen.crate import kernels
from stylus_ai.codegen.dense import sums_source
from stylus_ai.codegen.network import layer_source
from stylus_ai.errors import ParityError
from stylus_ai.ir import (
    Affine,
    Argmax,
    Feature,
    Features,
    Op,
    Program,
    Requantise,
    interpret,
    random_rows,
    tensor,
    verify,
)
from stylus_ai.ir.interpreter import all_values
from stylus_ai.plan import plan
from stylus_ai.plan.dense import DenseLayer
from stylus_ai.plan.network import plan_layers
from stylus_ai.units import Bytes, Ink

Ints = npt.NDArray[np.int64]
HERE = Path(__file__).parent
SEED = 0
SHIFT = 16
"""Of the requantisation after a layer."""


@dataclass(frozen=True)
class Measured:
    """What a function costs.

    Attributes:
        ink: From its entry to its return; straight-line code costs the same on every row.
        predicted: What the plan said.
        macs: Multiply-accumulates, those with a weight of 0 included.
        kernel: Name of the kernel.
        size: Bytes of the whole contract, compressed.
    """

    ink: Ink
    predicted: Ink
    macs: int
    kernel: str
    size: Bytes


def trained_like(outputs: int, inputs: int, deviation: float, limit: int) -> Ints:
    """Rounded normal weights, clipped: about what quantisation-aware training gives."""
    normal = np.random.default_rng(SEED).normal(0, deviation, (outputs, inputs))
    return np.clip(np.rint(normal), -limit, limit).astype(np.int64)


def pixels(count: int, bits: int | None) -> Features:
    """Equal features that take every value of their bits."""
    top = (1 << (bits or 8)) - 1
    return Features(tuple(Feature(f"p{i}", 0, top) for i in range(count)), bits=bits)


def classifier(layers: list[Ints], bits: int | None, high: int) -> Program:
    """A network that tells classes apart, with activations of 0..high.

    The scale of an activation spreads two deviations of a sum over its range, as training does.
    """
    ops: list[Op] = []
    top = (1 << (bits or 8)) - 1
    for number, weights in enumerate(layers):
        bias = tensor(np.zeros(len(weights), dtype=np.int64))
        ops.append(Affine(len(ops), tensor(weights), bias))
        if number < len(layers) - 1:
            deviation = np.sqrt(np.square(weights).sum(axis=1).mean()) * top / 2
            factor = max(round(2**SHIFT * high / (2 * deviation)), 1)
            ops.append(Requantise(len(ops), (factor,), SHIFT, 0, high))
            top = high
    inputs, logits = layers[0].shape[1], len(ops)
    return Program(
        name="bench",
        features=pixels(inputs, bits),
        task="multiclass",
        family="mlp",
        ops=(*ops, Argmax(logits)),
        outputs=(("logits", logits), ("class", logits + 1)),
        reference=(0,) * inputs,
        classes=tuple(str(k) for k in range(len(layers[-1]))),
        source="bench",
        parent="0" * 64,
        rounding_bound=None,
    )


def digits() -> Program:
    """196-64-10 with weights, activations and pixels of 4 bits."""
    return classifier([trained_like(64, 196, 2, 7), trained_like(10, 64, 2, 7)], 4, 15)


def dense_4_bit() -> Program:
    """Its first layer is the one that is measured, here and below."""
    return digits()


def dense_int8() -> Program:
    """Bytes times int8; more inputs do not fit one contract."""
    return classifier([trained_like(64, 144, 36, 127), trained_like(10, 64, 36, 127)], None, 255)


def dense_ternary() -> Program:
    """Bits times -1, 0 and 1."""
    return classifier([trained_like(64, 392, 0.8, 1), trained_like(10, 64, 2, 7)], 1, 15)


def dense_sparse() -> Program:
    """4 bits, four weights of five pruned."""
    kept = np.random.default_rng(SEED).random((64, 196)) < 0.2
    return classifier([trained_like(64, 196, 2, 7) * kept, trained_like(10, 64, 2, 7)], 4, 15)


KERNELS = {
    "4-bit inputs and weights, 196 to 64": dense_4_bit,
    "8-bit inputs, int8 weights, 144 to 64": dense_int8,
    "1-bit inputs, ternary weights, 392 to 64": dense_ternary,
    "4-bit inputs and weights, 80 % pruned, 196 to 64": dense_sparse,
}
"""Dense layers whose ink per multiply-accumulate is measured, the reading of inputs included."""


def measure_layer(
    program: Program, client: Client, folder: Path, *, sums: bool = False
) -> Measured:
    """Build a contract around the first layer of a network, and ask it about a few rows.

    Args:
        program: A network that begins with a dense layer on packed rows.
        client: An embedded node.
        folder: Where to build; made anew.
        sums: Leave the sums in their lanes: no requantisation.

    Raises:
        ParityError: The layer's answer is not the interpreter's.
    """
    layer = plan_layers(program, verify(program))[0]
    if not isinstance(layer, DenseLayer):
        raise TypeError(f"not a dense layer: {layer.kernel}")
    source = sums_source(layer) if sums else layer_source(layer, 0)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "layer_contract", folder)
    (folder / "src/layer.rs").write_text(source)
    digest = ", ".join(map(str, bytes.fromhex(program.digest)))
    (folder / "src/input.rs").write_text(
        f"pub const INPUT: usize = {layer.takes.bytes};\npub const DIGEST: [u8; 32] = [{digest}];\n"
    )
    for name, text in kernels().items():
        path = folder / "kernels" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    artifact, address = _deployed(client, folder, "layer-contract", program)
    inks = set()
    rows = random_rows(program, 8)
    values = all_values(program, rows)
    given = layer.stage.sums if sums else layer.stage.value
    for row, wanted in zip(rows, values[given], strict=True):
        answer = client.call(address, program.features.pack(row))
        inks.add(int.from_bytes(answer[:8], "little"))
        found = _sums(layer, answer[8:]) if sums else _elements(layer, answer[8:])
        if found != wanted.tolist():
            raise ParityError(f"A layer answers {found}, not {wanted.tolist()}.")
    (ink,) = inks
    macs = len(layer.places) * len(layer.slots)
    return Measured(Ink(ink), layer.ink, macs, layer.kernel, artifact.size_compressed)


def _elements(layer: DenseLayer, answer: bytes) -> list[int]:
    """Values of an array of bytes."""
    return [answer[position] + layer.gives.offset for position in layer.gives.position]


def _sums(layer: DenseLayer, answer: bytes) -> list[int]:
    """Sums out of the words of a layer that is one function and uses all its words."""
    words = [int.from_bytes(answer[at : at + 8], "little") for at in range(0, len(answer), 8)]
    return [(words[slot.word] >> slot.shift) % (1 << slot.width) + slot.add for slot in layer.slots]


def measure_network(program: Program, rows: Ints, client: Client, folder: Path) -> Measured:
    """Build a classifier, and measure its whole entry point, host calls included.

    Raises:
        ParityError: The contract's answer is not the interpreter's.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "class_contract", folder)
    chosen = plan(program)
    write(emit(program, chosen), folder / "model")
    artifact, address = _deployed(client, folder, "class-contract", program)
    inks = set()
    for row, wanted in zip(rows, interpret(program, rows)["class"], strict=True):
        call = {"to": address, "data": "0x" + program.features.pack(row).hex()}
        answer = client.request("debug_traceCall", call, "latest", {"tracer": "stylusProfiler"})
        if bytes.fromhex(answer["output"][2:]) != bytes([wanted]):
            raise ParityError(f"The contract answers {answer['output']}, not {wanted}.")
        nodes = answer["nodes"]
        inks.add(sum(int(n["ink"]) for n in nodes if n["kind"] in {"function", "host"}))
    (ink,) = inks
    macs = sum(op.weights.array.size for op in program.ops if isinstance(op, Affine))
    return Measured(Ink(ink), chosen.ink, macs, "network", artifact.size_compressed)


def _deployed(
    client: Client, folder: Path, crate: str, program: Program
) -> tuple[WasmArtifact, str]:
    raw = build_contract(folder, crate)
    artifact = assemble(
        raw,
        folder / "contract.wasm",
        program_digest=program.digest,
        crate_digest=program.digest,
        profile="arbos51",
    )
    return artifact, deploy(client, artifact, find_key(client.network)).address
