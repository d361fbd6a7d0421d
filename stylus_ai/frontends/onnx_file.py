"""The part of an ONNX file that a network needs: nodes in order, constants, the input's shape.

Field numbers are those of ``onnx.proto3`` (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.frontends.protobuf import Message

MIN_OPSET = 13
MAX_BYTES = 512 * 1024 * 1024
MAX_NUMBERS = 64_000_000
MAX_NODES = 10_000

Array = npt.NDArray[np.float64] | npt.NDArray[np.int64]
Attribute = int | float | str | tuple[int, ...] | tuple[float, ...] | Array

# TensorProto.DataType: the types that a network's constants have.
_DTYPES = {1: "<f4", 2: "<u1", 3: "<i1", 6: "<i4", 7: "<i8", 9: "<u1", 10: "<f2", 11: "<f8"}
_INT32_DATA = {2, 3, 6, 9}


@dataclass(frozen=True)
class Node:
    """One operator.

    Attributes:
        kind: Operator, e.g. ``Conv``.
        where: What messages call it: number, operator and name.
        inputs: Names of values; empty for one that is left out.
        outputs: Names of values.
        attributes: By name.
    """

    kind: str
    where: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute]


@dataclass(frozen=True)
class Graph:
    """A network as the file describes it.

    Attributes:
        source: Producer and version.
        input: Name of the only input.
        shape: Its shape; None for a length that the file leaves open.
        output: Name of the only output.
        constants: Tensors by name.
        nodes: In the order of the file, which is that of computing.
    """

    source: str
    input: str
    shape: tuple[int | None, ...]
    output: str
    constants: Mapping[str, Array]
    nodes: tuple[Node, ...]


def read_graph(data: bytes) -> Graph:
    """Read an ONNX file.

    Raises:
        ModelError: Not such a file, an opset below 13, external data, several inputs or outputs.
    """
    if len(data) > MAX_BYTES:
        raise ModelError(f"An ONNX file of {len(data)} bytes is too large.")
    model = Message(data, "The file")
    if 7 not in model:
        raise ModelError("The file is no ONNX model: it has no graph.", "Export the model again.")
    opset = max(
        (
            found.integer(2)
            for found in model.messages(8, "The opset")
            if found.text(1) in {"", "ai.onnx"}
        ),
        default=0,
    )
    if opset < MIN_OPSET:
        raise ModelError(
            f"The model uses opset {opset}.", f"Export with opset_version={MIN_OPSET} or later."
        )
    graph = Message(model.blob(7), "The graph")
    constants = dict(_tensor(found) for found in graph.messages(5, "An initializer"))
    inputs = [found for found in graph.messages(11, "An input") if found.text(1) not in constants]
    outputs = graph.messages(12, "An output")
    for what, values in (("input", inputs), ("output", outputs)):
        if len(values) != 1:
            names = ", ".join(value.text(1) for value in values[:5]) or "none"
            raise ModelError(
                f"The network has {len(values)} {what}s ({names}).", f"Export it with one {what}."
            )
    nodes = graph.messages(1, "A node")
    if len(nodes) > MAX_NODES:
        raise ModelError(f"The network has {len(nodes)} nodes, more than {MAX_NODES}.")
    producer = f"{model.text(2)} {model.text(3)}".strip()
    return Graph(
        source=_printable(producer or "unknown producer"),
        input=inputs[0].text(1),
        shape=_shape(inputs[0]),
        output=outputs[0].text(1),
        constants=constants,
        nodes=tuple(_node(number, node) for number, node in enumerate(nodes)),
    )


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)[:100]


def _shape(value: Message) -> tuple[int | None, ...]:
    kind = Message(value.blob(2), "An input's type")
    tensor = Message(kind.blob(1), "An input's type")
    dims = Message(tensor.blob(2), "An input's shape").messages(1, "An input's shape")
    return tuple(dim.integer(1) if 1 in dim else None for dim in dims)


def _node(number: int, node: Message) -> Node:
    kind = _printable(node.text(4))
    domain = node.text(7)
    where = f"Node {number} ({kind}{f', {_printable(node.text(3))}' if node.text(3) else ''})"
    if domain not in {"", "ai.onnx"}:
        raise ModelError(
            f"{where} is of the domain {_printable(domain)!r}.", "Export with standard operators."
        )
    attributes = dict(
        _attribute(found, where) for found in node.messages(5, f"{where}: an attribute")
    )
    return Node(kind, where, tuple(node.texts(1)), tuple(node.texts(2)), attributes)


def _attribute(message: Message, where: str) -> tuple[str, Attribute]:
    name = message.text(1)
    readers: dict[int, Callable[[], Attribute]] = {
        1: lambda: (message.floats(2) or [0.0])[-1],
        2: lambda: message.integer(3),
        3: lambda: message.text(4),
        4: lambda: _tensor(Message(message.blob(5), f"{where}: {name}"))[1],
        6: lambda: tuple(message.floats(7)),
        7: lambda: tuple(message.integers(8)),
    }
    kind = message.integer(20)
    if kind not in readers:
        raise ModelError(
            f"{where} has the attribute {_printable(name)!r} of type {kind}, which no supported "
            "operator has.",
            "Export the network without control flow.",
        )
    return name, readers[kind]()


def _tensor(message: Message) -> tuple[str, Array]:
    """Name and numbers of a TensorProto."""
    name, kind = message.text(8), message.integer(2)
    what = f"The tensor {_printable(name)!r}"
    dims = message.integers(1)
    if message.integer(14):
        raise ModelError(f"{what} lies in another file.", "Export without external data.")
    if kind not in _DTYPES:
        raise ModelError(
            f"{what} has the data type {kind}.", "Export in float32; integers for shapes."
        )
    if len(dims) > 8 or any(dim < 0 for dim in dims) or math.prod(dims) > MAX_NUMBERS:
        raise ModelError(f"{what} has the shape {dims}.", "Export a smaller network.")
    flat = _numbers(message, kind)
    if len(flat) != math.prod(dims):
        raise ModelError(f"{what} has {len(flat)} numbers, not {math.prod(dims)}.")
    if flat.dtype.kind == "f":
        return name, flat.astype(np.float64).reshape(dims)
    return name, flat.astype(np.int64).reshape(dims)


def _numbers(message: Message, kind: int) -> npt.NDArray[np.generic]:
    dtype = np.dtype(_DTYPES[kind])
    raw = message.blob(9)
    if raw:
        if len(raw) % dtype.itemsize:
            raise ModelError("A tensor's bytes are cut off.", "Export the model again.")
        return np.frombuffer(raw, dtype=dtype)
    if kind == 1:
        return np.array(message.floats(4), dtype=np.float64)
    if kind in _INT32_DATA:
        return np.array(message.integers(5), dtype=np.int64)
    if kind == 7:
        return np.array(message.integers(7), dtype=np.int64)
    if kind == 11:
        doubles = b"".join(message.blobs(10))
        return np.frombuffer(doubles[: len(doubles) // 8 * 8], dtype="<f8")
    # float16 by number: its bits stand in int32_data.
    bits = np.array(message.integers(5), dtype=np.int64).astype(np.uint16)
    return bits.view(np.float16)
