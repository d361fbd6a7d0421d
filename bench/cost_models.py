"""Models whose price is predicted and measured: those that fit the cost model, and 40 others.

Both lists come from the same makers with other data, sizes and seeds. No model is in both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_breast_cancer, load_diabetes, make_classification, make_regression
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from bench.layers import classifier
from bench.models import FEATURES, wallets
from stylus_ai.compress import quantise
from stylus_ai.frontends import from_sklearn
from stylus_ai.ir import Feature, Features, Program

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """Rows float64[n, features] on the features' grid, and outcomes."""

    features: Features
    x: Floats
    y: npt.NDArray[Any]


@dataclass(frozen=True)
class Priced:
    """A model whose price is asked for.

    Attributes:
        name: Unique, for people.
        kind: What it is fitted or judged with: trees, linear, network or images.
        make: Trains it and gives its program.
    """

    name: str
    kind: str
    make: Callable[[], Program]


def on_a_grid(x: Floats, y: npt.NDArray[Any], steps: int) -> Table:
    """Any columns as features of so many steps."""
    low, high = x.min(axis=0), x.max(axis=0)
    q = np.rint((x - low) / (high - low) * steps)
    columns = tuple(Feature(f"x{i}", 0, steps) for i in range(x.shape[1]))
    return Table(Features(columns), q, y)


def wallet_table(seed: int) -> Table:
    """Wallets of the credit-score template."""
    return Table(FEATURES, *wallets(seed=seed))


def cancer_table() -> Table:
    """30 measurements of tumours: benign or not."""
    x, y = load_breast_cancer(return_X_y=True)
    return on_a_grid(x, y, steps=4_000)


def diabetes_table() -> Table:
    """10 measurements of patients and how their illness went on, a number."""
    x, y = load_diabetes(return_X_y=True)
    return on_a_grid(x, y, steps=1_000)


def made_table(features: int, classes: int, seed: int) -> Table:
    """Made up, with as many informative columns as scikit-learn needs."""
    x, y = make_classification(
        3_000,
        features,
        n_informative=max(features // 2, 4),
        n_classes=classes,
        flip_y=0.05,
        random_state=seed,
    )
    return on_a_grid(x, y, steps=60_000)


def number_table(features: int, seed: int) -> Table:
    """Made up, for regressions."""
    x, y = make_regression(2_000, features, noise=5, random_state=seed)
    return on_a_grid(x, y, steps=2_000)


def fitted(model: Any, table: Table, name: str) -> Program:
    """Train a model of scikit-learn and round it."""
    model.fit(table.x, table.y)
    reference = np.median(table.features.quantise(table.x), axis=0).astype(np.int64)
    return quantise(
        from_sklearn(model, table.features),
        name=name,
        reference=tuple(int(value) for value in reference),
    )


def weights(shape: tuple[int, int], bits: int, seed: int, kept: float = 1.0) -> Ints:
    """What training on a grid of some bits gives, less what pruning takes.

    Args:
        shape: (outputs, inputs).
        bits: 2 for ternary, 4 or 8.
        seed: Of the random numbers.
        kept: Share that is not pruned.
    """
    rng = np.random.default_rng(seed)
    deviation, limit = {2: (0.8, 1), 4: (2.0, 7), 8: (36.0, 127)}[bits]
    found = np.clip(np.rint(rng.normal(0, deviation, shape)), -limit, limit).astype(np.int64)
    return found * (rng.random(shape) < kept)


def network(
    sizes: tuple[int, ...], bits: int, inputs: int | None, seed: int, kept: float = 1.0
) -> Program:
    """A classifier of dense layers.

    Args:
        sizes: Inputs, hidden layers, classes.
        bits: Of the weights.
        inputs: Bits of an input; None for bytes.
        seed: Of the weights.
        kept: Share of the first layer's weights that is not pruned.
    """
    shapes = list(zip(sizes[1:], sizes, strict=False))
    layers = [
        weights(shape, bits, seed * 100 + number, 1.0 if number else kept)
        for number, shape in enumerate(shapes)
    ]
    return classifier(layers, inputs, 255 if bits == 8 else 15)


def _trees(name: str, model: Any, table: Callable[[], Table]) -> Priced:
    return Priced(name, "trees", lambda: fitted(model, table(), "trees"))


def _linear(name: str, model: Any, table: Callable[[], Table]) -> Priced:
    return Priced(name, "linear", lambda: fitted(model, table(), "linear"))


def _network(
    sizes: tuple[int, ...], bits: int, inputs: int | None, seed: int, kept: float = 1.0
) -> Priced:
    shape = "-".join(map(str, sizes))
    name = f"network {shape}, {bits}-bit weights, {inputs or 8}-bit inputs"
    if kept < 1:
        name += f", {kept:.0%} kept"
    return Priced(name, "network", partial(network, sizes, bits, inputs, seed, kept))


def _boosting(count: int, depth: int, seed: int) -> GradientBoostingClassifier:
    return GradientBoostingClassifier(n_estimators=count, max_depth=depth, random_state=seed)


def _forest(count: int, depth: int, seed: int) -> RandomForestClassifier:
    return RandomForestClassifier(count, max_depth=depth, random_state=seed)


def _tree(depth: int) -> DecisionTreeClassifier:
    return DecisionTreeClassifier(max_depth=depth, random_state=0)


FITTING = (
    _trees("tree of depth 5", _tree(5), partial(wallet_table, 1)),
    _trees("tree of depth 9", _tree(9), partial(wallet_table, 2)),
    _trees("tree of depth 12", _tree(12), partial(made_table, 12, 2, 1)),
    _trees("forest 10 x 5", _forest(10, 5, 1), partial(wallet_table, 3)),
    _trees("forest 25 x 6", _forest(25, 6, 1), partial(made_table, 20, 2, 2)),
    _trees("forest 12 x 8", _forest(12, 8, 2), partial(made_table, 15, 2, 3)),
    _trees("forest 8 x 4, 4 classes", _forest(8, 4, 3), partial(made_table, 12, 4, 4)),
    _trees("boosting 30 x 2", _boosting(30, 2, 1), partial(wallet_table, 4)),
    _trees("boosting 60 x 3", _boosting(60, 3, 1), partial(made_table, 16, 2, 5)),
    _trees("boosting 150 x 3", _boosting(150, 3, 2), partial(wallet_table, 5)),
    _trees("boosting 40 x 5", _boosting(40, 5, 1), partial(made_table, 10, 2, 6)),
    _trees("boosting 20 x 6", _boosting(20, 6, 3), partial(wallet_table, 6)),
    _trees(
        "boosting 40 x 3, a number",
        GradientBoostingRegressor(n_estimators=40, max_depth=3, random_state=0),
        partial(number_table, 12, 4),
    ),
    _trees(
        "forest 10 x 5, a number",
        RandomForestRegressor(10, max_depth=5, random_state=0),
        partial(number_table, 10, 5),
    ),
    _linear("logistic, 11 features", LogisticRegression(max_iter=20), partial(wallet_table, 1)),
    _linear("logistic, 50 features", LogisticRegression(), partial(made_table, 50, 2, 7)),
    _linear("logistic, 12 x 4", LogisticRegression(), partial(made_table, 12, 4, 8)),
    _linear("logistic, 20 x 3", LogisticRegression(), partial(made_table, 20, 3, 9)),
    _linear("logistic, 6 features", LogisticRegression(), partial(made_table, 6, 2, 10)),
    _linear("logistic, 25 features", LogisticRegression(), partial(made_table, 25, 2, 30)),
    _linear("linear, 8 features", LinearRegression(), partial(number_table, 8, 1)),
    _linear("linear, 16 features", LinearRegression(), partial(number_table, 16, 2)),
    _linear("linear, 40 features", LinearRegression(), partial(number_table, 40, 3)),
    _network((100, 24, 10), 4, 4, 1),
    _network((196, 48, 10), 4, 4, 2),
    _network((196, 40, 10), 4, 4, 3, 0.3),
    _network((64, 32, 16, 10), 4, 4, 4),
    _network((64, 32, 10), 8, None, 5),
    _network((100, 40, 10), 8, None, 6),
    _network((144, 40, 10), 2, 1, 7),
    _network((256, 64, 10), 2, 1, 8),
    _network((128, 32, 5), 2, 4, 9),
    _network((80, 48, 12, 4), 8, None, 10, 0.5),
)
"""Models that the constants of the cost model are fitted to."""

IN_SDK = (
    FITTING[0],
    FITTING[3],
    FITTING[8],
    _linear("logistic, 16 features", LogisticRegression(), partial(made_table, 16, 2, 31)),
)
"""Models by which the part of a contract with stylus-sdk is measured: binary ones."""

IN_SDK_HELD_OUT = (
    _trees("boosting 50 x 3", _boosting(50, 3, 31), partial(wallet_table, 31)),
    _trees("tree of depth 7", _tree(7), partial(wallet_table, 32)),
)
"""Models that no constant was fitted to, in contracts with stylus-sdk."""

HELD_OUT = (
    _trees("tree of depth 4", _tree(4), partial(wallet_table, 11)),
    _trees("tree of depth 6", _tree(6), cancer_table),
    _trees("tree of depth 8", _tree(8), partial(wallet_table, 12)),
    _trees("tree of depth 10", _tree(10), partial(made_table, 14, 2, 11)),
    _trees("tree of depth 14", _tree(14), partial(wallet_table, 13)),
    _trees("forest 5 x 6", _forest(5, 6, 11), partial(wallet_table, 14)),
    _trees("forest 15 x 4", _forest(15, 4, 12), cancer_table),
    _trees("forest 20 x 6", _forest(20, 6, 13), partial(wallet_table, 15)),
    _trees("forest 30 x 5", _forest(30, 5, 14), partial(made_table, 18, 2, 12)),
    _trees("forest 10 x 8", _forest(10, 8, 15), partial(wallet_table, 16)),
    _trees("forest 6 x 5, 3 classes", _forest(6, 5, 16), partial(made_table, 12, 3, 13)),
    _trees("boosting 20 x 3", _boosting(20, 3, 11), partial(wallet_table, 17)),
    _trees("boosting 50 x 2", _boosting(50, 2, 12), cancer_table),
    _trees("boosting 50 x 4", _boosting(50, 4, 13), partial(made_table, 14, 2, 14)),
    _trees("boosting 80 x 3", _boosting(80, 3, 14), partial(wallet_table, 18)),
    _trees("boosting 100 x 3", _boosting(100, 3, 15), partial(wallet_table, 19)),
    _trees("boosting 120 x 2", _boosting(120, 2, 16), partial(made_table, 24, 2, 15)),
    _trees("boosting 200 x 3", _boosting(200, 3, 17), partial(made_table, 20, 2, 16)),
    _trees("boosting 30 x 6", _boosting(30, 6, 18), partial(wallet_table, 20)),
    _trees(
        "boosting 60 x 3, a number",
        GradientBoostingRegressor(n_estimators=60, max_depth=3, random_state=1),
        diabetes_table,
    ),
    _linear("logistic, 30 features", LogisticRegression(max_iter=20), cancer_table),
    _linear("logistic, 20 features", LogisticRegression(), partial(made_table, 20, 2, 17)),
    _linear("linear, 10 features", LinearRegression(), diabetes_table),
    _network((196, 64, 10), 4, 4, 11),
    _network((196, 32, 10), 4, 4, 12),
    _network((144, 56, 10), 4, 4, 13),
    _network((64, 24, 5), 4, 4, 14),
    _network((100, 32, 16, 10), 4, 4, 15),
    _network((196, 64, 10), 4, 4, 16, 0.2),
    _network((196, 64, 10), 4, 4, 17, 0.5),
    _network((49, 40, 10), 8, None, 18),
    _network((64, 48, 10), 8, None, 19),
    _network((100, 24, 10), 8, None, 20),
    _network((196, 20, 10), 8, None, 21),
    _network((196, 64, 10), 2, 1, 22),
    _network((392, 48, 10), 2, 1, 23),
    _network((100, 32, 10), 2, 1, 24),
    _network((196, 48, 10), 2, 4, 25),
    _network((64, 64, 32, 10), 4, 4, 26),
    _network((120, 30, 15, 5), 8, None, 27, 0.4),
)
"""The 40 models that the predictions are judged by."""
