"""Whatever the planner takes has a price."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from stylus_ai.cost import price
from stylus_ai.ir import Program, random_rows
from tests.ir.strategies import encoded, networks, programs


@given(program=st.one_of(programs(), encoded(), networks()))
@settings(deadline=None, max_examples=60)
def test_every_program_has_a_price(program: Program) -> None:
    found = price(program, rows=random_rows(program, 3))
    assert found.gas > 0
    assert 7_000 < found.size < 40_000
