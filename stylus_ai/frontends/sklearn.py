"""scikit-learn estimators to FloatModel.

Supported: decision trees, random forests and gradient boosting (classifiers and regressors),
logistic and linear regression, the latter two also behind scalers in a Pipeline, which are folded
into the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stylus_ai.errors import ModelError
from stylus_ai.frontends.model import (
    FloatLinear,
    FloatModel,
    FloatTree,
    FloatTrees,
    check_finite,
)
from stylus_ai.ir import Family, Features, Task

SUPPORTED = (
    "DecisionTreeClassifier, DecisionTreeRegressor, RandomForestClassifier, RandomForestRegressor, "
    "GradientBoostingClassifier, GradientBoostingRegressor, LogisticRegression, LinearRegression"
)

_NEAREST = {
    "ExtraTreesClassifier": "RandomForestClassifier",
    "ExtraTreesRegressor": "RandomForestRegressor",
    "AdaBoostClassifier": "GradientBoostingClassifier",
    "AdaBoostRegressor": "GradientBoostingRegressor",
    "HistGradientBoostingClassifier": "GradientBoostingClassifier",
    "HistGradientBoostingRegressor": "GradientBoostingRegressor",
    "BaggingClassifier": "RandomForestClassifier",
    "SGDClassifier": "LogisticRegression",
    "RidgeClassifier": "LogisticRegression",
    "Ridge": "LinearRegression",
    "Lasso": "LinearRegression",
    "ElasticNet": "LinearRegression",
    "SVC": "LogisticRegression or GradientBoostingClassifier",
    "LinearSVC": "LogisticRegression",
    "KNeighborsClassifier": "RandomForestClassifier",
    "GaussianNB": "LogisticRegression",
    "MLPClassifier": "GradientBoostingClassifier",
    "MLPRegressor": "GradientBoostingRegressor",
}


def from_sklearn(
    model: object, features: Features | Sequence[Any], *, positive: object = None
) -> FloatModel:
    """Freeze a fitted scikit-learn estimator.

    Args:
        model: Fitted estimator, or a Pipeline of scalers that ends in a linear one.
        features: One feature per column, in the order of training.
        positive: Of two classes, the one whose probability is the score; by default the last.

    Raises:
        ModelError: The type is not supported, the model is not fitted, its columns do not match
            the features, or a parameter is NaN or infinite.
    """
    features = features if isinstance(features, Features) else Features(tuple(features))
    steps, estimator = _unroll(model)
    reader = _READERS.get(type(estimator).__name__)
    if reader is None or not type(estimator).__module__.startswith("sklearn."):
        raise _unsupported(estimator)
    _check_fitted(estimator, features)
    labels = _labels(estimator, positive)
    body, family = reader(estimator, labels)
    if steps:
        body = _fold(steps, body, len(features))
    task: Task = "regression" if not labels else "binary" if len(labels) == 2 else "multiclass"
    _check_parameters(body)
    return FloatModel(
        features=features,
        task=task,
        family=family,
        body=body,
        classes=tuple(_text(label) for _, label in labels),
        source=_source(model, estimator),
    )


Labels = list[tuple[int, object]]
"""(index in the estimator, label) in output order: binary is (negative, positive)."""

_Body = FloatTrees | FloatLinear


def _unroll(model: object) -> tuple[list[Any], Any]:
    """Steps before the last of a Pipeline, and the estimator."""
    if type(model).__name__ != "Pipeline":
        return [], model
    steps = [step for _, step in getattr(model, "steps", []) if step not in (None, "passthrough")]
    if not steps:
        raise ModelError("The Pipeline has no estimator.", f"Supported: {SUPPORTED}.")
    return steps[:-1], steps[-1]


def _unsupported(estimator: object) -> ModelError:
    kind = type(estimator).__name__
    nearest = _NEAREST.get(kind)
    advice = f"The nearest that is supported: {nearest}." if nearest else f"Supported: {SUPPORTED}."
    return ModelError(
        f"{type(estimator).__module__}.{kind} has no integer form here: there is no rule for "
        "reading its parameters.",
        advice,
    )


def _check_fitted(estimator: Any, features: Features) -> None:
    width = getattr(estimator, "n_features_in_", None)
    if width is None:
        raise ModelError(f"The {type(estimator).__name__} is not fitted.", "Call fit first.")
    if width != len(features):
        raise ModelError(
            f"The model was fitted on {width} columns, but {len(features)} features are given.",
            "Give one Feature for each column, in the same order.",
        )
    names = getattr(estimator, "feature_names_in_", None)
    if names is not None and tuple(map(str, names)) != features.names:
        raise ModelError(
            f"The model was fitted on the columns {', '.join(map(str, names))}, "
            f"but the features are {', '.join(features.names)}.",
            "Give the features in the order of the columns.",
        )
    outputs = getattr(estimator, "n_outputs_", 1)
    if outputs != 1:
        raise ModelError(
            f"The model predicts {outputs} targets at once.", "Train one model for each target."
        )


def _labels(estimator: Any, positive: object) -> Labels:
    if not hasattr(estimator, "classes_"):
        if positive is not None:
            raise ModelError("A regression has no positive class.", "Leave out positive.")
        return []
    labels: Labels = [(i, _plain(label)) for i, label in enumerate(estimator.classes_)]
    if len(labels) < 2:
        raise ModelError(
            f"The model knows one class only: {labels[0][1]!r}.",
            "Train on rows of at least two classes.",
        )
    if positive is None:
        return labels
    if len(labels) > 2:
        raise ModelError(f"positive is for two classes; the model has {len(labels)}.")
    chosen = [pair for pair in labels if pair[1] == _plain(positive)]
    if not chosen:
        names = " and ".join(repr(label) for _, label in labels)
        raise ModelError(f"The class {positive!r} is not among the model's.", f"They are {names}.")
    return [pair for pair in labels if pair not in chosen] + chosen


def _plain(label: object) -> object:
    return label.item() if isinstance(label, np.generic) else label


def _text(label: object) -> str:
    """A label for people: line breaks and control codes become spaces."""
    return "".join(char if char.isprintable() else " " for char in str(label))


def _tree(tree: Any, values: np.ndarray[Any, Any], column: int = 0) -> FloatTree:
    """A ``sklearn.tree._tree.Tree``; ``values`` is float64[nodes, k]."""
    return FloatTree(
        left=np.asarray(tree.children_left, dtype=np.int64),
        right=np.asarray(tree.children_right, dtype=np.int64),
        feature=np.asarray(tree.feature, dtype=np.int64),
        threshold=np.asarray(tree.threshold, dtype=np.float64),
        values=np.ascontiguousarray(values, dtype=np.float64),
        column=column,
    )


def _averaged(members: Sequence[Any], labels: Labels) -> FloatTrees:
    """Trees whose outputs are averaged: probabilities of classes, or the target."""
    trees = []
    for member in members:
        values = member.tree_.value[:, 0, :]
        if labels:
            shares = values / values.sum(axis=1, keepdims=True)
            wanted = [i for i, _ in labels]
            values = shares[:, wanted if len(wanted) > 2 else wanted[1:]]
        trees.append(_tree(member.tree_, values))
    outputs = trees[0].values.shape[1]
    return FloatTrees(
        trees=tuple(trees),
        base=np.zeros(outputs),
        divisor=len(trees),
        comparison="float32",
        link="identity",
    )


def _read_tree(estimator: Any, labels: Labels) -> tuple[_Body, Family]:
    return _averaged([estimator], labels), "tree"


def _read_forest(estimator: Any, labels: Labels) -> tuple[_Body, Family]:
    return _averaged(estimator.estimators_, labels), "forest"


def _read_boosting(estimator: Any, labels: Labels) -> tuple[_Body, Family]:
    if labels and estimator.loss != "log_loss":
        raise ModelError(
            f'The loss "{estimator.loss}" has no rule here.', 'Train with loss="log_loss".'
        )
    if estimator.init is not None and estimator.init != "zero":
        raise ModelError(
            "Boosting that starts from another estimator has no rule here.",
            'Train with init=None or init="zero".',
        )
    outputs = estimator.estimators_.shape[1]
    flipped = len(labels) == 2 and labels[1][0] == 0
    sign = -1.0 if flipped else 1.0
    # What scikit-learn starts from depends on the training labels alone, so any row shows it.
    row = np.zeros((1, estimator.n_features_in_), dtype=np.float32)
    base = np.asarray(estimator._raw_predict_init(row), dtype=np.float64).reshape(-1)
    trees = [
        _tree(
            member.tree_,
            sign * estimator.learning_rate * member.tree_.value[:, 0, :],
            column=k,
        )
        for stage in estimator.estimators_
        for k, member in enumerate(stage)
    ]
    return FloatTrees(
        trees=tuple(trees),
        base=sign * base[:outputs],
        divisor=1,
        comparison="float32",
        link="logistic" if labels else "identity",
    ), "boosting"


def _read_linear(estimator: Any, labels: Labels) -> tuple[_Body, Family]:
    weights = np.atleast_2d(np.asarray(estimator.coef_, dtype=np.float64))
    bias = np.broadcast_to(
        np.atleast_1d(np.asarray(estimator.intercept_, dtype=np.float64)), (len(weights),)
    )
    sign = -1.0 if len(labels) == 2 and labels[1][0] == 0 else 1.0
    return FloatLinear(
        weights=sign * weights, bias=sign * bias, link="logistic" if labels else "identity"
    ), "linear"


_READERS = {
    "DecisionTreeClassifier": _read_tree,
    "DecisionTreeRegressor": _read_tree,
    "RandomForestClassifier": _read_forest,
    "RandomForestRegressor": _read_forest,
    "GradientBoostingClassifier": _read_boosting,
    "GradientBoostingRegressor": _read_boosting,
    "LogisticRegression": _read_linear,
    "LinearRegression": _read_linear,
}


def _fold(steps: list[Any], body: _Body, width: int) -> FloatLinear:
    """Scalers before a linear model, folded into its weights.

    Raises:
        ModelError: The model behind them is a tree, or a step is no scaler.
    """
    if not isinstance(body, FloatLinear):
        raise ModelError(
            "A tree behind a scaler compares scaled numbers, which do not lie on the features' "
            "grid.",
            "Train the trees on the unscaled columns: scaling does not change what they learn.",
        )
    slope, offset = np.ones(width), np.zeros(width)
    for step in steps:
        _check_fitted_step(step, width)
        step_slope, step_offset = _scaler(step, width)
        slope, offset = slope * step_slope, offset * step_slope + step_offset
    return FloatLinear(
        weights=body.weights * slope, bias=body.bias + body.weights @ offset, link=body.link
    )


def _check_fitted_step(step: Any, width: int) -> None:
    if getattr(step, "n_features_in_", None) != width:
        raise ModelError(
            f"The step {type(step).__name__} is not fitted on {width} columns.", "Call fit first."
        )


def _scaler(step: Any, width: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """A scaler as ``x * slope + offset``."""
    kind = type(step).__name__
    if kind == "StandardScaler":
        mean = step.mean_ if step.with_mean else np.zeros(width)
        scale = step.scale_ if step.with_std else np.ones(width)
        return 1 / np.asarray(scale), -np.asarray(mean) / np.asarray(scale)
    if kind == "MinMaxScaler" and not step.clip:
        return np.asarray(step.scale_), np.asarray(step.min_)
    raise ModelError(
        f"The Pipeline step {kind} cannot be folded into a linear model.",
        "Use StandardScaler or MinMaxScaler(clip=False), or transform the table beforehand.",
    )


def _check_parameters(body: _Body) -> None:
    if isinstance(body, FloatLinear):
        check_finite("The weights", body.weights)
        check_finite("The intercept", body.bias)
        return
    check_finite("The initial prediction", body.base)
    for number, tree in enumerate(body.trees):
        inner = tree.left >= 0
        check_finite(f"A threshold of tree {number}", tree.threshold[inner])
        check_finite(f"A leaf of tree {number}", tree.values[~inner])


def _source(model: object, estimator: object) -> str:
    import sklearn  # noqa: PLC0415 - the model is scikit-learn's, so it is loaded already

    name = type(estimator).__name__
    behind = f" in a {type(model).__name__}" if model is not estimator else ""
    return f"scikit-learn {sklearn.__version__} {name}{behind}"
