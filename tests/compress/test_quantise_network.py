"""Post-training quantisation: the integer network follows the float one, within its steps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

from stylus_ai.compress.chain import Precision
from stylus_ai.compress.qat import GRIDS, Weights
from stylus_ai.compress.quantise_network import quantise_network, relu_first
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
from stylus_ai.ir import (
    Affine,
    Conv2d,
    Feature,
    Features,
    Requantise,
    Task,
    Windows,
    interpret,
    random_rows,
)

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PIXELS = Features(tuple(Feature(f"p{i}", 0, 15) for i in range(64)))
CLASSES = tuple("0123456789")


def network_of(
    layers: tuple[Layer, ...],
    *,
    features: Features = PIXELS,
    task: Task = "multiclass",
    classes: tuple[str, ...] = CLASSES,
    slope: float = 1 / 15,
    offset: float = 0.0,
) -> FloatModel:
    """A float network over equally scaled features."""
    width = len(features)
    body = FloatNetwork(np.full(width, slope), np.full(width, offset), layers, "logistic")
    return FloatModel(features, task, "mlp", body, classes, "test")


def floats(model: FloatModel, q: Ints) -> Doubles:
    """Outputs of the float network."""
    assert isinstance(model.body, FloatNetwork)
    return forward(model.body, model.features.dequantise(q))[-1]


def small_digits() -> tuple[Ints, Ints]:
    """scikit-learn's 1,797 digits of 8 x 8 pixels, in 4 bits, shuffled once."""
    found = load_digits()
    order = np.random.default_rng(0).permutation(len(found.target))
    return np.minimum(found.data, 15).astype(np.int64)[order], found.target.astype(np.int64)[order]


def dense_layers(coefs: list[Doubles], intercepts: list[Doubles]) -> tuple[Layer, ...]:
    """scikit-learn's arrays as layers with ReLU between them."""
    layers: list[Layer] = []
    for weights, bias in zip(coefs, intercepts, strict=True):
        layers += [Dense(weights.T, bias), Relu()]
    return tuple(layers[:-1])


@pytest.fixture(scope="module")
def fitted() -> MLPClassifier:
    """A trained network of scikit-learn."""
    q, labels = small_digits()
    network = MLPClassifier(hidden_layer_sizes=(32,), random_state=0, tol=0.01, n_iter_no_change=2)
    return network.fit(q[:1200] / 15, labels[:1200])


@pytest.mark.parametrize(
    ("weights", "agreement"), [("int8", 0.99), ("int4", 0.95), ("ternary", 0.4)]
)
def test_a_trained_mlp_answers_as_before(
    weights: Weights, agreement: float, fitted: MLPClassifier
) -> None:
    q, _ = small_digits()
    model = network_of(dense_layers(fitted.coefs_, fitted.intercepts_))
    program = quantise_network(model, q[:300], name="digits", precision=Precision(weights=weights))
    theirs = fitted.predict(q[1200:] / 15)
    assert (interpret(program, q[1200:])["class"] == theirs).mean() >= agreement


def test_a_convolutional_network_with_padding_pools_and_groups_stays_close() -> None:
    random = np.random.default_rng(4)
    layers: tuple[Layer, ...] = (
        Convolution(
            Windows(1, 8, 8, (3, 3), padding=(1, 1, 1, 1)),
            random.normal(0, 0.4, (4, 1, 3, 3)),
            random.normal(0, 0.1, 4),
        ),
        MaxPool(Windows(4, 8, 8, (2, 2), (2, 2))),
        Relu(),
        Convolution(
            Windows(4, 4, 4, (3, 3), padding=(1, 1, 1, 1)),
            random.normal(0, 0.4, (4, 1, 3, 3)),
            random.normal(0, 0.1, 4),
            groups=4,
        ),
        Relu(high=1.0),
        AveragePool(Windows(4, 4, 4, (2, 2), (2, 2))),
        Dense(random.normal(0, 0.5, (10, 16)), random.normal(0, 0.1, 10)),
    )
    model = network_of(layers)
    q = random.integers(0, 16, (400, 64))
    program = quantise_network(model, q[:200], name="cnn")
    assert program.family == "cnn"
    exact = floats(model, q[200:])
    assert (interpret(program, q[200:])["class"] == exact.argmax(axis=1)).mean() > 0.95
    sums = interpret(program, q[200:])["logits"].ravel()
    assert np.corrcoef(sums, exact.ravel())[0, 1] > 0.999


def test_an_offset_before_padding_becomes_a_zero_point() -> None:
    random = np.random.default_rng(4)
    windows = Windows(1, 8, 8, (3, 3), padding=(1, 1, 1, 1))
    layers: tuple[Layer, ...] = (
        Convolution(windows, random.normal(0, 0.4, (2, 1, 3, 3)), np.zeros(2)),
        Dense(random.normal(0, 0.2, (10, 128)), np.zeros(10)),
    )
    model = network_of(layers, offset=-0.4)
    q = random.integers(0, 16, (400, 64))
    program = quantise_network(model, q[:200], name="cnn")
    assert program.ops[0] == Requantise(0, (1,), 0, low=-6, high=9, zero_point=-6)
    sums = interpret(program, q)["logits"].ravel()
    assert np.corrcoef(sums, floats(model, q).ravel())[0, 1] > 0.999


def test_wide_features_are_rescaled_each_over_its_own_range() -> None:
    random = np.random.default_rng(0)
    features = Features(
        (Feature("cents", -1_000_000, 1_000_000, scale=100), Feature("days", 0, 10))
    )
    q = np.stack([random.integers(-(10**8), 10**8, 3000), random.integers(0, 11, 3000)], axis=1)
    slope, offset = np.array([2e-6, 0.3]), np.array([0.1, -1.5])
    layers: tuple[Layer, ...] = (
        Dense(random.normal(0, 0.5, (24, 2)), random.normal(0, 0.5, 24)),
        Relu(),
        Dense(random.normal(0, 0.3, (1, 24)), np.array([3.0])),
    )
    body = FloatNetwork(slope, offset, layers, "identity")
    model = FloatModel(features, "regression", "mlp", body, (), "test")
    program = quantise_network(model, q[:500], name="wide")
    given = interpret(program, q)["value"] / 2**program.frac_bits
    assert np.abs(given - floats(model, q)[:, 0]).max() < 0.06


def test_a_binary_network_gives_its_probability() -> None:
    random = np.random.default_rng(1)
    layers: tuple[Layer, ...] = (
        Dense(random.normal(0, 0.3, (8, 64)), random.normal(0, 0.3, 8)),
        Relu(),
        Dense(random.normal(0, 0.6, (1, 8)), np.array([-0.3])),
    )
    model = network_of(layers, task="binary", classes=("no", "yes"))
    q = random.integers(0, 16, (500, 64))
    program = quantise_network(model, q[:300], name="odds")
    exact = 1e4 / (1 + np.exp(-floats(model, q)[:, 0]))
    assert np.abs(interpret(program, q)["score"] - exact).max() < 150


def test_a_relu_goes_before_the_largest_of_a_window_and_nowhere_else() -> None:
    dense = Dense(np.zeros((4, 4)), np.zeros(4))
    largest, mean = MaxPool(Windows(1, 2, 2, (1, 1))), AveragePool(Windows(1, 2, 2, (1, 1)))
    assert relu_first((dense, largest, largest, Relu())) == (dense, Relu(), largest, largest)
    assert relu_first((dense, mean, Relu())) == (dense, mean, Relu())


def test_every_output_channel_has_its_own_step() -> None:
    weights = np.array([[1.0, -0.5, 0.25], [0.001, 0.002, 0.0], [0.0, 0.0, 0.0]])
    steps = GRIDS["int8"].steps(weights)
    rounded = GRIDS["int8"].integers(weights / steps[:, np.newaxis]) * steps[:, np.newaxis]
    np.testing.assert_allclose(rounded, weights, atol=0.004, rtol=0.01)
    assert steps[0] > 100 * steps[1]


def test_hidden_sums_without_relu_keep_their_sign() -> None:
    random = np.random.default_rng(2)
    layers: tuple[Layer, ...] = (
        Dense(random.normal(0, 0.3, (6, 64)), np.zeros(6)),
        Dense(random.normal(0, 0.6, (10, 6)), np.zeros(10)),
    )
    model = network_of(layers)
    q = random.integers(0, 16, (300, 64))
    program = quantise_network(model, q, name="deep")
    assert isinstance(program.ops[1], Requantise)
    assert (program.ops[1].low, program.ops[1].high) == (-127, 127)
    assert np.corrcoef(interpret(program, q)["logits"].ravel(), floats(model, q).ravel())[0, 1] > (
        0.999
    )


def test_programs_of_every_kind_hold_on_rows_at_the_ends_of_the_ranges() -> None:
    random = np.random.default_rng(2)
    model = network_of((Dense(random.normal(0, 0.3, (10, 64)), random.normal(0, 3, 10)),))
    program = quantise_network(model, random.integers(0, 16, (300, 64)), name="linear")
    assert isinstance(program.ops[0], Affine)
    interpret(program, random_rows(program, 100))


@pytest.mark.parametrize(
    ("layers", "complaint"),
    [
        ((Relu(), Dense(np.zeros((10, 64)), np.zeros(10))), "begins with a ReLU"),
        (
            (
                Convolution(Windows(1, 8, 8, (3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1)),
                Dense(np.ones((10, 36)), np.zeros(10)),
                Dense(np.ones((10, 10)), np.zeros(10)),
            ),
            "2 grids are given for 3 layers",
        ),
    ],
)
def test_what_has_no_integer_form_is_named(layers: tuple[Layer, ...], complaint: str) -> None:
    q = np.ones((3, 64), dtype=np.int64)
    with pytest.raises(ModelError, match=complaint):
        quantise_network(
            network_of(layers), q, name="x", precision=Precision(weights=("int8", "int4"))
        )


def test_calibration_needs_rows() -> None:
    model = network_of((Dense(np.ones((10, 64)), np.zeros(10)),))
    with pytest.raises(ModelError, match="no rows"):
        quantise_network(model, np.zeros((0, 64), dtype=np.int64), name="x")


def test_channels_with_other_zero_points_are_refused() -> None:
    features = Features(tuple(Feature(f"p{i}", 0, 15) for i in range(8)))
    windows = Windows(2, 2, 2, (2, 2))
    layers: tuple[Layer, ...] = (Convolution(windows, np.ones((10, 2, 2, 2)), np.zeros(10)),)
    offset = np.repeat([-0.2, -0.6], 4)
    body = FloatNetwork(np.full(8, 1 / 15), offset, layers, "logistic")
    model = FloatModel(features, "multiclass", "cnn", body, CLASSES, "test")
    with pytest.raises(ModelError, match=r"zero points \[-3, -9\]"):
        quantise_network(model, np.ones((3, 8), dtype=np.int64), name="x")


def test_a_convolution_alone_is_a_network() -> None:
    windows = Windows(1, 8, 8, (8, 8))
    weights = np.random.default_rng(0).normal(0, 1, (10, 1, 8, 8))
    model = network_of((Convolution(windows, weights, np.zeros(10)),))
    q, _ = small_digits()
    program = quantise_network(model, q[:100], name="x")
    assert isinstance(program.ops[0], Conv2d)
    assert (interpret(program, q)["class"] == floats(model, q).argmax(axis=1)).mean() > 0.98
