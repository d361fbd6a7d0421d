"""Float trees to integer trees: exact thresholds, rounded leaves."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.frontends import FloatTree, FloatTrees
from stylus_ai.ir import Features, Tree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

Comparison = Literal["float32", "float64"]


def round_to(values: Floats, frac_bits: int) -> Ints:
    """Equation 10: ``round(v * 2^F)``, ties to even; exact, since scaling by 2^F is.

    Raises:
        ModelError: A value does not fit 62 bits.
    """
    scaled = np.rint(np.ldexp(values, frac_bits))
    if np.abs(scaled).max(initial=0.0) >= 2.0**62:
        raise ModelError(
            f"A value of the model, {float(values.flat[np.abs(scaled).argmax()])!r}, is too large "
            f"for {frac_bits} fractional bits.",
            "Give fewer frac_bits, or train on a target in a larger unit.",
        )
    return scaled.astype(np.int64)


def integer_thresholds(
    thresholds: Floats, columns: Ints, features: Features, comparison: Comparison
) -> Ints:
    """Equation 2: for each node the largest integer that the library sends left.

    Found by bisection over the feature's range, with the library's own comparison, so that every
    row on the grid takes the library's path. ``q_low - 1`` if all go right.

    Args:
        thresholds: float64[nodes].
        columns: Feature of each node, int64[nodes].
        features: Ranges and scales.
        comparison: Precision in which the library compares.
    """
    scales = features.scales[columns]
    low = features.q_lows[columns] - 1
    high = features.q_highs[columns]
    while (low < high).any():
        middle = (low + high + 1) >> 1
        value = (middle / scales).astype(comparison).astype(np.float64)
        goes_left = value <= thresholds
        low = np.where(goes_left, middle, low)
        high = np.where(goes_left, high, middle - 1)
    return low


def integer_tree(
    tree: FloatTree, features: Features, comparison: Comparison, frac_bits: int
) -> Tree:
    """One tree in canonical order, with integer thresholds and leaves.

    Raises:
        ModelError: The arrays form no tree.
    """
    order, leaf_ids, left, right = _canonical(tree)
    columns = tree.feature[order]
    if columns.size and not (columns.min() >= 0 and columns.max() < len(features)):
        raise ModelError("A tree looks at a feature that does not exist.")
    thresholds = integer_thresholds(tree.threshold[order], columns, features, comparison)
    return Tree(
        feature=tuple(columns.tolist()),
        threshold=tuple(thresholds.tolist()),
        left=tuple(left),
        right=tuple(right),
        values=tuple(map(tuple, round_to(tree.values[leaf_ids], frac_bits).tolist())),
        leaf_ids=tuple(leaf_ids.tolist()),
        column=tree.column,
    )


def _canonical(tree: FloatTree) -> tuple[Ints, Ints, list[int], list[int]]:
    """Nodes in preorder, leaves from left to right, and each node's children renumbered."""
    size = len(tree.left)
    seen = [False] * size
    order: list[int] = []
    leaf_ids: list[int] = []
    left: list[int] = []
    right: list[int] = []
    # (node, list and position that wait for its new number)
    stack: list[tuple[int, list[int], int]] = [(0, [0], 0)]
    while stack:
        node, waiting, position = stack.pop()
        if not 0 <= node < size or seen[node]:
            raise ModelError("A tree of the model has a loop or a missing node.")
        seen[node] = True
        if tree.left[node] < 0:
            waiting[position] = ~len(leaf_ids)
            leaf_ids.append(node)
            continue
        number = len(order)
        waiting[position] = number
        order.append(node)
        left.append(0)
        right.append(0)
        stack.append((int(tree.right[node]), right, number))
        stack.append((int(tree.left[node]), left, number))
    return np.array(order, dtype=np.int64), np.array(leaf_ids, dtype=np.int64), left, right


def tree_terms(body: FloatTrees) -> int:
    """Largest number of rounded terms in one output's sum, its base included."""
    outputs = np.zeros(len(body.base), dtype=np.int64)
    for tree in body.trees:
        outputs[tree.column : tree.column + tree.values.shape[1]] += 1
    return int(outputs.max()) + 1
