"""Networks that read their weights from blobs: native Rust and the chain equal the interpreter."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.blob_call import BlobContract
from stylus_ai.blobs import BlobChain
from stylus_ai.chain import Client, Node
from stylus_ai.codegen import emit, write
from stylus_ai.codegen.blobs import blobs_of
from stylus_ai.errors import ModelError
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
)
from stylus_ai.ir.tensor import Ints
from stylus_ai.plan import Plan, plan
from stylus_ai.plan.blob import BlobLayer
from stylus_ai.units import INK_PER_GAS
from tests.codegen.test_native import cargo

EXAMPLE = Path(__file__).parent / "blob_rows.rs"


def trained_like(shape: tuple[int, int], seed: int) -> Ints:
    """Weights of 4 bits, as training leaves them."""
    drawn = np.random.default_rng(seed).normal(0, 2, shape)
    return np.rint(drawn).clip(-7, 7).astype(np.int64)


def extreme(shape: tuple[int, int], seed: int) -> Ints:
    """The two ends of 4 bits."""
    return np.random.default_rng(seed).choice([-8, 7], shape)


def network(
    widths: tuple[int, ...],
    weights: Callable[[tuple[int, int], int], Ints] = trained_like,
    *,
    bits: int | None = 4,
    rescale: Callable[[Requantise], Requantise] = lambda op: op,
) -> Program:
    """A classifier with random weights, whose activations are 0..15 unless ``rescale`` says so."""
    ops: list[Op] = []
    for number in range(len(widths) - 1):
        inputs, outputs = widths[number : number + 2]
        bias = np.random.default_rng(number).integers(-500, 500, outputs)
        drawn = weights((outputs, inputs), number)
        ops.append(Affine(len(ops), tensor(drawn), tensor(bias)))
        if number < len(widths) - 2:
            factor = round(2**17 / np.sqrt(inputs) / 8)
            ops.append(rescale(Requantise(len(ops), (factor,), 16, 0, 15)))
    ops.append(Argmax(len(ops)))
    features = tuple(Feature(f"x{i}", 0, 15) for i in range(widths[0]))
    return Program(
        name="net",
        features=Features(features, bits=bits),
        task="multiclass",
        family="mlp",
        ops=tuple(ops),
        outputs=(("logits", len(ops) - 1), ("class", len(ops))),
        reference=(0,) * widths[0],
        classes=tuple(f"c{k}" for k in range(widths[-1])),
        source="test",
        parent="0" * 64,
        rounding_bound=None,
    )


def by_channel(op: Requantise) -> Requantise:
    return replace(op, multipliers=tuple(op.multipliers[0] + k for k in range(400)))


def steps_down(op: Requantise) -> Requantise:
    """Activations up to 7, behind the second layer up to 3."""
    return replace(op, high=7 if op.source == 1 else 3)


def shifted(op: Requantise) -> Requantise:
    return replace(op, zero_point=2, low=1, high=14)


CASES: dict[str, tuple[Program, str]] = {
    "a packed row, blobs and blocks cut anywhere": (network((301, 403, 90, 10)), "blob blob code"),
    "an odd number of inputs": (network((1001, 70, 3)), "blob code"),
    "code before and after": (network((60, 64, 600, 5)), "code blob code"),
    "products at the ends of their lanes": (network((784, 400, 10), extreme), "blob code"),
    "two products to a lane, then four": (
        network((200, 400, 400, 400, 4), rescale=steps_down),
        "blob blob blob code",
    ),
    "a multiplier for each channel": (
        network((200, 400, 400, 4), rescale=by_channel),
        "blob blob code",
    ),
    "a zero point": (network((200, 400, 400, 4), rescale=shifted), "blob blob code"),
}
"""Programs, and where their layers' weights are."""


def places(chosen: Plan) -> str:
    return " ".join("blob" if isinstance(layer, BlobLayer) else "code" for layer in chosen.layers)


def blob_file(blobs: BlobChain) -> bytes:
    """What ``blob_rows.rs`` reads."""
    return b"".join(
        bytes.fromhex(address[2:]) + len(code).to_bytes(4, "little") + code
        for address, code in zip(blobs.addresses, blobs.codes, strict=True)
    )


def extreme_rows(program: Program, count: int) -> Ints:
    """Random rows, with many zeros and without, and the ends."""
    rows = random_rows(program, count)
    rows[::2] *= np.random.default_rng(0).random(rows[::2].shape) < 0.2
    rows[0], rows[1] = 0, 15
    return rows


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one cargo target for all cases."""
    return tmp_path_factory.mktemp("workshop")


@pytest.mark.registry
@pytest.mark.parametrize("case", CASES)
def test_native_rust_equals_the_interpreter(case: str, workshop: Path) -> None:
    program, expected = CASES[case]
    chosen = plan(program)
    assert places(chosen) == expected
    folder = workshop / "model"
    shutil.rmtree(folder / "examples", ignore_errors=True)  # the rest is written anew
    write(emit(program, chosen), folder)
    cargo(folder, "fmt", "--check")
    cargo(folder, "clippy", "-q", "--release", "--", "-D", "warnings")
    blobs = blobs_of(chosen)
    assert blobs is not None
    (workshop / "blobs").write_bytes(blob_file(blobs))
    (folder / "examples").mkdir()
    shutil.copy(EXAMPLE, folder / "examples")
    rows = extreme_rows(program, 60)
    text = "\n".join(",".join(map(str, row)) for row in rows.tolist()) + "\n"
    run = ("run", "-q", "--release", "--example", "blob_rows", "--", str(workshop / "blobs"))
    out = interpret(program, rows)
    wanted = [
        f"{' '.join(map(str, logits))},{best}"
        for logits, best in zip(out["logits"].tolist(), out["class"].tolist(), strict=True)
    ]
    assert cargo(folder, *run, stdin=text).splitlines() == wanted


@pytest.mark.node
@pytest.mark.wasm
@pytest.mark.registry
def test_the_chain_equals_the_interpreter_at_the_price_of_the_plan(tmp_path: Path) -> None:
    """100,000 weights: those of the first layer in five blobs, of the second in code."""
    program = network((784, 128, 10))
    chosen = plan(program)
    blobs = blobs_of(chosen)
    assert blobs is not None
    write(emit(program, chosen), tmp_path / "model")
    rows = extreme_rows(program, 12)
    logits = interpret(program, rows)["logits"].tolist()
    with Node(port=0) as node:
        client = Client.connect(node.network)
        contract = BlobContract(client, blobs, tmp_path, program.digest, stack=16_384)
        found = [contract.ask(program.features.pack(row)) for row in rows]
    assert [answer for answer, _ in found] == logits
    dense = found[1][1] * INK_PER_GAS  # a row without a zero: what the plan foretells
    assert abs(dense - chosen.ink) < 0.05 * dense


def test_a_binary_network_is_refused() -> None:
    many = network((784, 400, 2))
    binary = replace(
        many,
        task="binary",
        ops=many.ops[:-2],
        outputs=(("logit", 1), ("score", 1), ("decision", 1)),
    )
    with pytest.raises(ModelError):
        emit(binary, plan(binary))
