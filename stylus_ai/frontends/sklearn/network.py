"""scikit-learn's multi-layer perceptrons."""

from __future__ import annotations

from typing import Any

import numpy as np

from stylus_ai.errors import ModelError
from stylus_ai.frontends.labels import Labels, flipped
from stylus_ai.frontends.model import Dense, FloatNetwork, Layer, Relu
from stylus_ai.ir import Family


def read_network(estimator: Any, labels: Labels) -> tuple[FloatNetwork, Family]:
    """MLPClassifier and MLPRegressor.

    Raises:
        ModelError: An activation other than relu and identity, or several labels at once.
    """
    if estimator.activation not in {"relu", "identity"}:
        raise ModelError(
            f'The activation "{estimator.activation}" has no rule here.',
            'The nearest that is supported: activation="relu".',
        )
    if estimator.out_activation_ not in ({"logistic", "softmax"} if labels else {"identity"}):
        raise ModelError(
            f'The output activation "{estimator.out_activation_}" has no rule here.',
            'Train with loss="squared_error" on the logarithm of the target.',
        )
    layers: list[Layer] = []
    for weights, bias in zip(estimator.coefs_, estimator.intercepts_, strict=True):
        if layers and estimator.activation == "relu":
            layers.append(Relu())
        layers.append(
            Dense(np.asarray(weights, dtype=np.float64).T, np.asarray(bias, dtype=np.float64))
        )
    last = layers[-1]
    if isinstance(last, Dense) and flipped(labels):
        layers[-1] = Dense(-last.weights, -last.bias)
    width = estimator.n_features_in_
    return FloatNetwork(
        slope=np.ones(width),
        offset=np.zeros(width),
        layers=tuple(layers),
        link="logistic" if len(labels) == 2 else "identity",
    ), "mlp"
