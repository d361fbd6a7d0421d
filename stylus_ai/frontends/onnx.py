"""ONNX networks to FloatModel: a chain of dense or convolutional layers, opset 13 and up.

The file is read by ``onnx_file.py``; no library is needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError, UsageError
from stylus_ai.frontends.files import SavedModel
from stylus_ai.frontends.labels import text
from stylus_ai.frontends.layers import Floats, NetworkBuilder, Padding, Pair, turned
from stylus_ai.frontends.model import FloatModel
from stylus_ai.frontends.onnx_file import MAX_BYTES, Array, Graph, Node, read_graph
from stylus_ai.ir import Features

_NEAREST = {
    "LeakyRelu": "Relu",
    "PRelu": "Relu",
    "Elu": "Relu",
    "Selu": "Relu",
    "Gelu": "Relu",
    "Tanh": "Relu, or Clip",
    "HardSigmoid": "Clip",
    "HardSwish": "Relu",
    "LSTM": "a network without memory between calls",
    "GRU": "a network without memory between calls",
    "RNN": "a network without memory between calls",
    "ConvTranspose": "Conv",
    "LayerNormalization": "BatchNormalization",
    "InstanceNormalization": "BatchNormalization",
    "Concat": "a chain of layers",
    "Split": "a chain of layers",
    "QuantizeLinear": "the float network; stylus-ai quantises it",
    "DequantizeLinear": "the float network; stylus-ai quantises it",
    "QLinearConv": "the float network; stylus-ai quantises it",
    "TreeEnsembleClassifier": "the model of the library that trained it",
    "Transpose": "channels before rows and columns (NCHW)",
}


def matches(model: object) -> bool:
    """An ONNX file, or ONNX's own object of one."""
    if isinstance(model, SavedModel):
        return model.suffix == ".onnx"
    return type(model).__name__ == "ModelProto"


def read(
    model: object,
    features: Features,
    *,
    positive: object = None,
    classes: Sequence[object] = (),
    targets: Sequence[str] = (),
) -> FloatModel:
    """Freeze a network, see ``registry``; ``targets`` makes it a regression."""
    data = model.data() if isinstance(model, SavedModel) else cast("Any", model).SerializeToString()
    return turned(
        from_onnx(
            data,
            features,
            task="regression" if targets else "classification",
            names=[text(name) for name in targets or classes] or None,
        ),
        positive,
    )


def from_onnx(
    model: bytes | str | Path,
    features: Features,
    *,
    task: Literal["classification", "regression"] = "classification",
    names: Sequence[str] | None = None,
) -> FloatModel:
    """Read a network.

    Args:
        model: The file's path, or its bytes.
        features: One for each input; of an image channel by channel, each row by row.
        task: Classification takes the outputs as logits, whether or not a softmax follows.
        names: Labels of the classes, or of several targets; by default numbers.

    Raises:
        UsageError: The file cannot be read.
        ModelError: It is no ONNX, or holds what has no integer form here; names the node.
    """
    graph = read_graph(model if isinstance(model, bytes) else _read(Path(model)))
    builder = NetworkBuilder(_shape(graph, len(features)), features)
    walk = _Walk(graph, builder)
    for node in graph.nodes:
        walk.step(node)
    if walk.value != graph.output:
        raise ModelError(
            f"The output {graph.output!r} is not what the last layer gives.",
            "Export a chain of layers with one output.",
        )
    return builder.finish(task=task, names=names, source=f"ONNX, {graph.source}")


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ModelError(f"{path} is too large for an ONNX file here.")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


def _shape(graph: Graph, width: int) -> tuple[int, ...]:
    """The input's shape without the batch, an open length filled in from the features."""
    dims = list(graph.shape[1:])
    if len(dims) not in {1, 3} or dims.count(None) > 1:
        raise ModelError(
            f"The input has the shape {list(graph.shape)}.",
            "Export with an input (batch, features) or (batch, channels, height, width).",
        )
    known = math.prod(dim for dim in dims if dim is not None)
    if known < 1:
        raise ModelError(f"The input has the shape {list(graph.shape)}, which holds nothing.")
    return tuple(width // known if dim is None else dim for dim in dims)


_EITHER_SIDE = {"Add", "Sub", "Mul", "Div"}


class _Walk:
    """Follows the one value from layer to layer."""

    def __init__(self, graph: Graph, builder: NetworkBuilder) -> None:
        self.value = graph.input
        self.builder = builder
        self._constants: dict[str, Array] = dict(graph.constants)

    def step(self, node: Node) -> None:
        """Take one node."""
        self.builder.where = node.where
        if len(node.outputs) < 1 or any(node.outputs[1:]):
            self.builder.refuse(f"has {len(node.outputs)} outputs", "operators with one output")
        if node.outputs[0] in self._constants or node.outputs[0] == self.value:
            self.builder.refuse("gives a value twice, or its own input", "a chain of layers")
        if node.kind == "Constant":
            value = node.attributes.get("value")
            if not isinstance(value, np.ndarray):
                self.builder.refuse("holds no tensor", "constants with a tensor")
            self._constants[node.outputs[0]] = value
            return
        given = [name for name in node.inputs if name and name not in self._constants]
        if not given and node.kind == "Identity" and node.inputs:
            self._constants[node.outputs[0]] = self._constants[node.inputs[0]]
            return
        if given != [self.value]:
            wrong = ", ".join(repr(name) for name in given) or "constants alone"
            self.builder.refuse(
                f"reads {wrong}, not just what the layer before it gives",
                "a chain of layers without branches, loops or skipped connections",
            )
        if node.inputs[0] != self.value and node.kind not in _EITHER_SIDE:
            self.builder.refuse("reads the value as weights", "the value first, then weights")
        read = _READERS.get(node.kind)
        if read is None:
            nearest = _NEAREST.get(node.kind, ", ".join(sorted(_READERS)))
            self.builder.refuse("has no integer form here", nearest)
        read(self, node)
        self.value = node.outputs[0]

    def constant(self, node: Node, at: int) -> Array | None:
        """The constant that input ``at`` is; None if it is left out."""
        name = node.inputs[at] if at < len(node.inputs) else ""
        if not name:
            return None
        if name not in self._constants:
            self.builder.refuse(f"has no constant as input {at}", "weights that are constants")
        return self._constants[name]

    def floats(self, node: Node, at: int) -> Floats:
        """A constant that must be there, as float64."""
        found = self.constant(node, at)
        if found is None:
            self.builder.refuse(f"lacks input {at}", "the operator with all its weights")
        return found.astype(np.float64)

    def integers(self, node: Node, name: str, default: Sequence[int]) -> tuple[int, ...]:
        """An attribute that is a list of integers."""
        value = node.attributes.get(name, tuple(default))
        if not isinstance(value, tuple) or not all(isinstance(item, int) for item in value):
            self.builder.refuse(f"has {name}={value!r}", "a list of integers")
        return cast("tuple[int, ...]", value)

    def number(self, node: Node, name: str, default: float) -> float:
        """An attribute that is one number."""
        value = node.attributes.get(name, default)
        if not isinstance(value, int | float):
            self.builder.refuse(f"has {name}={value!r}", "a number")
        return value

    def insist(self, node: Node, name: str, wanted: float) -> None:
        """Refuse an option that has no form here."""
        value = self.number(node, name, wanted)
        if value != wanted:
            self.builder.refuse(f"has {name}={value:g}", f"{name}={wanted:g}")


def _gemm(walk: _Walk, node: Node) -> None:
    walk.insist(node, "transA", 0)
    weights = walk.floats(node, 1) * walk.number(node, "alpha", 1.0)
    if not walk.number(node, "transB", 0):
        weights = weights.T
    bias = walk.constant(node, 2)
    scaled = np.zeros(1) if bias is None else bias * walk.number(node, "beta", 1.0)
    walk.builder.dense(weights, _broadcast(walk, scaled.reshape(-1), len(weights)))


def _broadcast(walk: _Walk, values: npt.NDArray[Any], width: int) -> Floats:
    if len(values) not in {1, width}:
        walk.builder.refuse(f"adds {len(values)} numbers to {width} outputs", "one for each")
    return np.broadcast_to(values, (width,)).astype(np.float64)


def _matmul(walk: _Walk, node: Node) -> None:
    if not node.inputs or node.inputs[0] != walk.value:
        walk.builder.refuse("multiplies a constant by the value", "the value times weights")
    weights = walk.floats(node, 1)
    if weights.ndim != 2:
        walk.builder.refuse(f"has weights of {weights.ndim} axes", "two axes")
    walk.builder.dense(weights.T, np.zeros(weights.shape[1]))


def _conv(walk: _Walk, node: Node) -> None:
    weights = walk.floats(node, 1)
    bias = walk.constant(node, 2)
    kernel = weights.shape[2:]
    if tuple(kernel) != walk.integers(node, "kernel_shape", kernel):
        walk.builder.refuse("has a kernel_shape that its weights do not have", "both equal")
    stride = _pair(walk, walk.integers(node, "strides", (1, 1)))
    walk.builder.conv(
        weights,
        np.zeros(len(weights)) if bias is None else bias.astype(np.float64),
        stride=stride,
        padding=_padding(walk, node, kernel, stride),
        dilation=_pair(walk, walk.integers(node, "dilations", (1, 1))),
        groups=int(walk.number(node, "group", 1)),
    )


def _pair(walk: _Walk, values: Sequence[int]) -> Pair:
    if len(values) != 2 or min(values) < 1:
        walk.builder.refuse(f"has sizes {list(values)}", "one of rows and one of columns, from 1")
    return int(values[0]), int(values[1])


def _padding(walk: _Walk, node: Node, kernel: Sequence[int], stride: Pair) -> Padding:
    """(top, left, bottom, right)."""
    auto = node.attributes.get("auto_pad", "NOTSET")
    if auto in {"SAME_UPPER", "SAME_LOWER"}:
        sides = [
            max((math.ceil(size / step) - 1) * step + side - size, 0)
            for size, side, step in zip(walk.builder.shape[1:], kernel, stride, strict=False)
        ]
        if len(sides) != 2:
            walk.builder.refuse("pads what is no image", "an image before it")
        less, more = [side // 2 for side in sides], [side - side // 2 for side in sides]
        before, after = (less, more) if auto == "SAME_UPPER" else (more, less)
        return before[0], before[1], after[0], after[1]
    pads = (0, 0, 0, 0) if auto == "VALID" else walk.integers(node, "pads", (0, 0, 0, 0))
    if len(pads) != 4:
        walk.builder.refuse(f"pads {len(pads)} sides", "four sides")
    return pads[0], pads[1], pads[2], pads[3]


def _batch_norm(walk: _Walk, node: Node) -> None:
    walk.insist(node, "training_mode", 0)
    gamma, beta, mean, variance = (walk.floats(node, at).reshape(-1) for at in range(1, 5))
    if not len(gamma) == len(beta) == len(mean) == len(variance):
        walk.builder.refuse("has statistics of unequal length", "one of each for a channel")
    walk.builder.batch_norm(gamma, beta, mean, variance, walk.number(node, "epsilon", 1e-5))


def _clip(walk: _Walk, node: Node) -> None:
    limits = [walk.constant(node, at) for at in (1, 2)]
    low, high = (
        None if limit is None or limit.size != 1 else float(limit.reshape(())) for limit in limits
    )
    if low != 0:
        walk.builder.refuse(f"clips from {low}", "Clip from 0, or Relu")
    walk.builder.relu(math.inf if high is None else high)


def _max_pool(walk: _Walk, node: Node) -> None:
    walk.insist(node, "ceil_mode", 0)
    if any(step != 1 for step in walk.integers(node, "dilations", (1, 1))):
        walk.builder.refuse("has dilations", "dilations of 1")
    kernel = _pair(walk, walk.integers(node, "kernel_shape", ()))
    stride = _pair(walk, walk.integers(node, "strides", (1, 1)))
    walk.builder.max_pool(kernel, stride, _padding(walk, node, kernel, stride))


def _average_pool(walk: _Walk, node: Node) -> None:
    walk.insist(node, "ceil_mode", 0)
    kernel = _pair(walk, walk.integers(node, "kernel_shape", ()))
    stride = _pair(walk, walk.integers(node, "strides", (1, 1)))
    padding = _padding(walk, node, kernel, stride)
    if any(padding):
        walk.insist(node, "count_include_pad", 1)
        if not walk.number(node, "count_include_pad", 0):
            walk.builder.refuse("does not count its padding", "count_include_pad=1")
    walk.builder.average_pool(kernel, stride, padding)


def _global_average(walk: _Walk, _node: Node) -> None:
    walk.builder.adaptive_average_pool((1, 1))


def _global_max(walk: _Walk, _node: Node) -> None:
    kernel = _pair(walk, walk.builder.shape[1:])
    walk.builder.max_pool(kernel, kernel)


def _reduce_mean(walk: _Walk, node: Node) -> None:
    axes = walk.constant(node, 1)
    given = walk.integers(node, "axes", ()) if axes is None else tuple(axes.reshape(-1).tolist())
    if sorted(axis % 4 for axis in given) != [2, 3] or len(walk.builder.shape) != 3:
        walk.builder.refuse(f"averages over the axes {list(given)}", "rows and columns, axes 2, 3")
    walk.builder.adaptive_average_pool((1, 1))
    if not walk.number(node, "keepdims", 1):
        walk.builder.flatten()


def _flatten(walk: _Walk, node: Node) -> None:
    walk.insist(node, "axis", 1)
    walk.builder.flatten()


def _reshape(walk: _Walk, node: Node) -> None:
    shape = walk.constant(node, 1)
    wanted = () if shape is None else tuple(shape.reshape(-1).tolist())
    size = math.prod(walk.builder.shape)
    if len(wanted) == 2 and wanted[1] in {-1, size}:
        walk.builder.flatten()
    elif len(wanted) == 4 and math.prod(wanted[1:]) == size and not walk.builder.started:
        walk.builder.reshape([int(length) for length in wanted[1:]])
    else:
        walk.builder.refuse(
            f"reshapes {walk.builder.shape} to {list(wanted)}", "flattening, or an image at first"
        )


def _nothing(_walk: _Walk, _node: Node) -> None:
    """Dropout and the like do nothing at inference."""


def _elementwise(kind: Literal["Add", "Sub", "Mul", "Div"]) -> Callable[[_Walk, Node], None]:
    """A constant for each channel, or one for all."""

    def read(walk: _Walk, node: Node) -> None:
        if len(node.inputs) != 2:
            walk.builder.refuse(f"has {len(node.inputs)} inputs", "two")
        first = node.inputs[0] == walk.value
        values = _channels(walk, walk.floats(node, 1 if first else 0))
        one, none = np.ones(1), np.zeros(1)
        if kind == "Add":
            walk.builder.scale(one, values)
        elif kind == "Mul":
            walk.builder.scale(values, none)
        elif kind == "Sub":
            walk.builder.scale(one if first else -one, -values if first else values)
        elif first and (values != 0).all():
            walk.builder.scale(1 / values, none)
        else:
            walk.builder.refuse("divides by the value, or by 0", "division by a constant")

    return read


def _channels(walk: _Walk, values: Floats) -> Floats:
    """A constant that broadcasts over (batch, channels, ...) as float[channels] or float[1]."""
    axes = len(walk.builder.shape) + 1
    if values.ndim > axes:
        walk.builder.refuse(f"has a constant of {values.ndim} axes", "one number for each channel")
    shape = (1,) * (axes - values.ndim) + values.shape
    if any(length != 1 for at, length in enumerate(shape) if at != 1):
        walk.builder.refuse(
            f"has a constant of the shape {values.shape}", "one number for each channel"
        )
    return values.reshape(-1)


_READERS: dict[str, Callable[[_Walk, Node], None]] = {
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Conv": _conv,
    "BatchNormalization": _batch_norm,
    "Relu": lambda walk, _node: walk.builder.relu(),
    "Clip": _clip,
    "MaxPool": _max_pool,
    "AveragePool": _average_pool,
    "GlobalAveragePool": _global_average,
    "GlobalMaxPool": _global_max,
    "ReduceMean": _reduce_mean,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Dropout": _nothing,
    "Identity": _nothing,
    "Cast": _nothing,
    "Add": _elementwise("Add"),
    "Sub": _elementwise("Sub"),
    "Mul": _elementwise("Mul"),
    "Div": _elementwise("Div"),
    "Softmax": lambda walk, _node: walk.builder.end("softmax"),
    "LogSoftmax": lambda walk, _node: walk.builder.end("softmax"),
    "ArgMax": lambda walk, _node: walk.builder.end("argmax"),
    "Sigmoid": lambda walk, _node: walk.builder.end("sigmoid"),
}
