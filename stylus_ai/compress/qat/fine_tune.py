"""From a trained float MLP to integers with training: each layer begins at its float weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from stylus_ai.compress.chain import Precision, after_columns, first_read, reading_features
from stylus_ai.compress.qat.integer import IntegerNetwork
from stylus_ai.compress.qat.recipe import MlpRecipe
from stylus_ai.compress.qat.start import FloatLayer
from stylus_ai.compress.qat.train import Trained, train_mlp
from stylus_ai.errors import ModelError
from stylus_ai.frontends import Dense, FloatModel, FloatNetwork, Relu
from stylus_ai.frontends.forward import forward
from stylus_ai.ir import run_op

Ints = npt.NDArray[np.int64]


def fine_tune(
    model: FloatModel, q: Ints, targets: npt.ArrayLike, recipe: MlpRecipe, *, part: float = 1.0
) -> Trained:
    """Train a float MLP further on a grid, the float one being the teacher.

    Args:
        model: A network of dense layers with ReLU between them.
        q: Integer training rows, int64[n, features].
        targets: As for ``train_mlp``.
        recipe: ``hidden`` is taken from the model; ``distil`` is the float network's share in the
            loss. A tenth of the rate for training from nothing is enough.
        part: Share of each hidden layer's units that stay, 0 to 1: those with the largest weights.

    Raises:
        ModelError: The model is no such network.
    """
    body = model.body
    layers = dense_layers(body) if isinstance(body, FloatNetwork) else []
    if not isinstance(body, FloatNetwork) or not layers:
        raise ModelError(
            f"{model.source} is not made of dense layers with a plain ReLU between them.",
            "Use quantise_network, which rounds every network without training.",
        )
    seen, read = first_read(model, q)
    chain = reading_features(seen, body, read, Precision())
    rows = run_op(chain.ops[0], read) if chain.ops else read
    weights, bias = layers[0]
    start = narrowed([(weights * chain.step, bias + weights @ chain.offset), *layers[1:]], part)
    found = train_mlp(
        replace(recipe, hidden=tuple(len(bias) for _, bias in start[:-1])),
        rows,
        targets,
        model.task,
        teacher=forward(body, seen.dequantise(read))[-1].astype(np.float32),
        start=start,
    )
    first = after_columns(model, chain.ops)
    later = (replace(op, source=op.source + len(first)) for op in found.network.ops)
    return replace(found, network=IntegerNetwork((*first, *later), found.network.scale))


def narrowed(layers: Sequence[FloatLayer], part: float) -> list[FloatLayer]:
    """A part of each hidden layer's units, those whose weights in and out are largest."""
    found = list(layers)
    for i in range(len(found) - 1):
        (weights, bias), (after, later) = found[i], found[i + 1]
        size = np.linalg.norm(weights, axis=1) * np.linalg.norm(after, axis=0)
        stays = np.sort(np.argsort(-size, kind="stable")[: max(1, round(part * len(bias)))])
        found[i] = weights[stays], bias[stays]
        found[i + 1] = after[:, stays], later
    return found


def dense_layers(body: FloatNetwork) -> list[FloatLayer]:
    """Weights and biases of an MLP; none if the network has another layer or another order."""
    found: list[FloatLayer] = []
    for i, layer in enumerate(body.layers):
        if i % 2 == 0 and isinstance(layer, Dense):
            found.append((layer.weights, layer.bias))
        elif i % 2 == 0 or layer != Relu():
            return []
    return found if len(body.layers) % 2 else []
