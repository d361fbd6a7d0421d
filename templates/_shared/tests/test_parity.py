"""The same answer everywhere: interpreter, native Rust and chain, on every row of the fixtures."""

import subprocess

import pytest
from conftest import Fixture, OnChain
from stylus_ai.build import shared_target
from stylus_ai.chain import predict_rows
from stylus_ai.ir import Program, interpret, leaves
from stylus_ai.project import Project


def test_interpreter_gives_the_answers_of_the_fixtures(program: Program, fixture: Fixture) -> None:
    answers = interpret(program, fixture.rows)
    assert set(answers) == set(fixture.expected)
    for name, values in answers.items():
        assert (values == fixture.expected[name]).all(), name


def test_every_tree_ends_in_the_leaf_of_the_fixtures(program: Program, fixture: Fixture) -> None:
    assert (leaves(program, fixture.rows) == fixture.leaves.reshape(len(fixture.rows), -1)).all()


def test_there_are_enough_rows(fixture: Fixture) -> None:
    assert len(fixture.rows) >= 200


@pytest.mark.native
def test_native_rust_gives_the_answers_of_the_fixtures(project: Project) -> None:
    with shared_target(project.root) as environment:
        done = subprocess.run(
            ["cargo", "test", "--package", "model", "--locked"],
            cwd=project.root,
            env=environment,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.chain
def test_the_chain_gives_the_answers_of_the_fixtures(
    program: Program, fixture: Fixture, on_chain: OnChain
) -> None:
    answers = predict_rows(on_chain.client, on_chain.deployment, program, fixture.rows)
    for name, values in answers.items():
        assert (values == fixture.expected[name]).all(), name
