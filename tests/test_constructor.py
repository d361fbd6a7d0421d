"""A contract with a constructor: deployed, activated and initialised by StylusDeployer."""

from __future__ import annotations

from pathlib import Path

import pytest
from eth_abi.abi import encode

from scaffold.templates import create
from stylus_ai import pipeline
from stylus_ai.blobs import init_code
from stylus_ai.chain import Client, Node, find_key
from stylus_ai.chain.client import selector
from stylus_ai.errors import Reverted
from stylus_ai.project import Project

pytestmark = [pytest.mark.slow, pytest.mark.wasm, pytest.mark.node, pytest.mark.registry]

STYLUS_DEPLOYER = "0xcEcba2F1DC234f70Dd89F2041029807F8D03A990"

CONSTRUCTOR = """
    /// Sets what may be lent.
    #[constructor]
    #[payable]
    pub fn constructor(&mut self, limit: U256) {
        self.limit.set(limit);
    }

    /// What may be lent.
    pub fn limit(&self) -> U256 {
        self.limit.get()
    }
"""


def lender(folder: Path) -> Project:
    """A generated project, trained, whose contract has a constructor."""
    create(folder, {"application": "credit-score"}, git=False)
    source = folder / "contract" / "src" / "lib.rs"
    text = source.read_text()
    for old, new in (
        ("pub struct CreditScore {}", "pub struct CreditScore { uint256 limit; }"),
        ("impl CreditScore {\n", "impl CreditScore {" + CONSTRUCTOR + "\n"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    source.write_text(text)
    project = Project.open(folder)
    pipeline.train(project, lambda _: None)
    return project


def test_the_sdks_constructor_runs_once_with_its_arguments(tmp_path: Path) -> None:
    made = pipeline.build(lender(tmp_path / "lender"), lambda _: None)
    constructor = selector("stylus_constructor()") + encode(["uint256"], [7])
    arguments = [init_code(made.artifact.code), constructor, 5, bytes(32)]
    data = selector("deploy(bytes,bytes,uint256,bytes32)") + encode(
        ["bytes", "bytes", "uint256", "bytes32"], arguments
    )
    with Node() as node:
        client = Client.connect(node.network)
        key = find_key(node.network, environ={})
        address = (
            "0x" + client.call(STYLUS_DEPLOYER, data, sender=key.address, value=10**18)[12:].hex()
        )
        client.receipt(client.send(key, STYLUS_DEPLOYER, data, value=10**18))

        assert client.call(address, selector("limit()")) == (7).to_bytes(32)
        assert client.call(address, selector("modelHash()")).hex() == made.program.digest
        assert client.balance(address) == 5
        with pytest.raises(Reverted):
            client.call(address, constructor)
