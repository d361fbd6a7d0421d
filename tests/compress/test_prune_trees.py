"""Smaller trees: merging changes no answer, sharing moves few rows, pruning pays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeRegressor

from stylus_ai.compress import quantise
from stylus_ai.compress.prune_trees import merge_leaves, prune_by_cost, share_thresholds
from stylus_ai.errors import ModelError
from stylus_ai.frontends import from_sklearn
from stylus_ai.ir import Feature, Features, Program, Tree, TreeSum, interpret, random_rows
from tests.ir.strategies import programs

Ints = npt.NDArray[np.int64]

FEATURES = Features((Feature("age", 0, 100), Feature("debt", -50, 50)))


def program_of(*trees: Tree, base: int = 0) -> Program:
    """A regression program of trees over ``age`` and ``debt``."""
    return Program(
        name="p",
        features=FEATURES,
        task="regression",
        family="forest",
        ops=(TreeSum(0, trees, (base,), 4),),
        outputs=(("value", 1),),
        reference=(10, 0),
        classes=(),
        source="tests",
        parent="0" * 64,
        rounding_bound=0.25,
    )


def rows(count: int = 500) -> Ints:
    """Random integer rows of ``FEATURES``."""
    random = np.random.default_rng(3)
    return np.stack([random.integers(0, 101, count), random.integers(-50, 51, count)], axis=1)


def answers(program: Program, q: Ints) -> Ints:
    """The program's values."""
    return interpret(program, q)["value"]


@given(program=programs(), seed=st.integers(0, 9))
def test_merging_leaves_every_answer_as_it_was(program: Program, seed: int) -> None:
    try:
        merged = merge_leaves(program)
    except ModelError:
        return  # may overflow: refused, which test_verify covers
    q = random_rows(program, 50, seed=seed)
    before, after = interpret(program, q), interpret(merged, q)
    for name in before:
        np.testing.assert_array_equal(before[name], after[name])
    assert merged.rounding_bound == program.rounding_bound


def test_equal_leaves_become_one_up_to_the_root() -> None:
    tree = Tree((0, 1), (30, 0), (1, -1), (-3, -2), ((5,), (5,), (5,)), (2, 3, 4))
    assert merge_leaves(program_of(tree)).trees == (Tree((), (), (), (), ((5,),), (2,)),)


def test_a_branch_that_no_row_can_reach_goes() -> None:
    # age <= 30, then age <= 60: always so; and debt > 50 never.
    inner = Tree((0, 0), (30, 60), (1, -1), (-3, -2), ((1,), (2,), (3,)), (2, 3, 4))
    outer = Tree((1,), (50,), (-1,), (-2,), ((7,), (8,)), (1, 2))
    first, second = merge_leaves(program_of(inner, outer)).trees
    assert first == Tree((0,), (30,), (-1,), (-2,), ((1,), (3,)), (2, 4))
    assert second == Tree((), (), (), (), ((7,),), (1,))


def test_thresholds_without_rows_between_become_the_most_used_one() -> None:
    def stump(threshold: int) -> Tree:
        return Tree((0,), (threshold,), (-1,), (-2,), ((0,), (1,)), (1, 2))

    program = program_of(stump(10), stump(12), stump(12), stump(13), stump(40))
    q = np.array([[5, 0], [20, 0], [60, 0]])
    shared = share_thresholds(program, q)
    assert [tree.threshold[0] for tree in shared.trees] == [12, 12, 12, 12, 40]
    np.testing.assert_array_equal(answers(shared, q), answers(program, q))
    assert shared.rounding_bound is None


def test_sharing_moves_no_more_rows_than_allowed() -> None:
    def stump(threshold: int) -> Tree:
        return Tree((0,), (threshold,), (-1,), (-2,), ((0,), (1,)), (1, 2))

    q = np.stack([np.arange(100), np.zeros(100, dtype=np.int64)], axis=1)
    program = program_of(*(stump(t) for t in range(10, 90)))
    shared = share_thresholds(program, q, moved=0.1)
    assert len({tree.threshold[0] for tree in shared.trees}) == 8
    for before, after in zip(program.trees, shared.trees, strict=True):
        assert abs(before.threshold[0] - after.threshold[0]) <= 10


def test_a_split_that_explains_little_is_pruned_and_its_leaf_is_the_rows_mean() -> None:
    # Left of age 50 the values are 0 and 2, to the right 1000.
    tree = Tree((0, 1), (50, 0), (1, -1), (-3, -2), ((0,), (2,), (1000,)), (2, 3, 4))
    q = np.array([[10, -5], [20, -5], [30, 5], [70, 0], [80, 0], [90, 0]])
    (pruned,) = prune_by_cost(program_of(tree), q, share=0.01).trees
    assert pruned == Tree((0,), (50,), (-1,), (-2,), ((1,), (1000,)), (2, 4))


def test_pruning_by_cost_is_scikit_learns_for_a_tree_of_squared_error() -> None:
    q = rows(2000)
    random = np.random.default_rng(0)
    y = np.floor(q[:, 0] / 20) * 30 + (q[:, 1] > 0) * 17 + random.normal(0, 5, len(q))
    full = DecisionTreeRegressor(max_depth=8, random_state=0).fit(q, y)
    explained = full.tree_.impurity[0] - (
        full.tree_.impurity * full.tree_.n_node_samples * (full.tree_.children_left < 0)
    ).sum() / len(q)
    theirs = DecisionTreeRegressor(max_depth=8, random_state=0, ccp_alpha=0.003 * explained).fit(
        q, y
    )
    program = quantise(from_sklearn(full, FEATURES), name="full")
    (pruned,) = prune_by_cost(program, q, share=0.003).trees
    assert 2 < len(pruned.values) == theirs.get_n_leaves() < full.get_n_leaves()


def test_a_forest_of_half_the_leaves_answers_nearly_as_well() -> None:
    q = rows(3000)
    noise = np.random.default_rng(1).random(len(q)) < 0.1
    labels = ((q[:, 0] + q[:, 1] > 50) ^ noise).astype(int)
    fitted = RandomForestClassifier(10, max_depth=8, random_state=0).fit(q[:2000], labels[:2000])
    program = quantise(from_sklearn(fitted, FEATURES), name="forest")
    smaller = merge_leaves(prune_by_cost(program, q[:2000], share=0.01))
    leaves = [sum(len(tree.values) for tree in p.trees) for p in (program, smaller)]
    assert leaves[1] < 0.5 * leaves[0]
    right = [
        (interpret(p, q[2000:])["decision"] == labels[2000:]).mean() for p in (program, smaller)
    ]
    assert right[1] >= right[0] - 0.02


def test_a_share_outside_of_its_range_is_refused() -> None:
    with pytest.raises(ModelError, match="share is 2"):
        prune_by_cost(program_of(Tree((), (), (), (), ((5,),), (2,))), rows(), share=2)
