"""Fine-tuning: integers begin where the float network stands, and learn to live on their grid."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

from stylus_ai.compress.qat import MlpRecipe, Rescale
from stylus_ai.compress.qat.fine_tune import fine_tune
from stylus_ai.compress.qat.goals import Goal
from stylus_ai.compress.qat.start import float_start
from stylus_ai.errors import ModelError
from stylus_ai.frontends import AveragePool, Dense, FloatModel, FloatNetwork, Layer, Relu
from stylus_ai.frontends.forward import forward
from stylus_ai.ir import Feature, Features, Task, Windows, interpret

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PIXELS = Features(tuple(Feature(f"p{i}", 0, 15) for i in range(64)))
CLASSES = tuple("0123456789")


def small_digits() -> tuple[Ints, Ints]:
    """scikit-learn's 1,797 digits of 8 x 8 pixels, in 4 bits, shuffled once."""
    found = load_digits()
    order = np.random.default_rng(0).permutation(len(found.target))
    return np.minimum(found.data, 15).astype(np.int64)[order], found.target.astype(np.int64)[order]


def model_of(
    layers: tuple[Layer, ...],
    features: Features = PIXELS,
    task: Task = "multiclass",
    classes: tuple[str, ...] = CLASSES,
) -> FloatModel:
    """A float network."""
    width = len(features)
    body = FloatNetwork(np.full(width, 1 / 15), np.full(width, -0.2), layers, "logistic")
    return FloatModel(features, task, "mlp", body, classes, "test")


@pytest.mark.parametrize("rescale", ["shift", "multiplier"])
def test_the_start_is_the_float_network_in_fine_steps(rescale: Rescale) -> None:
    random = np.random.default_rng(0)
    layers = [(random.normal(0, 0.2, (20, 30)), random.normal(0, 1, 20))]
    layers += [(random.normal(0, 0.2, (15, 20)), random.normal(0, 1, 15))]
    layers += [(random.normal(0, 0.2, (4, 15)), random.normal(0, 1, 4))]
    q = random.integers(0, 16, (500, 30)).astype(np.float32)
    x = q.astype(np.float64)
    for weights, bias in layers[:-1]:
        x = np.maximum(x @ weights.T + bias, 0)
    exact = x @ layers[-1][0].T + layers[-1][1]
    recipe = MlpRecipe(hidden=(20, 15), weights="int8", activation_bits=8, rescale=rescale)
    goal = Goal.of("multiclass", np.arange(500) % 4)
    network = float_start(recipe, goal, q, layers).integers()
    assert np.corrcoef(network.floats(q).ravel(), exact.ravel())[0, 1] > 0.999
    assert np.abs(network.floats(q) - exact).mean() < 0.05 * exact.std()


def test_ternary_weights_recover_by_training() -> None:
    q, labels = small_digits()
    fitted = MLPClassifier(hidden_layer_sizes=(32,), random_state=0, tol=0.01, n_iter_no_change=2)
    fitted.fit(q[:1200] / 15 - 0.2, labels[:1200])
    layers: list[Layer] = []
    for weights, bias in zip(fitted.coefs_, fitted.intercepts_, strict=True):
        layers += [Dense(weights.T, bias), Relu()]
    model = model_of(tuple(layers[:-1]))
    recipe = MlpRecipe(weights="ternary", epochs=15, batch=64, rate=0.01, distil=0.5)
    found = fine_tune(model, q[:1200], labels[:1200], recipe).network
    program = found.program(
        name="digits",
        features=PIXELS,
        task="multiclass",
        classes=CLASSES,
        source=model.source,
        parent=model.digest,
    )
    right = interpret(program, q[1200:])["class"] == labels[1200:]
    assert right.mean() > 0.9


def test_wide_features_are_rescaled_before_the_first_layer() -> None:
    random = np.random.default_rng(0)
    features = Features((Feature("cents", 0, 100_000), Feature("days", 0, 1000)))
    q = np.stack([random.integers(0, 100_001, 2000), random.integers(0, 1001, 2000)], axis=1)
    weights = np.array([[2e-4, 0.0], [0.0, -0.02], [1e-4, 0.01]]) * 15
    layers = (Dense(weights, np.zeros(3)), Relu(), Dense(np.array([[1.0, 2.0, -1.0]]), np.ones(1)))
    model = model_of(layers, features, "regression", ())
    assert isinstance(model.body, FloatNetwork)
    values = forward(model.body, features.dequantise(q))[-1][:, 0]
    recipe = MlpRecipe(weights="int8", activation_bits=8, epochs=20, batch=64, rate=0.003)
    found = fine_tune(model, q[:1500], values[:1500], recipe).network
    errors = found.floats(q[1500:])[:, 0] - values[1500:]
    assert errors.std() < 0.03 * values.std()


def test_other_layers_are_refused() -> None:
    windows = Windows(1, 8, 8, (2, 2), (2, 2))
    model = model_of((AveragePool(windows), Dense(np.ones((10, 16)), np.zeros(10))))
    q, labels = small_digits()
    with pytest.raises(ModelError, match="not made of dense layers"):
        fine_tune(model, q, labels, MlpRecipe())


def test_a_start_of_other_widths_is_refused() -> None:
    goal = Goal.of("multiclass", np.arange(20) % 10)
    rows = np.ones((20, 64), dtype=np.float32)
    layers = [(np.ones((8, 64)), np.zeros(8)), (np.ones((10, 8)), np.zeros(10))]
    with pytest.raises(ModelError, match="does not fit hidden"):
        float_start(MlpRecipe(hidden=(9,)), goal, rows, layers)
