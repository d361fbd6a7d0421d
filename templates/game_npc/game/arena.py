"""The rules of the arena, in whole numbers: what `arena/src/rules.rs` computes, line for line.

A traveller (the player) wants over a bridge that bandits hold. Each turn the player makes one move;
then every bandit still standing does what the model decides; then it is the player's turn again.
It ends when the player falls, when no bandit stands, at night, or in peace: a bandit who parleys
unlocks a quest, which is fulfilled once all who stand parley, and broken by the next strike.

Nothing here draws a random number: dice come in from outside. `turn` is a function from a state,
a move, the dice and a policy to the next state, so the same inputs give the same states in Python
and on the chain, which `tests/test_arena.py` checks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from eth_utils import keccak

MOVES = ("strike", "guard", "heal", "talk")
STRIKE, GUARD, HEAL, TALK = range(4)
NOTHING = 4  # what a player does who does not say what he committed to

# In the order of the alphabet, which is how scikit-learn numbers classes.
ACTIONS = ("approach", "attack", "block", "flee", "mend", "parley", "rally", "shoot")
APPROACH, ATTACK, BLOCK, FLEE, MEND, PARLEY, RALLY, SHOOT = range(8)

ROLES = ("brute", "archer", "captain")
QUESTS = ("hidden", "open", "broken")
HIDDEN, OPEN, BROKEN = range(3)
OUTCOMES = ("playing", "lost", "won", "peace")
PLAYING, LOST, WON, PEACE = range(4)

MAX_BANDITS = 64
MAX_PLAYER_HEALTH = 30
MAX_BANDIT_HEALTH = 20
MAX_DISTANCE = 7
MAX_MOOD = 15  # morale, trust, and the player's habits
MAX_HURT = 10  # in one turn: only so many bandits can reach the player
NIGHT = 24  # turns


@dataclass(frozen=True)
class Bandit:
    """One of them.

    Attributes:
        health: 0 to 20; 0 is out of the game, fallen or fled.
        distance: Steps from the player, 0 to 7.
        role: Position in `ROLES`.
        morale: 0 to 15.
        trust: In the player, 0 to 15.
        stance: What it did last, 1 + its position in `ACTIONS`; 0 before the first turn.
    """

    health: int
    distance: int
    role: int
    morale: int
    trust: int = 0
    stance: int = 0


@dataclass(frozen=True)
class State:
    """Everything there is between two turns.

    Attributes:
        health: The player's, 0 to 30.
        gold: Coins that make talk count twice.
        potions: What the player can still heal with.
        aggression: How much the player struck lately, 0 to 15.
        caution: How much the player guarded or healed lately.
        kindness: How much the player talked lately.
        quest: Position in `QUESTS`.
        turn: Turns played.
        outcome: Position in `OUTCOMES`.
        bandits: All of them, those out of the game too.
    """

    health: int
    gold: int
    potions: int
    aggression: int
    caution: int
    kindness: int
    quest: int
    turn: int
    outcome: int
    bandits: tuple[Bandit, ...]

    @property
    def standing(self) -> list[int]:
        """Positions of the bandits that are still in the game."""
        return [number for number, bandit in enumerate(self.bandits) if bandit.health]


@dataclass(frozen=True)
class Dice:
    """The dice of one turn.

    Attributes:
        player: 0 to 15.
        bandits: 0 to 15 for each place, standing or not.
    """

    player: int
    bandits: tuple[int, ...]


Policy = Callable[[list[list[int]]], Sequence[int]]
"""From a row per standing bandit, see `rows`, to an action for each."""


def start(bandits: int) -> State:
    """A new game against so many bandits, 1 to 64."""
    health = (20, 12, 16)
    crowd = []
    for number in range(bandits):
        role = (0, 1, 0, 2)[number % 4]
        crowd.append(Bandit(health[role], 2 + number % 4, role, 7 + 2 * (number % 3)))
    return State(MAX_PLAYER_HEALTH, 3, 2, 0, 0, 0, HIDDEN, 0, PLAYING, tuple(crowd))


def roll(secret: bytes, link: bytes) -> Dice:
    """The dice that the player's secret and the keeper's link make together, 32 bytes each."""
    digest = keccak(secret + link)
    nibbles = [digit for byte in digest for digit in (byte >> 4, byte & 15)]
    return Dice(keccak(digest)[0] & 15, tuple(nibbles))


WORST = Dice(0, (15,) * MAX_BANDITS)  # of a forfeited turn


def commitment(secret: bytes, move: int, target: int) -> bytes:
    """What the player publishes before the keeper's link is known."""
    return keccak(secret + bytes([move, target]))


def chain_of(seed: bytes) -> list[bytes]:
    """The keeper's links: element 0 is published when a table opens, the others turn by turn."""
    links = [seed]
    for _ in range(NIGHT):
        links.append(keccak(links[-1]))
    return links[::-1]


def allowed(state: State, move: int, target: int) -> bool:
    """Whether the player may do this now; only strike and talk have a target."""
    if state.outcome != PLAYING:
        return False
    if move in (STRIKE, TALK):
        return target < len(state.bandits) and state.bandits[target].health > 0
    return move in (GUARD, HEAL) and target == 0 and (move != HEAL or state.potions > 0)


def rows(state: State) -> list[list[int]]:
    """What the model is told: a row for each standing bandit, features in the order of train.py."""
    shared = [state.health, state.aggression, state.caution, state.kindness]
    others = len(state.standing) - 1
    return [
        [b.health, b.distance, b.morale, b.trust, b.role, *shared, others, state.quest]
        for b in state.bandits
        if b.health
    ]


def turn(state: State, move: int, target: int, dice: Dice, policy: Policy) -> State:
    """The state after the player's move and the bandits' answer."""
    state = player_half(state, move, target, dice.player)
    actions = policy(rows(state)) if state.standing else []
    return bandit_half(state, actions, dice.bandits, guarded=move == GUARD)


def player_half(state: State, move: int, target: int, die: int) -> State:
    """What the player does, and what becomes of it before the bandits decide."""
    state = _habits(state, move)
    if move == STRIKE:
        return _strike(state, target, die)
    if move == TALK:
        return _talk(state, target)
    if move == HEAL:
        health = min(MAX_PLAYER_HEALTH, state.health + 8)
        return replace(state, health=health, potions=state.potions - 1)
    return state


def bandit_half(
    state: State, actions: Sequence[int], dice: Sequence[int], *, guarded: bool
) -> State:
    """What the standing bandits do, an action for each, and how the turn ends."""
    state, hurt = _act(state, actions, dice)
    hurt = min(MAX_HURT, hurt // 2 if guarded else hurt)
    state = replace(state, health=max(0, state.health - hurt), turn=state.turn + 1)
    return replace(state, outcome=_outcome(state))


def _habits(state: State, move: int) -> State:
    """A quarter of every habit is forgotten; what the player does now is remembered."""

    def next_(habit: int, now: bool) -> int:
        return min(MAX_MOOD, habit - habit // 4 + (4 if now else 0))

    return replace(
        state,
        aggression=next_(state.aggression, move == STRIKE),
        caution=next_(state.caution, move in (GUARD, HEAL)),
        kindness=next_(state.kindness, move == TALK),
    )


def _talk(state: State, target: int) -> State:
    """Words raise the trust of one; a coin doubles them."""
    coin = 1 if state.gold else 0
    crowd = list(state.bandits)
    trust = min(MAX_MOOD, crowd[target].trust + 2 + 2 * coin)
    crowd[target] = replace(crowd[target], trust=trust)
    return replace(state, gold=state.gold - coin, bandits=tuple(crowd))


def _strike(state: State, target: int, die: int) -> State:
    bandit = state.bandits[target]
    blow = max(1, 5 + die % 4 - bandit.distance)
    if bandit.stance == 1 + BLOCK:
        blow //= 2
    health = max(0, bandit.health - blow)
    fear = 1 if health else 3  # who sees a comrade fall is frightened
    crowd = [
        replace(b, morale=max(0, b.morale - fear), trust=max(0, b.trust - 1)) for b in state.bandits
    ]
    crowd[target] = replace(crowd[target], health=health, trust=0)
    quest = BROKEN if state.quest == OPEN else state.quest
    return replace(state, quest=quest, bandits=tuple(crowd))


def _act(state: State, actions: Sequence[int], dice: Sequence[int]) -> tuple[State, int]:
    """What the bandits do, all at once; also how much they hurt the player."""
    crowd = list(state.bandits)
    quest, hurt, rallies = state.quest, 0, 0
    for number, action in zip(state.standing, actions, strict=True):
        bandit, die = crowd[number], dice[number]
        health, distance = bandit.health, bandit.distance
        if action == APPROACH:
            distance = max(0, distance - 1)
        elif action == ATTACK and distance <= 1:
            hurt += 1 + die // 4 + (1 if ROLES[bandit.role] == "brute" else 0)
        elif action == SHOOT and die >= 2 * distance:
            hurt += 2 if ROLES[bandit.role] == "archer" else 1
        elif action == MEND:
            health = min(MAX_BANDIT_HEALTH, health + 2)
        elif action == FLEE and distance == MAX_DISTANCE:
            health = 0
        elif action == FLEE:
            distance += 1
        elif action == RALLY:
            rallies += 1
        elif action == PARLEY and quest == HIDDEN:
            quest = OPEN
        crowd[number] = replace(bandit, health=health, distance=distance, stance=1 + action)
    cheered = [replace(b, morale=min(MAX_MOOD, b.morale + rallies)) for b in crowd]
    return replace(state, quest=quest, bandits=tuple(cheered)), hurt


def _outcome(state: State) -> int:
    standing = [bandit for bandit in state.bandits if bandit.health]
    if not state.health:
        return LOST
    if not standing:
        return WON
    if state.quest == OPEN and all(bandit.stance == 1 + PARLEY for bandit in standing):
        return PEACE
    return LOST if state.turn >= NIGHT else PLAYING
