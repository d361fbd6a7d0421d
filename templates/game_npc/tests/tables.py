"""Tables of an arena on the tests' chain."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from conftest import OnChain
from eth_abi import decode, encode
from eth_utils import function_signature_to_4byte_selector as selector
from stylus_ai import chain
from stylus_ai.build import WasmArtifact
from stylus_ai.chain.construct import construct
from stylus_ai.project import Project

from game import arena


@dataclass(frozen=True)
class Table:
    """One table of the arena; this test is both player and keeper."""

    client: chain.Client
    key: chain.Key
    address: str
    number: int
    links: list[bytes]

    def send(self, function: str, *values: object) -> int:
        """Send a transaction about this table; gives its gas."""
        types = function.partition("(")[2].rstrip(")").split(",")
        data = selector(function) + encode(types, [self.number, *values])
        return self.client.receipt(self.client.send(self.key, self.address, data)).gas

    def turn(self, number: int, move: int, target: int, secret: bytes) -> int:
        """Play a whole turn, by its three transactions; gives the gas of the last."""
        self.send("commit(uint256,bytes32)", arena.commitment(secret, move, target))
        self.send("answer(uint256,bytes32)", self.links[number])
        return self.send("act(uint256,uint8,uint8,bytes32)", move, target, secret)

    def state(self) -> tuple[list[int], list[arena.Bandit]]:
        """The player's side, as arena/src/packed.rs has it, and the bandits."""
        data = selector("table(uint256)") + encode(["uint256"], [self.number])
        *_, player = decode(
            ["address", "uint8", "uint32", "bytes32", "bytes32"],
            self.client.call(self.address, data),
        )
        data = selector("bandits(uint256)") + encode(["uint256"], [self.number])
        (crowd,) = decode(["bytes"], self.client.call(self.address, data))
        bandits = [
            arena.Bandit(health, where >> 4, where & 15, mood >> 4, mood & 15, stance)
            for health, where, mood, stance in zip(*[iter(crowd)] * 4, strict=True)
        ]
        return list(player[:10]), bandits


OpenTable = Callable[[int, bytes], Table]
"""From a number of bandits and the keeper's seed to a table that a player has joined."""


@pytest.fixture(scope="session")
def open_table(project: Project, on_chain: OnChain) -> OpenTable:
    """Deploys registry and arena beside the model; opens tables."""
    client, model = on_chain.client, on_chain.deployment
    key = chain.find_key(client.network)

    def put(role: str, argument: str) -> str:
        folder = project.root / "artifacts"
        artifact = WasmArtifact.load(folder / f"{role}.wasm", folder / f"{role}.build.json")
        return construct(client, artifact, [("address", argument)], key).address

    registry = put("registry", key.address)
    data = selector("publish(address,bytes32,bytes32,bytes32)") + encode(
        ["address", "bytes32", "bytes32", "bytes32"],
        [
            model.address,
            bytes.fromhex(model.code_hash.removeprefix("0x")),
            bytes.fromhex(model.program_digest),
            bytes(32),
        ],
    )
    client.receipt(client.send(key, registry, data))
    address = put("arena", registry)

    def open_(bandits: int, seed: bytes) -> Table:
        links = arena.chain_of(seed)
        data = selector("open(uint8,bytes32)") + encode(["uint8", "bytes32"], [bandits, links[0]])
        client.receipt(client.send(key, address, data))
        (number,) = decode(["uint256"], client.call(address, selector("opened()")))
        table = Table(client, key, address, number, links)
        table.send("join(uint256)")
        return table

    return open_
