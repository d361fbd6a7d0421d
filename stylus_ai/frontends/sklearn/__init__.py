"""scikit-learn estimators to FloatModel, and whatever estimator ends a scikit-learn Pipeline.

What precedes the estimator (``preprocessing``) is folded into weights, or into thresholds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.frontends import registry
from stylus_ai.frontends.behind import behind
from stylus_ai.frontends.boosted import check_columns, check_trees
from stylus_ai.frontends.inputs import Input
from stylus_ai.frontends.labels import Labels, checked, names, ordered, target_names, task_of
from stylus_ai.frontends.model import (
    Body,
    Dense,
    FloatLinear,
    FloatModel,
    FloatNetwork,
    FloatTrees,
    check_finite,
)
from stylus_ai.frontends.sklearn.hist import hist_leaves, read_hist
from stylus_ai.frontends.sklearn.linear import LOGISTIC, MARGINS, REGRESSORS, read_linear
from stylus_ai.frontends.sklearn.network import read_network
from stylus_ai.frontends.sklearn.preprocessing import through
from stylus_ai.frontends.sklearn.trees import read_boosting, read_forest, read_tree
from stylus_ai.ir import Family, Feature, Features, Value

_READERS: dict[str, Callable[[Any, Labels], tuple[Body, Family]]] = {
    "DecisionTreeClassifier": read_tree,
    "DecisionTreeRegressor": read_tree,
    "ExtraTreeClassifier": read_tree,
    "ExtraTreeRegressor": read_tree,
    "RandomForestClassifier": read_forest,
    "RandomForestRegressor": read_forest,
    "ExtraTreesClassifier": read_forest,
    "ExtraTreesRegressor": read_forest,
    "GradientBoostingClassifier": read_boosting,
    "GradientBoostingRegressor": read_boosting,
    "HistGradientBoostingClassifier": read_hist,
    "HistGradientBoostingRegressor": read_hist,
    "MLPClassifier": read_network,
    "MLPRegressor": read_network,
    **dict.fromkeys((*LOGISTIC, *MARGINS, *REGRESSORS), read_linear),
}

SUPPORTED = (
    "decision trees, random forests, extra trees, (histogram) gradient boosting, linear and "
    "logistic models, MLPs (docs/models.md)"
)

_NEAREST = {
    "AdaBoostClassifier": "GradientBoostingClassifier",
    "AdaBoostRegressor": "GradientBoostingRegressor",
    "BaggingClassifier": "RandomForestClassifier",
    "BaggingRegressor": "RandomForestRegressor",
    "VotingClassifier": "RandomForestClassifier",
    "StackingClassifier": "GradientBoostingClassifier",
    "CalibratedClassifierCV": "LogisticRegression",
    "SVC": "LogisticRegression or GradientBoostingClassifier",
    "NuSVC": "LogisticRegression or GradientBoostingClassifier",
    "SVR": "GradientBoostingRegressor",
    "KNeighborsClassifier": "RandomForestClassifier",
    "KNeighborsRegressor": "RandomForestRegressor",
    "GaussianNB": "LogisticRegression",
    "BernoulliNB": "LogisticRegression",
    "MultinomialNB": "LogisticRegression",
    "QuadraticDiscriminantAnalysis": "LinearDiscriminantAnalysis",
    "GaussianProcessClassifier": "GradientBoostingClassifier",
    "PoissonRegressor": "Ridge on the logarithm of the target",
    "GammaRegressor": "Ridge on the logarithm of the target",
    "TweedieRegressor": "Ridge on the logarithm of the target",
    "KernelRidge": "Ridge",
    "MultiOutputRegressor": "Ridge or RandomForestRegressor, which predict several targets",
    "TransformedTargetRegressor": "the regressor inside, on the transformed target",
    "GridSearchCV": "its best_estimator_",
    "RandomizedSearchCV": "its best_estimator_",
}


def matches(model: object) -> bool:
    """An estimator of scikit-learn, or a Pipeline with any estimator at its end."""
    return type(model).__module__.split(".")[0] == "sklearn"


def read(
    model: object,
    features: Features,
    *,
    positive: object = None,
    classes: Sequence[object] = (),
    targets: Sequence[str] = (),
) -> FloatModel:
    """Freeze a fitted estimator, see ``registry``."""
    if type(model).__name__ == "Pipeline":
        options = {"positive": positive, "classes": classes, "targets": targets}
        return _read_pipeline(model, features, options)
    estimator: Any = model
    reader = _READERS.get(type(estimator).__name__)
    if reader is None:
        raise _unsupported(estimator)
    _check_fitted(estimator, features)
    labels = ordered(checked(list(getattr(estimator, "classes_", ())), classes), positive)
    body, family = reader(estimator, labels)
    _check_parameters(body)
    return FloatModel(
        features=features,
        task=task_of(labels),
        family=family,
        body=body,
        classes=names(labels) if labels else target_names(targets, _outputs(body)),
        source=f"scikit-learn {_version()} {type(estimator).__name__}",
    )


def from_sklearn(
    model: object, features: Features | Sequence[Any], *, positive: object = None
) -> FloatModel:
    """``registry.read`` for an estimator of scikit-learn alone.

    Raises:
        ModelError: The type is not supported, the model is not fitted, its columns do not match
            the features, or a parameter is NaN or infinite.
    """
    features = features if isinstance(features, Features) else Features(tuple(features))
    if not matches(model):
        raise _unsupported(model)
    return read(model, features, positive=positive)


def leaves(model: object, x: npt.NDArray[np.float64]) -> npt.NDArray[Any] | None:
    """The library's own leaves, int[n, trees]; None where it does not tell them."""
    estimator: Any = model
    if type(model).__name__ == "Pipeline":
        steps = estimator.steps
        for _, step in steps[:-1]:
            x = x if step in (None, "passthrough") else _dense(step.transform(x))
        return registry.leaves(steps[-1][1], x)
    if hasattr(estimator, "_predictors"):
        return hist_leaves(estimator, x)
    if not hasattr(estimator, "apply"):
        return None
    return np.asarray(estimator.apply(x)).reshape(len(x), -1).astype(np.int64)


def _dense(x: Any) -> npt.NDArray[np.float64]:
    return np.asarray(x.todense() if hasattr(x, "todense") else x, dtype=np.float64)


def _read_pipeline(model: Any, features: Features, options: Mapping[str, Any]) -> FloatModel:
    """The last step as its frontend reads it, behind the steps before it."""
    steps = [step for _, step in model.steps if step not in (None, "passthrough")]
    if not steps:
        raise ModelError("The Pipeline has no estimator.", f"Supported: {SUPPORTED}.")
    *before, last = steps
    named = next((step for step in steps if hasattr(step, "feature_names_in_")), None)
    check_columns(
        len(features) if named is None else len(named.feature_names_in_),
        [] if named is None else list(map(str, named.feature_names_in_)),
        features,
    )
    inputs = [Input(column, Value(i)) for i, column in enumerate(features)]
    for step in before:
        inputs = through(step, inputs)
    if not inputs:
        raise ModelError("The Pipeline drops every column.")
    frontend = registry.find(last)
    if before:
        stand_ins = tuple(Feature(f"c{i}", -1, 1, missing=True) for i in range(len(inputs)))
        inner = behind(frontend.read(last, Features(stand_ins), **options), inputs, features)
    else:
        inner = frontend.read(last, features, **options)
    return replace(inner, source=f"{inner.source} in a Pipeline")


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
    targets = getattr(estimator, "n_outputs_", 1)
    # A network of several classes calls these its outputs.
    if targets != 1 and isinstance(getattr(estimator, "classes_", None), list):
        raise ModelError(
            f"The model predicts {targets} labels at once.", "Train one classifier for each."
        )
    given = [str(name) for name in getattr(estimator, "feature_names_in_", ())]
    check_columns(width, given, features)


def _outputs(body: Body) -> int:
    """Number of sums."""
    match body:
        case FloatTrees(base=base):
            return len(base)
        case FloatLinear(bias=bias):
            return len(bias)
        case FloatNetwork(layers=layers):
            last = layers[-1]
            return len(last.bias) if isinstance(last, Dense) else 1


def _check_parameters(body: Body) -> None:
    """Refuse what is NaN or infinite."""
    match body:
        case FloatTrees():
            check_trees(body)
        case FloatLinear(weights=weights, bias=bias):
            check_finite("The weights", weights)
            check_finite("The intercept", bias)
        case FloatNetwork(layers=layers):
            for number, layer in enumerate(layers):
                if isinstance(layer, Dense):
                    check_finite(f"The weights of layer {number}", layer.weights)
                    check_finite(f"The intercept of layer {number}", layer.bias)


def _version() -> str:
    import sklearn  # noqa: PLC0415 - the model is scikit-learn's, so it is loaded already

    return str(sklearn.__version__)
