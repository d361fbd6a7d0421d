"""scikit-learn's linear models: weights and an intercept."""

from __future__ import annotations

from typing import Any

import numpy as np

from stylus_ai.errors import ModelError
from stylus_ai.frontends.labels import Labels, flipped
from stylus_ai.frontends.model import FloatLinear
from stylus_ai.ir import Family

REGRESSORS = (
    "LinearRegression",
    "Ridge",
    "RidgeCV",
    "Lasso",
    "LassoCV",
    "LassoLars",
    "LassoLarsCV",
    "LassoLarsIC",
    "ElasticNet",
    "ElasticNetCV",
    "Lars",
    "LarsCV",
    "MultiTaskLasso",
    "MultiTaskElasticNet",
    "OrthogonalMatchingPursuit",
    "BayesianRidge",
    "ARDRegression",
    "HuberRegressor",
    "TheilSenRegressor",
    "QuantileRegressor",
    "SGDRegressor",
    "PassiveAggressiveRegressor",
    "LinearSVR",
)
"""Their prediction is ``coef_ @ x + intercept_``."""

LOGISTIC = ("LogisticRegression", "LogisticRegressionCV", "LinearDiscriminantAnalysis")
"""Of two classes, their probability is the logistic function of ``coef_ @ x + intercept_``."""

MARGINS = ("LinearSVC", "RidgeClassifier", "RidgeClassifierCV", "Perceptron", "SGDClassifier")
"""They have no probability; of several classes the largest margin decides."""


def read_linear(estimator: Any, labels: Labels) -> tuple[FloatLinear, Family]:
    """A linear model.

    Raises:
        ModelError: A classifier of two classes without a probability, or another link.
    """
    kind = type(estimator).__name__
    probable = kind in LOGISTIC or (kind == "SGDClassifier" and estimator.loss == "log_loss")
    if len(labels) == 2 and not probable:
        raise ModelError(
            f"{kind} gives two classes a margin and no probability, so that there is no score.",
            'The nearest that is supported: LogisticRegression, or SGDClassifier(loss="log_loss").',
        )
    if len(labels) == 2 and getattr(estimator, "multi_class", None) == "multinomial":
        raise ModelError(
            "LogisticRegression of two classes as multinomial has a softmax of two.",
            "Leave multi_class out.",
        )
    weights = np.atleast_2d(np.asarray(estimator.coef_, dtype=np.float64))
    bias = np.broadcast_to(
        np.atleast_1d(np.asarray(estimator.intercept_, dtype=np.float64)), (len(weights),)
    )
    sign = -1.0 if flipped(labels) else 1.0
    return FloatLinear(
        weights=sign * weights, bias=sign * bias, link="logistic" if labels else "identity"
    ), "linear"
