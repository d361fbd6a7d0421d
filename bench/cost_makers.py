"""Makers of models whose price is predicted and measured: data, training, rounding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_wine,
    make_classification,
    make_regression,
)

from bench.layers import classifier, pixels
from bench.models import FEATURES, wallets
from stylus_ai.compress import quantise
from stylus_ai.frontends import from_sklearn
from stylus_ai.ir import (
    Affine,
    Argmax,
    Conv2d,
    Feature,
    Features,
    MaxPool2d,
    Op,
    Program,
    Requantise,
    Windows,
    tensor,
)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """Rows float64[n, features] on the features' grid, and outcomes."""

    features: Features
    x: Floats
    y: npt.NDArray[Any]


@dataclass(frozen=True)
class Priced:
    """A model whose price is asked for.

    Attributes:
        name: Unique, for people.
        kind: What it is fitted or judged with: trees, linear, network or images.
        make: Trains it and gives its program.
    """

    name: str
    kind: str
    make: Callable[[], Program]


def on_a_grid(x: Floats, y: npt.NDArray[Any], steps: int) -> Table:
    """Any columns as features of so many steps."""
    low, high = x.min(axis=0), x.max(axis=0)
    q = np.rint((x - low) / (high - low) * steps)
    columns = tuple(Feature(f"x{i}", 0, steps) for i in range(x.shape[1]))
    return Table(Features(columns), q, y)


def wallet_table(seed: int) -> Table:
    """Wallets of the credit-score template."""
    return Table(FEATURES, *wallets(seed=seed))


def cancer_table() -> Table:
    """30 measurements of tumours: benign or not."""
    x, y = load_breast_cancer(return_X_y=True)
    return on_a_grid(x, y, steps=4_000)


def diabetes_table() -> Table:
    """10 measurements of patients and how their illness went on, a number."""
    x, y = load_diabetes(return_X_y=True)
    return on_a_grid(x, y, steps=1_000)


def wine_table() -> Table:
    """13 measurements of wines of three growers."""
    x, y = load_wine(return_X_y=True)
    return on_a_grid(x, y, steps=10_000)


def made_table(features: int, classes: int, seed: int) -> Table:
    """Made up, with as many informative columns as scikit-learn needs."""
    x, y = make_classification(
        3_000,
        features,
        n_informative=max(features // 2, 4),
        n_classes=classes,
        flip_y=0.05,
        random_state=seed,
    )
    return on_a_grid(x, y, steps=60_000)


def number_table(features: int, seed: int) -> Table:
    """Made up, for regressions."""
    x, y = make_regression(2_000, features, noise=5, random_state=seed)
    return on_a_grid(x, y, steps=2_000)


def fitted(model: Any, table: Table, name: str) -> Program:
    """Train a model of scikit-learn and round it."""
    model.fit(table.x, table.y)
    reference = np.median(table.features.quantise(table.x), axis=0).astype(np.int64)
    return quantise(
        from_sklearn(model, table.features),
        name=name,
        reference=tuple(int(value) for value in reference),
    )


def weights(shape: tuple[int, int], bits: int, seed: int, kept: float = 1.0) -> Ints:
    """What training on a grid of some bits gives, less what pruning takes.

    Args:
        shape: (outputs, inputs).
        bits: 2 for ternary, 4 or 8.
        seed: Of the random numbers.
        kept: Share that is not pruned.
    """
    rng = np.random.default_rng(seed)
    deviation, limit = {2: (0.8, 1), 4: (2.0, 7), 8: (36.0, 127)}[bits]
    found = np.clip(np.rint(rng.normal(0, deviation, shape)), -limit, limit).astype(np.int64)
    return found * (rng.random(shape) < kept)


def network(
    sizes: tuple[int, ...], bits: int, inputs: int | None, seed: int, kept: float = 1.0
) -> Program:
    """A classifier of dense layers.

    Args:
        sizes: Inputs, hidden layers, classes.
        bits: Of the weights.
        inputs: Bits of an input; None for bytes.
        seed: Of the weights.
        kept: Share of the first layer's weights that is not pruned.
    """
    shapes = list(zip(sizes[1:], sizes, strict=False))
    layers = [
        weights(shape, bits, seed * 100 + number, 1.0 if number else kept)
        for number, shape in enumerate(shapes)
    ]
    return classifier(layers, inputs, 255 if bits == 8 else 15)


def image_network(
    side: int, channels: tuple[int, ...], bits: int, seed: int, *, stride: int = 1
) -> Program:
    """A classifier of images of 4 bits: convolutions of 3 x 3, a maximum of 2 x 2 after each.

    Args:
        side: Rows and columns.
        channels: Outputs of each convolution.
        bits: Of the weights.
        seed: Of the weights.
        stride: Of the convolutions.
    """
    ops: list[Op] = []
    inputs = 1
    size = side
    for number, outputs in enumerate(channels):
        margin = (1, 1, 1, 1)
        windows = Windows(inputs, size, size, (3, 3), (stride, stride), margin)
        drawn = weights((outputs, inputs * 9), bits, seed * 100 + number)
        kernel = tensor(drawn.reshape(outputs, inputs, 3, 3))
        ops.append(Conv2d(len(ops), windows, kernel, tensor(np.zeros(outputs, dtype=np.int64))))
        spread = float(np.sqrt(np.square(drawn).sum(axis=1).mean()))
        shift = max(round(np.log2(spread)), 1)
        ops.append(Requantise(len(ops), (1,), shift, 0, 15))
        size = windows.out_height
        pool = Windows(outputs, size, size, (2, 2), (2, 2), (0, 0, 0, 0))
        ops.append(MaxPool2d(len(ops), pool))
        size, inputs = pool.out_height, outputs
    last = weights((10, inputs * size * size), bits, seed * 100 + 99)
    ops.append(Affine(len(ops), tensor(last), tensor(np.zeros(10, dtype=np.int64))))
    logits = len(ops)
    return Program(
        name="images",
        features=pixels(side * side, 4),
        task="multiclass",
        family="cnn",
        ops=(*ops, Argmax(logits)),
        outputs=(("logits", logits), ("class", logits + 1)),
        reference=(0,) * (side * side),
        classes=tuple(str(k) for k in range(10)),
        source="bench",
        parent="0" * 64,
        rounding_bound=None,
    )
