"""Operations as canonical JSON, and back.

A tensor's numbers are one base64 text: little-endian, of the narrowest type that holds them all.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable
from typing import Any, assert_never

import numpy as np

from stylus_ai.ir.columns import Bin, Clipped, Column, Filled, Member, Value, Within
from stylus_ai.ir.json_node import JsonNode
from stylus_ai.ir.ops import (
    Affine,
    Argmax,
    AtLeast,
    Conv2d,
    Encode,
    MaxPool2d,
    Op,
    Requantise,
    Sigmoid,
    Softmax,
    SumPool2d,
    TreeSum,
)
from stylus_ai.ir.tensor import IntTensor
from stylus_ai.ir.tree import Tree
from stylus_ai.ir.windows import Windows

DTYPES = ("int8", "int16", "int32", "int64")
MAX_NUMBERS = 64_000_000
"""Numbers in one tensor: 512 MB when read."""


def dump_op(op: Op) -> dict[str, Any]:
    """An operation as plain values."""
    return {"op": type(op).__name__, "source": op.source} | _body(op)


def _body(op: Op) -> dict[str, Any]:  # noqa: PLR0911 - one arm for each op
    match op:
        case Encode():
            return {"columns": [_column(column) for column in op.columns]}
        case TreeSum():
            return {
                "trees": [_tree(tree) for tree in op.trees],
                "base": op.base,
                "frac_bits": op.frac_bits,
                "divisor": op.divisor,
            }
        case Affine():
            return {
                "weights": _tensor(op.weights),
                "bias": _tensor(op.bias),
                "frac_bits": op.frac_bits,
            }
        case Conv2d():
            return {
                "windows": _windows(op.windows),
                "weights": _tensor(op.weights),
                "bias": _tensor(op.bias),
                "groups": op.groups,
            }
        case MaxPool2d() | SumPool2d():
            return {"windows": _windows(op.windows)}
        case Requantise():
            return {
                "multipliers": op.multipliers,
                "shift": op.shift,
                "low": op.low,
                "high": op.high,
                "zero_point": op.zero_point,
            } | ({"frac_bits": op.frac_bits} if op.frac_bits else {})
        case Sigmoid() | Softmax():
            return {"frac_bits": op.frac_bits}
        case AtLeast():
            return {"threshold": op.threshold}
        case Argmax():
            return {}
    assert_never(op)


def _column(column: Column) -> dict[str, Any]:
    head = {"column": type(column).__name__, "feature": column.feature}
    match column:
        case Value():
            return head
        case Filled():
            return head | {"missing": column.missing, "fill": column.fill}
        case Member():
            return head | {"codes": column.codes}
        case Bin():
            return head | {"edges": column.edges}
        case Within() | Clipped():
            return head | {"low": column.low, "high": column.high}
    assert_never(column)


def _windows(windows: Windows) -> dict[str, Any]:
    return {
        "channels": windows.channels,
        "height": windows.height,
        "width": windows.width,
        "kernel": windows.kernel,
        "stride": windows.stride,
        "padding": windows.padding,
    }


def _tensor(values: IntTensor) -> dict[str, Any]:
    dtype = _narrowest(values.array)
    data = values.array.astype(f"<i{np.dtype(dtype).itemsize}").tobytes()
    return {
        "shape": values.shape,
        "dtype": dtype,
        "data": base64.b64encode(data).decode("ascii"),
    }


def _narrowest(array: np.ndarray[Any, Any]) -> str:
    low, high = int(array.min(initial=0)), int(array.max(initial=0))
    return next(d for d in DTYPES if np.iinfo(d).min <= low and high <= np.iinfo(d).max)


def _tree(tree: Tree) -> dict[str, Any]:
    return {
        "feature": tree.feature,
        "threshold": tree.threshold,
        "left": tree.left,
        "right": tree.right,
        "values": tree.values,
        "leaf_ids": tree.leaf_ids,
        "column": tree.column,
    }


def read_op(node: JsonNode) -> Op:
    """Inverse of ``dump_op``.

    Raises:
        ModelError: Not an operation; names the place by its JSON path.
    """
    kind = node.get("op").text()
    reader = _READERS.get(kind)
    if reader is None:
        node.get("op").refuse(f"one of {', '.join(sorted(_READERS))}")
    op = reader(node, node.get("source").integer())
    node.no_more()
    return op


def _read_column(node: JsonNode) -> Column:
    feature = node.get("feature").integer()
    kind = node.get("column").text()
    column: Column
    match kind:
        case "Value":
            column = Value(feature)
        case "Filled":
            column = Filled(feature, node.get("missing").integer(), node.get("fill").integer())
        case "Member":
            column = Member(feature, node.get("codes").integers())
        case "Bin":
            column = Bin(feature, node.get("edges").integers())
        case "Within":
            column = Within(feature, node.get("low").integer(), node.get("high").integer())
        case "Clipped":
            column = Clipped(feature, node.get("low").integer(), node.get("high").integer())
        case _:
            node.get("column").refuse("one of Value, Filled, Member, Bin, Within, Clipped")
    node.no_more()
    return column


def _read_windows(node: JsonNode) -> Windows:
    windows = Windows(
        channels=node.get("channels").integer(),
        height=node.get("height").integer(),
        width=node.get("width").integer(),
        kernel=_pair(node.get("kernel")),
        stride=_pair(node.get("stride")),
        padding=_four(node.get("padding")),
    )
    node.no_more()
    return windows


def _pair(node: JsonNode) -> tuple[int, int]:
    values = node.integers()
    if len(values) != 2:
        node.refuse("a pair of integers")
    return values[0], values[1]


def _four(node: JsonNode) -> tuple[int, int, int, int]:
    values = node.integers()
    if len(values) != 4:
        node.refuse("a list of four integers")
    return values[0], values[1], values[2], values[3]


def _read_tensor(node: JsonNode) -> IntTensor:
    shape, dtype = node.get("shape").integers(), node.get("dtype").text()
    if dtype not in DTYPES:
        node.get("dtype").refuse(f"one of {', '.join(DTYPES)}")
    if not 1 <= len(shape) <= 4 or min(shape) < 0 or math.prod(shape) > MAX_NUMBERS:
        node.get("shape").refuse(f"1 to 4 lengths of at most {MAX_NUMBERS} numbers in all")
    try:
        data = base64.b64decode(node.get("data").text(), validate=True)
    except (binascii.Error, ValueError):
        node.get("data").refuse("base64")
    size = np.dtype(dtype).itemsize
    if len(data) != size * math.prod(shape):
        node.get("data").refuse(f"{math.prod(shape)} numbers of {size} bytes")
    array = np.frombuffer(data, dtype=f"<i{size}").reshape(shape)
    if _narrowest(array) != dtype:
        node.get("dtype").refuse("the narrowest type")
    node.no_more()
    return IntTensor(array)


def _read_tree(node: JsonNode) -> Tree:
    tree = Tree(
        feature=node.get("feature").integers(),
        threshold=node.get("threshold").integers(),
        left=node.get("left").integers(),
        right=node.get("right").integers(),
        values=tuple(node.get("values").each(JsonNode.integers)),
        leaf_ids=node.get("leaf_ids").integers(),
        column=node.get("column").integer(),
    )
    node.no_more()
    return tree


def _read_tree_sum(node: JsonNode, source: int) -> Op:
    return TreeSum(
        source=source,
        trees=tuple(node.get("trees").each(_read_tree)),
        base=node.get("base").integers(),
        frac_bits=node.get("frac_bits").integer(),
        divisor=node.get("divisor").integer(),
    )


def _read_affine(node: JsonNode, source: int) -> Op:
    return Affine(
        source=source,
        weights=_read_tensor(node.get("weights")),
        bias=_read_tensor(node.get("bias")),
        frac_bits=node.get("frac_bits").integer(),
    )


def _read_conv2d(node: JsonNode, source: int) -> Op:
    return Conv2d(
        source=source,
        windows=_read_windows(node.get("windows")),
        weights=_read_tensor(node.get("weights")),
        bias=_read_tensor(node.get("bias")),
        groups=node.get("groups").integer(),
    )


def _read_requantise(node: JsonNode, source: int) -> Op:
    return Requantise(
        source=source,
        multipliers=node.get("multipliers").integers(),
        shift=node.get("shift").integer(),
        low=node.get("low").integer(),
        high=node.get("high").integer(),
        zero_point=node.get("zero_point").integer(),
        frac_bits=node.get("frac_bits").integer() if node.has("frac_bits") else 0,
    )


_READERS: dict[str, Callable[[JsonNode, int], Op]] = {
    "Encode": lambda node, source: Encode(source, tuple(node.get("columns").each(_read_column))),
    "TreeSum": _read_tree_sum,
    "Affine": _read_affine,
    "Conv2d": _read_conv2d,
    "MaxPool2d": lambda node, source: MaxPool2d(source, _read_windows(node.get("windows"))),
    "SumPool2d": lambda node, source: SumPool2d(source, _read_windows(node.get("windows"))),
    "Requantise": _read_requantise,
    "Sigmoid": lambda node, source: Sigmoid(source, node.get("frac_bits").integer()),
    "Softmax": lambda node, source: Softmax(source, node.get("frac_bits").integer()),
    "AtLeast": lambda node, source: AtLeast(source, node.get("threshold").integer()),
    "Argmax": lambda _node, source: Argmax(source),
}
