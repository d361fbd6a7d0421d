"""XGBoost and LightGBM themselves: random small models, the same leaf on every row.

They run where the libraries are installed; ``test_boosters.py`` reads recorded files without them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from stylus_ai.compress import quantise
from stylus_ai.errors import ModelError
from stylus_ai.frontends import evaluate, registry
from stylus_ai.ir import edge_rows, interpret, leaves, random_rows
from tests.frontends.boosters import CATEGORY, GAPS, table
from tests.frontends.data import proven
from tests.frontends.test_boosters import FLOAT32_NOISE

TABLE = table(600)
KINDS = ["c" if i == CATEGORY else "q" for i in range(len(GAPS))]
TARGETS = {2: TABLE.two, 3: TABLE.three, 0: TABLE.number}


def agrees(model: Any, raw: Any, noise: float) -> None:
    """Leaves are the library's, sums within the bound and the library's own rounding."""
    frozen = registry.read(model, GAPS)
    program = quantise(frozen, name="m")
    q = np.concatenate([edge_rows(program, at_least=500), random_rows(program, 500)])
    x = GAPS.dequantise(q)
    theirs = np.asarray(raw(x), dtype=np.float64).reshape(len(x), -1)
    own = registry.leaves(model, x)
    assert own is not None
    assert (evaluate.leaf_nodes(frozen, x) == own).all()
    reached = leaves(program, q)
    named = [np.array(tree.leaf_ids)[reached[:, t]] for t, tree in enumerate(program.trees)]
    assert (np.stack(named, axis=1) == own).all()
    out = next(iter(interpret(program, q).values())).reshape(theirs.shape)
    scale = program.divisor * 2.0**program.frac_bits
    bound = proven(program) + noise * (1 + np.abs(theirs).max())
    assert np.abs(out / scale - theirs).max() <= bound


@pytest.mark.xgboost
@settings(max_examples=60, deadline=None)
@given(
    case=st.sampled_from(
        [
            (2, {"objective": "binary:logistic"}),
            (3, {"objective": "multi:softmax", "num_class": 3}),
            (0, {"objective": "reg:squarederror"}),
            (0, {"objective": "reg:absoluteerror"}),
            (0, {"objective": "reg:squarederror", "base_score": 7}),
        ]
    ),
    options=st.fixed_dictionaries(
        {
            "max_depth": st.integers(1, 6),
            "max_cat_to_onehot": st.sampled_from([1, 30]),
            "num_parallel_tree": st.integers(1, 3),
            "subsample": st.sampled_from([0.5, 1.0]),
            "booster": st.sampled_from(["gbtree", "dart"]),
            "rate_drop": st.sampled_from([0.0, 0.5]),
            "tree_method": st.sampled_from(["hist", "approx"]),
            "seed": st.integers(0, 1000),
        }
    ),
    rounds=st.integers(1, 4),
)
def test_xgboost_models(case: tuple[int, dict[str, Any]], options: Any, rounds: int) -> None:
    import xgboost

    kind, objective = case
    data = xgboost.DMatrix(TABLE.x, TARGETS[kind], feature_types=KINDS, enable_categorical=True)
    model = xgboost.train(options | objective | {"nthread": 1}, data, rounds)

    def raw(x: Any) -> Any:
        matrix = xgboost.DMatrix(x, feature_types=KINDS, enable_categorical=True)
        return model.predict(matrix, output_margin=True)

    agrees(model, raw, FLOAT32_NOISE)


@pytest.mark.xgboost
def test_wrappers_of_xgboost_and_their_files(tmp_path: Path) -> None:
    """Early stopping, a Pipeline, a file that gives the same model."""
    import xgboost

    split = [(TABLE.x[:100], TABLE.two[::-1][:100])]
    model = xgboost.XGBClassifier(n_estimators=30, early_stopping_rounds=2, n_jobs=1)
    model.fit(TABLE.x, TABLE.two, eval_set=split, verbose=False)
    agrees(model, lambda x: model.predict(x, output_margin=True), FLOAT32_NOISE)
    model.save_model(tmp_path / "m.json")
    assert registry.read(tmp_path / "m.json", GAPS).digest == registry.read(model, GAPS).digest
    both = make_pipeline(StandardScaler(), xgboost.XGBRegressor(n_estimators=5, n_jobs=1))
    both.fit(TABLE.x, TABLE.number)
    agrees(both, both.predict, FLOAT32_NOISE)


@pytest.mark.xgboost
def test_wrappers_of_xgboost_that_are_refused(tmp_path: Path) -> None:
    import xgboost

    with pytest.raises(ModelError, match="not fitted"):
        registry.read(xgboost.XGBClassifier(), GAPS)
    zeros = xgboost.XGBRegressor(n_estimators=2, missing=0).fit(TABLE.x, TABLE.number)
    with pytest.raises(ModelError, match="missing value"):
        registry.read(zeros, GAPS)
    linear = xgboost.XGBRegressor(booster="gblinear").fit(TABLE.x, TABLE.number)
    with pytest.raises(ModelError, match="gblinear"):
        registry.read(linear, GAPS)
    ranker = xgboost.XGBRanker(n_estimators=2).fit(TABLE.x, TABLE.two, group=[len(TABLE.x)])
    with pytest.raises(ModelError, match="rank:"):
        registry.read(ranker, GAPS)
    model = xgboost.XGBRegressor(n_estimators=2).fit(TABLE.x, TABLE.number)
    model.save_model(tmp_path / "m.ubj")
    with pytest.raises(ModelError, match="binary file"):
        registry.read(tmp_path / "m.ubj", GAPS)
    trees = xgboost.XGBRegressor(n_estimators=2, multi_strategy="multi_output_tree")
    with pytest.raises(ModelError, match="one value for each target"):
        registry.read(trees.fit(TABLE.x, TABLE.pair), GAPS)


@pytest.mark.lightgbm
@settings(max_examples=60, deadline=None)
@given(
    case=st.sampled_from(
        [
            (2, {"objective": "binary"}),
            (3, {"objective": "multiclass", "num_class": 3}),
            (3, {"objective": "multiclassova", "num_class": 3}),
            (0, {"objective": "regression"}),
            (0, {"objective": "huber"}),
            (0, {"objective": "regression", "boost_from_average": False}),
        ]
    ),
    boosting=st.sampled_from(["gbdt", "dart", "goss"]),
    options=st.fixed_dictionaries(
        {
            "num_leaves": st.integers(2, 31),
            "max_cat_to_onehot": st.sampled_from([1, 30]),
            "use_missing": st.booleans(),
            "extra_trees": st.booleans(),
            "seed": st.integers(0, 1000),
        }
    ),
    rounds=st.integers(1, 4),
)
def test_lightgbm_models(
    case: tuple[int, dict[str, Any]], boosting: str, options: Any, rounds: int
) -> None:
    import lightgbm

    kind, objective = case
    common = {"verbose": -1, "num_threads": 1, "min_data_per_group": 1, "boosting": boosting}
    data = lightgbm.Dataset(TABLE.x, TARGETS[kind], categorical_feature=[CATEGORY])
    model = lightgbm.train(common | options | objective, data, rounds)
    agrees(model, lambda x: model.predict(x, raw_score=True), 1e-9)


@pytest.mark.lightgbm
def test_wrappers_of_lightgbm_and_their_files(tmp_path: Path) -> None:
    import lightgbm

    labels = np.where(TABLE.two == 1, "good", "bad")
    model = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1).fit(TABLE.x, labels)
    assert registry.read(model, GAPS).classes == ("bad", "good")
    agrees(model, lambda x: model.predict(x, raw_score=True), 1e-9)
    model.booster_.save_model(tmp_path / "m.txt")
    frozen = registry.read(tmp_path / "m.txt", GAPS, classes=("bad", "good"))
    assert frozen.digest == registry.read(model, GAPS).digest


@pytest.mark.lightgbm
def test_models_of_lightgbm_that_are_refused() -> None:
    import lightgbm

    with pytest.raises(ModelError, match="not fitted"):
        registry.read(lightgbm.LGBMClassifier(), GAPS)
    linear = lightgbm.LGBMRegressor(n_estimators=2, linear_tree=True, verbose=-1)
    with pytest.raises(ModelError, match="linear model in each leaf"):
        registry.read(linear.fit(TABLE.x, TABLE.number), GAPS)
    zeros = lightgbm.LGBMRegressor(n_estimators=2, zero_as_missing=True, verbose=-1, n_jobs=1)
    filled = np.nan_to_num(TABLE.x)
    with pytest.raises(ModelError, match="takes 0 for missing"):
        registry.read(zeros.fit(filled, np.where(filled[:, 2] == 0, 50, filled[:, 2])), GAPS)
