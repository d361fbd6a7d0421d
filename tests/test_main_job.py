"""The main job at length: 10,000 random rows, half of them at the edges, on the chain."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from scaffold.templates import create
from stylus_ai import measurement, pipeline
from stylus_ai.chain import Node
from stylus_ai.errors import ParityError, ProjectError
from stylus_ai.fixtures import fixture_rows
from stylus_ai.ir import interpret, random_rows
from stylus_ai.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.wasm, pytest.mark.node]


def silent(_: str) -> None:
    """Progress is not looked at here."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A trained, built and deployed German credit project on a node of its own."""
    folder = tmp_path_factory.mktemp("main-job") / "lender"
    create(folder, {"application": "credit-score", "data": "german"}, git=False)
    project = Project.open(folder)
    with (
        Node(port=0) as node,
        mock.patch.dict(os.environ, {"STYLUS_AI_RPC": node.ready.rpc}),
    ):
        pipeline.train(project, silent)
        pipeline.build(project, silent)
        pipeline.deploy(project, "embedded", on_step=silent)
        yield project


def test_ten_thousand_rows_are_equal_on_the_chain(project: Project) -> None:
    client, deployment = pipeline.find_deployment(project, "embedded")
    program = pipeline.load_program(project)
    measurement.check_parity(client, deployment, program, random_rows(program, 10_000))


def test_the_test_split_is_equal_and_a_cached_call_saves_the_initialisation(
    project: Project,
) -> None:
    rows = fixture_rows(project.fixtures / "test.csv", pipeline.load_program(project).features)
    measured = measurement.measure(project, rows)
    again = measurement.measure(project, rows)
    assert measured.rows == len(rows) == 250
    assert (measured.gas_first, measured.gas_cached) == (again.gas_first, again.gas_cached)
    assert measured.gas_first - measured.gas_cached > 69 * 128  # rules 6: the least init cost
    assert measured.gas_cached < 24_000


def test_parity_notices_a_single_changed_leaf(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, deployment = pipeline.find_deployment(project, "embedded")
    program = pipeline.load_program(project)
    rows = fixture_rows(project.fixtures / "edges.csv", program.features)
    honest = interpret(program, rows)

    def off_by_one(*_: object) -> dict[str, object]:
        scores = honest["score"].copy()
        scores[17] += 1
        return {**honest, "score": scores}

    monkeypatch.setattr(measurement, "interpret", off_by_one)
    with pytest.raises(ParityError, match=f"1 of {len(rows)} rows differ. Row 17"):
        measurement.check_parity(client, deployment, program, rows)


def test_a_contract_of_an_older_model_is_not_deployed(project: Project) -> None:
    kept = project.program_file.read_text()
    try:
        project.program_file.write_text(kept.replace('"name":"lender"', '"name":"borrower"'))
        with pytest.raises(ProjectError, match="another model than the one trained last"):
            pipeline.deploy(project, "embedded", on_step=silent)
    finally:
        project.program_file.write_text(kept)


def test_a_training_script_that_fails_or_exports_nothing_is_named(project: Project) -> None:
    script = project.root / project.train_script
    kept = script.read_text()
    report = project.report_file.read_text()
    try:
        script.write_text("raise SystemExit('no data today')\n")
        with pytest.raises(Exception, match="no data today"):
            pipeline.train(project, silent)
        script.write_text("x = 1\n")
        with pytest.raises(ProjectError, match="exported no model"):
            pipeline.train(project, silent)
    finally:
        script.write_text(kept)
        project.report_file.write_text(report)
