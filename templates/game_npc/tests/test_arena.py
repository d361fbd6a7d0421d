"""The arena on a chain: the same states as the simulator, and nothing for cheats."""

import random
from dataclasses import dataclass

import numpy as np
import pytest
from conftest import OnChain
from eth_abi import decode, encode
from eth_utils import function_signature_to_4byte_selector as selector
from game import arena
from game.players import TEMPERS, Traveller
from stylus_ai import chain
from stylus_ai.build import WasmArtifact
from stylus_ai.chain.construct import construct
from stylus_ai.errors import ChainError
from stylus_ai.ir import Program, interpret
from stylus_ai.project import Project

pytestmark = pytest.mark.chain

COMMIT, ANSWER, ACT, OVER = range(1, 5)


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


@pytest.fixture(scope="session")
def open_table(project: Project, on_chain: OnChain):
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


def policy_of(program: Program) -> arena.Policy:
    """The model's decisions, by the interpreter."""
    return lambda rows: interpret(program, np.array(rows))["class"].tolist()


def test_the_model_numbers_the_actions_as_the_arena_does(program: Program) -> None:
    assert program.classes == arena.ACTIONS


@pytest.mark.parametrize("temper", TEMPERS)
@pytest.mark.parametrize("bandits", [1, 3, 9])
def test_a_game_on_the_chain_is_the_simulators_game(
    program: Program, open_table, temper: str, bandits: int
) -> None:
    rng = random.Random(f"{temper} {bandits}")
    traveller = Traveller(TEMPERS[temper], rng)
    table = open_table(bandits, rng.randbytes(32))
    state = arena.start(bandits)
    while state.outcome == arena.PLAYING:
        secret, (move, target) = rng.randbytes(32), traveller.choose(state)
        number = state.turn + 1
        table.turn(number, move, target, secret)
        dice = arena.roll(secret, table.links[number])
        state = arena.turn(state, move, target, dice, policy_of(program))
        player, crowd = table.state()
        assert player == [
            *(state.health, state.gold, state.potions),
            *(state.aggression, state.caution, state.kindness),
            *(state.quest, state.turn, state.outcome, bandits),
        ]
        assert crowd == list(state.bandits)


def test_another_move_than_the_committed_one_is_refused(open_table) -> None:
    table = open_table(2, b"\1" * 32)
    table.send("commit(uint256,bytes32)", arena.commitment(b"\2" * 32, arena.STRIKE, 0))
    table.send("answer(uint256,bytes32)", table.links[1])
    with pytest.raises(ChainError):
        table.send("act(uint256,uint8,uint8,bytes32)", arena.STRIKE, 1, b"\2" * 32)


def test_a_keeper_cannot_choose_another_link(open_table) -> None:
    table = open_table(2, b"\3" * 32)
    table.send("commit(uint256,bytes32)", arena.commitment(b"\2" * 32, arena.STRIKE, 0))
    with pytest.raises(ChainError):
        table.send("answer(uint256,bytes32)", table.links[2])


@pytest.mark.parametrize(
    ("move", "target"), [(4, 0), (255, 0), (arena.STRIKE, 2), (arena.TALK, 255), (arena.GUARD, 1)]
)
def test_a_move_that_is_none_is_refused(open_table, move: int, target: int) -> None:
    table = open_table(2, b"\4" * 32)
    with pytest.raises(ChainError):
        table.turn(1, move, target, b"\5" * 32)


def test_nobody_can_be_timed_out_early(open_table) -> None:
    table = open_table(2, b"\6" * 32)
    table.send("commit(uint256,bytes32)", arena.commitment(b"\2" * 32, arena.STRIKE, 0))
    with pytest.raises(ChainError):
        table.send("claim(uint256)")
    table.send("answer(uint256,bytes32)", table.links[1])
    with pytest.raises(ChainError):
        table.send("forfeit(uint256)")
