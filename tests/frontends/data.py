"""Small tables and fitted models that several tests share; deterministic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from stylus_ai.ir import Feature, Features, Program, uniform_rows
from stylus_ai.oblivious import ObliviousBoostingClassifier, ObliviousBoostingRegressor

FEATURES = Features(
    (
        Feature("age", 18, 99, unit="years"),
        Feature("amount", 0, 20_000, unit="DM"),
        Feature("rate", -1.5, 3, scale=100),
        Feature("kind", 0, 3, labels=("a", "b", "c", "d")),
        Feature("delta", -100_000, 100_000),
        # Beyond 2^24 float32 cannot tell neighbours apart: the library's rounding shows.
        Feature("total", 0, 2**31 - 1),
        Feature("share", 0, 3_000_000, scale=7),
    )
)


@dataclass(frozen=True)
class Table:
    """Rows on the features' grid with three kinds of targets."""

    x: npt.NDArray[np.float64]
    two: npt.NDArray[np.int64]
    four: npt.NDArray[np.int64]
    number: npt.NDArray[np.float64]


def table(rows: int = 1500, seed: int = 0) -> Table:
    """Targets that depend on the features through a wavy function, with noise."""
    rng = np.random.default_rng(seed)
    q = uniform_rows(FEATURES, rows, rng)
    z = (q - FEATURES.q_lows) / (FEATURES.q_highs - FEATURES.q_lows)
    number = z @ rng.normal(size=len(FEATURES)) + np.sin(4 * z).sum(axis=1)
    number = number + rng.normal(0, 0.3, rows)
    ranks = np.digitize(number, np.quantile(number, [0.25, 0.5, 0.75])).astype(np.int64)
    return Table(
        x=FEATURES.dequantise(q), two=(ranks > 1).astype(np.int64), four=ranks, number=number
    )


BINARY: dict[str, Any] = {
    "tree": DecisionTreeClassifier(max_depth=6, random_state=0),
    "grown tree": DecisionTreeClassifier(random_state=0),
    "forest": RandomForestClassifier(12, max_depth=6, random_state=0),
    "boosting": GradientBoostingClassifier(n_estimators=30, random_state=0),
    "oblivious": ObliviousBoostingClassifier(n_estimators=20, max_depth=5),
    "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
}

MULTICLASS: dict[str, Any] = {
    "tree": DecisionTreeClassifier(max_depth=6, random_state=0),
    "forest": RandomForestClassifier(5, max_depth=5, random_state=0),
    "boosting": GradientBoostingClassifier(n_estimators=8, random_state=0),
    "oblivious": ObliviousBoostingClassifier(n_estimators=5, max_depth=4),
    "logistic": make_pipeline(MinMaxScaler(), LogisticRegression()),
}

REGRESSION: dict[str, Any] = {
    "tree": DecisionTreeRegressor(max_depth=5, random_state=0),
    "forest": RandomForestRegressor(7, max_depth=5, random_state=0),
    "boosting": GradientBoostingRegressor(n_estimators=20, random_state=0),
    "oblivious": ObliviousBoostingRegressor(n_estimators=10, max_depth=4),
    "linear": make_pipeline(StandardScaler(with_mean=False), MinMaxScaler(), LinearRegression()),
}


def proven(program: Program) -> float:
    """The program's rounding bound, which every program but a network's has."""
    assert program.rounding_bound is not None
    return program.rounding_bound
