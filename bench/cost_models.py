"""Models whose price is predicted and measured: those that fit the cost model, and 40 others.

Both lists come from the same makers with other data, sizes and seeds. No model is in both, and what
the price is made of was chosen by the errors of the first list alone, each model left out in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from bench.cost_makers import (
    Priced,
    Table,
    cancer_table,
    diabetes_table,
    fitted,
    image_network,
    made_table,
    network,
    number_table,
    wallet_table,
    wine_table,
)
from stylus_ai.oblivious import ObliviousBoostingClassifier


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


def _oblivious(count: int, depth: int, seed: int) -> ObliviousBoostingClassifier:
    return ObliviousBoostingClassifier(n_estimators=count, max_depth=depth, random_state=seed)


def _images(side: int, channels: tuple[int, ...], bits: int, seed: int, stride: int = 1) -> Priced:
    name = f"images {side} x {side}, {'-'.join(map(str, channels))} channels, {bits}-bit weights"
    if stride > 1:
        name += f", stride {stride}"
    make = partial(image_network, side, channels, bits, seed, stride=stride)
    return Priced(name, "images", make)


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
    _trees("boosting 50 x 3", _boosting(50, 3, 31), partial(wallet_table, 31)),
    _trees("tree of depth 7", _tree(7), partial(wallet_table, 32)),
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
    _trees("tree of depth 4, 3 classes", _tree(4), partial(made_table, 10, 3, 23)),
    _trees("tree of depth 6, 4 classes", _tree(6), partial(made_table, 14, 4, 24)),
    _trees("tree of depth 7, 3 classes", _tree(7), partial(made_table, 8, 3, 25)),
    _trees("forest 5 x 4, 3 classes", _forest(5, 4, 26), partial(made_table, 9, 3, 26)),
    _trees("oblivious 20 x 4", _oblivious(20, 4, 1), partial(wallet_table, 21)),
    _trees("oblivious 50 x 6", _oblivious(50, 6, 2), partial(made_table, 12, 2, 21)),
    _trees("oblivious 30 x 5", _oblivious(30, 5, 3), partial(wallet_table, 22)),
    _trees("oblivious 80 x 6", _oblivious(80, 6, 4), cancer_table),
    _images(14, (8, 16), 4, 1),
    _images(12, (6, 12), 4, 2),
    _images(14, (8, 12), 2, 3),
    _images(16, (4, 8), 4, 4),
    _images(14, (12,), 4, 5),
    _images(12, (8, 8), 2, 6, 2),
    _images(10, (8,), 4, 7),
    _images(16, (6, 10), 4, 8, 2),
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
    _trees("tree of depth 5, 18 features", _tree(5), partial(made_table, 18, 2, 61)),
    _trees("tree of depth 7, 11 features", _tree(7), partial(wallet_table, 62)),
    _trees("tree of depth 9, 9 features", _tree(9), partial(made_table, 9, 2, 63)),
    _trees("tree of depth 11, 11 features", _tree(11), partial(wallet_table, 64)),
    _trees("tree of depth 5, 3 classes", _tree(5), wine_table),
    _trees("forest 8 x 6", _forest(8, 6, 61), partial(wallet_table, 65)),
    _trees("forest 12 x 5", _forest(12, 5, 62), cancer_table),
    _trees("forest 18 x 5", _forest(18, 5, 63), partial(made_table, 13, 2, 64)),
    _trees("forest 25 x 4", _forest(25, 4, 64), partial(wallet_table, 66)),
    _trees("forest 9 x 7", _forest(9, 7, 65), partial(made_table, 11, 2, 65)),
    _trees("forest 10 x 4, 3 classes", _forest(10, 4, 66), wine_table),
    _trees("boosting 25 x 3", _boosting(25, 3, 61), partial(wallet_table, 67)),
    _trees("boosting 40 x 2", _boosting(40, 2, 62), partial(made_table, 8, 2, 66)),
    _trees("boosting 70 x 3", _boosting(70, 3, 63), cancer_table),
    _trees("boosting 45 x 4", _boosting(45, 4, 64), partial(wallet_table, 68)),
    _trees("boosting 90 x 3", _boosting(90, 3, 65), partial(made_table, 22, 2, 67)),
    _trees("boosting 130 x 3", _boosting(130, 3, 66), partial(wallet_table, 69)),
    _trees("boosting 25 x 5", _boosting(25, 5, 67), partial(made_table, 17, 2, 68)),
    _trees(
        "boosting 50 x 3, a number",
        GradientBoostingRegressor(n_estimators=50, max_depth=3, random_state=61),
        partial(number_table, 14, 61),
    ),
    _trees(
        "forest 12 x 5, a number",
        RandomForestRegressor(12, max_depth=5, random_state=61),
        diabetes_table,
    ),
    _trees("oblivious 40 x 5", _oblivious(40, 5, 61), partial(wallet_table, 70)),
    _trees("oblivious 60 x 6", _oblivious(60, 6, 62), partial(made_table, 15, 2, 69)),
    _trees("oblivious 25 x 4", _oblivious(25, 4, 63), cancer_table),
    _linear("logistic, 14 features", LogisticRegression(), partial(made_table, 14, 2, 70)),
    _linear("logistic, 35 features", LogisticRegression(), partial(made_table, 35, 2, 71)),
    _linear("logistic, 13 x 3", LogisticRegression(max_iter=50), wine_table),
    _linear("linear, 12 features", LinearRegression(), partial(number_table, 12, 62)),
    _network((196, 56, 10), 4, 4, 61),
    _network((120, 36, 10), 4, 4, 62),
    _network((81, 30, 12, 6), 4, 4, 63),
    _network((196, 64, 10), 4, 4, 64, 0.35),
    _network((64, 40, 10), 8, None, 65),
    _network((150, 24, 10), 8, None, 66),
    _network((256, 48, 10), 2, 1, 67),
    _network((144, 48, 10), 2, 4, 68),
    _network((90, 40, 16, 8), 8, None, 69, 0.6),
    _images(14, (10, 14), 4, 61),
    _images(12, (8,), 4, 62),
    _images(14, (6, 10), 2, 63),
    _images(16, (8, 10), 4, 64, 2),
)
"""The 40 models that the predictions are judged by."""
