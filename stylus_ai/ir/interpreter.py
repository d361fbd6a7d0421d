"""The reference interpreter: what a Program means. Everything else is compared with it."""

from __future__ import annotations

from typing import assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai.ir import arithmetic
from stylus_ai.ir.arithmetic import Ints
from stylus_ai.ir.ops import Affine, Argmax, AtLeast, Op, Requantise, Sigmoid, TreeSum
from stylus_ai.ir.program import Program
from stylus_ai.ir.tree import Tree

LeafRows = npt.NDArray[np.int32]


def interpret(program: Program, q: npt.ArrayLike) -> dict[str, Ints]:
    """Run a verified program.

    Args:
        program: Verified, see ``verify``.
        q: Integer rows, int[n, features].

    Returns:
        Each output by name: int64[n] where its value has width 1, else int64[n, width].

    Raises:
        FeatureError: A value is out of its feature's range.
    """
    values: list[Ints] = [program.features.check(q)]
    for op in program.ops:
        values.append(_run(op, values[op.source]))
    wide = {"logits"}
    return {name: values[at] if name in wide else values[at][:, 0] for name, at in program.outputs}


def leaves(program: Program, q: npt.ArrayLike) -> LeafRows:
    """Leaf that each row reaches in each tree, int32[n, trees], counted from left to right.

    Raises:
        FeatureError: A value is out of its feature's range.
    """
    rows = program.features.check(q)
    reached = [_walk(tree, rows) for tree in program.trees]
    if not reached:
        return np.empty((len(rows), 0), dtype=np.int32)
    return np.stack(reached, axis=1).astype(np.int32)


def _run(op: Op, x: Ints) -> Ints:
    match op:
        case TreeSum():
            return _tree_sum(op, x)
        case Affine(weights=weights, bias=bias):
            return _affine(x, weights, bias)
        case Requantise(multiplier=multiplier, shift=shift, low=low, high=high):
            return arithmetic.requantise(x, multiplier, shift, low, high)
        case Sigmoid(frac_bits=frac_bits):
            return arithmetic.sigmoid(x, frac_bits)
        case AtLeast(threshold=threshold):
            return arithmetic.at_least(x, threshold)
        case Argmax():
            return arithmetic.argmax(x)
    assert_never(op)


def _walk(tree: Tree, rows: Ints) -> Ints:
    """Equation 3: go right where ``row[feature] > threshold``, until all rows are at leaves."""
    at = np.full(len(rows), tree.root, dtype=np.int64)
    if tree.root < 0:
        return ~at
    feature, threshold, left, right = (
        np.array(column, dtype=np.int64)
        for column in (tree.feature, tree.threshold, tree.left, tree.right)
    )
    active = np.arange(len(rows))
    while active.size:
        node = at[active]
        goes_right = rows[active, feature[node]] > threshold[node]
        at[active] = np.where(goes_right, right[node], left[node])
        active = active[at[active] >= 0]
    return ~at


def _tree_sum(op: TreeSum, rows: Ints) -> Ints:
    """Equation 4: ``y_k = b_k + sum over trees of v[leaf][k]``."""
    sums = np.tile(np.array(op.base, dtype=np.int64), (len(rows), 1))
    for tree in op.trees:
        values = np.array(tree.values, dtype=np.int64)
        sums[:, tree.column : tree.column + tree.width] += values[_walk(tree, rows)]
    return sums


def _affine(x: Ints, weights: tuple[tuple[int, ...], ...], bias: tuple[int, ...]) -> Ints:
    """Equation 5: ``y_k = b_k + sum over i of w_ki * x_i``."""
    product: Ints = x @ np.array(weights, dtype=np.int64).T
    return product + np.array(bias, dtype=np.int64)
