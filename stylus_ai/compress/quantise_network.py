"""A trained float network to integers, without training: weights rounded, activations calibrated.

The scheme is that of Jacob et al. 2018 with symmetric weights: a step for each output channel, an
activation range measured on calibration rows, biases in steps of the sums, and one multiplier for
each channel on the way back to 8 bits. Equations 16 to 20 of docs/numerics.md.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from typing import assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai.compress.chain import (
    Chain,
    Precision,
    after_columns,
    first_read,
    reading_features,
    reading_image,
)
from stylus_ai.compress.qat.integer import IntegerNetwork
from stylus_ai.errors import ModelError
from stylus_ai.frontends import (
    AveragePool,
    Convolution,
    Dense,
    FloatModel,
    FloatNetwork,
    Layer,
    MaxPool,
    Relu,
)
from stylus_ai.frontends.forward import forward
from stylus_ai.ir import Features, MaxPool2d, Program

Ints = npt.NDArray[np.int64]


def quantise_network(
    model: FloatModel,
    q: Ints,
    *,
    name: str,
    precision: Precision | None = None,
    cutoff: float = 0.5,
    value_bits: int | None = None,
) -> Program:
    """Round a trained network to integers.

    Args:
        model: Its body is a ``FloatNetwork``.
        q: Calibration rows, int64[n, features]: some hundreds of the training rows.
        name: Name of the program, as a crate's.
        precision: Grids and ranges; by default 8 bits everywhere.
        cutoff: Of a binary model: probability from which on the decision is yes.
        value_bits: Of a regression: a value is a multiple of ``2**-value_bits``; by default of no
            more than one step of the network's sums.

    Returns:
        A verified program. How far it is from the float network is for the caller to measure.

    Raises:
        ModelError: The body is another one, there are no rows, or a layer has no integer form.
    """
    if not isinstance(model.body, FloatNetwork):
        raise ModelError("Only networks need calibration rows.", "Use quantise.")
    network = integer_network(model, model.body, q, precision or Precision())
    return network.program(
        name=name,
        features=model.features,
        task=model.task,
        classes=model.classes,
        source=model.source,
        parent=model.digest,
        cutoff=cutoff,
        value_bits=value_bits,
    )


def integer_network(
    model: FloatModel, body: FloatNetwork, q: Ints, precision: Precision
) -> IntegerNetwork:
    """The operations of a rounded network; see ``quantise_network``."""
    if not len(q):
        raise ModelError("There are no rows to calibrate the network on.")
    layers = relu_first(body.layers)
    seen, q = first_read(model, q)
    values = forward(replace(body, layers=layers), seen.dequantise(q))
    chain = _start(seen, body, layers[0], q, precision)
    chain.ops = after_columns(model, chain.ops)
    # Layers with weights up to and including each layer.
    weighted = list(accumulate(isinstance(layer, Dense | Convolution) for layer in layers))
    grids = precision.grids(weighted[-1])
    for i, layer in enumerate(layers):
        match layer:
            case Dense() | Convolution():
                last = weighted[i] == weighted[-1]
                chain.weigh(
                    layer,
                    grids[weighted[i] - 1],
                    values[i],
                    one_step=last and model.task == "multiclass",
                )
            case Relu():
                chain.rescale(values[i + 1], signed=False)
            case MaxPool(windows=windows):
                chain.ops.append(MaxPool2d(chain.at, windows))
            case AveragePool(windows=windows):
                chain.average(windows)
            case _:
                assert_never(layer)
    return IntegerNetwork(tuple(chain.ops), chain.step)


def _start(
    features: Features, body: FloatNetwork, first: Layer, q: Ints, precision: Precision
) -> Chain:
    if features.gaps.any():
        missing = features.names[int(features.gaps.argmax())]
        raise ModelError(f"Feature {missing} may be missing; a network reads numbers only.")
    match first:
        case Dense():
            return reading_features(features, body, q, precision)
        case Convolution(windows=windows) | MaxPool(windows=windows) | AveragePool(windows=windows):
            return reading_image(features, body, windows.channels, precision)
        case Relu():
            raise ModelError("The network begins with a ReLU.", "Leave it out: scale the inputs.")
    assert_never(first)


def relu_first(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The same function with each ReLU before the largest of a window, so that pools read codes."""
    ordered = list(layers)
    for i in range(1, len(ordered)):
        j = i
        while j and isinstance(ordered[j], Relu) and isinstance(ordered[j - 1], MaxPool):
            ordered[j - 1], ordered[j] = ordered[j], ordered[j - 1]
            j -= 1
    return tuple(ordered)
