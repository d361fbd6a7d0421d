"""Trees that are run together: which splits branch, which are masks, and which masks are shared.

A split can be a *mask* (compute both sides, pick one) or a *branch* (go one way). Masks are
cheaper near the leaves, branches near the root of a deep tree. Subtrees whose roots test the same
(feature, threshold) take one branch together, and splits that are tested again take their mask
from a local variable. With ``c`` the price of a mask, or of reading a shared one, the price of a
subtree at node ``n`` and of a set ``S`` of subtrees that are evaluated side by side is

    masked(n) = c + combine + masked(left) + masked(right)
    price(S)  = sum over the groups G of S with equal roots of
                min(sum over G of masked(n), branch + max(price(lefts of G), price(rights of G)))

so ink is that of the worst path.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stylus_ai.ir import Tree
from stylus_ai.plan import prices
from stylus_ai.plan.words import Words
from stylus_ai.units import Bytes, Ink

Split = tuple[int, int]
"""(feature, threshold)."""

Subtree = tuple[int, int]
"""(number of the tree, child): a node, or ``~leaf``."""

SHARED = 260
"""Masks that a function keeps in local variables, of which there are 348 (rules 3)."""

NODE_BYTES = 14
"""Wasm of a node, counted in what rustc makes of the kernels."""


@dataclass(frozen=True)
class Forest:
    """Subtrees whose values are added up.

    Attributes:
        masked: Subtrees without a branch.
        branches: Subtrees that go one way together.
    """

    masked: tuple[Subtree, ...]
    branches: tuple[Branch, ...] = ()

    def masks(self, trees: Sequence[Tree]) -> Iterator[tuple[Split, float]]:
        """All splits that are masks, each with the share of paths that pass by."""
        for number, child in self.masked:
            tree = trees[number]
            for node in nodes_below(tree, child):
                yield (tree.feature[node], tree.threshold[node]), 1.0
        for branch in self.branches:
            for arm in (branch.left, branch.right):
                for split, share in arm.masks(trees):
                    yield split, share / 2

    def branching(self) -> Iterator[Split]:
        """All splits that branch."""
        for branch in self.branches:
            yield branch.split
            yield from branch.left.branching()
            yield from branch.right.branching()


@dataclass(frozen=True)
class Branch:
    """Subtrees whose roots test the same.

    Attributes:
        split: Feature and threshold.
        left: What is added where the value is at most the threshold.
        right: What is added where it is larger.
    """

    split: Split
    left: Forest
    right: Forest


@dataclass(frozen=True)
class ForestPart:
    """Trees that share a function.

    Attributes:
        trees: Their numbers, ascending.
        forest: How they are run.
        shared: Splits whose masks are kept in local variables.
        comparisons: Nodes of all trees.
        ink: Worst path of the function.
        bytes: Raw wasm of it.
    """

    trees: tuple[int, ...]
    forest: Forest
    shared: tuple[Split, ...]
    comparisons: int
    ink: Ink
    bytes: Bytes

    @property
    def kernel(self) -> str:
        """How most of it is run, in a word."""
        return "branches" if self.forest.branches else "masks"


def nodes_below(tree: Tree, child: int) -> Iterator[int]:
    """Nodes of a subtree: in preorder they stand together."""
    missing, node = int(child >= 0), child
    while missing:
        yield node
        missing += (tree.left[node] >= 0) + (tree.right[node] >= 0) - 1
        node += 1


def forest_part(trees: Sequence[Tree], numbers: Sequence[int], words: Words) -> ForestPart:
    """Choose branches, masks and shared masks for some trees.

    Args:
        trees: All trees of a sum.
        numbers: Those of the part, ascending.
        words: How their values are held.
    """
    roots = [(number, trees[number].root) for number in numbers]
    # What branches depends on what is shared, and the other way round.
    first, _ = _Planner(trees, numbers, words, frozenset()).forest(roots)
    planner = _Planner(trees, numbers, words, _worth_sharing(first, trees))
    forest, ink = planner.forest(roots)
    shared = _worth_sharing(forest, trees)
    features = {feature for feature, _ in (*forest.branching(), *dict(forest.masks(trees)))}
    ink += len(features) * prices.FEATURE + len(shared) * (prices.MASK + prices.LOCAL_TEE)
    nodes = sum(len(trees[number].feature) for number in numbers)
    return ForestPart(
        trees=tuple(numbers),
        forest=forest,
        shared=tuple(sorted(shared)),
        comparisons=nodes,
        ink=Ink(ink + prices.PART),
        bytes=Bytes(nodes * NODE_BYTES),
    )


def _worth_sharing(forest: Forest, trees: Sequence[Tree]) -> frozenset[Split]:
    """Splits for which one mask that is read again costs least, the most used first."""
    uses: Counter[Split] = Counter()
    passing: dict[Split, float] = defaultdict(float)
    for split, share in forest.masks(trees):
        uses[split] += 1
        passing[split] += share
    once = prices.MASK + prices.LOCAL_TEE - prices.LOCAL_GET
    gain = prices.MASK - prices.LOCAL_GET
    worth = [split for split, share in passing.items() if share * gain > once]
    return frozenset(sorted(worth, key=lambda split: (-uses[split], split))[:SHARED])


class _Planner:
    """Prices of all subtrees of a part, given what is shared."""

    def __init__(
        self,
        trees: Sequence[Tree],
        numbers: Sequence[int],
        words: Words,
        shared: frozenset[Split],
    ) -> None:
        self._trees = trees
        self._masked = {number: masked_ink(trees[number], words, shared) for number in numbers}

    def forest(self, subtrees: Sequence[Subtree]) -> tuple[Forest, int]:
        """The cheapest way to evaluate ``subtrees`` side by side, and its ink."""
        groups: dict[Split, list[Subtree]] = defaultdict(list)
        masked = []
        for number, child in subtrees:
            if child < 0:
                masked.append((number, child))
            else:
                tree = self._trees[number]
                groups[tree.feature[child], tree.threshold[child]].append((number, child))
        branches, ink = [], 0
        for split, group in groups.items():
            price = sum(self._masked[number][child] + prices.I32_ALU for number, child in group)
            if price > prices.BRANCH:
                branch, branched = self._branch(split, group)
                if branched < price:
                    branches.append(branch)
                    ink += branched
                    continue
            masked += group
            ink += price
        return Forest(tuple(sorted(masked)), tuple(branches)), ink

    def _branch(self, split: Split, group: Sequence[Subtree]) -> tuple[Branch, int]:
        left, left_ink = self.forest([(n, self._trees[n].left[node]) for n, node in group])
        right, right_ink = self.forest([(n, self._trees[n].right[node]) for n, node in group])
        return Branch(split, left, right), prices.BRANCH + max(left_ink, right_ink)


def masked_ink(tree: Tree, words: Words, shared: frozenset[Split]) -> list[int]:
    """Price of each node's subtree without branches; nodes come after their parents."""
    combine = [words.combine(inner, tree.width) for inner in range(3)]
    found = [0] * len(tree.feature)
    for node in reversed(range(len(found))):
        inner = [child for child in (tree.left[node], tree.right[node]) if child >= 0]
        split = tree.feature[node], tree.threshold[node]
        mask = prices.LOCAL_GET if split in shared else prices.MASK
        found[node] = mask + combine[len(inner)] + sum(found[child] for child in inner)
    return found
