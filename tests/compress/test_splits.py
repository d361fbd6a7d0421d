"""Gaps and categories in trees: the integer program takes the float model's path on every row."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stylus_ai.compress import quantise
from stylus_ai.compress.splits import MAX_CODES
from stylus_ai.errors import ModelError
from stylus_ai.frontends import FloatModel, FloatTree, FloatTrees
from stylus_ai.frontends.evaluate import leaf_nodes
from stylus_ai.ir import (
    Encode,
    Feature,
    Features,
    Filled,
    Member,
    Program,
    TreeSum,
    Value,
    leaves,
)

FEATURES = Features(
    (
        Feature("age", 0, 4, missing=True),
        Feature("kind", 2, 7, missing=True),
        Feature("rate", -1, 1, scale=2),
    )
)
EVERY_ROW = np.array(
    list(itertools.product(*(range(f.q_low, f.q_top + 1) for f in FEATURES))), dtype=np.int64
)
"""Not a sample: all rows that exist."""


def model_of(*trees: FloatTree, features: Features = FEATURES) -> FloatModel:
    """A regression of trees that compare in float64."""
    body = FloatTrees(trees, np.zeros(1), 1, "float64", "identity")
    return FloatModel(features, "regression", "boosting", body, (), "tests")


def tree_of(
    feature: list[int],
    threshold: list[float],
    gap_left: list[bool] | None,
    codes: dict[int, frozenset[int]],
) -> FloatTree:
    """A complete tree of these inner nodes, numbered as in a heap."""
    inner = len(feature)
    children = np.full((2, 2 * inner + 1), -1, dtype=np.int64)
    children[:, :inner] = 2 * np.arange(inner) + np.array([[1], [2]])
    rest = [0] * (inner + 1)
    return FloatTree(
        left=children[0],
        right=children[1],
        feature=np.array(feature + rest),
        threshold=np.array(threshold + rest, dtype=np.float64),
        values=np.arange(2.0 * inner + 1)[:, np.newaxis],
        missing_left=None if gap_left is None else np.array(gap_left + [False] * (inner + 1)),
        codes=codes,
    )


def our_leaves(program: Program, q: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Leaves by the library's node numbers."""
    reached = leaves(program, q)
    named = [np.array(tree.leaf_ids)[reached[:, t]] for t, tree in enumerate(program.trees)]
    return np.stack(named, axis=1)


@st.composite
def trees(draw: st.DrawFn) -> FloatTree:
    """Trees of seven nodes that split by numbers and by categories."""
    feature = draw(st.lists(st.integers(0, 2), min_size=7, max_size=7))
    limits = st.sampled_from([-np.inf, -1, -0.25, 0, 0.5, 2, 3.5, 4, 6, 9, np.inf])
    some = st.frozensets(st.integers(-2, 12), max_size=10)
    return tree_of(
        feature,
        draw(st.lists(limits, min_size=7, max_size=7)),
        draw(st.lists(st.booleans(), min_size=7, max_size=7)),
        {node: draw(some) for node, at in enumerate(feature) if at < 2 and draw(st.booleans())},
    )


@given(st.lists(trees(), min_size=1, max_size=3))
def test_every_row_takes_the_float_model_s_path(some: list[FloatTree]) -> None:
    model = model_of(*some)
    program = quantise(model, name="m")
    x = FEATURES.dequantise(EVERY_ROW)
    assert (our_leaves(program, EVERY_ROW) == leaf_nodes(model, x)).all()


def columns(feature: int, *, gap_left: bool, codes: set[int] | None = None) -> Any:
    """What a single split reads; None for the feature itself."""
    named = {} if codes is None else {0: frozenset(codes)}
    program = quantise(model_of(tree_of([feature], [3.0], [gap_left], named)), name="m")
    first = program.ops[0]
    return first.columns if isinstance(first, Encode) else None


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ({"feature": 0, "gap_left": False}, None),
        ({"feature": 0, "gap_left": True}, (Filled(0, 5, -1),)),
        ({"feature": 2, "gap_left": True}, None),
        ({"feature": 1, "gap_left": False, "codes": {2, 3}}, None),
        ({"feature": 1, "gap_left": True, "codes": {6, 7}}, None),
        ({"feature": 1, "gap_left": True, "codes": set()}, None),
        ({"feature": 1, "gap_left": False, "codes": {4, 6}}, (Member(1, (4, 6)),)),
        ({"feature": 1, "gap_left": True, "codes": {2, 4, 5, 7}}, (Member(1, (3, 6)),)),
        ({"feature": 1, "gap_left": True, "codes": {5}}, (Member(1, (5, 8)),)),
    ],
    ids=str,
)
def test_a_column_is_made_only_where_the_feature_itself_will_not_do(
    split: Any, expected: Any
) -> None:
    """Categories at an end of the range are a threshold; else the shorter list is asked for."""
    assert columns(**split) == expected


def test_trees_that_need_a_column_read_plain_features_as_columns_too() -> None:
    one = tree_of([0, 2, 2], [3.0, 0.0, 0.0], [True, False, False], {})
    program = quantise(model_of(one, tree_of([0], [1.0], [False], {})), name="m")
    assert isinstance(program.ops[0], Encode)
    assert program.ops[0].columns == (Filled(0, 5, -1), Value(0), Value(2))
    assert isinstance(program.ops[1], TreeSum)
    assert program.ops[1].source == 1


@pytest.mark.parametrize(
    ("tree", "features", "message"),
    [
        (tree_of([0], [1.0], None, {}), FEATURES, "age may be missing"),
        (tree_of([2], [1.0], None, {0: frozenset({1})}), FEATURES, "rate is a category"),
        (tree_of([0], [np.nan], [True], {}), FEATURES, "not a number"),
        (tree_of([3], [1.0], [True], {}), FEATURES, "feature that does not exist"),
        (
            tree_of([0], [1.0], None, {0: frozenset(range(0, 4 * MAX_CODES, 2))}),
            Features((Feature("age", 0, 4 * MAX_CODES),)),
            f"{2 * MAX_CODES} categories",
        ),
    ],
)
def test_splits_that_have_no_integer_form(
    tree: FloatTree, features: Features, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        quantise(model_of(tree, features=features), name="m")
