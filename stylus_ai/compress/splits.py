"""What a tree's nodes compare: columns of integers, and exact thresholds on them.

A node that compares a number reads its feature, and where a gap goes left the feature with the gap
filled by a number below its range. A node that asks for categories reads the feature too if its
categories lie at an end of the range, else a column that says whether the code is one of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.frontends import FloatTree
from stylus_ai.ir import Column, Feature, Features, Filled, Member, Value

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

Comparison = Literal["float32", "float64"]

MAX_CODES = 4096
"""Codes of one column: each run of 64 is an instruction or three of the contract."""


@dataclass
class Splits:
    """The columns that the trees of one model read, collected tree by tree.

    Attributes:
        features: Ranges and scales.
        comparison: Precision in which the library compares.
        columns: Columns used so far.
    """

    features: Features
    comparison: Comparison
    columns: dict[Column, int] = field(default_factory=dict)

    def of(self, tree: FloatTree, nodes: Ints) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
        """What some inner nodes of a tree compare.

        Args:
            tree: A trained tree.
            nodes: Inner nodes, int64[n].

        Returns:
            Number of the column and the largest value that goes left, int64[n] each; and whether
            the children must change places for it, bool[n].

        Raises:
            ModelError: A feature that does not exist, a gap without a rule, a threshold that is
                no number, or categories of a feature that has none.
        """
        at = tree.feature[nodes]
        if at.size and not (at.min() >= 0 and at.max() < len(self.features)):
            raise ModelError("A tree looks at a feature that does not exist.")
        gap_left = self._gaps(tree, nodes, at)
        swapped = np.zeros(len(nodes), dtype=np.bool_)
        numeric = np.array([int(node) not in tree.codes for node in nodes], dtype=np.bool_)
        if np.isnan(tree.threshold[nodes][numeric]).any():
            raise ModelError("A threshold of a tree is not a number.")
        thresholds = integer_thresholds(
            np.where(numeric, tree.threshold[nodes], 0.0), at, self.features, self.comparison
        )
        numbers = np.empty(len(nodes), dtype=np.int64)
        for i, (node, feature) in enumerate(zip(nodes.tolist(), at.tolist(), strict=True)):
            if numeric[i]:
                column = self._numeric(feature, left=bool(gap_left[i]))
            else:
                column, thresholds[i], swapped[i] = self._category(
                    tree.codes[node], feature, left=bool(gap_left[i])
                )
            numbers[i] = self.columns.setdefault(column, len(self.columns))
        return numbers, thresholds, swapped

    def _gaps(self, tree: FloatTree, nodes: Ints, at: Ints) -> npt.NDArray[np.bool_]:
        """Which nodes send a gap left; False where there are no gaps."""
        gaps = self.features.gaps[at]
        if not gaps.any():
            return gaps
        if tree.missing_left is None:
            name = self.features[int(at[gaps][0])].name
            raise ModelError(
                f"Feature {name} may be missing, but the model has no rule for missing values.",
                "Train a model that takes NaN, or fill the gaps and leave out missing=True.",
            )
        return gaps & tree.missing_left[nodes]

    def _numeric(self, feature: int, *, left: bool) -> Column:
        if not left:
            return Value(feature)
        column = self.features[feature]
        return Filled(feature, missing=column.q_top, fill=column.q_low - 1)

    def _category(
        self, codes: frozenset[int], feature: int, *, left: bool
    ) -> tuple[Column, int, bool]:
        """Column, threshold, and whether the children change places, of a split by category."""
        column = self.features[feature]
        if column.scale != 1:
            raise ModelError(
                f"Feature {column.name} is a category to the model, but has scale {column.scale}.",
                "Give a category's Feature the scale 1.",
            )
        inside = {code for code in codes if column.q_low <= code <= column.q_high}
        lefts = sorted(inside | {column.q_top} if left else inside)
        size = column.q_top - column.q_low + 1
        if not lefts or _is_run(lefts, column.q_low):
            return Value(feature), column.q_low - 1 + len(lefts), False
        if lefts[-1] == column.q_top and _is_run(lefts, lefts[0]):
            return Value(feature), lefts[0] - 1, True
        if size - len(lefts) < len(lefts):
            others = sorted(set(range(column.q_low, column.q_top + 1)).difference(lefts))
            return _member(feature, column, others), 0, False
        return _member(feature, column, lefts), 0, True

    def ordered(self) -> tuple[tuple[Column, ...] | None, Ints]:
        """The columns in order of their features, None if they are nothing but features.

        Returns:
            The columns, and for each number that ``of`` gave its place among them, or its feature.
        """
        used = list(self.columns)
        if all(isinstance(column, Value) for column in used):
            return None, np.array([column.feature for column in used], dtype=np.int64)
        order = sorted(used, key=lambda column: (column.feature, str(column)))
        place = {column: i for i, column in enumerate(order)}
        return tuple(order), np.array([place[column] for column in used], dtype=np.int64)


def _is_run(values: list[int], first: int) -> bool:
    """Whether ascending values are ``first``, ``first + 1``, ..."""
    return values[0] == first and values[-1] - first == len(values) - 1


def _member(feature: int, column: Feature, codes: Iterable[int]) -> Member:
    given = tuple(codes)
    if len(given) > MAX_CODES:
        raise ModelError(
            f"A split asks whether {column.name} is one of {len(given)} categories; at most "
            f"{MAX_CODES} fit.",
            "Use fewer categories, or train on the codes as numbers.",
        )
    return Member(feature, given)


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
