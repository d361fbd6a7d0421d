"""Quantising: exact thresholds, a bound that holds, and options that are checked."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stylus_ai.compress import quantise
from stylus_ai.compress.splits import integer_thresholds
from stylus_ai.errors import ModelError
from stylus_ai.frontends import FloatLinear, FloatModel, FloatTree, FloatTrees
from stylus_ai.ir import Feature, Features, interpret, random_rows
from tests.frontends.data import proven


def stump(
    threshold: float = 0.5, leaves: tuple[float, float] = (0.25, 0.75), **body: Any
) -> FloatModel:
    """A model of one split on one feature 0..10 in halves."""
    tree = FloatTree(
        left=np.array([1, -1, -1]),
        right=np.array([2, -1, -1]),
        feature=np.array([0, 0, 0]),
        threshold=np.array([threshold, 0, 0]),
        values=np.array([[0.0], [leaves[0]], [leaves[1]]]),
    )
    values: dict[str, Any] = {
        "trees": (tree,),
        "base": np.zeros(1),
        "divisor": 1,
        "comparison": "float32",
        "link": "identity",
    }
    return FloatModel(
        features=Features((Feature("x", 0, 10, scale=2),)),
        task="binary",
        family="tree",
        body=FloatTrees(**(values | body)),
        classes=("no", "yes"),
        source="tests",
    )


@settings(max_examples=300, deadline=None)
@given(
    st.floats(allow_nan=False, width=64) | st.integers(-(2**31), 2**31).map(float),
    st.sampled_from((1, 3, 10, 1000)),
    st.sampled_from(("float32", "float64")),
    st.integers(-(2**20), 2**20),
)
def test_a_threshold_is_the_last_integer_that_goes_left(
    threshold: float, scale: int, comparison: Any, low: int
) -> None:
    columns = Features((Feature("x", low / scale, (low + 5000) / scale, scale=scale),))
    (found,) = integer_thresholds(
        np.array([threshold]), np.array([0]), columns, comparison
    ).tolist()
    kind = np.dtype(comparison).type
    left = [q for q in range(low, low + 5001) if float(kind(q / scale)) <= threshold]
    assert found == (left[-1] if left else low - 1)
    assert left == list(range(low, found + 1))


@pytest.mark.parametrize(
    ("cutoff", "decisions"),
    [(0.2, [1, 1]), (0.25, [1, 1]), (0.2501, [0, 1]), (0.75, [0, 1]), (0.7501, [0, 0])],
)
def test_the_cutoff_is_inclusive(cutoff: float, decisions: list[int]) -> None:
    program = quantise(stump(), name="m", cutoff=cutoff)
    assert interpret(program, [[1], [2]])["decision"].tolist() == decisions


def test_a_cutoff_on_log_odds() -> None:
    model = stump(leaves=(math.log(3), -1.0), link="logistic")
    program = quantise(model, name="m", cutoff=0.75, frac_bits=20)
    assert interpret(program, [[1], [2]])["decision"].tolist() == [1, 0]
    assert program.cutoff == round(math.log(3) * 2**20)


def test_a_mean_is_divided_once_at_the_end() -> None:
    """Thirds of trees sum to an exact tie, which stays a tie."""
    trees = stump().body
    assert isinstance(trees, FloatTrees)
    (tree,) = trees.trees
    one = replace(tree, values=np.array([[0.0], [1.0], [1.0]]))
    none = replace(tree, values=np.zeros((3, 1)))
    program = quantise(stump(trees=(one, one, one, none, none, none), divisor=6), name="m")
    out = interpret(program, [[0]])
    assert (out["score"].tolist(), out["decision"].tolist()) == ([5000], [1])
    assert proven(program) == 0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=2),
    st.floats(-1e3, 1e3),
    st.integers(0, 32),
)
def test_the_bound_of_a_linear_model_holds(weights: list[float], bias: float, bits: int) -> None:
    features = Features((Feature("a", -1000, 1000, scale=3), Feature("b", 0, 70_000)))
    model = FloatModel(
        features=features,
        task="regression",
        family="linear",
        body=FloatLinear(np.array([weights]), np.array([bias]), "identity"),
        classes=(),
        source="tests",
    )
    program = quantise(model, name="m", frac_bits=bits)
    q = random_rows(program, 200)
    exact = features.dequantise(q) @ np.array(weights) + bias
    value = interpret(program, q)["value"] / 2.0**bits
    noise = 1e-12 * (1 + np.abs(exact).max() + 1e3 * np.abs(weights).max())
    assert np.abs(value - exact).max() <= proven(program) + noise


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cutoff": 0.0}, "cutoff is 0.0"),
        ({"cutoff": 1.0}, "cutoff is 1.0"),
        ({"cutoff": math.nan}, "cutoff is nan"),
        ({"frac_bits": -1}, "frac_bits is -1"),
        ({"frac_bits": 53}, "frac_bits is 53"),
        ({"frac_bits": 33}, "32"),
        ({"name": "No Name"}, "crate name"),
        ({"reference": (21,)}, "reference"),
        ({"reference": (1, 2)}, "reference"),
    ],
)
def test_options_out_of_range(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        quantise(stump(), **({"name": "m"} | options))


@pytest.mark.parametrize("leaf", [1e300, 2.0**60])
def test_leaves_too_large_for_64_bits_are_refused(leaf: float) -> None:
    model = replace(stump(leaves=(0.0, leaf)), task="regression", classes=())
    with pytest.raises(ModelError):
        quantise(model, name="m", frac_bits=20)


@pytest.mark.parametrize(
    "children", [([1, -1, -1], [1, -1, -1]), ([0, -1, -1], [1, -1, -1]), ([3, -1, -1], [1, -1, -1])]
)
def test_arrays_that_form_no_tree_are_refused(children: tuple[list[int], list[int]]) -> None:
    trees = stump().body
    assert isinstance(trees, FloatTrees)
    left, right = (np.array(side) for side in children)
    broken = replace(trees.trees[0], left=left, right=right)
    with pytest.raises(ModelError, match=r"loop|missing"):
        quantise(stump(trees=(broken,)), name="m")


def test_default_precision_is_what_the_resolution_asks_for() -> None:
    """16 bits for a probability, and the reference in the middle."""
    program = quantise(stump(leaves=(1 / 3, 2 / 3)), name="m")
    assert program.frac_bits == 16
    assert 0 < proven(program) <= 2.0**-16
    assert program.reference == (10,)
