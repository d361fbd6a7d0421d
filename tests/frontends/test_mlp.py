"""scikit-learn's perceptrons: the float network is scikit-learn's, also behind preprocessing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from stylus_ai.compress import quantise_network
from stylus_ai.errors import ModelError
from stylus_ai.frontends import evaluate, registry
from stylus_ai.ir import Encode, Features, Program, interpret
from tests.frontends.boosters import GAPS
from tests.frontends.test_preprocessing import FULL, GAPPED, KINDS, PLAIN, by_kind, fill

SMALL: dict[str, Any] = {"hidden_layer_sizes": (12, 6), "max_iter": 40, "random_state": 0}


def encoders() -> Any:
    """Numbers filled and scaled, the category one-hot."""
    return by_kind(
        ("numbers", make_pipeline(fill(), StandardScaler()), [0, 2, 3]),
        ("kinds", make_pipeline(fill("median"), OneHotEncoder(categories=[KINDS])), [1]),
    )


CASES = pytest.mark.parametrize(
    ("steps", "features", "rows"),
    [(StandardScaler, PLAIN, FULL), (encoders, PLAIN, FULL), (encoders, GAPS, GAPPED)],
    ids=["scaled", "encoded", "gaps"],
)


@CASES
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_a_classifier_s_probabilities(steps: Any, features: Features, rows: Any) -> None:
    """Of the float network exactly; the integer one agrees on almost every row."""
    two = make_pipeline(steps(), MLPClassifier(**SMALL)).fit(rows.x, rows.two)
    frozen = registry.read(two, features)
    share = 1 / (1 + np.exp(-evaluate.raw(frozen, rows.x)[:, 0]))
    assert np.abs(share - two.predict_proba(rows.x)[:, 1]).max() < 1e-12
    other = registry.read(two, features, positive=0)
    assert (evaluate.raw(other, rows.x) == -evaluate.raw(frozen, rows.x)).all()
    three = make_pipeline(steps(), MLPClassifier(**SMALL)).fit(rows.x, rows.three)
    logits = np.exp(evaluate.raw(registry.read(three, features), rows.x))
    shares = logits / logits.sum(axis=1, keepdims=True)
    assert np.abs(shares - three.predict_proba(rows.x)).max() < 1e-12
    q = features.quantise(rows.x)
    program = quantise_network(registry.read(three, features), q[:500], name="m")
    assert (interpret(program, q)["class"] == three.predict(rows.x)).mean() > 0.98
    assert isinstance(program.ops[0], Encode) == (steps is encoders)
    assert Program.from_json(program.to_json()) == program


@CASES
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_a_regression_s_values(steps: Any, features: Features, rows: Any) -> None:
    pair = make_pipeline(steps(), MLPRegressor(**SMALL)).fit(rows.x, rows.pair)
    frozen = registry.read(pair, features, targets=("a", "b"))
    assert frozen.classes == ("a", "b")
    expected = pair.predict(rows.x)
    assert np.abs(evaluate.raw(frozen, rows.x) - expected).max() < 1e-9
    q = features.quantise(rows.x)
    program = quantise_network(frozen, q[:500], name="m", value_bits=8)
    values = interpret(program, q)["values"] / 256
    assert np.square(values - expected).mean() < 0.02 * expected.var()


def test_activations_without_a_rule_name_the_nearest() -> None:
    model = MLPClassifier(activation="tanh", hidden_layer_sizes=(2,), max_iter=1)
    with pytest.warns(ConvergenceWarning):
        model.fit(FULL.x, FULL.two)
    with pytest.raises(ModelError, match="tanh") as caught:
        registry.read(model, PLAIN)
    assert "relu" in caught.value.next_step
