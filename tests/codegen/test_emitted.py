"""Emitted tree kernels against the interpreter, on random trees and at the thresholds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stylus_ai.codegen import emit
from stylus_ai.ir import (
    Argmax,
    Feature,
    Features,
    Program,
    Tree,
    TreeSum,
    interpret,
    leaves,
    random_rows,
    verify,
)
from stylus_ai.plan import TablePart, plan
from tests.codegen.emitted import run
from tests.ir import strategies
from tests.ir.test_verify import program
from tests.plan.test_plan import comb, full_tree, oblivious_tree

COLUMNS = Features((Feature("a", 0, 50), Feature("b", -20, 30), Feature("c", -(2**30), 2**30 - 1)))


def model(trees: tuple[Tree, ...], base: tuple[int, ...] = (0,)) -> Program:
    """A regression or, of several outputs, a choice among them."""
    one = replace(program(), features=COLUMNS, reference=(0, 0, 0))
    body = TreeSum(0, trees, base, 4)
    if len(base) == 1:
        return replace(one, task="regression", ops=(body,), outputs=(("value", 1),), classes=())
    return replace(
        one,
        task="multiclass",
        ops=(body, Argmax(1)),
        outputs=(("logits", 1), ("class", 2)),
        classes=tuple(f"c{k}" for k in range(len(base))),
    )


def assert_equal(one: Program, rows: int = 12) -> None:
    """The emitted functions answer as the interpreter on random rows, half of them at edges."""
    verify(one)
    crate = emit(one, plan(one, leaf_numbers=True))
    q = random_rows(one, rows)
    name = "logits" if one.task == "multiclass" else "value"
    expected = interpret(one, q)[name].reshape(rows, -1)
    reached = leaves(one, q)
    bits = plan(one).words.bits
    for row, sums, path in zip(q.tolist(), expected.tolist(), reached.tolist(), strict=True):
        found = run(crate.files["src/sums.rs"], "accumulate", row, len(one.trees))
        half = 1 << (bits - 1)
        assert [(value + half) % (2 * half) - half for value in found] == sums
        assert run(crate.files["src/leaves.rs"], "leaves", row, len(one.trees)) == path


@st.composite
def forests(draw: st.DrawFn) -> Program:
    """Trees on few splits, so that masks are shared and roots are equal, of one output or more."""
    outputs = draw(st.sampled_from((1, 1, 3, 4)))
    width = draw(st.sampled_from((1, outputs)))
    limit = draw(st.sampled_from((1, 100, 2**20, 2**40)))
    count = draw(st.integers(1, 8))
    members = [
        draw(strategies.trees(COLUMNS, width, draw(st.integers(0, outputs - width)), limit))
        for _ in range(count)
    ]
    if draw(st.booleans()):
        members = [
            replace(tree, threshold=tuple(threshold % 3 for threshold in tree.threshold))
            for tree in members
        ]
    repeated = members * draw(st.integers(1, 3))
    base = tuple(draw(st.integers(-limit, limit)) for _ in range(outputs))
    return model(tuple(repeated), base)


@given(forests())
@settings(max_examples=100, deadline=None)
def test_a_forest_of_random_trees(one: Program) -> None:
    assert_equal(one)


@st.composite
def tables(draw: st.DrawFn) -> Program:
    """Oblivious trees with leaves of all widths of lanes, and with common zeros."""
    outputs = draw(st.sampled_from((1, 3)))
    members = []
    for _ in range(draw(st.integers(1, 5))):
        depth = draw(st.integers(3, 6))
        split = st.tuples(st.integers(0, 2), st.integers(-1, 4))
        splits = draw(st.lists(split, min_size=depth, max_size=depth))
        limit = draw(st.sampled_from((1, 127, 2**12, 2**30)))
        zeros = draw(st.integers(0, 8))
        value = st.integers(-limit, limit)
        values = draw(st.lists(value, min_size=1 << depth, max_size=1 << depth))
        column = draw(st.integers(0, outputs - 1))
        members.append(oblivious_tree(splits, [value << zeros for value in values], column))
    return model(tuple(members), (draw(st.integers(-9, 9)),) * outputs)


@given(tables())
@settings(max_examples=60, deadline=None)
def test_tables_of_random_oblivious_trees(one: Program) -> None:
    assert any(isinstance(part, TablePart) for part in plan(one).parts)
    assert_equal(one)


def test_a_deep_tree_and_trees_with_equal_deep_roots() -> None:
    tree = comb(12, 5)
    deep = replace(tree, feature=(1,) * len(tree.feature))
    low = replace(deep, threshold=tuple(threshold % 51 - 21 for threshold in deep.threshold))
    assert_equal(model((low, low, full_tree_of(6))), 60)


def full_tree_of(depth: int) -> Tree:
    tree = full_tree(depth)
    return replace(tree, threshold=tuple(threshold % 51 for threshold in tree.threshold))


def test_forests_and_tables_stand_side_by_side() -> None:
    table = oblivious_tree(((0, 5), (1, 0), (2, 77), (0, 9)), range(-8, 8))
    one = model((full_tree_of(3), table, full_tree_of(2), table))
    assert len(plan(one).parts) == 2
    assert_equal(one)


def test_all_rows_of_a_small_grid() -> None:
    """Every value of a feature passes every threshold of a tree on it."""
    one = model((full_tree_of(6),))
    crate = emit(one, plan(one))
    q = np.array([[value, 0, 0] for value in range(51)])
    sums = [run(crate.files["src/sums.rs"], "accumulate", row, 1) for row in q.tolist()]
    assert np.array(sums)[:, 0].tolist() == interpret(one, q)["value"].tolist()
