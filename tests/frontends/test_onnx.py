"""ONNX files: the same outputs as ONNX's own evaluator, and an error for everything else.

The files and the outputs are made by ``models/make_onnx.py``.
"""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stylus_ai.errors import ModelError, UsageError
from stylus_ai.frontends import Convolution, Dense, FloatModel, FloatNetwork, from_onnx
from stylus_ai.frontends.forward import forward
from stylus_ai.ir import Feature, Features, image

MODELS = Path(__file__).parent / "models"


def features(width: int) -> Features:
    """So many features of 4 bits."""
    return Features(tuple(Feature(f"f{i}", 0, 15) for i in range(width)), 4)


def recorded(name: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Rows and ONNX's answers."""
    with np.load(MODELS / f"{name}_onnx.npz") as file:
        return file["x"], file["y"]


def logits(model: FloatModel, x: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    assert isinstance(model.body, FloatNetwork)
    return forward(model.body, x)[-1]


def test_an_mlp_gives_the_recorded_logits() -> None:
    x, y = recorded("mlp")
    model = from_onnx(MODELS / "mlp.onnx", features(6))
    assert (model.task, model.family, model.classes) == ("multiclass", "mlp", ("0", "1", "2", "3"))
    ours = logits(model, x)
    shares = np.exp(ours) / np.exp(ours).sum(axis=1, keepdims=True)
    assert np.abs(shares - y).max() < 1e-6


def test_a_cnn_gives_the_recorded_outputs() -> None:
    """Padding, strides, folded batch normalisation, depthwise, both pools."""
    x, y = recorded("cnn")
    model = from_onnx(MODELS / "cnn.onnx", image(8, 8), names=("cat", "dog", "fox"))
    assert (model.task, model.family, model.classes) == ("multiclass", "cnn", ("cat", "dog", "fox"))
    assert np.abs(logits(model, x) - y).max() < 1e-5


def test_two_logits_become_one() -> None:
    x, y = recorded("binary")
    model = from_onnx(MODELS / "binary.onnx", features(32))
    assert (model.task, model.classes) == ("binary", ("0", "1"))
    assert np.abs(logits(model, x)[:, 0] - (y[:, 1] - y[:, 0])).max() < 1e-5


def test_outputs_of_a_regression_are_targets() -> None:
    model = from_onnx(MODELS / "cnn.onnx", image(8, 8), task="regression")
    assert (model.task, model.classes) == ("regression", ("target_0", "target_1", "target_2"))


def test_the_digest_depends_on_every_weight() -> None:
    data = bytearray((MODELS / "cnn.onnx").read_bytes())
    before = from_onnx(bytes(data), image(8, 8)).digest
    place = data.index(struct.pack("<f", 0.25))
    data[place : place + 4] = struct.pack("<f", 0.5)
    assert from_onnx(bytes(data), image(8, 8)).digest != before


def test_batch_normalisation_leaves_no_layer() -> None:
    model = from_onnx(MODELS / "cnn.onnx", image(8, 8))
    assert isinstance(model.body, FloatNetwork)
    weighted = [layer for layer in model.body.layers if isinstance(layer, Convolution | Dense)]
    assert len(weighted) == 4


def tag(number: int, kind: int) -> bytes:
    return varint(number << 3 | kind)


def varint(value: int) -> bytes:
    value &= 2**64 - 1
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number: int, value: bytes | str | int) -> bytes:
    """One field of a message."""
    if isinstance(value, int):
        return tag(number, 0) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return tag(number, 2) + varint(len(data)) + data


def constant(name: str, values: npt.ArrayLike, dims: tuple[int, ...] | None = None) -> bytes:
    """A float32 tensor; ``dims`` may lie about its shape."""
    array = np.asarray(values, dtype="<f4")
    shape = array.shape if dims is None else dims
    body = b"".join(field(1, dim) for dim in shape) + field(2, 1) + field(8, name)
    return body + field(9, array.tobytes())


def attribute(name: str, value: int | tuple[int, ...]) -> bytes:
    if isinstance(value, int):
        return field(1, name) + field(3, value) + field(20, 2)
    return field(1, name) + b"".join(field(8, item) for item in value) + field(20, 7)


def node(kind: str, inputs: str, output: str, **attributes: int | tuple[int, ...]) -> bytes:
    body = b"".join(field(1, name) for name in inputs.split()) + field(2, output) + field(4, kind)
    return body + b"".join(field(5, attribute(*item)) for item in attributes.items())


def network(
    *nodes: bytes,
    constants: tuple[bytes, ...] = (),
    shape: tuple[int, ...] = (1, 3),
    opset: int = 13,
) -> bytes:
    """A file with the input ``x`` and the output ``y``, written by hand."""
    dims = b"".join(field(1, field(1, dim)) for dim in shape)
    value = field(1, "x") + field(2, field(1, field(1, 1) + field(2, dims)))
    graph = b"".join(field(1, one) for one in nodes) + b"".join(field(5, one) for one in constants)
    graph += field(11, value) + field(12, field(1, "y"))
    return field(1, 8) + field(8, field(2, opset)) + field(7, graph)


W = constant("w", np.ones((2, 3)))
GEMM = node("Gemm", "x w", "y", transB=1)


def test_a_file_written_by_hand_is_read() -> None:
    model = from_onnx(network(GEMM, constants=(W,)), features(3))
    assert logits(model, np.array([[1, 2, 3]])).tolist() == [[0.0]]


IMAGE = (1, 1, 4, 4)
KERNEL = constant("k", np.ones((1, 1, 3, 3)))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no graph"),
        (b"\x80\x03pickled", "damaged"),
        (network(GEMM, constants=(W,), opset=12), "opset 12"),
        (network(GEMM), "reads 'x', 'w', not just"),
        (network(node("Gemm", "y w", "y", transB=1), constants=(W,)), "reads 'y', not just"),
        (network(GEMM, node("Relu", "x", "z"), constants=(W,)), "reads 'x', not just"),
        (network(GEMM, node("Relu", "y", "y"), constants=(W,)), "its own input"),
        (network(node("Gemm", "x w", "z", transB=1), constants=(W,)), "not what the last layer"),
        (network(node("Gemm", "x w", "y"), constants=(W,)), r"weights \(3, 2\)"),
        (network(node("LSTM", "x w", "y"), constants=(W,)), "LSTM.*no integer form"),
        (network(node("Add", "x x", "y")), "not just"),
        (network(GEMM, constants=(constant("w", np.ones(6), (2, 4)),)), "6 numbers, not 8"),
        (network(GEMM, constants=(constant("w", np.ones(6), (2**40, 2**40)),)), "the shape"),
        (network(GEMM, constants=(constant("w", np.ones(6), (-2, -3)),)), "the shape"),
        (network(GEMM, constants=(constant("w", [[1, 2, np.nan]] * 2),)), "holds nan"),
        (network(node("Softmax", "x", "y")), "no layer with weights"),
        (network(node("Clip", "x low", "y"), constants=(constant("low", [1]),)), "clips from 1"),
        (network(GEMM, constants=(W,), shape=(1, 4)), "takes 4 inputs, but 3"),
        (network(GEMM, constants=(W,), shape=(1, 0)), "holds nothing"),
        (network(GEMM, constants=(W,), shape=(3,)), r"shape \[3\]"),
        (
            network(node("Conv", "x k", "y", dilations=(2, 2)), constants=(KERNEL,), shape=IMAGE),
            "dilation",
        ),
        (
            network(node("Conv", "x k", "y", pads=(9, 9, 9, 9)), constants=(KERNEL,), shape=IMAGE),
            "padding",
        ),
        (
            network(node("Conv", "x k", "y", strides=(0, 1)), constants=(KERNEL,), shape=IMAGE),
            "has sizes",
        ),
        (
            network(node("Conv", "x k", "y", group=0), constants=(KERNEL,), shape=IMAGE),
            "0 groups",
        ),
        (network(node("MaxPool", "x", "y", kernel_shape=(2, 2, 2)), shape=IMAGE), "has sizes"),
        (network(node("Conv", "x k", "y"), constants=(KERNEL,), shape=IMAGE), "ends in an image"),
    ],
)
def test_what_has_no_integer_form_is_named(data: bytes, message: str) -> None:
    width = 16 if b"Conv" in data or b"Pool" in data else 3
    with pytest.raises(ModelError, match=message):
        from_onnx(data, features(width))


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        from_onnx(tmp_path / "none.onnx", features(3))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(("mlp", "cnn", "binary")),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4),
    st.integers(0, 3),
)
def test_changed_bytes_never_give_a_traceback(
    name: str, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray((MODELS / f"{name}.onnx").read_bytes())
    for place, byte in changes:
        data[place % len(data)] = byte
    place = changes[0][0] % len(data)
    del data[place : place + cut]
    with contextlib.suppress(ModelError):
        from_onnx(bytes(data), features({"mlp": 6, "cnn": 64, "binary": 32}[name]))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_never_give_a_traceback(data: bytes) -> None:
    with contextlib.suppress(ModelError):
        from_onnx(data, features(3))


@pytest.mark.onnx
def test_the_committed_files_are_what_the_script_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights alone: the library may write the same network otherwise from version to version."""
    from tests.frontends.models import make_onnx

    monkeypatch.setattr(make_onnx, "HERE", tmp_path)
    make_onnx.main()
    for name, width in (("mlp", 6), ("cnn", 64), ("binary", 32)):
        fresh = from_onnx(tmp_path / f"{name}.onnx", features(width))
        committed = from_onnx(MODELS / f"{name}.onnx", features(width))
        assert fresh.digest == committed.digest
