"""The kit's data: what it holds, what it must not hold, and that it is the same every time."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

KIT = Path(__file__).parents[2] / "templates" / "credit_score"
GERMAN = KIT / "{% if data == 'german' %}data{% endif %}"
LOANS_TAKEN = 3_028
DEFAULTED = 185
"""Of the first thousand wallets of seed 7: loans in all, and defaults."""

WALLETS = KIT / "{% if data == 'wallets' %}wallets.py{% endif %}"


@pytest.fixture(scope="module")
def wallets() -> ModuleType:
    """The generator as a module."""
    module = ModuleType("kit_wallets")
    sys.modules[module.__name__] = module  # dataclasses look their module up
    exec(compile(WALLETS.read_text(encoding="utf-8"), WALLETS.name, "exec"), module.__dict__)  # noqa: S102
    return module


def german_rows() -> list[dict[str, str]]:
    """The rows of the shipped table."""
    with (GERMAN / "german-credit.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_german_table_has_its_thousand_loans() -> None:
    rows = german_rows()
    assert Counter(row["outcome"] for row in rows) == {"good": 700, "bad": 300}
    assert all(None not in row and "" not in row.values() for row in rows)


def test_the_german_table_says_nothing_of_who_a_person_is() -> None:
    text = (GERMAN / "german-credit.csv").read_text(encoding="utf-8").lower()
    for word in ("male", "married", "divorced", "foreign", "age_", "resident", "liable", "phone"):
        assert word not in text, word


def test_the_german_table_comes_with_source_licence_and_changes() -> None:
    text = (GERMAN / "README.md").read_text(encoding="utf-8")
    for word in ("Hans Hofmann", "CC BY 4.0", "creativecommons.org/licenses/by/4.0", "left out"):
        assert word in text, word


def test_the_same_seed_gives_the_same_wallets_and_another_seed_others(wallets: ModuleType) -> None:
    first, again, other = (wallets.generate(200, seed) for seed in (7, 7, 8))
    for name, column in first.columns.items():
        assert (column == again.columns[name]).all(), name
    assert (first.outcome == again.outcome).all()
    assert (first.columns["balance_usd"] != other.columns["balance_usd"]).any()


def test_the_wallets_are_those_of_the_release(wallets: ModuleType) -> None:
    """Numbers that change here change every model trained on the kit: say so in CHANGELOG.md."""
    drawn = wallets.generate(1_000, seed=7)
    sums = {name: float(np.floor(column).sum()) for name, column in drawn.columns.items()}
    assert sums["loans_taken"] == LOANS_TAKEN
    assert int((drawn.outcome == "defaulted").sum()) == DEFAULTED


def test_wallets_are_possible(wallets: ModuleType) -> None:
    columns = wallets.generate(5_000, seed=1).columns
    assert (columns["loans_repaid"] + columns["liquidations"] <= columns["loans_taken"]).all()
    assert (columns["active_days"] <= columns["wallet_age_days"]).all()
    assert (columns["counterparties"] <= columns["transactions"]).all()
    assert (columns["health_factor"] > 1).all()
    assert (columns["health_factor"] <= wallets.MAX_HEALTH).all()
    no_debt = columns["health_factor"] == wallets.MAX_HEALTH
    assert (columns["utilisation_percent"][columns["utilisation_percent"] > 0] <= 100).all()
    assert 0.25 < no_debt.mean() < 0.45
    for name, column in columns.items():
        assert np.isfinite(column).all(), name
        assert (column >= 0).all(), name


def test_about_one_wallet_in_five_defaults_and_nobody_can_be_certain(wallets: ModuleType) -> None:
    drawn = wallets.generate(20_000, seed=3)
    defaulted = drawn.outcome == "defaulted"
    assert 0.17 < defaulted.mean() < 0.23
    assert 0.82 < roc_auc_score(defaulted, drawn.risk) < 0.86
