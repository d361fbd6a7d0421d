"""The official tool and the node get along: ``cargo stylus check``, ``deploy``, ``cache bid``."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from scaffold.templates import create
from stylus_ai import pipeline
from stylus_ai.build import cache_dir, find_cargo, shared_target
from stylus_ai.build.artifact import hash_of
from stylus_ai.chain import Client, Node
from stylus_ai.chain.client import selector
from stylus_ai.chain.keys import DEV_KEY
from stylus_ai.chain.precompiles import is_cached
from stylus_ai.project import Project
from tests.test_constructor import STYLUS_DEPLOYER, lender

VERSION = "0.10.10"

pytestmark = [pytest.mark.slow, pytest.mark.wasm, pytest.mark.node, pytest.mark.registry]


@pytest.fixture(scope="module")
def cargo_stylus() -> Path:
    """cargo-stylus, compiled once (about ten minutes) into the user's cache."""
    root = cache_dir() / f"cargo-stylus-{VERSION}"
    program = root / "bin" / "cargo-stylus"
    if not program.is_file():
        command = ["cargo-stylus", "--version", VERSION, "--locked", "--root", str(root)]
        subprocess.run([str(find_cargo()), "install", *command], check=True)
    return program


def stylus(program: Path, project: Project, *arguments: str) -> str:
    """What ``cargo stylus`` says in the contract's folder; it must succeed."""
    with shared_target(project.root) as environment:
        done = subprocess.run(
            [program, "stylus", *arguments],
            cwd=project.root / project.contract_crate,
            env={**environment, "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_cargo_stylus_check_accepts_a_generated_contract(
    cargo_stylus: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "lender"
    create(folder, {"application": "credit-score"}, git=False)
    project = Project.open(folder)
    pipeline.train(project, lambda _: None)
    pipeline.compile_model(project)
    with Node(port=0) as node:
        said = stylus(cargo_stylus, project, "check", "--endpoint", node.ready.rpc)
    assert "contract size" in said.lower()


def test_cargo_stylus_deploys_with_a_constructor_and_bids_for_a_place_in_the_cache(
    cargo_stylus: Path, tmp_path: Path
) -> None:
    project = lender(tmp_path / "lender")
    pipeline.compile_model(project)
    with Node(port=0) as node:
        client = Client.connect(node.network)
        common = ("--endpoint", node.ready.rpc, "--private-key", DEV_KEY)
        deploying = ("deploy", "--no-verify", *common, "--constructor-args", "7")
        stylus(cargo_stylus, project, *deploying)
        [deployed] = client.request("eth_getLogs", {"fromBlock": "0x0", "address": STYLUS_DEPLOYER})
        address = "0x" + deployed["data"][-40:]
        assert client.call(address, selector("limit()")) == (7).to_bytes(32)
        stylus(cargo_stylus, project, "cache", "bid", *common, address, "0")
        assert is_cached(client, hash_of(client.code(address)))
