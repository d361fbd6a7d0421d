"""The verifier refuses what may overflow or makes no sense, and bounds the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stylus_ai.errors import ModelError
from stylus_ai.ir import (
    Affine,
    AtLeast,
    Feature,
    Features,
    Interval,
    Op,
    Program,
    Requantise,
    Sigmoid,
    Tree,
    TreeSum,
    tensor,
    verify,
)

FEATURES = Features((Feature("age", 0, 100), Feature("debt", -50, 50)))
STUMP = Tree((0,), (30,), (-1,), (-2,), ((5,), (-7,)), (1, 2))
BINARY = (("logit", 1), ("score", 2), ("decision", 3))


def program(*ops: Op) -> Program:
    """A binary program; by default of one stump."""
    ops = ops or (TreeSum(0, (STUMP,), (0,), 4), Sigmoid(1, 4), AtLeast(1, 0))
    return Program(
        name="p",
        features=FEATURES,
        task="binary",
        family="tree",
        ops=ops,
        outputs=BINARY,
        reference=(10, 0),
        classes=("no", "yes"),
        source="tests",
        parent="0" * 64,
        rounding_bound=0.0,
    )


def test_intervals_of_a_sum_and_of_its_parts() -> None:
    body = TreeSum(0, (STUMP, STUMP), (100,), 4)
    bounds = verify(program(body, Sigmoid(1, 4), AtLeast(1, 0)))
    assert list(bounds.values[1]) == [Interval(86, 110)]
    assert list(bounds.accumulators[0]) == [Interval(-14, 110)]
    assert list(bounds.values[2]) == [Interval(0, 10_000)]


def test_a_weighted_sum_takes_each_end_of_each_range() -> None:
    body = Affine(0, tensor(((2, -3),)), tensor((1,)), 0)
    bounds = verify(program(body, Sigmoid(1, 0), AtLeast(1, 0)))
    assert list(bounds.values[1]) == [Interval(1 - 150, 1 + 200 + 150)]


@pytest.mark.parametrize(("value", "bits"), [(2**31 - 1, 32), (2**31, 64), (-(2**31), 32)])
def test_i32_is_used_exactly_as_long_as_it_suffices(value: int, bits: int) -> None:
    tree = replace(STUMP, values=((value,), (0,)))
    body = TreeSum(0, (tree,), (0,), 4)
    bounds = verify(program(body, Sigmoid(1, 4), AtLeast(1, 0)))
    assert bounds.accumulator_bits(0) == bits


def test_partial_sums_count_though_the_total_fits() -> None:
    """Base and leaves cancel, but an order of adding exists that leaves 32 bits."""
    tree = replace(STUMP, values=((2**31 - 1,), (2**31 - 1,)))
    body = TreeSum(0, (tree, tree), (-(2**31 - 1),), 4)
    bounds = verify(program(body, Sigmoid(1, 4), AtLeast(1, 0)))
    assert bounds.values[1][0].fits(2**31)
    assert bounds.accumulator_bits(0) == 64


LARGE = replace(STUMP, values=((2**62,), (0,)))


@pytest.mark.parametrize(
    ("ops", "message"),
    [
        ((TreeSum(0, (LARGE, LARGE), (0,), 4), Sigmoid(1, 4), AtLeast(1, 0)), "beyond 64 bits"),
        (
            (Affine(0, tensor(((2**60, 0),)), tensor((0,)), 0), Sigmoid(1, 0), AtLeast(1, 0)),
            "beyond 64 bits",
        ),
        (
            (TreeSum(0, (STUMP,), (0,), 4), Requantise(1, (2**62,), 62, 0, 10_000), AtLeast(1, 0)),
            "beyond 64 bits",
        ),
        ((TreeSum(0, (), (0,), 4), Sigmoid(1, 4), AtLeast(1, 0)), "have a tree"),
        ((TreeSum(0, (STUMP,), (0,), 53), Sigmoid(1, 4), AtLeast(1, 0)), "frac_bits is 53"),
        ((TreeSum(0, (STUMP,), (0,), 4, 0), Sigmoid(1, 4), AtLeast(1, 0)), "divisor is 0"),
        ((TreeSum(2, (STUMP,), (0,), 4), Sigmoid(1, 4), AtLeast(1, 0)), "not computed yet"),
        ((TreeSum(0, (replace(STUMP, column=1),), (0,), 4),), "do not exist"),
        ((TreeSum(0, (replace(STUMP, feature=(2,)),), (0,), 4),), "feature 2 of 2"),
        ((TreeSum(0, (replace(STUMP, threshold=(-2,)),), (0,), 4),), "threshold -2"),
        ((TreeSum(0, (replace(STUMP, threshold=(101,)),), (0,), 4),), "threshold 101"),
        ((Affine(0, tensor(((1,),)), tensor((0,)), 0),), "do not fit 2 inputs"),
        (
            (TreeSum(0, (STUMP,), (0,), 4), Requantise(1, (1,), 63, 0, 1), AtLeast(1, 0)),
            "shift is 63",
        ),
        (
            (TreeSum(0, (LARGE,), (0,), 4), Requantise(1, (1,), 0, 0, 10_001), AtLeast(1, 0)),
            "score can leave",
        ),
        ((TreeSum(0, (STUMP,), (0,), 4), Sigmoid(1, 4)), "no op computes"),
        ((TreeSum(0, (STUMP,), (0, 0), 4), Sigmoid(1, 4), AtLeast(1, 0)), "2 elements"),
    ],
)
def test_what_is_refused(ops: tuple[Op, ...], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        verify(program(*ops))


def test_a_reference_row_beyond_the_range_is_refused() -> None:
    with pytest.raises(ModelError, match="reference"):
        verify(replace(program(), reference=(101, 0)))


@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        ((0,), (-2,), "loop"),
        ((-2,), (-1,), "left to right"),
        ((1,), (-1,), "preorder"),
    ],
)
def test_a_tree_out_of_order_cannot_be_made(
    left: tuple[int, ...], right: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        replace(STUMP, left=left, right=right)


def test_a_tree_deeper_than_64_cannot_be_made() -> None:
    nodes = 65
    with pytest.raises(ModelError, match="deeper"):
        Tree(
            feature=(0,) * nodes,
            threshold=(1,) * nodes,
            left=tuple(~i for i in range(nodes)),
            right=(*range(1, nodes), ~nodes),
            values=((1,),) * (nodes + 1),
            leaf_ids=(0,) * (nodes + 1),
        )
