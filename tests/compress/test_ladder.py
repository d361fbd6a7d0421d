"""Rungs are whole programs, judged on rows that nothing learned from; limits choose among them."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stylus_ai.compress.fit import MARGINS, Limits, Measured, choose
from stylus_ai.compress.ladder import Case, answers, candidates, float_accuracy, judge
from stylus_ai.errors import UsageError
from stylus_ai.frontends import Dense, FloatModel, FloatNetwork, Relu, from_sklearn
from stylus_ai.frontends.forward import forward
from stylus_ai.ir import Feature, Features, verify
from tests.frontends.data import BINARY, FEATURES, REGRESSION, table

TABLE = table()


def case(model: Any, task: str) -> Case:
    """A fitted scikit-learn model, judged by the last third of the rows."""
    y = TABLE.number if task == "regression" else TABLE.two
    q = FEATURES.quantise(TABLE.x)
    library = model.predict(TABLE.x)
    return Case(
        model=from_sklearn(model, FEATURES),
        name="m",
        cutoff=0.5,
        reference=tuple(FEATURES.q_lows.tolist()),
        q=q[:1000],
        y=y[:1000],
        judged_q=q[1000:],
        judged_y=y[1000:],
        library=library[1000:],
    )


def test_the_rungs_of_boosting_run_from_exact_to_a_quarter_of_the_trees() -> None:
    one = case(copy(BINARY["boosting"]).fit(TABLE.x, TABLE.two), "binary")
    rungs = [judge(one, candidate) for candidate in candidates(one)]
    assert [rung.name for rung in rungs] == [
        "exact",
        "leaves merged",
        "leaves of 8 bits",
        "leaves of 6 bits",
        "leaves of 4 bits",
        "thresholds shared",
        "pruned 0.01",
        "pruned 0.1",
        "trees 50%, pruned 0.01",
        "trees 25%, pruned 0.01",
    ]
    assert rungs[0].agreement == rungs[1].agreement == 1.0
    assert rungs[0].accuracy == float_accuracy(one)
    splits = [sum(len(tree.feature) for tree in rung.program.trees) for rung in rungs]
    assert splits[0] > splits[6] > splits[7]
    assert len(rungs[-1].program.trees) == round(len(rungs[0].program.trees) / 4)
    for rung in rungs:
        verify(rung.program)


def test_a_regression_is_judged_by_its_squared_error() -> None:
    one = case(copy(REGRESSION["linear"]).fit(TABLE.x, TABLE.number), "regression")
    rungs = [judge(one, candidate) for candidate in candidates(one)]
    assert rungs[0].agreement > 0.999999
    assert rungs[0].accuracy == pytest.approx(float_accuracy(one), abs=1e-4)


def test_the_rungs_of_an_mlp_are_trained_again_in_fewer_bits() -> None:
    """A network of random weights is its own truth: the rungs learn to answer as it does."""
    rng = np.random.default_rng(0)
    features = Features(tuple(Feature(f"f{i}", 0, 15) for i in range(12)), 4)
    body = FloatNetwork(
        slope=np.full(12, 1 / 15),
        offset=np.zeros(12),
        layers=(
            Dense(rng.normal(size=(8, 12)), np.zeros(8)),
            Relu(),
            Dense(rng.normal(size=(3, 8)), np.zeros(3)),
        ),
        link="logistic",
    )
    model = FloatModel(features, "multiclass", "mlp", body, ("a", "b", "c"), "tests")
    q = rng.integers(0, 16, size=(3000, 12))
    truth = forward(body, q)[-1].argmax(axis=1)
    one = Case(
        model, "m", 0.5, (0,) * 12, q[:2500], truth[:2500], q[2500:], truth[2500:], truth[2500:]
    )
    rungs = {candidate.name: judge(one, candidate) for candidate in candidates(one)}
    assert list(rungs) == [
        "int8",
        "int4",
        "int4, trained",
        "int4, pruned 50.0%",
        "int4, lanes pruned 50.0%",
        "int4, pruned 75.0%",
        "int4, lanes pruned 75.0%",
        "int4, width 50%",
        "ternary",
        "binary",
    ]
    assert rungs["int8"].agreement > 0.97
    assert rungs["int4, trained"].agreement > 0.85
    first = rungs["int4, pruned 50.0%"].program.ops[0]
    assert (first.weights.array == 0).mean() >= 0.5  # type: ignore[union-attr]
    narrow = rungs["int4, width 50%"].program.ops[0]
    assert narrow.weights.shape == (4, 12)  # type: ignore[union-attr]


def measured(name: str, agreement: float, size: float, gas: float) -> Measured:
    return Measured(name, agreement, agreement, size, gas, 0, 0, measured=True)


RUNGS = (
    measured("large", 1.0, 30_000, 900),
    measured("middle", 0.98, 20_000, 500),
    measured("small", 0.9, 5_000, 100),
)


def test_of_those_that_fit_the_one_that_changes_least_is_chosen() -> None:
    choice = choose(RUNGS, Limits.parse(["size=24_576"]))
    assert (choice.rung.name, choice.missed) == ("middle", {})


def test_a_prediction_keeps_a_limit_only_if_the_truth_must() -> None:
    rung = replace(measured("close", 1.0, 24_000, 100), measured=False)
    most = 24_000 * (1 + MARGINS["size"])
    assert Limits.parse(["size=24576"]).missed(rung) == {"size": pytest.approx(most / 24_576 - 1)}
    assert Limits.parse([f"size={most}"]).missed(rung) == {}


def test_if_none_fits_the_nearest_miss_is_given_with_what_it_misses() -> None:
    choice = choose(RUNGS, Limits.parse(["size=24576", "gas=400"], 0.97))
    assert choice.rung.name == "small"
    assert choice.missed == {"accuracy": pytest.approx(1 - 0.9 / 0.97)}


@pytest.mark.parametrize("text", ["size", "size=", "size=-1", "sizes=4", "gas=x", "gas=nan"])
def test_a_limit_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no limit"):
        Limits.parse([text])


def test_an_accuracy_beyond_one_is_refused() -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        Limits.parse([], 97)


def test_answers_of_a_regression_are_in_its_own_unit() -> None:
    one = case(copy(REGRESSION["tree"]).fit(TABLE.x, TABLE.number), "regression")
    program = next(candidates(one)).make()
    assert np.abs(answers(program, one.judged_q) - one.library).max() < 1e-3
