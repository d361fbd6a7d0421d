"""Smaller trees: Program to Program, by what training rows say. The caller measures the accuracy.

``merge_leaves`` changes no answer on any row. The other two do; they are as good as the rows that
they are given, so give them training rows, and judge them by others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.ir import Program, Tree, TreeSum, all_values, verify

Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Leaf:
    values: tuple[int, ...]
    leaf_id: int


@dataclass(frozen=True)
class _Split:
    feature: int
    threshold: int
    left: _Node
    right: _Node


_Node = _Leaf | _Split


@dataclass(frozen=True)
class _Weighed:
    """A branch and what the rows that reach it say.

    Attributes:
        node: Its root.
        explained: Squared distance of its answers from their mean, summed up over the rows.
        leaf: What would replace it.
        children: Of a split.
    """

    node: _Node
    explained: float
    leaf: _Leaf
    children: tuple[_Weighed, _Weighed] | None


def merge_leaves(program: Program) -> Program:
    """Take out splits that decide nothing: equal leaves on both sides, or one side out of reach.

    Every answer stays the same. A merged leaf has the number of its leftmost one.
    """
    bounds = verify(program)

    def simplify(tree: Tree, source: int) -> _Node:
        ranges = {
            feature: (bounds.values[source][feature].low, bounds.values[source][feature].high)
            for feature in set(tree.feature)
        }
        return _simplified(_unfold(tree, tree.root), ranges)

    return _with_trees(program, simplify, exact=True)


def share_thresholds(program: Program, q: Ints, moved: float = 0.0) -> Program:
    """Let neighbouring thresholds of a feature be one, so that kernels compare once.

    Args:
        program: Its trees.
        q: Training rows, int64[n, features].
        moved: Share of the rows that may lie between thresholds that become one. With 0 no
            training row changes its way.
    """
    values = all_values(program, q)
    used: dict[tuple[int, int], dict[int, int]] = {}
    for op in program.ops:
        if isinstance(op, TreeSum):
            for tree in op.trees:
                for feature, threshold in zip(tree.feature, tree.threshold, strict=True):
                    counts = used.setdefault((op.source, feature), {})
                    counts[threshold] = counts.get(threshold, 0) + 1
    shared = {
        (source, feature): _shared(counts, values[source][:, feature], moved * len(q))
        for (source, feature), counts in used.items()
    }

    def move(tree: Tree, source: int) -> _Node:
        thresholds = tuple(
            shared[source, feature][threshold]
            for feature, threshold in zip(tree.feature, tree.threshold, strict=True)
        )
        return _unfold(replace(tree, threshold=thresholds), tree.root)

    return _with_trees(program, move, exact=False)


def prune_by_cost(program: Program, q: Ints, share: float) -> Program:
    """``CostPruning`` at one share.

    Args:
        program: Its trees; each is pruned for itself.
        q: Training rows, int64[n, features].
        share: See ``CostPruning.at``.
    """
    return CostPruning.of(program, q).at(share)


@dataclass(frozen=True, eq=False)
class CostPruning:
    """Cost-complexity pruning (Breiman et al. 1984): take out splits that explain little.

    The cost of a smaller tree is the squared change of its output over the rows. For a tree that
    was fitted to these rows by squared error or Gini impurity that is the impurity it gives up.

    Attributes:
        program: Its trees; each is pruned for itself.
        roots: Each tree's root, with what the rows say.
    """

    program: Program
    roots: tuple[_Weighed, ...]

    @classmethod
    def of(cls, program: Program, q: Ints) -> CostPruning:
        """Send training rows int64[n, features] through the trees, once for all shares."""
        values = all_values(program, q)
        roots = [
            _weigh(_unfold(tree, tree.root), values[op.source])[0]
            for op in program.ops
            if isinstance(op, TreeSum)
            for tree in op.trees
        ]
        return cls(program, tuple(roots))

    def at(self, share: float) -> Program:
        """The trees that minimise cost + complexity.

        A leaf that replaces a branch has the mean of its rows' answers.

        Args:
            share: Each split kept has to explain this share of what its tree explains, 0 to 1: the
                complexity parameter of rpart.
        """
        if not 0 <= share <= 1:
            raise ModelError(f"share is {share!r}, not in 0..1.")
        roots = iter(self.roots)

        def prune(_tree: Tree, _source: int) -> _Node:
            root = next(roots)
            return _cheapest(root, share * root.explained)[0]

        return _with_trees(self.program, prune, exact=False)


def _with_trees(program: Program, change: Callable[[Tree, int], _Node], *, exact: bool) -> Program:
    """The program with each tree changed; what the bound says holds for exact changes only."""
    ops = tuple(
        replace(op, trees=tuple(_fold(change(tree, op.source), tree.column) for tree in op.trees))
        if isinstance(op, TreeSum)
        else op
        for op in program.ops
    )
    changed = replace(program, ops=ops, rounding_bound=program.rounding_bound if exact else None)
    verify(changed)
    return changed


def _unfold(tree: Tree, child: int) -> _Node:
    """Nested nodes; a tree is at most 64 deep."""
    if child < 0:
        return _Leaf(tree.values[~child], tree.leaf_ids[~child])
    return _Split(
        tree.feature[child],
        tree.threshold[child],
        _unfold(tree, tree.left[child]),
        _unfold(tree, tree.right[child]),
    )


def _fold(root: _Node, column: int) -> Tree:
    """Arrays in preorder, leaves from left to right."""
    splits: list[_Split] = []
    leaves: list[_Leaf] = []
    children: list[tuple[int, int]] = []

    def visit(node: _Node) -> int:
        if isinstance(node, _Leaf):
            leaves.append(node)
            return ~(len(leaves) - 1)
        number = len(splits)
        splits.append(node)
        children.append((0, 0))
        left = visit(node.left)
        children[number] = (left, visit(node.right))
        return number

    visit(root)
    return Tree(
        feature=tuple(split.feature for split in splits),
        threshold=tuple(split.threshold for split in splits),
        left=tuple(left for left, _ in children),
        right=tuple(right for _, right in children),
        values=tuple(leaf.values for leaf in leaves),
        leaf_ids=tuple(leaf.leaf_id for leaf in leaves),
        column=column,
    )


def _simplified(node: _Node, ranges: dict[int, tuple[int, int]]) -> _Node:
    if isinstance(node, _Leaf):
        return node
    low, high = ranges[node.feature]
    if high <= node.threshold:
        return _simplified(node.left, ranges)
    if low > node.threshold:
        return _simplified(node.right, ranges)
    left = _simplified(node.left, ranges | {node.feature: (low, node.threshold)})
    right = _simplified(node.right, ranges | {node.feature: (node.threshold + 1, high)})
    if isinstance(left, _Leaf) and isinstance(right, _Leaf) and left.values == right.values:
        return left
    return replace(node, left=left, right=right)


def _shared(counts: dict[int, int], x: Ints, most: float) -> dict[int, int]:
    """For each threshold the one that stands for it: of a run of neighbours the most used."""
    ordered = sorted(counts)
    below = np.searchsorted(np.sort(x), ordered, side="right")
    stands: dict[int, int] = {}
    start = 0
    for end in range(1, len(ordered) + 1):
        if end < len(ordered) and below[end] - below[start] <= most:
            continue
        run = ordered[start:end]
        chosen = max(run, key=lambda threshold: counts[threshold])
        stands |= dict.fromkeys(run, chosen)
        start = end
    return stands


def _weigh(node: _Node, rows: Ints) -> tuple[_Weighed, Doubles]:
    """A branch and what the rows that reach it say; and their answers, float64[n, outputs]."""
    if isinstance(node, _Leaf):
        answers = np.tile(np.array(node.values, dtype=np.float64), (len(rows), 1))
        return _Weighed(node, 0.0, node, None), answers
    goes_left = rows[:, node.feature] <= node.threshold
    left, of_left = _weigh(node.left, rows[goes_left])
    right, of_right = _weigh(node.right, rows[~goes_left])
    answers = np.empty((len(rows), of_left.shape[1]))
    answers[goes_left], answers[~goes_left] = of_left, of_right
    leaf = _leftmost(node)
    if len(rows):
        leaf = replace(leaf, values=tuple(map(round, answers.mean(axis=0).tolist())))
    return _Weighed(node, _explained(answers), leaf, (left, right)), answers


def _explained(answers: Doubles) -> float:
    """Squared distance of answers from their mean, summed up."""
    if not len(answers):
        return 0.0
    return float(np.square(answers - answers.mean(axis=0)).sum())


def _cheapest(branch: _Weighed, price: float) -> tuple[_Node, float]:
    """The best form of a branch, and its cost with ``price`` for each leaf."""
    if branch.children is None:
        return branch.node, price
    as_leaf = branch.explained + price
    first, first_cost = _cheapest(branch.children[0], price)
    second, second_cost = _cheapest(branch.children[1], price)
    if as_leaf > first_cost + second_cost and isinstance(branch.node, _Split):
        return replace(branch.node, left=first, right=second), first_cost + second_cost
    return branch.leaf, as_leaf


def _leftmost(node: _Node) -> _Leaf:
    while isinstance(node, _Split):
        node = node.left
    return node
