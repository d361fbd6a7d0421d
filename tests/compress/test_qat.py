"""Quantisation-aware training: what is trained is the integer program, for every grid and task."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from stylus_ai.compress.qat import (
    GRIDS,
    MlpRecipe,
    Rescale,
    Weights,
    empty_groups,
    train_mlp,
)
from stylus_ai.compress.qat.goals import Goal
from stylus_ai.compress.qat.start import random_network
from stylus_ai.errors import ModelError
from stylus_ai.ir import Feature, Features, Program, interpret

Ints = npt.NDArray[np.int64]

SHORT = MlpRecipe(hidden=(16,), epochs=12, batch=64)


def small_digits() -> tuple[Ints, Ints]:
    """scikit-learn's 1,797 digits of 8 x 8 pixels, in 4 bits, shuffled once."""
    found = load_digits()
    order = np.random.default_rng(0).permutation(len(found.target))
    return np.minimum(found.data, 15).astype(np.int64)[order], found.target.astype(np.int64)[order]


@given(
    latent=st.lists(st.floats(-200, 200, width=32), min_size=1),
    name=st.sampled_from(["int8", "int4", "ternary"]),
)
def test_a_weight_is_the_nearest_of_its_grid(latent: list[float], name: Weights) -> None:
    values = np.array(latent, dtype=np.float32)
    levels = np.arange(-GRIDS[name].limit, GRIDS[name].limit + 1)
    nearest = np.abs(values[:, np.newaxis] - levels).min(axis=1)
    np.testing.assert_array_equal(np.abs(GRIDS[name].integers(values) - values), nearest)


def test_binary_weights_are_never_zero() -> None:
    found = GRIDS["binary"].integers(np.array([-2.0, -0.1, 0.0, 0.1], dtype=np.float32))
    assert found.tolist() == [-1, -1, 1, 1]


@pytest.mark.parametrize("weights", ["int8", "int4", "ternary", "binary"])
@pytest.mark.parametrize("activation_bits", [4, 8])
def test_the_forward_pass_of_training_is_the_integer_program(
    weights: Weights, activation_bits: int
) -> None:
    recipe = MlpRecipe(hidden=(20, 12), weights=weights, activation_bits=activation_bits)
    random = np.random.default_rng(3)
    q = random.integers(0, 16, (200, 30))
    goal = Goal.of("multiclass", np.arange(200) % 5)
    network = random_network(recipe, goal, q.astype(np.float32), random)
    for layer in network.layers:
        layer.bias += 20 * random.standard_normal(layer.bias.shape, dtype=np.float32)
    seen = network.forward(q.astype(np.float32))[-1].sums
    np.testing.assert_array_equal(network.integers().sums(q), seen.astype(np.int64))


@pytest.mark.parametrize(
    ("weights", "rescale", "least"),
    [
        ("int8", "shift", 0.94),
        ("int4", "shift", 0.93),
        ("int4", "multiplier", 0.93),
        ("ternary", "shift", 0.90),
        ("binary", "multiplier", 0.86),
    ],
)
def test_digits_are_learned_on_every_grid(weights: Weights, rescale: Rescale, least: float) -> None:
    q, labels = small_digits()
    recipe = MlpRecipe(hidden=(32,), weights=weights, rescale=rescale, epochs=40, batch=64)
    found = train_mlp(recipe, q[:1400], labels[:1400], "multiclass")
    answers = found.network.sums(q[1400:]).argmax(axis=1)
    assert (answers == labels[1400:]).mean() >= least


def test_the_same_seed_gives_the_same_integers_and_another_seed_others() -> None:
    q, labels = small_digits()
    first, again, other = (
        train_mlp(MlpRecipe(hidden=(8,), epochs=2, seed=seed), q[:300], labels[:300], "multiclass")
        .network.dense[0]
        .weights.array
        for seed in (7, 7, 8)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_binary_answer_is_the_sign_of_the_sum() -> None:
    q, labels = small_digits()
    odd = labels % 2
    found = train_mlp(SHORT, q[:1400], odd[:1400], "binary").network
    assert found.sums(q).shape == (len(q), 1)
    assert ((found.sums(q[1400:])[:, 0] >= 0) == (odd[1400:] == 1)).mean() > 0.9


def test_a_regression_comes_back_in_the_targets_own_unit() -> None:
    random = np.random.default_rng(0)
    q = random.integers(0, 256, (2000, 3))
    values = np.stack([1e4 + 5.0 * q[:, 0] - 3.0 * q[:, 1], 0.01 * q[:, 2]], axis=1)
    recipe = MlpRecipe(hidden=(24,), weights="int8", activation_bits=8, epochs=40, batch=64)
    found = train_mlp(recipe, q[:1500], values[:1500], "regression")
    errors = found.network.floats(q[1500:]) - values[1500:]
    assert (errors.std(axis=0) < 0.05 * values.std(axis=0)).all()
    assert found.quality > 0.99


def pixels(count: int, bits: int | None = None) -> Features:
    """Features of an image of 4-bit pixels."""
    return Features(tuple(Feature(f"p{i}", 0, 15) for i in range(count)), bits=bits)


def test_the_program_of_classes_names_the_largest_sum() -> None:
    q, labels = small_digits()
    network = train_mlp(SHORT, q, labels, "multiclass").network
    program = network.program(
        name="digits",
        features=pixels(64, bits=4),
        task="multiclass",
        classes=tuple("0123456789"),
        source="test",
        parent="0" * 64,
    )
    answers = interpret(program, q)
    np.testing.assert_array_equal(answers["logits"], network.sums(q))
    np.testing.assert_array_equal(answers["class"], network.sums(q).argmax(axis=1))
    assert program.features.packed_length == 32
    assert type(program).from_json(program.to_json()) == program


def test_the_program_of_a_binary_answer_gives_its_probability() -> None:
    q, labels = small_digits()
    network = train_mlp(SHORT, q, labels % 2, "binary").network
    program = network.program(
        name="odd",
        features=pixels(64),
        task="binary",
        classes=("even", "odd"),
        source="test",
        parent="0" * 64,
        cutoff=0.3,
    )
    answers = interpret(program, q)
    log_odds = network.floats(q)[:, 0]
    np.testing.assert_allclose(answers["logit"] / 2**16, log_odds, atol=1e-4)
    np.testing.assert_allclose(answers["score"], 1e4 / (1 + np.exp(-log_odds)), atol=0.7)
    clear = np.abs(log_odds - np.log(0.3 / 0.7)) > 1e-4
    np.testing.assert_array_equal(
        answers["decision"][clear], (log_odds >= np.log(0.3 / 0.7))[clear]
    )


def test_the_program_of_several_values_gives_them_in_steps_of_their_unit() -> None:
    random = np.random.default_rng(0)
    q = random.integers(0, 16, (600, 3))
    values = np.stack([100.0 * q[:, 0], q[:, 1] - 0.5 * q[:, 2]], axis=1)
    network = train_mlp(SHORT, q, values, "regression").network
    program = network.program(
        name="values",
        features=pixels(3),
        task="regression",
        classes=("big", "small"),
        source="test",
        parent="0" * 64,
        value_bits=10,
    )
    given = interpret(program, q)["values"] / 2**10
    np.testing.assert_allclose(given, network.floats(q), atol=2**-10)


def test_values_are_in_steps_no_coarser_than_the_networks_sums() -> None:
    random = np.random.default_rng(0)
    q = random.integers(0, 16, (600, 3))
    network = train_mlp(SHORT, q, 1e-3 * q[:, 0], "regression").network
    program = network.program(
        name="values",
        features=pixels(3),
        task="regression",
        classes=(),
        source="test",
        parent="0" * 64,
    )
    step = float(network.scale.min())
    assert step / 2 < 2.0**-program.frac_bits <= step
    given = interpret(program, q)["value"] / 2**program.frac_bits
    np.testing.assert_allclose(given, network.floats(q)[:, 0], atol=step)
    assert Program.from_json(program.to_json()).frac_bits == program.frac_bits


def test_validation_quality_is_the_integer_programs() -> None:
    q, labels = small_digits()
    recipe = MlpRecipe(hidden=(8,), epochs=3, validation=0.25, seed=2)
    found = train_mlp(recipe, q, labels, "multiclass")
    held = np.random.default_rng(2).permutation(len(q))[: len(q) // 4]
    assert found.quality == (found.network.sums(q[held]).argmax(axis=1) == labels[held]).mean()


def test_pruned_groups_are_zero_in_the_integers() -> None:
    q, labels = small_digits()
    recipe = MlpRecipe(hidden=(16,), epochs=10, batch=64, sparsity=(0.5, 0.0), group=(4, 2))
    first, last = train_mlp(recipe, q, labels, "multiclass").network.dense
    assert empty_groups(first.weights.array, (4, 2)) >= 0.5
    assert (last.weights.array != 0).mean() > 0.5


def test_a_network_learns_from_a_teacher_alone() -> None:
    q, labels = small_digits()
    teacher = train_mlp(
        MlpRecipe(hidden=(48,), epochs=20, batch=64), q[:1400], labels[:1400], "multiclass"
    ).network
    recipe = MlpRecipe(hidden=(16,), epochs=30, batch=64, distil=1.0)
    found = train_mlp(
        recipe,
        q[:1400],
        np.zeros(1400, dtype=np.int64) + np.arange(1400) % 10,
        "multiclass",
        teacher=lambda rows: teacher.floats(rows).astype(np.float32),
    )
    assert (found.network.sums(q[1400:]).argmax(axis=1) == labels[1400:]).mean() > 0.85


def test_a_teachers_answers_can_be_given_in_advance() -> None:
    q, labels = small_digits()
    said = 8 * np.eye(10, dtype=np.float32)[labels]
    recipe = MlpRecipe(hidden=(16,), epochs=12, batch=64, distil=1.0)
    nothing = np.arange(len(q)) % 10
    held = np.arange(1400, len(q))
    found = train_mlp(
        recipe, q.astype(np.uint8), nothing, "multiclass", teacher=said, held=held
    ).network
    assert (found.sums(q[held]).argmax(axis=1) == labels[held]).mean() > 0.9


def test_a_recipe_that_distils_needs_a_teacher() -> None:
    with pytest.raises(ModelError, match="no teacher"):
        train_mlp(MlpRecipe(distil=0.5), np.zeros((4, 2), dtype=np.int64), [0, 1, 0, 1], "binary")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"activation_bits": 9}, "activation_bits is 9, not in 1..8"),
        ({"sparsity": 1.0}, "sparsity is 1.0"),
        ({"weights": "binary", "sparsity": 0.5}, "Binary weights have no zero"),
        ({"weights": ("int4",)}, "weights has 1 values for 2 layers"),
        ({"hidden": (0,)}, "a hidden width is 0"),
    ],
)
def test_an_impossible_recipe_is_refused(options: dict[str, object], complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint):
        MlpRecipe(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("targets", "task"), [([0.5, 1.0], "multiclass"), ([-1, 1], "multiclass"), ([0, 2], "binary")]
)
def test_targets_that_are_no_classes_are_refused(targets: list[float], task: str) -> None:
    with pytest.raises(ModelError):
        Goal.of(task, targets)  # type: ignore[arg-type]
