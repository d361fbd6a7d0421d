"""A decision tree over integer rows: plain arrays, one canonical order.

Internal nodes stand in preorder, leaves from left to right. A child is the index of a node, or
``~leaf`` (negative) for a leaf. A row goes right when ``row[feature] > threshold``
(docs/numerics.md, equation 3). A tree without nodes has one leaf.
"""

from __future__ import annotations

from dataclasses import dataclass

from stylus_ai.errors import ModelError

MAX_DEPTH = 64
MAX_LEAVES = 65_536
"""A leaf's index is a ``uint16`` in the contract's interface."""


@dataclass(frozen=True)
class Tree:
    """One tree; canonical and acyclic, or it cannot be made.

    Attributes:
        feature: Feature that each node looks at.
        threshold: Largest value that goes left, in integer steps.
        left: Child for ``value <= threshold``: a node, or ``~leaf``.
        right: Child for ``value > threshold``.
        values: What each leaf adds: ``values[leaf][k]`` goes to output ``column + k``.
        leaf_ids: The leaf's node number in the library that trained the tree
            (``apply`` in scikit-learn).
        column: First output that this tree adds to.

    Raises:
        ModelError: Arrays of unequal length, a loop, an unused node, or another order.
    """

    feature: tuple[int, ...]
    threshold: tuple[int, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    values: tuple[tuple[int, ...], ...]
    leaf_ids: tuple[int, ...]
    column: int = 0

    def __post_init__(self) -> None:
        nodes, leaves = len(self.feature), len(self.values)
        if not len(self.threshold) == len(self.left) == len(self.right) == nodes:
            raise ModelError("A tree's arrays differ in length.")
        if leaves != nodes + 1 or len(self.leaf_ids) != leaves:
            raise ModelError(f"A tree of {nodes} nodes has {nodes + 1} leaves, not {leaves}.")
        if leaves > MAX_LEAVES:
            raise ModelError(
                f"A tree has {leaves} leaves, more than {MAX_LEAVES}.", "Set max_leaf_nodes."
            )
        width = len(self.values[0])
        if width == 0 or any(len(row) != width for row in self.values):
            raise ModelError("A tree's leaves differ in their number of values.")
        self._check_order()

    def _check_order(self) -> None:
        """Walk in preorder and insist that nodes and leaves come in sequence."""
        next_node = next_leaf = 0
        stack = [(0 if self.feature else ~0, 0)]
        while stack:
            child, depth = stack.pop()
            if depth > MAX_DEPTH:
                raise ModelError(
                    f"A tree is deeper than {MAX_DEPTH}.", "Set max_depth and train again."
                )
            if child < 0:
                if ~child != next_leaf:
                    raise ModelError("A tree's leaves are not numbered from left to right.")
                next_leaf += 1
                continue
            if child != next_node or child >= len(self.feature):
                raise ModelError("A tree's nodes are not in preorder, or form a loop.")
            next_node += 1
            stack += [(self.right[child], depth + 1), (self.left[child], depth + 1)]
        if next_leaf != len(self.values):
            raise ModelError("A tree has nodes that no row can reach.")

    @property
    def root(self) -> int:
        """The root as a child: 0, or ``~0`` for a tree of one leaf."""
        return 0 if self.feature else ~0

    @property
    def width(self) -> int:
        """Number of outputs that a leaf adds to."""
        return len(self.values[0])

    @property
    def depth(self) -> int:
        """Comparisons on the longest path."""
        deepest = 0
        stack = [(self.root, 0)]
        while stack:
            child, depth = stack.pop()
            deepest = max(deepest, depth)
            if child >= 0:
                stack += [(self.left[child], depth + 1), (self.right[child], depth + 1)]
        return deepest
