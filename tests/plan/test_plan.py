"""The plan: cheapest kernel by the stated prices, parts within their limits."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stylus_ai.errors import UsageError
from stylus_ai.ir import Feature, Features, Interval, Op, Tree, TreeSum
from stylus_ai.plan import (
    PART_FEATURES,
    PART_NODES,
    Forest,
    ForestPart,
    Split,
    TablePart,
    Words,
    plan,
    prices,
)
from stylus_ai.plan.forest import nodes_below
from stylus_ai.plan.oblivious import table_of
from stylus_ai.plan.words import words_for
from tests.ir.test_verify import STUMP, program

WORD = Words(32, 1, 32)


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


def oblivious_tree(splits: Sequence[Split], values: Sequence[int], column: int = 0) -> Tree:
    """A complete tree whose level ``k`` tests ``splits[k]`` everywhere."""
    depth = len(splits)
    feature: list[int] = []
    threshold: list[int] = []
    left: list[int] = []
    right: list[int] = []
    leaves = itertools.count()

    def grow(level: int) -> int:
        if level == depth:
            return ~next(leaves)
        node = len(feature)
        feature.append(splits[level][0])
        threshold.append(splits[level][1])
        left.append(0)
        right.append(0)
        left[node] = grow(level + 1)
        right[node] = grow(level + 1)
        return node

    grow(0)
    return Tree(
        feature=tuple(feature),
        threshold=tuple(threshold),
        left=tuple(left),
        right=tuple(right),
        values=tuple((value,) for value in values),
        leaf_ids=tuple(range(len(values))),
        column=column,
    )


def brute_force(tree: Tree, child: int, branch: bool) -> int:
    """Least price of a subtree over all choices of branching nodes, by trying them all."""
    if child < 0:
        return 0
    left, right = tree.left[child], tree.right[child]
    inner = (left >= 0) + (right >= 0)
    masked: int = prices.MASK + prices.combine(32, inner)
    masked += brute_force(tree, left, False) + brute_force(tree, right, False)
    if not branch:
        return masked
    nested: int = prices.BRANCH
    nested += max(
        brute_force(tree, side, True) + (prices.I32_ALU if masks_only(tree, side) else 0)
        for side in (left, right)
    )
    return min(masked, nested)


def masks_only(tree: Tree, child: int) -> bool:
    """True if the cheapest way to run a subtree with nodes has no branch."""
    return child >= 0 and brute_force(tree, child, True) == brute_force(tree, child, False)


def only(one: TreeSum) -> ForestPart:
    """The only part of a plan."""
    (part,) = plan(program(*_ops(one))).parts
    assert isinstance(part, ForestPart)
    return part


def covered(forest: Forest) -> list[tuple[int, int]]:
    """All subtrees of a forest that are masks, arms included."""
    found = list(forest.masked)
    for branch in forest.branches:
        found += covered(branch.left) + covered(branch.right)
    return found


@pytest.mark.parametrize("depth", range(1, 8))
def test_the_price_is_the_least_of_all_choices(depth: int) -> None:
    tree = full_tree(depth)
    ink = only(TreeSum(0, (tree,), (0,), 4)).ink
    least = brute_force(tree, 0, True) + (prices.I32_ALU if masks_only(tree, 0) else 0)
    assert ink == least + prices.PART + prices.FEATURE


def test_shallow_trees_are_masks_and_the_top_of_deep_ones_branches() -> None:
    shallow = only(TreeSum(0, (full_tree(3),), (0,), 4))
    deep = only(TreeSum(0, (full_tree(8),), (0,), 4))
    assert (shallow.kernel, shallow.forest) == ("masks", Forest(((0, 0),)))
    assert deep.kernel == "branches"
    (root,) = deep.forest.branches
    tree = full_tree(8)
    assert root.split == (tree.feature[0], tree.threshold[0])
    below = covered(deep.forest)
    nodes = [node for _, child in below for node in nodes_below(tree, child)]
    assert len(nodes) == len(set(nodes))
    assert len(nodes) + len(list(deep.forest.branching())) == 255


def test_equal_roots_take_one_branch() -> None:
    part = only(TreeSum(0, (full_tree(6),) * 5, (0,), 4))
    (branch,) = part.forest.branches
    assert part.forest.masked == ()
    assert {number for number, _ in covered(branch.left)} == {0, 1, 2, 3, 4}
    alone = only(TreeSum(0, (full_tree(6),), (0,), 4))
    assert part.ink < 5 * alone.ink / 2


def test_a_split_that_is_tested_again_is_compared_once() -> None:
    trees = (STUMP, replace(STUMP, values=((1,), (2,))), replace(STUMP, threshold=(31,)))
    part = only(TreeSum(0, trees, (0,), 4))
    assert part.shared == ((0, 30),)
    stump = prices.combine(32, 0) + prices.I32_ALU
    masks = 2 * prices.MASK + prices.LOCAL_TEE + 2 * prices.LOCAL_GET
    assert part.ink == prices.PART + prices.FEATURE + 3 * stump + masks


def test_a_tree_of_one_leaf_costs_nothing() -> None:
    leaf = Tree((), (), (), (), ((3,),), (0,))
    assert only(TreeSum(0, (leaf,), (0,), 4)).ink == prices.PART


def test_parts_hold_all_trees_within_the_limit() -> None:
    made = plan(program(*_ops(TreeSum(0, (full_tree(6),) * 100, (0,), 4))))
    numbers = [number for part in made.parts for number in part.trees]
    assert sorted(numbers) == list(range(100))
    assert all(part.comparisons <= PART_NODES for part in made.parts)
    assert len(made.parts) == -(-100 // (PART_NODES // 63))


def test_a_part_looks_at_a_limited_number_of_features() -> None:
    columns = Features(tuple(Feature(f"f{i}", 0, 100) for i in range(300)))
    stumps = tuple(replace(STUMP, feature=(i,)) for i in range(300))
    ops = _ops(TreeSum(0, stumps, (0,), 4))
    one = replace(program(*ops), features=columns, reference=(0,) * 300)
    sizes = [len(part.trees) for part in plan(one).parts]
    assert sizes == [PART_FEATURES] * (300 // PART_FEATURES) + [300 % PART_FEATURES] * (
        300 % PART_FEATURES > 0
    )


def test_a_tree_beyond_the_limit_has_a_part_of_its_own() -> None:
    made = plan(program(*_ops(TreeSum(0, (STUMP, full_tree(12), STUMP), (0,), 4))))
    assert sorted(part.trees for part in made.parts) == [(0, 2), (1,)]


SPLITS = ((0, 10), (1, -20), (0, 30), (1, 40), (0, 50))


def test_an_oblivious_tree_is_a_table_of_the_narrowest_lanes() -> None:
    values = [-100 + 4 * leaf for leaf in range(32)]
    table = table_of(7, oblivious_tree(SPLITS, values))
    assert table is not None
    assert (table.splits, table.low, table.zeros, table.lane_bits) == (SPLITS, -100, 2, 8)
    assert [word.to_bytes(8, "little")[0] for word in table.words] == [0, 8, 16, 24]
    wide = table_of(
        0,
        oblivious_tree(SPLITS, [value * (1 << 12) + leaf % 2 for leaf, value in enumerate(values)]),
    )
    assert wide is not None
    assert (wide.lane_bits, len(wide.words)) == (32, 16)


def test_what_is_not_oblivious_or_too_wide_is_no_table() -> None:
    tree = oblivious_tree(SPLITS[:2], [1, 2, 3, 4])
    assert table_of(0, tree) is not None
    assert table_of(0, replace(tree, threshold=(10, -20, -19))) is None
    assert table_of(0, replace(tree, feature=(0, 1, 0))) is None
    assert table_of(0, replace(tree, values=((0,), (1,), (2,), (1 << 33,)))) is None
    assert table_of(0, replace(tree, values=((0, 1), (1, 1), (2, 1), (3, 1)))) is None
    assert table_of(0, comb(2, 1)) is None
    assert table_of(0, Tree((), (), (), (), ((3,),), (0,))) is None


def test_tables_are_chosen_where_they_cost_less() -> None:
    tree = oblivious_tree(SPLITS, range(32))
    made = plan(program(*_ops(TreeSum(0, (tree, STUMP, tree), (0,), 4))))
    assert [(type(part), part.trees) for part in made.parts] == [
        (ForestPart, (1,)),
        (TablePart, (0, 2)),
    ]


@given(st.lists(st.tuples(st.integers(-(2**20), 2**20), st.integers(0, 2**20)), min_size=1))
def test_words_hold_any_sum_within_the_bounds(ends: list[tuple[int, int]]) -> None:
    """Lanes of packed words, added as the kernel does, are the sums of the values."""
    bounds = [Interval(low, low + width) for low, width in ends]
    values = [bound.low for bound in bounds]
    outputs = len(ends)
    tree = Tree((), (), (), (), (tuple(values),), (0,))
    words = words_for(TreeSum(0, (tree,), (0,) * outputs, 4), bounds)
    tops = words.pack([bound.high - bound.low for bound in bounds])
    for sums in (values, [bound.high for bound in bounds]):
        packed = words.pack(values)
        if sums is not values:
            packed = tuple(words.wrap(a + b) for a, b in zip(packed, tops, strict=True))
        assert unpacked(packed, words, outputs) == sums


def unpacked(packed: Sequence[int], words: Words, count: int) -> list[int]:
    """What ``lanes`` of stylus-kernels gives, word by word."""
    found: list[int] = []
    rest = 0
    half = 1 << (words.lane_bits - 1)
    for k in range(count):
        if k % words.lanes == 0:
            rest = packed[k // words.lanes]
        found.append((rest + half) % (2 * half) - half)
        rest = (rest - found[-1]) >> words.lane_bits
    return found


@pytest.mark.parametrize(
    ("width", "high", "expected"),
    [
        (1, 100, Words(32, 1, 8)),
        (3, 100, Words(32, 3, 8)),
        (4, 1000, Words(64, 4, 11)),
        (2, 2**40, Words(64, 1, 42)),
    ],
)
def test_values_share_the_cheapest_words(width: int, high: int, expected: Words) -> None:
    tree = Tree((0,), (5,), (-1,), (-2,), ((0,) * width, (high,) * width), (0, 1))
    sums = [Interval(0, high)] * width
    assert words_for(TreeSum(0, (tree,), (0,) * width, 4), sums) == expected


def test_outputs_that_trees_do_not_share_are_held_apart() -> None:
    op = TreeSum(0, (STUMP, replace(STUMP, column=1)), (0, 0), 4)
    assert words_for(op, [Interval(-7, 5)] * 2).lanes == 1


def test_leaf_numbers_are_left_out_of_large_models() -> None:
    assert plan(program()).leaf_numbers
    large = program(*_ops(TreeSum(0, (full_tree(6),) * 50, (0,), 4)))
    assert not plan(large).leaf_numbers
    assert plan(large, leaf_numbers=True).leaf_numbers


def test_the_plan_belongs_to_its_program() -> None:
    one = program()
    assert plan(one).program == one.digest
    assert plan(one) == plan(one)
    assert plan(replace(one, name="other")).program != one.digest


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(UsageError, match="arbos99"):
        plan(program(), "arbos99")


def _ops(body: TreeSum) -> tuple[Op, ...]:
    _, score, decision = program().ops
    return body, score, decision
