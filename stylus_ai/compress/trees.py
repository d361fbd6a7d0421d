"""Float trees to integer trees: exact thresholds, rounded leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from stylus_ai.compress.splits import Splits
from stylus_ai.errors import ModelError
from stylus_ai.frontends import FloatTree, FloatTrees
from stylus_ai.ir import Column, Features, Tree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


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


def integer_trees(
    body: FloatTrees, features: Features, frac_bits: int
) -> tuple[tuple[Tree, ...], tuple[Column, ...] | None]:
    """All trees in canonical order, with integer thresholds and leaves.

    Returns:
        The trees, and the columns that they read; None if they read the features themselves.

    Raises:
        ModelError: The arrays form no tree, or a node cannot be made integer.
    """
    splits = Splits(features, body.comparison)
    trees = [_integer_tree(tree, splits, frac_bits) for tree in body.trees]
    columns, place = splits.ordered()
    placed = [
        replace(tree, feature=tuple(place[list(tree.feature)].tolist())) if tree.feature else tree
        for tree in trees
    ]
    return tuple(placed), columns


def _integer_tree(tree: FloatTree, splits: Splits, frac_bits: int) -> Tree:
    """One tree, whose ``feature`` is the number that ``splits`` gave to the column."""
    nodes = _canonical(tree.left, tree.right)
    columns, thresholds, swapped = splits.of(tree, nodes.order)
    if swapped.any():
        # The columns and thresholds are known by node, so that they can follow the new order.
        column_of, threshold_of = np.zeros((2, len(tree.left)), dtype=np.int64)
        column_of[nodes.order], threshold_of[nodes.order] = columns, thresholds
        left, right = tree.left.copy(), tree.right.copy()
        turned = nodes.order[swapped]
        left[turned], right[turned] = tree.right[turned], tree.left[turned]
        nodes = _canonical(left, right)
        columns, thresholds = column_of[nodes.order], threshold_of[nodes.order]
    return Tree(
        feature=tuple(columns.tolist()),
        threshold=tuple(thresholds.tolist()),
        left=nodes.left,
        right=nodes.right,
        values=tuple(map(tuple, round_to(tree.values[nodes.leaves], frac_bits).tolist())),
        leaf_ids=tuple(nodes.leaves.tolist()),
        column=tree.column,
    )


@dataclass(frozen=True)
class _Nodes:
    """Inner nodes in preorder, leaves from left to right, and each inner node's children."""

    order: Ints
    leaves: Ints
    left: tuple[int, ...]
    right: tuple[int, ...]


def _canonical(lefts: Ints, rights: Ints) -> _Nodes:
    """Nodes that the root reaches, renumbered.

    Raises:
        ModelError: A loop, or a child that does not exist.
    """
    size = len(lefts)
    seen = [False] * size
    order: list[int] = []
    leaves: list[int] = []
    left: list[int] = []
    right: list[int] = []
    # (node, list and position that wait for its new number)
    stack: list[tuple[int, list[int], int]] = [(0, [0], 0)]
    while stack:
        node, waiting, position = stack.pop()
        if not 0 <= node < size or seen[node]:
            raise ModelError("A tree of the model has a loop or a missing node.")
        seen[node] = True
        if lefts[node] < 0:
            waiting[position] = ~len(leaves)
            leaves.append(node)
            continue
        number = len(order)
        waiting[position] = number
        order.append(node)
        left.append(0)
        right.append(0)
        stack.append((int(rights[node]), right, number))
        stack.append((int(lefts[node]), left, number))
    return _Nodes(
        np.array(order, dtype=np.int64),
        np.array(leaves, dtype=np.int64),
        tuple(left),
        tuple(right),
    )


def tree_terms(body: FloatTrees) -> int:
    """Largest number of rounded terms in one output's sum, its base included."""
    outputs = np.zeros(len(body.base), dtype=np.int64)
    for tree in body.trees:
        outputs[tree.column : tree.column + tree.values.shape[1]] += 1
    return int(outputs.max()) + 1
