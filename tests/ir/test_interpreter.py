"""The interpreter against a naive walk, on random programs at the overflow edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stylus_ai.errors import FeatureError, ModelError
from stylus_ai.ir import (
    Program,
    TreeSum,
    edge_rows,
    interpret,
    leaves,
    over_columns,
    random_rows,
    run_op,
    verify,
)
from tests.ir import naive
from tests.ir.strategies import encoded, networks, programs


@settings(max_examples=150, deadline=None)
@given(programs() | networks() | encoded(), st.integers(0, 2**32))
def test_every_output_equals_the_naive_walk(program: Program, seed: int) -> None:
    try:
        bounds = verify(program)
    except ModelError:
        return  # may overflow: refused, which test_verify covers
    rows = np.concatenate([edge_rows(program, at_least=20), random_rows(program, 10, seed=seed)])
    outputs = interpret(program, rows)
    reached = leaves(program, rows)
    for i, row in enumerate(rows.tolist()):
        values = naive.run(program, row)
        for name, at in program.outputs:
            assert np.atleast_1d(outputs[name][i]).tolist() == values[at]
        walks = [
            naive.walk(tree, values[op.source])
            for op in program.ops
            if isinstance(op, TreeSum)
            for tree in op.trees
        ]
        assert reached[i].tolist() == walks
        for value, intervals in zip(values, bounds.values, strict=True):
            for number, interval in zip(value, intervals, strict=True):
                assert interval.low <= number <= interval.high


@settings(max_examples=30, deadline=None)
@given(programs())
def test_a_row_beyond_the_range_is_refused(program: Program) -> None:
    row = program.features.q_tops.copy()
    row[-1] += 1
    with pytest.raises(FeatureError, match="outside"):
        interpret(program, [row])
    with pytest.raises(FeatureError, match="outside"):
        leaves(program, [row])


@given(encoded(), st.integers(0, 9))
def test_the_program_behind_an_encoding_says_the_same_of_its_columns(
    program: Program, seed: int
) -> None:
    q = random_rows(program, 50, seed=seed)
    inner = over_columns(program)
    assert interpret(inner, run_op(program.ops[0], q))["value"].tolist() == (
        interpret(program, q)["value"].tolist()
    )
    assert over_columns(inner) == inner
