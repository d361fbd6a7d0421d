"""Makes the XGBoost and LightGBM files beside this script, and what the libraries answer.

    pip install 'stylus-ai[xgboost,lightgbm]' && python -m tests.frontends.models.make_boosters

Every file holds the version that wrote it. Rows are those at all thresholds and random ones; ``make
test`` reads the files without the libraries.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import xgboost

from stylus_ai.compress import quantise
from stylus_ai.frontends import registry
from stylus_ai.ir import edge_rows, random_rows
from tests.frontends.boosters import CATEGORY, GAPS, table

HERE = Path(__file__).parent
ROUNDS = 6
TABLE = table()
KINDS = ["c" if i == CATEGORY else "q" for i in range(len(GAPS))]

XGBOOST: dict[str, tuple[Any, dict[str, Any]]] = {
    "xgb_binary": (TABLE.two, {"objective": "binary:logistic", "max_cat_to_onehot": 30}),
    "xgb_classes": (
        TABLE.three,
        {"objective": "multi:softprob", "num_class": 3, "num_parallel_tree": 2, "subsample": 0.6},
    ),
    "xgb_dart": (
        TABLE.number,
        {"objective": "reg:squarederror", "booster": "dart", "rate_drop": 1},
    ),
    "xgb_targets": (TABLE.pair, {"objective": "reg:squarederror"}),
}

LIGHTGBM: dict[str, tuple[Any, dict[str, Any]]] = {
    "lgb_binary": (TABLE.two, {"objective": "binary", "sigmoid": 0.5}),
    "lgb_classes": (TABLE.three, {"objective": "multiclass", "num_class": 3}),
    "lgb_forest": (
        TABLE.two,
        {"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6},
    ),
    "lgb_number": (TABLE.number, {"objective": "regression_l1", "use_missing": False}),
}


def record(name: str, model: Any, raw: Callable[[Any], Any], version: str) -> None:
    """Write what the library answers."""
    program = quantise(registry.read(model, GAPS), name="m")
    q = np.concatenate([edge_rows(program), random_rows(program, 100)])
    x = GAPS.dequantise(q)
    leaves = registry.leaves(model, x)
    assert leaves is not None
    np.savez_compressed(
        HERE / f"{name}.npz",
        q=q.astype(np.int32),
        raw=np.asarray(raw(x), dtype=np.float64).reshape(len(x), -1),
        leaves=leaves.astype(np.int16),
        version=np.array(version),
    )


def make_xgboost(name: str) -> None:
    """Train, save and record one model."""
    target, options = XGBOOST[name]

    def matrix(x: Any, y: Any = None) -> Any:
        return xgboost.DMatrix(x, y, feature_types=KINDS, enable_categorical=True)

    common = {"max_depth": 3, "seed": 0, "nthread": 1, "max_cat_to_onehot": 1}
    model = xgboost.train(common | options, matrix(TABLE.x, target), ROUNDS)
    model.save_model(HERE / f"{name}.json")
    record(
        name,
        model,
        lambda x: model.predict(matrix(x), output_margin=True),
        f"xgboost {xgboost.__version__}",
    )


def make_lightgbm(name: str) -> None:
    """Train, save and record one model; a forest's average is not in LightGBM's raw scores."""
    target, options = LIGHTGBM[name]
    common = {
        "verbose": -1,
        "num_leaves": 7,
        "seed": 0,
        "num_threads": 1,
        "deterministic": True,
        "max_cat_to_onehot": 1,
        "min_data_per_group": 1,
    }
    data = lightgbm.Dataset(TABLE.x, target, categorical_feature=[CATEGORY])
    model = lightgbm.train(common | options, data, ROUNDS)
    model.save_model(HERE / f"{name}.txt")
    slope = options.get("sigmoid", 1.0) / (ROUNDS if "boosting" in options else 1)
    record(
        name,
        model,
        lambda x: slope * np.asarray(model.predict(x, raw_score=True)),
        f"lightgbm {lightgbm.__version__}",
    )


if __name__ == "__main__":
    for one in XGBOOST:
        make_xgboost(one)
    for one in LIGHTGBM:
        make_lightgbm(one)
