"""The same answer everywhere: interpreter, native Rust and chain, on every row of the fixtures."""

from conftest import Fixture
from stylus_ai.ir import Program, interpret, leaves


def test_interpreter_gives_the_answers_of_the_fixtures(program: Program, fixture: Fixture) -> None:
    answers = interpret(program, fixture.rows)
    assert (answers["logit"] == fixture.logit).all()
    assert (answers["score"] == fixture.score).all()
    assert (answers["decision"] == fixture.decision).all()


def test_every_tree_ends_in_the_leaf_of_the_fixtures(program: Program, fixture: Fixture) -> None:
    assert (leaves(program, fixture.rows) == fixture.leaves.reshape(len(fixture.rows), -1)).all()


def test_there_are_enough_rows(fixture: Fixture) -> None:
    assert len(fixture.rows) >= 200
