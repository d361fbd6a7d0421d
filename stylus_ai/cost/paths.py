"""What rows cost in a forest: each takes its own way through the branches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stylus_ai.ir import Tree
from stylus_ai.plan import Forest, ForestPart, Words, prices
from stylus_ai.plan.forest import masked_ink

Ints = npt.NDArray[np.int64]


def masks_and_branches(
    part: ForestPart, trees: Sequence[Tree], words: Words, rows: Ints
) -> tuple[float, float]:
    """Ink of masks and picks, and number of branches, mean over rows.

    Args:
        part: Trees of one function.
        trees: All trees of the sum.
        words: How their values are held.
        rows: int64[n, features].
    """
    shared = frozenset(part.shared)
    masked = {number: masked_ink(trees[number], words, shared) for number in part.trees}
    ink = np.zeros(len(rows))
    branches = np.zeros(len(rows))

    def walk(forest: Forest, at: Ints) -> None:
        for number, child in forest.masked:
            if child >= 0:
                ink[at] += masked[number][child] + prices.I32_ALU
        for branch in forest.branches:
            branches[at] += 1
            feature, threshold = branch.split
            right = rows[at, feature] > threshold
            walk(branch.left, at[~right])
            walk(branch.right, at[right])

    walk(part.forest, np.arange(len(rows)))
    return float(ink.mean()), float(branches.mean())
