"""A network's float meaning, in numpy: what calibration looks at and tests compare with."""

from __future__ import annotations

from typing import assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai.frontends.model import (
    AveragePool,
    Convolution,
    Dense,
    FloatNetwork,
    Layer,
    MaxPool,
    Relu,
)

Floats = npt.NDArray[np.float64]


def forward(network: FloatNetwork, x: npt.ArrayLike) -> list[Floats]:
    """What each layer answers.

    Args:
        network: The network.
        x: Rows in natural units, number[n, features].

    Returns:
        The network's scaled input, then every layer's output; float64[n, width] each.
    """
    values = [np.asarray(x, dtype=np.float64) * network.slope + network.offset]
    for layer in network.layers:
        values.append(_run(layer, values[-1]))
    return values


def _run(layer: Layer, x: Floats) -> Floats:
    match layer:
        case Dense(weights=weights, bias=bias):
            return x @ weights.T + bias
        case Convolution():
            return _convolve(layer, x)
        case Relu(high=high):
            return x.clip(0, high)
        case MaxPool(windows=windows):
            largest: Floats = windows.of(x, -np.inf).max(axis=3)
            return largest.reshape(len(x), -1)
        case AveragePool(windows=windows):
            mean: Floats = windows.of(x, 0).mean(axis=3)
            return mean.reshape(len(x), -1)
    assert_never(layer)


def _convolve(layer: Convolution, x: Floats) -> Floats:
    windows, groups = layer.windows, layer.groups
    seen = windows.of(x, 0)
    inputs, outputs = windows.channels // groups, len(layer.weights) // groups
    parts = []
    for g in range(groups):
        mine = seen[:, g * inputs : (g + 1) * inputs].transpose(0, 2, 1, 3)
        matrix = layer.weights[g * outputs : (g + 1) * outputs].reshape(outputs, -1)
        parts.append(mine.reshape(len(x), windows.positions, -1) @ matrix.T)
    sums: Floats = np.concatenate(parts, axis=2) + layer.bias
    return sums.transpose(0, 2, 1).reshape(len(x), -1)
