"""FloatModel: a trained model in one shape, whatever library it came from.

Numbers are the library's own, in float64, nothing rounded. What a tree library rounds on its way
(scikit-learn compares in float32) is recorded as ``comparison``.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.ir import Column, Family, Features, Task, Windows

Floats = npt.NDArray[np.float64]
Nodes = npt.NDArray[np.int64]

Link = Literal["identity", "logistic"]
"""From accumulator to probability: forests average probabilities, boosting sums log-odds."""


@dataclass(frozen=True, eq=False)
class FloatTree:
    """One trained tree, nodes numbered as in its library.

    Attributes:
        left: Child taken when the comparison holds, int64[nodes]; negative at a leaf.
        right: The other child, int64[nodes].
        feature: Feature compared, int64[nodes]; unused at a leaf.
        threshold: ``x <= threshold`` goes left, float64[nodes]; unused at a leaf.
        values: What a leaf adds, float64[nodes, k]; unused at inner nodes.
        column: First output that it adds to.
        missing_left: Where a missing value goes left, bool[nodes]; None if the model knows no
            missing values.
        codes: Of a node that splits by category: the codes (as natural values) that go left,
            instead of a threshold.
    """

    left: Nodes
    right: Nodes
    feature: Nodes
    threshold: Floats
    values: Floats
    column: int = 0
    missing_left: npt.NDArray[np.bool_] | None = None
    codes: Mapping[int, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class FloatTrees:
    """A sum or mean of trees.

    Attributes:
        trees: At least one.
        base: Added to each output, float64[outputs].
        divisor: The sum is divided by it: the number of trees for a mean.
        comparison: Precision in which the library compares ``x <= threshold``.
        link: What turns a binary classifier's accumulator into a probability.
    """

    trees: tuple[FloatTree, ...]
    base: Floats
    divisor: int
    comparison: Literal["float32", "float64"]
    link: Link


@dataclass(frozen=True, eq=False)
class FloatLinear:
    """Weighted sums: ``weights @ x + bias``, in natural units.

    Attributes:
        weights: float64[outputs, features].
        bias: float64[outputs].
        link: What turns a binary classifier's accumulator into a probability.
    """

    weights: Floats
    bias: Floats
    link: Link


@dataclass(frozen=True, eq=False)
class Dense:
    """``weights @ x + bias``.

    Attributes:
        weights: float64[outputs, inputs].
        bias: float64[outputs].
    """

    weights: Floats
    bias: Floats


@dataclass(frozen=True, eq=False)
class Convolution:
    """Two-dimensional convolution; batch normalisation is folded in.

    Attributes:
        windows: Shape of the image and where the windows lie.
        weights: float64[outputs, channels / groups, rows, columns].
        bias: float64[outputs].
        groups: As many as channels for a depthwise convolution.
    """

    windows: Windows
    weights: Floats
    bias: Floats
    groups: int = 1


@dataclass(frozen=True)
class Relu:
    """``min(max(x, 0), high)``.

    Attributes:
        high: Where it clips; infinite for a plain ReLU.
    """

    high: float = math.inf


@dataclass(frozen=True)
class MaxPool:
    """Largest element of each window."""

    windows: Windows


@dataclass(frozen=True)
class AveragePool:
    """Mean of each window, padding counted as zeros."""

    windows: Windows


Layer = Dense | Convolution | Relu | MaxPool | AveragePool


@dataclass(frozen=True, eq=False)
class FloatNetwork:
    """Layers, one after the other; images are flattened channel by channel.

    Attributes:
        slope: What the first layer reads is ``x * slope + offset``, float64[features].
        offset: float64[features].
        layers: At least one; the last gives the outputs (logits).
        link: What turns a binary classifier's accumulator into a probability.
    """

    slope: Floats
    offset: Floats
    layers: tuple[Layer, ...]
    link: Link


Body = FloatTrees | FloatLinear | FloatNetwork
"""What a model is made of."""


@dataclass(frozen=True, eq=False)
class FloatModel:
    """A trained model, checked and frozen.

    Attributes:
        features: Meaning of the columns.
        task: What is predicted.
        family: Kind of model.
        body: Its parameters.
        classes: Labels as text. binary: (negative, positive); regression: empty, or the names of
            several targets.
        source: Library, version and type, e.g. ``scikit-learn 1.9.1 DecisionTreeClassifier``.
        columns: What weights or a network read instead of the features; none for trees. In natural
            units: ``Value``, ``Filled`` and ``Clipped`` divided by the feature's scale.
    """

    features: Features
    task: Task
    family: Family
    body: Body
    classes: tuple[str, ...]
    source: str
    columns: tuple[Column, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything that decides a prediction, 64 hex digits."""
        state = hashlib.sha256()
        head: dict[str, Any] = {
            "features": [
                (column.name, column.low, column.high, column.scale, column.missing)
                for column in self.features
            ],
            "task": self.task,
            "family": self.family,
            "classes": self.classes,
        }
        if self.columns:
            head["columns"] = [repr(column) for column in self.columns]
        state.update(json.dumps(head).encode())
        state.update(self.body.link.encode())
        for array in _parameters(self.body):
            little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
            state.update(f"{little.dtype.str} {little.shape};".encode())
            state.update(little.tobytes())
        return state.hexdigest()


def _parameters(body: Body) -> list[npt.NDArray[Any]]:
    """All numbers of a model, as arrays in a fixed order."""
    match body:
        case FloatTrees(trees=trees, base=base, divisor=divisor, comparison=comparison):
            bits = 32 if comparison == "float32" else 64
            arrays: list[npt.NDArray[Any]] = [np.array([len(trees), divisor, bits]), base]
            for tree in trees:
                arrays += [np.array([tree.column]), tree.left, tree.right]
                arrays += [tree.feature, tree.threshold, tree.values]
                if tree.missing_left is not None:
                    arrays.append(tree.missing_left)
                for node, codes in sorted(tree.codes.items()):
                    arrays.append(np.array([node, *sorted(codes)]))
            return arrays
        case FloatLinear(weights=weights, bias=bias):
            return [weights, bias]
        case FloatNetwork(slope=slope, offset=offset, layers=layers):
            return [slope, offset, *(array for layer in layers for array in _layer(layer))]
    assert_never(body)


def _layer(layer: Layer) -> list[npt.NDArray[Any]]:
    """All numbers of a layer, its kind first."""
    match layer:
        case Dense():
            return [np.array([0]), layer.weights, layer.bias]
        case Convolution():
            head = np.array([1, layer.groups, *_numbers(layer.windows)])
            return [head, layer.weights, layer.bias]
        case Relu():
            return [np.array([2]), np.array([layer.high])]
        case MaxPool():
            return [np.array([3, *_numbers(layer.windows)])]
        case AveragePool():
            return [np.array([4, *_numbers(layer.windows)])]
    assert_never(layer)


def _numbers(windows: Windows) -> list[int]:
    shape = (windows.channels, windows.height, windows.width)
    return [*shape, *windows.kernel, *windows.stride, *windows.padding]


def check_finite(what: str, values: Floats) -> None:
    """Refuse parameters that are NaN or infinite.

    Raises:
        ModelError: Names the first such place.
    """
    bad = np.argwhere(~np.isfinite(values))
    if bad.size:
        place = tuple(int(i) for i in bad[0])
        raise ModelError(
            f"{what} holds {float(values[place])!r} at {list(place)}.",
            "Train again on rows without NaN or infinities.",
        )
