"""One embedded chain per test module, and projects that name it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest
from eth_account import Account

from stylus_ai.blobs import init_code
from stylus_ai.build.artifact import WasmArtifact, encode, hash_of
from stylus_ai.chain import Client, Key, Network, Node, find_key
from stylus_ai.chain.keys import parse_key
from stylus_ai.chain.precompiles import ARB_WASM, activate_data
from stylus_ai.project import Project
from stylus_ai.units import Bytes

DIGEST = bytes(range(32))
"""Digest of the program that test contracts claim to hold."""


class MakeArtifact(Protocol):
    """Makes an artifact of a module."""

    def __call__(self, module: bytes, digest: bytes = DIGEST) -> WasmArtifact:
        """The artifact; ``digest`` is that of the program it claims to hold."""


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A fresh chain."""
    with Node() as started:
        yield started


@pytest.fixture
def client(node: Node) -> Client:
    """A connection to it."""
    return Client.connect(node.network)


@pytest.fixture
def key(node: Node) -> Key:
    """The dev account, whatever key the shell holds."""
    return find_key(node.network, environ={})


@pytest.fixture
def poor() -> Key:
    """An account that holds nothing."""
    return parse_key(Account.create().key.hex(), "the test")


@pytest.fixture
def artifact(tmp_path: Path) -> MakeArtifact:
    """Artifacts without cargo."""

    def make(module: bytes, digest: bytes = DIGEST) -> WasmArtifact:
        path = tmp_path / "contract.wasm"
        path.write_bytes(module)
        code = encode(module)
        size = Bytes(len(module))
        return WasmArtifact(digest.hex(), "", path, size, code, hash_of(code), "arbos51", {})

    return make


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project without files, but with a state folder."""
    (tmp_path / "stylus-ai.toml").write_text(
        '[project]\nname = "p"\napplication = "credit-score"\n'
    )
    return Project.open(tmp_path)


def at(project: Project, rpc: str) -> Project:
    """The project with its embedded network at another address."""
    return replace(project, networks={"embedded": {"rpc": rpc}})


def created(client: Client, key: Key, code: bytes) -> str:
    """Address of a new contract of that code; a program is not active yet."""
    receipt = client.receipt(client.send(key, None, init_code(code)))
    assert receipt.contract is not None
    return receipt.contract


def activated(client: Client, key: Key, module: bytes) -> str:
    """Address of a new, active program."""
    address = created(client, key, encode(module))
    client.receipt(client.send(key, ARB_WASM, activate_data(address), value=10**18))
    return address


def named(network: Network, name: str, chain_id: int) -> Network:
    """The same address under another name and chain id."""
    return replace(network, name=name, chain_id=chain_id)
