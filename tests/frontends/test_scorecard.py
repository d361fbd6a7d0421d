"""Scorecards written by hand: exact points, odds, and what does not fit the features."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from stylus_ai import Scorecard
from stylus_ai.compress import quantise
from stylus_ai.errors import ModelError
from stylus_ai.frontends import registry
from stylus_ai.ir import Feature, Features, interpret
from tests.frontends.data import proven

FEATURES = Features(
    (
        Feature("age", 18, 99),
        Feature("home", 0, 2, labels=("rent", "own", "free")),
        Feature("ratio", 0, 1, scale=100, missing=True),
    )
)
CARD: dict[str, Any] = {
    "bins": {
        "age": [(25, -20), (40, 0), (math.inf, 15)],
        "ratio": [(0.333, 30), (math.inf, -5)],
    },
    "codes": {"home": {"own": 12, 2: 4}},
    "missing": {"ratio": -40},
    "base": 600,
}
ROWS = [[25, 0, 33], [26, 1, 34], [41, 2, 0], [99, 0, 101]]
POINTS = [600 - 20 + 30, 600 + 12 - 5, 600 + 15 + 4 + 30, 600 + 15 - 40]


def test_points_are_summed_exactly() -> None:
    program = quantise(registry.read(Scorecard(**CARD), FEATURES), name="m", frac_bits=0)
    assert interpret(program, ROWS)["value"].tolist() == POINTS
    assert proven(program) < 1e-12


def test_odds_make_it_a_classifier() -> None:
    """Even odds at 620 points; every 20 points double them."""
    card = Scorecard(**CARD, odds=(620, 20))
    model = registry.read(card, FEATURES, classes=("bad", "good"))
    program = quantise(model, name="m")
    odds = 2.0 ** ((np.array(POINTS) - 620) / 20)
    out = interpret(program, ROWS)
    assert np.abs(out["score"] - 10_000 * odds / (1 + odds)).max() < 1
    assert out["decision"].tolist() == [int(points >= 620) for points in POINTS]
    bad = quantise(registry.read(card, FEATURES, classes=("bad", "good"), positive="bad"), name="m")
    assert (interpret(bad, ROWS)["logit"] == -out["logit"]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bins": {"years": [(math.inf, 1)]}}, "'years', which is no feature"),
        ({"bins": {"age": [(40, 1), (30, 2), (math.inf, 3)]}}, "ascending"),
        ({"bins": {"age": [(40, 1), (90, 2)]}}, "infinity"),
        ({"bins": {"age": []}}, "infinity"),
        ({"bins": {"age": [(math.inf, math.nan)]}}, "nan"),
        ({"codes": {"home": {"boat": 1}}}, "no label 'boat'"),
        ({"codes": {"home": {7: 1}}}, "no code 7"),
        ({"missing": {}}, "ratio may be missing"),
        ({"missing": {"ratio": 0, "age": 1}}, "never missing"),
        ({"odds": (600, 0)}, "double the odds"),
        ({"bins": {}, "codes": {}, "missing": {}}, "no points"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        registry.read(Scorecard(**(CARD | change)), FEATURES)
