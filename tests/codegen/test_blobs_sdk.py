"""Weights in blobs from a user's point of view: a stylus-sdk contract, built and deployed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scaffold.templates import create
from stylus_ai import measurement, pipeline
from stylus_ai.chain import Node
from stylus_ai.project import Project
from tests.codegen.test_blobs import extreme_rows, network

pytestmark = [pytest.mark.slow, pytest.mark.wasm, pytest.mark.node, pytest.mark.registry]

SOURCE = Path(__file__).parents[2] / "stylus_ai/codegen/rust/blobs/answer.rs"
PAGE = Path(__file__).parents[2] / "bench" / "weights.md"


def test_a_kit_whose_model_does_not_fit_is_built_and_deployed_as_any_other(tmp_path: Path) -> None:
    """Nothing in the kit's contract is for blobs."""
    program = network((784, 128, 10))
    folder = tmp_path / "digits"
    create(folder, {"application": "classifier"}, git=False)
    project = Project.open(folder)
    project.program_file.parent.mkdir(exist_ok=True)
    project.program_file.write_text(program.to_json())
    pipeline.build(project, print)
    steps: list[str] = []
    rows = extreme_rows(program, 4)
    with Node(port=0) as node:
        mine = replace(project, networks={"embedded": {"rpc": node.network.rpc}})
        pipeline.deploy(mine, "embedded", on_step=steps.append)
        client, deployment = pipeline.find_deployment(mine, "embedded")
        measurement.check_parity(client, deployment, program, rows)
    assert steps[0].startswith("the weights are in 3 blobs, from 0x")


def test_the_page_says_what_has_been_run() -> None:
    """Line by line: the page is wrapped otherwise."""
    source = {line.strip() for line in SOURCE.read_text().splitlines()}
    quoted = PAGE.read_text().split("## By hand", 1)[1].split("```rust\n")[1:]
    lines = [line.strip() for part in quoted for line in part.split("```", 1)[0].splitlines()]
    assert [line for line in lines if line not in source] == []
