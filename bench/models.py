"""Models that are benchmarked: trained on the wallets of the credit-score template, seeded."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.tree import DecisionTreeClassifier

from stylus_ai.compress import quantise
from stylus_ai.frontends import from_sklearn
from stylus_ai.ir import Feature, Features, Program

TEMPLATES = Path(__file__).parents[1] / "templates" / "credit_score"

FEATURES = Features(
    (
        Feature("wallet_age_days", 0, 3_650),
        Feature("transactions", 0, 65_535),
        Feature("active_days", 0, 3_650),
        Feature("counterparties", 0, 65_535),
        Feature("balance_usd", 0, 10_000_000),
        Feature("stablecoin_percent", 0, 100),
        Feature("loans_taken", 0, 255),
        Feature("loans_repaid", 0, 255),
        Feature("liquidations", 0, 255),
        Feature("health_factor", 0, 10, scale=100),
        Feature("utilisation_percent", 0, 100),
    )
)


def wallets(rows: int = 4_000, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Rows float64[rows, 11] on the grid, and outcomes, from the template's own generator."""
    (path,) = TEMPLATES.glob("*wallets.py*")
    loader = importlib.machinery.SourceFileLoader("template_wallets", str(path))
    spec = importlib.util.spec_from_loader("template_wallets", loader)
    if spec is None:
        raise FileNotFoundError(path)
    module: Any = importlib.util.module_from_spec(spec)
    sys.modules["template_wallets"] = module
    loader.exec_module(module)
    made = module.generate(rows=rows, seed=seed)
    x = np.column_stack([made.columns[feature.name] for feature in FEATURES])
    return FEATURES.snap(x), made.outcome


def fit_boosted_100x3() -> GradientBoostingClassifier:
    """Gradient boosting, 100 trees of depth 3, as the library trains it."""
    return GradientBoostingClassifier(n_estimators=100, max_depth=3, random_state=0).fit(*wallets())


def boosted_100x3() -> Program:
    """The same as integers."""
    return _program(fit_boosted_100x3(), "boosted")


def tree_of_depth(depth: int) -> Program:
    """One decision tree of at most ``depth`` levels."""
    model = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(*wallets())
    return _program(model, "tree")


def _program(model: Any, name: str) -> Program:
    x, _ = wallets()
    reference = tuple(int(middle) for middle in np.median(FEATURES.quantise(x), axis=0))
    return quantise(
        from_sklearn(model, FEATURES, positive="repaid"), name=name, reference=reference
    )
