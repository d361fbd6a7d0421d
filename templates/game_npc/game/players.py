"""Who plays when nobody sits at the keyboard: travellers of several tempers, and a tactician.

A traveller takes the player's side. The tactician takes the bandits': it tries every action a few
times in its head, against a traveller who goes on as lately, and takes what pays best. It is slow,
it is no model, and what it does is what `record.py` records for a model to learn from.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from game.arena import (
    ACTIONS,
    APPROACH,
    ATTACK,
    FLEE,
    GUARD,
    HEAL,
    LOST,
    MAX_MOOD,
    MOVES,
    PARLEY,
    PLAYING,
    SHOOT,
    STRIKE,
    Dice,
    State,
    allowed,
    bandit_half,
    rows,
    turn,
)

TEMPERS = {
    "fighter": (8, 1, 1, 0),
    "shield": (3, 6, 1, 0),
    "talker": (0, 1, 1, 8),
    "fickle": (3, 2, 1, 3),
}
"""How often each temper strikes, guards, heals and talks, in parts."""

AHEAD = 3  # turns that the tactician thinks beyond this one
TRIES = 6  # times that it thinks each action through


@dataclass(frozen=True)
class Traveller:
    """Makes the player's moves.

    Attributes:
        weights: How often it makes each of `MOVES`, in parts.
        rng: Its moods.
    """

    weights: Sequence[int]
    rng: random.Random

    def choose(self, state: State) -> tuple[int, int]:
        """A move that is allowed, and its target."""
        move = self.rng.choices(range(len(MOVES)), self.weights)[0]
        if move == HEAL and not allowed(state, HEAL, 0):
            move = GUARD
        if move in (GUARD, HEAL):
            return move, 0
        near = min(state.standing, key=lambda number: state.bandits[number].distance)
        far = self.rng.choice(state.standing)
        return move, near if move == STRIKE else far


def throw(rng: random.Random) -> Dice:
    """Dice without a chain."""
    return Dice(rng.randrange(16), tuple(rng.randrange(16) for _ in range(64)))


def simple(given: list[list[int]]) -> list[int]:
    """What the tactician takes for granted of its comrades: come, and hit."""
    return [ATTACK if row[1] <= 1 else APPROACH if row[1] > 4 else SHOOT for row in given]


@dataclass(frozen=True)
class Tactician:
    """Chooses for the bandits by thinking ahead.

    Attributes:
        rng: The dice in its head.
    """

    rng: random.Random

    def choose(self, state: State) -> list[int]:
        """An action for each standing bandit, in order; the player has moved already."""
        chosen = []
        for place in range(len(state.standing)):
            worth = [
                sum(self._try(state, place, action) for _ in range(TRIES))
                for action in range(len(ACTIONS))
            ]
            chosen.append(max(range(len(ACTIONS)), key=worth.__getitem__))
        return chosen

    def _try(self, state: State, place: int, action: int) -> float:
        """What an action of one bandit is worth in one imagined future."""
        habits = (1 + 2 * state.aggression, 1 + state.caution, 0, 1 + 2 * state.kindness)
        traveller = Traveller(habits, self.rng)
        actions = simple(rows(state))
        actions[place] = action
        future = bandit_half(state, actions, throw(self.rng).bandits, guarded=False)
        for _ in range(AHEAD):
            if future.outcome == PLAYING:
                future = turn(future, *traveller.choose(future), throw(self.rng), simple)
        return _worth(state, future, state.standing[place], action)


def _worth(before: State, after: State, number: int, action: int) -> float:
    """What a bandit wants: to hurt the player, to live, to win, and to be paid for peace."""
    hurt = before.health - after.health + (10 if after.outcome == LOST else 0)
    lost = before.bandits[number].health - after.bandits[number].health
    if lost and after.bandits[number].stance == 1 + FLEE:
        lost = 3  # gone, but alive
    fear = 1.5 - before.bandits[number].morale / MAX_MOOD
    peace = before.bandits[number].trust + before.kindness / 2 - before.aggression
    return hurt - fear * lost + (peace if action == PARLEY else 0)
