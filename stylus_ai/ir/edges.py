"""Rows at the edges of a program: where a wrong comparison would show."""

from __future__ import annotations

from typing import assert_never

import numpy as np

from stylus_ai.ir.columns import Bin, Clipped, Column, Filled, Member, Value, Within
from stylus_ai.ir.features import Features, IntRows
from stylus_ai.ir.ops import Encode, TreeSum
from stylus_ai.ir.program import Program


def edge_values(program: Program) -> list[list[int]]:
    """For each feature: range ends, middle, reference, and every threshold -1, 0, +1; sorted."""
    found: list[set[int]] = [
        {column.q_low, column.q_high, column.q_top, (column.q_low + column.q_high) // 2, at}
        for column, at in zip(program.features, program.reference, strict=True)
    ]
    for op in program.ops:
        if isinstance(op, Encode):
            for column in op.columns:
                for cut in _cuts(column):
                    found[column.feature].update((cut - 1, cut, cut + 1))
        if isinstance(op, TreeSum):
            features = _features(program, op)
            for tree in op.trees:
                for at, threshold in zip(tree.feature, tree.threshold, strict=True):
                    found[features[at]].update((threshold - 1, threshold, threshold + 1))
    return [
        sorted(value for value in values if column.q_low <= value <= column.q_top)
        for values, column in zip(found, program.features, strict=True)
    ]


def _cuts(column: Column) -> tuple[int, ...]:
    """Where a column changes its mind."""
    match column:
        case Value():
            return ()
        case Filled(missing=missing):
            return (missing,)
        case Member(codes=codes):
            return codes
        case Bin(edges=edges):
            return edges
        case Within(low=low, high=high) | Clipped(low=low, high=high):
            return (low, high)
    assert_never(column)


def _features(program: Program, op: TreeSum) -> list[int]:
    """The feature behind each column that trees look at."""
    before = program.ops[op.source - 1] if op.source else None
    if isinstance(before, Encode):
        return [column.feature for column in before.columns]
    return list(range(len(program.features)))


def edge_rows(program: Program, *, at_least: int = 200, seed: int = 0) -> IntRows:
    """Rows in which every edge value of every feature occurs; deterministic.

    Args:
        program: Any program.
        at_least: Rows to give; more if the feature with most edge values needs them.
        seed: Of the order in which values meet.

    Returns:
        int64[n, features]. The first two rows are all lows and all highs.
    """
    rng = np.random.default_rng(seed)
    values = edge_values(program)
    count = max(at_least, 2 + max(map(len, values)))
    columns = []
    for choices in values:
        repeats = -(-(count - 2) // len(choices))
        column = np.concatenate([rng.permutation(choices) for _ in range(repeats)])
        columns.append(column[: count - 2])
    ends = np.stack([program.features.q_lows, program.features.q_tops])
    return np.concatenate([ends, np.stack(columns, axis=1)]).astype(np.int64)


def random_rows(program: Program, count: int, *, seed: int = 0) -> IntRows:
    """Random rows, half of them made of edge values; int64[count, features], deterministic."""
    rng = np.random.default_rng(seed)
    rows = uniform_rows(program.features, count, rng)
    for i, choices in enumerate(edge_values(program)):
        rows[: count // 2, i] = rng.choice(choices, size=count // 2)
    return rows


def uniform_rows(features: Features, count: int, rng: np.random.Generator) -> IntRows:
    """Rows drawn evenly from the features' ranges, int64[count, features]."""
    return rng.integers(features.q_lows, features.q_tops + 1, size=(count, len(features)))
