"""The arena on a chain: the same states as the simulator, and nothing for cheats."""

import random

import numpy as np
import pytest
from stylus_ai.errors import ChainError
from stylus_ai.ir import Program, interpret
from tables import OpenTable, open_table

from game import arena
from game.players import TEMPERS, Traveller

__all__ = ["open_table"]  # a fixture

pytestmark = pytest.mark.chain


def policy_of(program: Program) -> arena.Policy:
    """The model's decisions, by the interpreter."""
    return lambda rows: interpret(program, np.array(rows))["class"].tolist()


def test_the_model_numbers_the_actions_as_the_arena_does(program: Program) -> None:
    assert program.classes == arena.ACTIONS


@pytest.mark.parametrize("temper", TEMPERS)
@pytest.mark.parametrize("bandits", [1, 3, 9])
def test_a_game_on_the_chain_is_the_simulators_game(
    program: Program, open_table: OpenTable, temper: str, bandits: int
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


def test_another_move_than_the_committed_one_is_refused(open_table: OpenTable) -> None:
    table = open_table(2, b"\1" * 32)
    table.send("commit(uint256,bytes32)", arena.commitment(b"\2" * 32, arena.STRIKE, 0))
    table.send("answer(uint256,bytes32)", table.links[1])
    with pytest.raises(ChainError):
        table.send("act(uint256,uint8,uint8,bytes32)", arena.STRIKE, 1, b"\2" * 32)


def test_a_keeper_cannot_choose_another_link(open_table: OpenTable) -> None:
    table = open_table(2, b"\3" * 32)
    table.send("commit(uint256,bytes32)", arena.commitment(b"\2" * 32, arena.STRIKE, 0))
    with pytest.raises(ChainError):
        table.send("answer(uint256,bytes32)", table.links[2])


@pytest.mark.parametrize(
    ("move", "target"), [(4, 0), (255, 0), (arena.STRIKE, 2), (arena.TALK, 255), (arena.GUARD, 1)]
)
def test_a_move_that_is_none_is_refused(open_table: OpenTable, move: int, target: int) -> None:
    table = open_table(2, b"\4" * 32)
    with pytest.raises(ChainError):
        table.turn(1, move, target, b"\5" * 32)


def test_nobody_can_be_timed_out_early(open_table: OpenTable) -> None:
    table = open_table(2, b"\6" * 32)
    table.send("commit(uint256,bytes32)", arena.commitment(b"\2" * 32, arena.STRIKE, 0))
    with pytest.raises(ChainError):
        table.send("claim(uint256)")
    table.send("answer(uint256,bytes32)", table.links[1])
    with pytest.raises(ChainError):
        table.send("forfeit(uint256)")
