"""The plan: cheapest kernel by the stated prices, parts within their limit."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from stylus_ai.errors import UsageError
from stylus_ai.ir import Feature, Features, Op, Tree, TreeSum
from stylus_ai.plan import PART_NODES, Kernel, plan, prices
from tests.ir.test_verify import STUMP, program


def full_tree(depth: int) -> Tree:
    """A complete tree on feature 0, its thresholds scattered."""
    return comb(0, depth)


def comb(spine: int, depth: int) -> Tree:
    """A chain of ``spine`` nodes, each with a complete tree of ``depth`` to its left."""
    feature: list[int] = []
    left: list[int] = []
    right: list[int] = []
    leaves = itertools.count()

    def grow(level: int) -> int:
        if level == depth:
            return ~next(leaves)
        node = len(feature)
        feature.append(0)
        left.append(0)
        right.append(0)
        left[node] = grow(level + 1)
        right[node] = grow(level + 1)
        return node

    def chain(teeth: int) -> int:
        if teeth == 0:
            return grow(0)
        node = len(feature)
        feature.append(0)
        left.append(0)
        right.append(0)
        left[node] = grow(0)
        right[node] = chain(teeth - 1)
        return node

    chain(spine)
    count = len(feature) + 1
    return Tree(
        feature=tuple(feature),
        threshold=tuple((7 * node + 3) % 101 for node in range(len(feature))),
        left=tuple(left),
        right=tuple(right),
        values=tuple((value,) for value in range(count)),
        leaf_ids=tuple(range(count)),
    )


def brute_force(tree: Tree, child: int, branch: bool) -> int:
    """Least price of a subtree over all choices of branching nodes, by trying them all."""
    if child < 0:
        return 0
    left, right = tree.left[child], tree.right[child]
    values = left >= 0 or right >= 0
    pick = prices.PICK_VALUES if values else prices.PICK_CONSTANTS
    masked: int = prices.MASK + pick
    masked += brute_force(tree, left, False) + brute_force(tree, right, False)
    if not branch:
        return masked
    nested: int = prices.NESTED_LEVEL
    nested += max(brute_force(tree, left, True), brute_force(tree, right, True))
    return min(masked, nested)


@pytest.mark.parametrize("depth", range(1, 9))
def test_the_price_is_the_least_of_all_choices(depth: int) -> None:
    tree = full_tree(depth)
    (one,) = plan(program(*_ops(tree))).trees
    after = prices.BLOCK if one.kernel is Kernel.NESTED else 0
    assert one.ink == brute_force(tree, 0, True) + after + prices.I32_ALU + prices.CONST


def test_shallow_trees_are_masked_and_the_top_of_deep_ones_branches() -> None:
    (shallow,) = plan(program(*_ops(full_tree(3)))).trees
    (deep,) = plan(program(*_ops(full_tree(8)))).trees
    assert (shallow.kernel, shallow.branching) == (Kernel.MASKED, ())
    assert deep.kernel is Kernel.NESTED
    assert deep.branching[0] == 0
    tree = full_tree(8)
    parents = {child: node for node in range(255) for child in (tree.left[node], tree.right[node])}
    assert all(parents[node] in deep.branching for node in deep.branching[1:])


def test_a_tree_of_one_leaf_costs_an_addition() -> None:
    leaf = Tree((), (), (), (), ((3,),), (0,))
    (one,) = plan(program(*_ops(leaf))).trees
    assert one.kernel is Kernel.MASKED
    assert one.ink == prices.I32_ALU + prices.CONST


def test_parts_hold_all_trees_in_order_within_the_limit() -> None:
    tree = full_tree(5)
    made = plan(program(*_ops(*(tree,) * 100)))
    assert [first for first, _ in made.parts] == [0, *(last for _, last in made.parts[:-1])]
    assert made.parts[-1][1] == 100
    assert all((last - first) * 31 <= PART_NODES for first, last in made.parts)
    assert len(made.parts) == -(-100 // (PART_NODES // 31))


def test_a_part_looks_at_a_limited_number_of_features() -> None:
    columns = Features(tuple(Feature(f"f{i}", 0, 100) for i in range(300)))
    stumps = tuple(replace(STUMP, feature=(i,)) for i in range(300))
    one = replace(program(*_ops(*stumps)), features=columns, reference=(0,) * 300)
    assert plan(one).parts == ((0, 128), (128, 256), (256, 300))


def test_a_tree_beyond_the_limit_has_a_part_of_its_own() -> None:
    made = plan(program(*_ops(STUMP, full_tree(10), STUMP)))
    assert made.parts == ((0, 1), (1, 2), (2, 3))


def test_the_plan_belongs_to_its_program() -> None:
    one = program()
    assert plan(one).program == one.digest
    assert plan(one) == plan(one)
    assert plan(replace(one, name="other")).program != one.digest


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(UsageError, match="arbos99"):
        plan(program(), "arbos99")


def _ops(*trees: Tree) -> tuple[Op, ...]:
    _, score, decision = program().ops
    return TreeSum(0, trees, (0,), 4), score, decision
