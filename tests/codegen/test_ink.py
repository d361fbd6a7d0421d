"""Models on the embedded chain: equal to the interpreter, at the price that was promised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from stylus_ai.compress import quantise
from stylus_ai.frontends import from_sklearn, registry
from stylus_ai.ir import Features, interpret, leaves, random_rows
from stylus_ai.oblivious import ObliviousBoostingClassifier
from tests.codegen.measure import deployed
from tests.frontends.boosters import GAPS
from tests.frontends.data import FEATURES, table

pytestmark = [pytest.mark.node, pytest.mark.wasm, pytest.mark.registry]

# Ranges below 2^30, as real tables have them: the wider ones take a dearer comparison.
COLUMNS = Features(FEATURES.columns[:5])
TABLE = table()
SAVED = Path(__file__).parents[1] / "frontends/models/xgb_binary.json"

MODELS: dict[str, tuple[Any, int]] = {
    "tree of depth 6": (DecisionTreeClassifier(max_depth=6, random_state=0), 70_000),
    "100 boosted trees of depth 3": (
        GradientBoostingClassifier(n_estimators=100, max_depth=3, random_state=0),
        320_000,
    ),
    "20 trees of depth 6": (RandomForestClassifier(20, max_depth=6, random_state=0), 350_000),
    "100 oblivious trees of depth 6": (
        ObliviousBoostingClassifier(max_bins=32),
        450_000,
    ),
    "logistic": (make_pipeline(StandardScaler(), LogisticRegression()), 40_000),
}
"""Model, and the ink that ``predict`` must stay below (10,000 ink are one gas)."""


@pytest.mark.parametrize("kind", MODELS)
def test_the_chain_equals_the_interpreter_within_the_ink(kind: str, tmp_path: Path) -> None:
    model, limit = MODELS[kind]
    model.fit(TABLE.x[:, :5], TABLE.two)
    program = quantise(from_sklearn(model, COLUMNS), name="m")
    rows = random_rows(program, 40)
    out, path = interpret(program, rows), leaves(program, rows)
    with deployed(program, tmp_path) as bare:
        ran = [bare.run(row) for row in rows]
    for i, result in enumerate(ran):
        assert (result.logit, result.score, result.decision) == tuple(
            int(out[name][i]) for name in ("logit", "score", "decision")
        )
        assert list(result.leaves) == path[i].tolist()
    worst = max(result.predict for result in ran)
    assert worst < limit
    assert 0.85 < bare.plan.ink / worst < 1.2


def test_gaps_and_categories_on_the_chain(tmp_path: Path) -> None:
    """A saved XGBoost model, whose trees read columns made from the row."""
    program = quantise(registry.read(SAVED, GAPS), name="m")
    rows = random_rows(program, 60)
    out, path = interpret(program, rows), leaves(program, rows)
    with deployed(program, tmp_path) as bare:
        ran = [bare.run(row) for row in rows]
    for i, result in enumerate(ran):
        assert result.logit == out["logit"][i]
        assert list(result.leaves) == path[i].tolist()
