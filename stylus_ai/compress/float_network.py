"""What a FloatNetwork computes, in float64: for calibration, and to compare with."""

from __future__ import annotations

from typing import Any, assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai.frontends import AveragePool, Convolution, Dense, FloatNetwork, Layer, MaxPool, Relu
from stylus_ai.ir import Windows

Doubles = npt.NDArray[np.float64]


def float_values(network: FloatNetwork, x: Doubles) -> list[Doubles]:
    """The network's input after scaling, and what each layer makes of the value before it.

    Args:
        network: Its layers.
        x: Rows in natural units, float64[n, features].

    Returns:
        float64[n, width] for the input and for each layer.
    """
    values = [x * network.slope + network.offset]
    for layer in network.layers:
        values.append(_run(layer, values[-1]))
    return values


def _run(layer: Layer, x: Doubles) -> Doubles:
    match layer:
        case Dense(weights=weights, bias=bias):
            dense: Doubles = x @ weights.T + bias
            return dense
        case Convolution():
            return _convolution(layer, x)
        case Relu(high=high):
            return x.clip(0, high)
        case MaxPool(windows=windows):
            largest: Doubles = _windows(windows, x, -np.inf).max(axis=3)
            return largest.reshape(len(x), -1)
        case AveragePool(windows=windows):
            mean: Doubles = _windows(windows, x, 0.0).mean(axis=3)
            return mean.reshape(len(x), -1)
    assert_never(layer)


def _convolution(layer: Convolution, x: Doubles) -> Doubles:
    seen = _windows(layer.windows, x, 0.0)
    outputs, inputs = layer.weights.shape[:2]
    grouped = seen.reshape(len(x), layer.groups, inputs, layer.windows.positions, -1)
    weights = layer.weights.reshape(layer.groups, outputs // layer.groups, inputs, -1)
    sums: Doubles = np.einsum("ngcpj,gocj->ngop", grouped, weights, optimize=True)
    by_channel = sums.reshape(len(x), outputs, -1) + layer.bias[:, np.newaxis]
    return by_channel.reshape(len(x), -1)


def _windows(windows: Windows, x: Doubles, fill: float) -> Doubles:
    # ``of`` moves elements about and never calculates, so that floats pass through it as well.
    either: Any = windows.of
    seen: Doubles = either(x, fill)
    return seen
