"""Record play for the model to learn from: ``python record.py``, or ``python record.py --me``.

Writes data/play.csv: a row for each decision of a bandit, with the number of its game, what the
bandit knew, and what it did. Without ``--me`` a tactician plays the bandits (game/players.py says
how it thinks); with it you do, and your games are added to the file.
"""

import argparse
import csv
import random
from collections.abc import Callable
from pathlib import Path

from game.arena import (
    ACTIONS,
    GUARD,
    MOVES,
    OUTCOMES,
    PLAYING,
    ROLES,
    State,
    bandit_half,
    player_half,
    rows,
    start,
)
from game.players import TEMPERS, Tactician, Traveller, throw
from train import FEATURES

PLAY = Path(__file__).parent / "data" / "play.csv"
GAMES = 80
BANDITS = (1, 2, 3, 4)
SEED = 7

Choose = Callable[[State], list[int]]


def game(number: int, choose: Choose, rng: random.Random) -> list[list[object]]:
    """Play one game; gives a row for each decision."""
    temper = rng.choice(list(TEMPERS.values()))
    traveller = Traveller(temper, rng)
    state = start(rng.choice(BANDITS))
    recorded: list[list[object]] = []
    while state.outcome == PLAYING:
        move, target = traveller.choose(state)
        dice = throw(rng)
        state = player_half(state, move, target, dice.player)
        actions = choose(state)
        for row, action in zip(rows(state), actions, strict=True):
            recorded.append([number, *row, ACTIONS[action]])
        state = bandit_half(state, actions, dice.bandits, guarded=move == GUARD)
    print(f"game {number}: {OUTCOMES[state.outcome]} after {state.turn} turns")
    return recorded


def ask(state: State) -> list[int]:
    """Let a person choose for every bandit that stands."""
    print(
        f"\nturn {state.turn + 1}: the player has {state.health} health and lately "
        f"{MOVES[0]} {state.aggression}, guard {state.caution}, talk {state.kindness}"
    )
    chosen = []
    for number in state.standing:
        bandit = state.bandits[number]
        about = (
            f"{ROLES[bandit.role]} {number}: health {bandit.health}, distance "
            f"{bandit.distance}, morale {bandit.morale}, trust {bandit.trust}"
        )
        answer = ""
        while answer not in ACTIONS:
            answer = input(f"{about}\n  one of {', '.join(ACTIONS)}: ").strip()
        chosen.append(ACTIONS.index(answer))
    return chosen


def main() -> None:
    """Play, and write down what the bandits did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--me", action="store_true", help="you choose for the bandits; adds games")
    parser.add_argument("--games", type=int, default=None, help="how many (80, or 1 of yours)")
    options = parser.parse_args()
    first = 0
    if options.me and PLAY.is_file():
        with PLAY.open(newline="", encoding="utf-8") as file:
            first = 1 + max((int(row["game"]) for row in csv.DictReader(file)), default=-1)
    games = options.games or (1 if options.me else GAMES)
    recorded: list[list[object]] = []
    for number in range(first, first + games):
        rng = random.Random(SEED + number)
        choose = ask if options.me else Tactician(random.Random(SEED - 1 - number)).choose
        recorded += game(number, choose, rng)
    PLAY.parent.mkdir(exist_ok=True)
    with PLAY.open("a" if first else "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if not first:
            writer.writerow(["game", *FEATURES.names, "action"])
        writer.writerows(recorded)
    print(f"{len(recorded)} decisions -> {PLAY.name}")


if __name__ == "__main__":
    main()
