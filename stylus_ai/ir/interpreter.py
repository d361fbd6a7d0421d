"""The reference interpreter: what a Program means. Everything else is compared with it."""

from __future__ import annotations

from typing import assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai.ir import arithmetic
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
from stylus_ai.ir.program import WIDE_OUTPUTS, Program
from stylus_ai.ir.tensor import Ints
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
    values = all_values(program, q)
    return {
        name: values[at] if name in WIDE_OUTPUTS else values[at][:, 0]
        for name, at in program.outputs
    }


def all_values(program: Program, q: npt.ArrayLike) -> list[Ints]:
    """Every value of a verified program, int64[n, width]; the first are the rows themselves.

    Raises:
        FeatureError: A value is out of its feature's range.
    """
    values: list[Ints] = [program.features.check(q)]
    for op in program.ops:
        values.append(run_op(op, values[op.source]))
    return values


def leaves(program: Program, q: npt.ArrayLike) -> LeafRows:
    """Leaf that each row reaches in each tree, int32[n, trees], counted from left to right.

    Raises:
        FeatureError: A value is out of its feature's range.
    """
    rows = program.features.check(q)
    reached = []
    for op in program.ops:
        if isinstance(op, TreeSum):
            # Trees read the row or columns encoded from it, see ``verify``.
            x = run_op(program.ops[op.source - 1], rows) if op.source else rows
            reached += [_walk(tree, x) for tree in op.trees]
    if not reached:
        return np.empty((len(rows), 0), dtype=np.int32)
    return np.stack(reached, axis=1).astype(np.int32)


def run_op(op: Op, x: Ints) -> Ints:  # noqa: C901, PLR0911 - one arm for each op
    """What one operation makes of the value that it reads, int64[n, width] to int64[n, width]."""
    match op:
        case Encode(columns=columns):
            return arithmetic.encode(x, columns)
        case TreeSum():
            return _tree_sum(op, x)
        case Affine(weights=weights, bias=bias):
            return arithmetic.affine(x, weights.array, bias.array)
        case Conv2d(windows=windows, weights=weights, bias=bias, groups=groups):
            return arithmetic.conv2d(x, windows, weights.array, bias.array, groups)
        case MaxPool2d(windows=windows):
            return arithmetic.max_pool2d(x, windows)
        case SumPool2d(windows=windows):
            return arithmetic.sum_pool2d(x, windows)
        case Requantise():
            return arithmetic.requantise(
                x,
                op.multipliers,
                op.shift,
                low=op.low,
                high=op.high,
                zero_point=op.zero_point,
            )
        case Sigmoid(frac_bits=frac_bits):
            return arithmetic.sigmoid(x, frac_bits)
        case Softmax(frac_bits=frac_bits):
            return arithmetic.softmax(x, frac_bits)
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
