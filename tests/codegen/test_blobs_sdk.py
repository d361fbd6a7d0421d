"""Weights in blobs from a user's point of view: a stylus-sdk contract, built and deployed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from eth_abi.abi import encode

from scaffold.templates import create
from stylus_ai import pipeline
from stylus_ai.build import assemble, build_contract
from stylus_ai.chain import Node
from stylus_ai.chain.client import selector
from stylus_ai.codegen import emit, write
from stylus_ai.ir import interpret
from stylus_ai.plan import plan
from stylus_ai.project import Project
from tests.codegen.test_blobs import extreme_rows, network

pytestmark = [pytest.mark.slow, pytest.mark.wasm, pytest.mark.node, pytest.mark.registry]

SOURCE = Path(__file__).parent / "blobs_in_sdk.rs"
PAGE = Path(__file__).parents[2] / "bench" / "weights.md"
SDK = 'stylus-sdk = "=0.10.10"'


def test_deploy_puts_the_blobs_on_the_chain_and_the_contract_reads_them(tmp_path: Path) -> None:
    program = network((784, 128, 10))
    folder = tmp_path / "digits"
    create(folder, {"application": "credit-score"}, git=False)
    shutil.copy(SOURCE, folder / "contract/src/lib.rs")
    manifest = folder / "contract/Cargo.toml"
    text = manifest.read_text()
    assert text.count(SDK) == 1
    with_hostio = 'stylus-sdk = { version = "=0.10.10", features = ["hostio"] }'
    manifest.write_text(text.replace(SDK, with_hostio))
    config = folder / ".cargo/config.toml"
    config.write_text(config.read_text().replace("max-memory=65536", "max-memory=131072"))
    project = Project.open(folder)
    project.program_file.parent.mkdir(exist_ok=True)
    project.program_file.write_text(program.to_json())
    # `pipeline.build` has no Solidity interface for several classes yet.
    crate = emit(program, plan(program))
    write(crate, project.model_dir)
    raw = build_contract(folder)
    builder = {"program_digest": program.digest, "crate_digest": crate.digest}
    artifact = assemble(raw, project.wasm_file, **builder, profile=project.profile)
    artifact.save(project.build_file)
    steps: list[str] = []
    rows = extreme_rows(program, 4)
    with Node(port=0) as node:
        mine = replace(project, networks={"embedded": {"rpc": node.network.rpc}})
        pipeline.deploy(mine, "embedded", on_step=steps.append)
        client, deployment = pipeline.find_deployment(mine, "embedded")
        found = []
        for row in rows:
            packed = encode(["bytes"], [program.features.pack(row)])
            answer = client.call(deployment.address, selector("predict(bytes)") + packed)
            found.append(int.from_bytes(answer, "big"))
    np.testing.assert_array_equal(found, interpret(program, rows)["class"])
    assert steps[0].startswith("the weights are in 3 blobs, from 0x")


def test_the_page_says_what_has_been_run() -> None:
    """Line by line: the page is wrapped otherwise."""
    source = {line.strip() for line in SOURCE.read_text().splitlines()}
    quoted = PAGE.read_text().split("## By hand", 1)[1].split("```rust\n")[1:]
    lines = [line.strip() for part in quoted for line in part.split("```", 1)[0].splitlines()]
    assert [line for line in lines if line not in source] == []
