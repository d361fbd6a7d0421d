"""Preprocessing inside the model, gaps, categories and several targets of scikit-learn.

Each model's own leaves and outputs on rows at every edge: the same leaf, sums within the bound.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    BayesianRidge,
    ElasticNet,
    HuberRegressor,
    Lasso,
    LogisticRegression,
    Perceptron,
    PoissonRegressor,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import LinearSVC, LinearSVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from stylus_ai.compress import quantise
from stylus_ai.errors import ModelError
from stylus_ai.frontends import evaluate, registry
from stylus_ai.ir import (
    Affine,
    Encode,
    Features,
    Program,
    TreeSum,
    edge_rows,
    interpret,
    leaves,
    random_rows,
)
from tests.frontends.boosters import GAPS, table
from tests.frontends.data import proven

PLAIN = Features(
    tuple(type(column)(column.name, column.low, column.high, column.scale) for column in GAPS)
)
GAPPED, FULL = table(), table()
for position in range(3):
    FULL.x[np.isnan(FULL.x[:, position]), position] = position
KINDS = list(range(13))


def agrees(model: Any, features: Features, raw: Callable[[Any], Any]) -> Program:
    """Leaves are equal, sums within the bound; the float model says the same."""
    frozen = registry.read(model, features)
    program = quantise(frozen, name="m")
    q = np.concatenate([edge_rows(program, at_least=800), random_rows(program, 800)])
    x = features.dequantise(q)
    theirs = np.asarray(raw(x)).reshape(len(x), -1)
    noise = 1e-9 * (1 + np.abs(theirs).max())
    assert np.abs(evaluate.raw(frozen, x) - theirs).max() <= noise
    if program.trees:
        reached = leaves(program, q)
        named = [np.array(tree.leaf_ids)[reached[:, t]] for t, tree in enumerate(program.trees)]
        own = registry.leaves(model, x)
        assert own is not None
        assert (np.stack(named, axis=1) == own).all()
    out = next(iter(interpret(program, q).values())).reshape(theirs.shape)
    scale = program.divisor * 2.0**program.frac_bits
    assert np.abs(out / scale - theirs).max() <= proven(program) + noise
    return program


TREES: dict[str, Any] = {
    "tree": DecisionTreeClassifier(max_depth=6, random_state=0),
    "forest": RandomForestClassifier(4, max_depth=5, random_state=0),
    "extra": ExtraTreesClassifier(4, max_depth=5, random_state=0),
}


@pytest.mark.parametrize("kind", TREES)
def test_trees_send_gaps_where_scikit_learn_does(kind: str) -> None:
    two = clone(TREES[kind]).fit(GAPPED.x, GAPPED.two)
    assert isinstance(agrees(two, GAPS, lambda x: two.predict_proba(x)[:, 1]).ops[0], Encode)
    three = clone(TREES[kind]).fit(GAPPED.x, GAPPED.three)
    agrees(three, GAPS, three.predict_proba)


@pytest.mark.parametrize("categories", [None, [1], [0, 1]])
@pytest.mark.parametrize("features", [GAPS, PLAIN], ids=["gaps", "plain"])
def test_histogram_boosting(categories: list[int] | None, features: Features) -> None:
    """Categories that training did not see go where gaps go."""
    rows = GAPPED if features is GAPS else FULL
    seen = ~np.isin(rows.x[:, 1], [3, 5])
    options: dict[str, Any] = {"max_iter": 8, "categorical_features": categories}
    number = HistGradientBoostingRegressor(**options).fit(rows.x[seen], rows.number[seen])
    agrees(number, features, number.predict)
    two = HistGradientBoostingClassifier(**options).fit(rows.x, rows.two)
    agrees(two, features, two.decision_function)
    three = HistGradientBoostingClassifier(**options).fit(rows.x, rows.three)
    agrees(three, features, three.decision_function)


def test_a_plain_model_stays_a_plain_program() -> None:
    model = DecisionTreeClassifier(max_depth=4).fit(FULL.x, FULL.two)
    program = agrees(model, PLAIN, lambda x: model.predict_proba(x)[:, 1])
    assert isinstance(program.ops[0], TreeSum)
    linear = make_pipeline(StandardScaler(), Ridge()).fit(FULL.x, FULL.number)
    assert isinstance(agrees(linear, PLAIN, linear.predict).ops[0], Affine)


@pytest.mark.parametrize(
    "model",
    [
        DecisionTreeRegressor(max_depth=5, random_state=0),
        RandomForestRegressor(3, max_depth=4, random_state=0),
        ExtraTreesRegressor(3, max_depth=4, random_state=0),
        Ridge(),
        make_pipeline(StandardScaler(), Ridge()),
    ],
    ids=lambda model: type(model).__name__,
)
def test_several_targets_at_once(model: Any) -> None:
    model.fit(FULL.x, FULL.pair)
    program = agrees(model, PLAIN, model.predict)
    assert (program.outputs[0][0], program.classes) == ("values", ("target_0", "target_1"))


def fill(strategy: str = "mean") -> SimpleImputer:
    return SimpleImputer(strategy=strategy)


def by_kind(*transformers: tuple[str, Any, list[int]]) -> ColumnTransformer:
    return ColumnTransformer(list(transformers), remainder="drop", sparse_threshold=0)


STEPS: dict[str, list[Any]] = {
    "standard": [fill(), StandardScaler()],
    "standard, then filled": [StandardScaler(), fill()],
    "min and max": [fill("median"), MinMaxScaler((-1, 1))],
    "robust": [fill(), RobustScaler()],
    "largest": [fill("most_frequent"), "passthrough", MaxAbsScaler()],
    "each column its own": [
        by_kind(
            ("numbers", make_pipeline(fill(), StandardScaler()), [3, 0]),
            ("kinds", make_pipeline(fill("median"), OneHotEncoder(categories=[KINDS])), [1]),
            ("rest", fill(), [2]),
        )
    ],
    "bins": [fill(), StandardScaler(), KBinsDiscretizer(4, encode="ordinal")],
    "ordinal": [
        by_kind(("kinds", make_pipeline(fill("median"), OrdinalEncoder(categories=[KINDS])), [1]))
    ],
    "gaps as a category": [
        by_kind(("kinds", OneHotEncoder(handle_unknown="ignore", drop="first"), [1, 0]))
    ],
}


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("features", [GAPS, PLAIN], ids=["gaps", "plain"])
def test_preprocessing_before_weights_and_before_trees(steps: str, features: Features) -> None:
    rows = GAPPED if features is GAPS else FULL
    ridge = make_pipeline(*map(clone_step, STEPS[steps]), Ridge()).fit(rows.x, rows.number)
    agrees(ridge, features, ridge.predict)
    logistic = make_pipeline(*map(clone_step, STEPS[steps]), LogisticRegression(max_iter=2000))
    logistic.fit(rows.x, rows.two)
    agrees(logistic, features, logistic.decision_function)
    tree = make_pipeline(*map(clone_step, STEPS[steps]), DecisionTreeRegressor(max_depth=6))
    tree.fit(rows.x, rows.number)
    agrees(tree, features, tree.predict)
    boosted = make_pipeline(
        *map(clone_step, STEPS[steps]), HistGradientBoostingRegressor(max_iter=4)
    )
    boosted.fit(rows.x, rows.number)
    agrees(boosted, features, boosted.predict)


def clone_step(step: Any) -> Any:
    return step if step == "passthrough" else clone(step)


def test_trees_behind_a_scaler_read_gaps_as_gaps() -> None:
    tree = make_pipeline(StandardScaler(), DecisionTreeRegressor(max_depth=6))
    tree.fit(GAPPED.x, GAPPED.number)
    agrees(tree, GAPS, tree.predict)


@pytest.mark.parametrize("model", [Ridge(), DecisionTreeRegressor(max_depth=5)], ids=str)
def test_a_scaler_that_clips(model: Any) -> None:
    """Rows of the test lie outside what the scaler saw, and its ends off the grid."""
    some = (FULL.x[:, 0] > 2) & (FULL.x[:, 2] < 2)
    clipped = make_pipeline(MinMaxScaler(clip=True), model).fit(FULL.x[some], FULL.number[some])
    agrees(clipped, PLAIN, clipped.predict)
    clipped[0].min_[2] += 0.0123
    agrees(clipped, PLAIN, clipped.predict)


def test_a_scorecard_of_binned_points() -> None:
    """One weight for each bin: columns that say whether a feature lies in it."""
    card = make_pipeline(
        KBinsDiscretizer(5, encode="onehot-dense"), LogisticRegression(max_iter=2000)
    ).fit(FULL.x, FULL.two)
    program = agrees(card, PLAIN, card.decision_function)
    assert isinstance(program.ops[0], Encode)
    assert {type(column).__name__ for column in program.ops[0].columns} == {"Within"}


@pytest.mark.parametrize(
    "model",
    [
        Lasso(0.1),
        ElasticNet(0.1),
        BayesianRidge(),
        HuberRegressor(max_iter=1000),
        SGDRegressor(),
        LinearSVR(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_other_linear_regressions(model: Any) -> None:
    both = make_pipeline(StandardScaler(), model).fit(FULL.x, FULL.number)
    agrees(both, PLAIN, both.predict)


@pytest.mark.parametrize(
    ("model", "target"),
    [
        (SGDClassifier(loss="log_loss"), FULL.two),
        (LinearDiscriminantAnalysis(), FULL.two),
        (LinearDiscriminantAnalysis(), FULL.three),
        (SGDClassifier(), FULL.three),
        (RidgeClassifier(), FULL.three),
        (Perceptron(), FULL.three),
        (LinearSVC(), FULL.three),
    ],
    ids=str,
)
def test_other_linear_classifiers(model: Any, target: Any) -> None:
    both = make_pipeline(StandardScaler(), clone(model)).fit(FULL.x, target)
    program = agrees(both, PLAIN, both.decision_function)
    if program.task == "multiclass":
        q = random_rows(program, 500)
        ours = interpret(program, q)["class"]
        assert (ours == both.predict(PLAIN.dequantise(q))).mean() > 0.99


def fitted(*steps: Any, target: Any = FULL.number, x: Any = FULL.x) -> Pipeline:
    return make_pipeline(*steps).fit(x, target)


@pytest.mark.parametrize(
    ("make", "features", "message"),
    [
        (lambda: fitted(LinearSVC(), target=FULL.two), PLAIN, "no probability"),
        (lambda: fitted(PoissonRegressor(), target=FULL.number**2), PLAIN, "PoissonRegressor"),
        (
            lambda: fitted(HistGradientBoostingRegressor(loss="poisson"), target=FULL.number**2),
            PLAIN,
            "poisson",
        ),
        (
            lambda: fitted(QuantileTransformer(n_quantiles=10), Ridge()),
            PLAIN,
            "QuantileTransformer",
        ),
        (lambda: fitted(FunctionTransformer(np.square), Ridge()), PLAIN, "runs Python code"),
        (lambda: fitted(StandardScaler(), Ridge()), GAPS, "no rule for missing"),
        (lambda: fitted(KBinsDiscretizer(3), Ridge()), GAPS, "KBinsDiscretizer does not know"),
        (
            lambda: fitted(
                by_kind(("k", OneHotEncoder(), [1])),
                Ridge(),
                x=FULL.x[FULL.x[:, 1] != 7][:1499],
                target=FULL.number[FULL.x[:, 1] != 7][:1499],
            ),
            PLAIN,
            "takes 13 values, but the OneHotEncoder knows 12",
        ),
        (
            lambda: fitted(by_kind(("k", OneHotEncoder(max_categories=3), [1])), Ridge()),
            PLAIN,
            "max_categories",
        ),
        (
            lambda: fitted(SimpleImputer(add_indicator=True), Ridge(), x=GAPPED.x),
            GAPS,
            "add_indicator",
        ),
        (lambda: fitted(SimpleImputer(missing_values=0), Ridge()), PLAIN, "fills 0"),
        (
            lambda: fitted(KBinsDiscretizer(3, encode="onehot-dense"), DecisionTreeRegressor()),
            PLAIN,
            "indicator of rate",
        ),
        (
            lambda: fitted(
                by_kind(("k", OneHotEncoder(), [1])), StandardScaler(), KBinsDiscretizer(2), Ridge()
            ),
            PLAIN,
            "behind a one-hot encoder",
        ),
        (lambda: make_pipeline(StandardScaler(), Ridge()), PLAIN, "not fitted"),
        (lambda: fitted(StandardScaler(), Ridge(), x=FULL.x[:, :3]), PLAIN, "fitted on 3 columns"),
    ],
)
def test_what_has_no_rule_is_named(make: Any, features: Features, message: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = make()
    with pytest.raises(ModelError, match=message) as caught:
        quantise(registry.read(model, features), name="m")
    assert caught.value.next_step
