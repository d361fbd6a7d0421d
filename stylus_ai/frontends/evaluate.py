"""What a FloatModel answers, in numpy: the library's own arithmetic where the library is not there.

Paths through trees are the library's exactly; sums differ from its own by float64 rounding at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai.frontends.forward import forward
from stylus_ai.frontends.inputs import column_range
from stylus_ai.frontends.model import FloatLinear, FloatModel, FloatNetwork, FloatTree, FloatTrees
from stylus_ai.ir import Encode, run_op

Floats = npt.NDArray[np.float64]
Nodes = npt.NDArray[np.int64]


def raw(model: FloatModel, x: Floats) -> Floats:
    """Sums: averaged probabilities, log-odds, a score for each class, or targets.

    Args:
        model: Any model.
        x: Rows on the features' grid in natural units, NaN where one is missing.

    Returns:
        float64[n, outputs].
    """
    match model.body:
        case FloatTrees(trees=trees, base=base, divisor=divisor):
            sums = np.tile(base, (len(x), 1))
            for tree, nodes in zip(trees, _reached(model.body, x), strict=True):
                sums[:, tree.column : tree.column + tree.values.shape[1]] += tree.values[nodes]
            mean: Floats = sums / divisor
            return mean
        case FloatLinear(weights=weights, bias=bias):
            linear: Floats = _columns(model, x) @ weights.T + bias
            return linear
        case FloatNetwork():
            return forward(model.body, _columns(model, x))[-1]
    assert_never(model.body)


def answers(model: FloatModel, x: Floats, cutoff: float) -> dict[str, npt.NDArray[Any]]:
    """Answers under the names of a program's outputs: score, decision, class, value or values.

    Args:
        model: Any model.
        x: Rows on the features' grid in natural units, float64[n, features].
        cutoff: Of a binary model: probability from which on the decision is yes.
    """
    sums = raw(model, x)
    match model.task:
        case "regression":
            return {"values": sums} if model.classes else {"value": sums[:, 0]}
        case "multiclass":
            return {"class": np.argmax(sums, axis=1)}
        case "binary":
            with np.errstate(over="ignore"):
                logistic = model.body.link == "logistic"
                score = 1 / (1 + np.exp(-sums[:, 0])) if logistic else sums[:, 0]
            return {"score": score, "decision": (score >= cutoff).astype(np.int64)}
    assert_never(model.task)


def leaf_nodes(model: FloatModel, x: Floats) -> Nodes:
    """Node of the leaf that each row reaches in each tree, int64[n, trees]."""
    if not isinstance(model.body, FloatTrees):
        return np.empty((len(x), 0), dtype=np.int64)
    return np.stack(list(_reached(model.body, x)), axis=1)


def columns_of(model: FloatModel, q: Nodes) -> Floats:
    """What weights read of integer rows, float64[n, inputs] in natural units."""
    if not model.columns:
        return model.features.dequantise(q)
    natural: Floats = run_op(Encode(0, model.columns), q) / units(model)
    return natural


def units(model: FloatModel) -> Nodes:
    """Integer steps for one unit of what weights read, int64[inputs]."""
    if not model.columns:
        return model.features.scales
    found = [column_range(column, model.features[column.feature])[2] for column in model.columns]
    return np.array(found, dtype=np.int64)


def _columns(model: FloatModel, x: Floats) -> Floats:
    return columns_of(model, model.features.quantise(x)) if model.columns else x


def _reached(body: FloatTrees, x: Floats) -> Iterator[Nodes]:
    seen = x.astype(body.comparison).astype(np.float64)
    for tree in body.trees:
        yield _walk(tree, seen)


def _walk(tree: FloatTree, x: Floats) -> Nodes:
    at = np.zeros(len(x), dtype=np.int64)
    active = np.flatnonzero(tree.left[at] >= 0)
    while active.size:
        node = at[active]
        value = x[active, tree.feature[node]]
        goes_left = value <= tree.threshold[node]
        for split in set(node.tolist()) & tree.codes.keys():
            here = node == split
            goes_left[here] = np.isin(value[here], list(tree.codes[split]))
        if tree.missing_left is not None:
            goes_left = np.where(np.isnan(value), tree.missing_left[node], goes_left)
        at[active] = np.where(goes_left, tree.left[node], tree.right[node])
        active = active[tree.left[at[active]] >= 0]
    return at
