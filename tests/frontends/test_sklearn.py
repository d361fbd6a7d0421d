"""scikit-learn models: the same leaf on every row, and outputs within the stated bound."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from stylus_ai.compress import quantise
from stylus_ai.errors import ModelError
from stylus_ai.frontends import from_sklearn
from stylus_ai.ir import Feature, Features, Program, edge_rows, interpret, leaves, random_rows
from tests.frontends.data import BINARY, FEATURES, MULTICLASS, REGRESSION, proven, table

TABLE = table()


def library_leaves(model: Any, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """``apply`` of any tree model, [rows, trees]."""
    return np.asarray(model.apply(x)).reshape(len(x), -1)


def our_leaves(program: Program, q: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Our leaves by the library's node numbers."""
    reached = leaves(program, q)
    columns = [np.array(tree.leaf_ids)[reached[:, t]] for t, tree in enumerate(program.trees)]
    return np.stack(columns, axis=1)


def rows_of(program: Program) -> np.ndarray[Any, Any]:
    """Edges and random rows: every threshold -1, 0, +1 occurs."""
    return np.concatenate([edge_rows(program, at_least=3000), random_rows(program, 3000)])


@pytest.mark.parametrize("kind", BINARY)
@pytest.mark.parametrize("positive", [None, 0])
def test_binary_models(kind: str, positive: int | None) -> None:
    model = BINARY[kind].fit(TABLE.x, TABLE.two)
    program = quantise(from_sklearn(model, FEATURES, positive=positive), name="m")
    q = rows_of(program)
    x = FEATURES.dequantise(q)
    probability = model.predict_proba(x)[:, 1 if positive is None else positive]
    out = interpret(program, q)
    assert program.classes == (("0", "1") if positive is None else ("1", "0"))
    scale = program.divisor * 2.0**program.frac_bits
    if kind in ("boosting", "logistic"):
        raw = model.decision_function(x) * (1 if positive is None else -1)
        assert np.abs(out["score"] - probability * 10_000).max() < 0.6 + 0.3
    else:
        raw = probability
        assert np.abs(out["score"] - probability * 10_000).max() < 0.5 + 0.2
    assert np.abs(out["logit"] / scale - raw).max() <= proven(program) + 1e-9
    differ = (probability >= 0.5) != out["decision"].astype(bool)
    assert np.abs(probability - 0.5)[differ].max(initial=0) <= proven(program)
    if program.trees:
        assert (our_leaves(program, q) == library_leaves(model, x)).all()


@pytest.mark.parametrize("kind", MULTICLASS)
def test_multi_class_models(kind: str) -> None:
    model = MULTICLASS[kind].fit(TABLE.x, TABLE.four)
    program = quantise(from_sklearn(model, FEATURES), name="m")
    q = rows_of(program)
    x = FEATURES.dequantise(q)
    out = interpret(program, q)
    scale = program.divisor * 2.0**program.frac_bits
    raw = model.decision_function(x) if kind in ("boosting", "logistic") else model.predict_proba(x)
    assert np.abs(out["logits"] / scale - raw).max() <= proven(program) + 1e-9
    ordered = np.sort(raw, axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > 2 * proven(program)
    assert (out["class"] == model.predict(x))[clear].all()
    assert clear.mean() > 0.9
    if program.trees:
        assert (our_leaves(program, q) == library_leaves(model, x)).all()


@pytest.mark.parametrize("kind", REGRESSION)
def test_regression_models(kind: str) -> None:
    model = REGRESSION[kind].fit(TABLE.x, TABLE.number)
    program = quantise(from_sklearn(model, FEATURES), name="m")
    q = rows_of(program)
    x = FEATURES.dequantise(q)
    value = interpret(program, q)["value"] / (program.divisor * 2.0**program.frac_bits)
    assert np.abs(value - model.predict(x)).max() <= proven(program) + 1e-9
    if program.trees:
        assert (our_leaves(program, q) == library_leaves(model, x)).all()


@pytest.mark.parametrize("scale", [1, 3, 10, 100])
def test_every_row_of_a_small_grid_reaches_the_library_s_leaf(scale: int) -> None:
    """Not a sample: all rows that exist."""
    high = 12 / scale
    features = Features(tuple(Feature(f"f{i}", -high, high, scale=scale) for i in range(3)))
    steps = range(-12, 13)
    q = np.array(list(itertools.product(steps, steps, steps)))
    x = features.dequantise(q)
    target = (np.sin(x * scale).sum(axis=1) > 0.3).astype(int)
    for model in (DecisionTreeClassifier(random_state=0), RandomForestClassifier(4)):
        model.fit(x[::3], target[::3])
        program = quantise(from_sklearn(model, features), name="m")
        assert (our_leaves(program, q) == library_leaves(model, x)).all()


def test_a_threshold_that_float32_cannot_see() -> None:
    """Neighbours beyond 2^24 are one number to scikit-learn, so they go the same way."""
    features = Features((Feature("big", 2**24, 2**24 + 64),))
    q = np.arange(2**24, 2**24 + 65)[:, np.newaxis]
    model = DecisionTreeClassifier().fit(q.astype(float), (q[:, 0] > 2**24 + 33).astype(int))
    program = quantise(from_sklearn(model, features), name="m")
    assert (our_leaves(program, q) == library_leaves(model, q.astype(float))).all()
    reached = leaves(program, q)[:, 0]
    assert reached[32] == reached[31]


def test_the_digest_follows_the_parameters_alone() -> None:
    model = BINARY["forest"].fit(TABLE.x, TABLE.two)
    one = from_sklearn(model, FEATURES)
    assert one.digest == from_sklearn(copy.deepcopy(model), FEATURES).digest
    assert one.digest != from_sklearn(model, FEATURES, positive=0).digest
    other = copy.deepcopy(model)
    other.estimators_[3].tree_.threshold[0] += 1
    assert one.digest != from_sklearn(other, FEATURES).digest


def test_labels_may_be_texts() -> None:
    labels = np.where(TABLE.two == 1, "good", "bad")
    model = DecisionTreeClassifier(max_depth=2).fit(TABLE.x, labels)
    assert from_sklearn(model, FEATURES).classes == ("bad", "good")
    assert from_sklearn(model, FEATURES, positive="bad").classes == ("good", "bad")
    with pytest.raises(ModelError, match="'ugly'"):
        from_sklearn(model, FEATURES, positive="ugly")


@pytest.mark.parametrize(
    ("model", "nearest"),
    [
        (AdaBoostClassifier(n_estimators=2), "GradientBoostingClassifier"),
        (SVC(), "LogisticRegression"),
        (KMeans(2), "decision trees"),
    ],
)
def test_other_estimators_are_refused_with_the_nearest_one(model: Any, nearest: str) -> None:
    model.fit(TABLE.x[:50], TABLE.two[:50])
    with pytest.raises(ModelError, match=type(model).__name__) as caught:
        from_sklearn(model, FEATURES)
    assert nearest in caught.value.next_step


def spoilt(path: str, value: float) -> Any:
    """A fitted model with one parameter replaced."""
    if path == "threshold":
        model = DecisionTreeClassifier(max_depth=2).fit(TABLE.x, TABLE.two)
        model.tree_.threshold[0] = value
        return model
    model = LogisticRegression().fit(TABLE.x[:, :], TABLE.two)
    getattr(model, path)[0] = value
    return model


@pytest.mark.parametrize(
    ("path", "value"),
    [("threshold", np.nan), *itertools.product(("coef_", "intercept_"), (np.nan, np.inf, -np.inf))],
)
def test_parameters_that_are_no_numbers_are_refused(path: str, value: float) -> None:
    with pytest.raises(ModelError, match=r"holds (nan|-?inf)"):
        from_sklearn(spoilt(path, value), FEATURES)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (DecisionTreeClassifier, "not fitted"),
        (LogisticRegression, "not fitted"),
        (lambda: Pipeline([("nothing", "passthrough")]), "no estimator"),
        (object, "object"),
        (lambda: DecisionTreeClassifier().fit(TABLE.x[:, :3], TABLE.two), "3 columns"),
        (lambda: DecisionTreeClassifier().fit(TABLE.x, TABLE.two * 0), "one class"),
        (
            lambda: DecisionTreeClassifier().fit(TABLE.x, np.stack([TABLE.two] * 2, axis=1)),
            "2 labels",
        ),
        (
            lambda: make_pipeline(PolynomialFeatures(), LinearRegression()).fit(
                TABLE.x, TABLE.number
            ),
            "PolynomialFeatures",
        ),
        (
            lambda: GradientBoostingClassifier(loss="exponential", n_estimators=2).fit(
                TABLE.x, TABLE.two
            ),
            "exponential",
        ),
        (
            lambda: GradientBoostingClassifier(
                init=DecisionTreeClassifier(max_depth=1), n_estimators=2
            ).fit(TABLE.x, TABLE.two),
            "another estimator",
        ),
    ],
)
def test_what_cannot_become_a_program(make: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        from_sklearn(make(), FEATURES)


def test_a_regression_has_no_positive_class() -> None:
    model = REGRESSION["tree"].fit(TABLE.x, TABLE.number)
    with pytest.raises(ModelError, match="no positive class"):
        from_sklearn(model, FEATURES, positive=1)


def test_boosting_from_zero() -> None:
    model = GradientBoostingClassifier(init="zero", n_estimators=5).fit(TABLE.x, TABLE.two)
    program = quantise(from_sklearn(model, FEATURES), name="m")
    q = rows_of(program)
    raw = model.decision_function(FEATURES.dequantise(q))
    logit = interpret(program, q)["logit"] / 2.0**program.frac_bits
    assert np.abs(logit - raw).max() <= proven(program) + 1e-9
