"""FloatModel: a trained model in one shape, whatever library it came from.

Numbers are the library's own, in float64, nothing rounded. What a tree library rounds on its way
(scikit-learn compares in float32) is recorded as ``comparison``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.ir import Family, Features, Task

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
    """

    left: Nodes
    right: Nodes
    feature: Nodes
    threshold: Floats
    values: Floats
    column: int = 0


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
class FloatModel:
    """A trained model, checked and frozen.

    Attributes:
        features: Meaning of the columns.
        task: What is predicted.
        family: Kind of model.
        body: Its parameters.
        classes: Labels as text. binary: (negative, positive); regression: empty.
        source: Library, version and type, e.g. ``scikit-learn 1.9.1 DecisionTreeClassifier``.
    """

    features: Features
    task: Task
    family: Family
    body: FloatTrees | FloatLinear
    classes: tuple[str, ...]
    source: str

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything that decides a prediction, 64 hex digits."""
        state = hashlib.sha256()
        head = {
            "features": [
                (column.name, column.low, column.high, column.scale) for column in self.features
            ],
            "task": self.task,
            "family": self.family,
            "classes": self.classes,
        }
        state.update(json.dumps(head).encode())
        state.update(self.body.link.encode())
        for array in _parameters(self.body):
            little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
            state.update(f"{little.dtype.str} {little.shape};".encode())
            state.update(little.tobytes())
        return state.hexdigest()


def _parameters(body: FloatTrees | FloatLinear) -> list[npt.NDArray[Any]]:
    """All numbers of a model, as arrays in a fixed order."""
    match body:
        case FloatTrees(trees=trees, base=base, divisor=divisor, comparison=comparison):
            bits = 32 if comparison == "float32" else 64
            arrays: list[npt.NDArray[Any]] = [np.array([len(trees), divisor, bits]), base]
            for tree in trees:
                arrays += [np.array([tree.column]), tree.left, tree.right]
                arrays += [tree.feature, tree.threshold, tree.values]
            return arrays
        case FloatLinear(weights=weights, bias=bias):
            return [weights, bias]
    assert_never(body)


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
