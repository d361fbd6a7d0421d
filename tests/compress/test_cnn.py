"""Quantisation-aware training of convolutions: needs PyTorch, but for what it says without."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.datasets import load_digits

from stylus_ai.compress.qat import PlainRows
from stylus_ai.compress.qat.cnn import train_cnn
from stylus_ai.compress.qat.cnn_recipe import CnnRecipe, ConvLayer
from stylus_ai.compress.qat.teacher import Lessons, TeacherRecipe, lessons, train_teacher
from stylus_ai.errors import ModelError, UsageError
from stylus_ai.ir import Conv2d, MaxPool2d, SumPool2d

Ints = npt.NDArray[np.int64]

SMALL = CnnRecipe(
    shape=(1, 8, 8),
    layers=(ConvLayer(6, pool=2), ConvLayer(10, stride=2, sparsity=0.5)),
    epochs=12,
    images=1400,
    batch=64,
)


def small_digits() -> tuple[Ints, Ints]:
    """scikit-learn's 1,797 digits of 8 x 8 pixels, in 4 bits, shuffled once."""
    found = load_digits()
    order = np.random.default_rng(0).permutation(len(found.target))
    return np.minimum(found.data, 15).astype(np.int64)[order], found.target.astype(np.int64)[order]


def untaught(q: Ints, labels: Ints) -> Lessons:
    """Lessons without a teacher."""
    return Lessons(q.astype(np.uint8), labels)


def test_multiplications_are_counted_and_shapes_follow_strides_and_pools() -> None:
    recipe = CnnRecipe((1, 14, 14), (ConvLayer(16), ConvLayer(32, stride=2), ConvLayer(48, pool=2)))
    assert recipe.last == (48, 3, 3)
    assert recipe.multiplications == 196 * 9 * 16 + 49 * 144 * 32 + 49 * 288 * 48 + 432 * 10


def test_an_even_kernel_is_refused() -> None:
    with pytest.raises(ModelError, match="kernels are odd"):
        ConvLayer(4, kernel=2)


def test_without_pytorch_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    q, labels = small_digits()
    with pytest.raises(UsageError, match="PyTorch") as raised:
        train_cnn(SMALL, untaught(q, labels))
    assert "stylus-ai[torch]" in raised.value.next_step


@pytest.mark.torch
def test_digits_are_learned_and_the_chosen_integers_are_as_good_as_training_said() -> None:
    q, labels = small_digits()
    found = train_cnn(SMALL, untaught(q[:1400], labels[:1400]), (q[1400:], labels[1400:]))
    answers = found.network.sums(q[1400:]).argmax(axis=1)
    assert found.quality == (answers == labels[1400:]).mean()
    assert found.quality > 0.93


@pytest.mark.torch
def test_the_operations_are_those_of_the_recipe_and_pruned_weights_are_zero() -> None:
    q, labels = small_digits()
    recipe = CnnRecipe(
        (1, 8, 8), (ConvLayer(4, pool=2), ConvLayer(6, sparsity=0.5)), mean=True, epochs=2
    )
    ops = train_cnn(recipe, untaught(q, labels)).network.ops
    assert isinstance(ops[2], MaxPool2d)
    assert isinstance(ops[3], Conv2d)
    assert (ops[3].weights.array == 0).mean() >= 0.5
    assert isinstance(ops[5], SumPool2d)


@pytest.mark.torch
def test_training_goes_on_where_a_network_stopped_and_its_zeros_stay() -> None:
    q, labels = small_digits()
    first = train_cnn(SMALL, untaught(q, labels)).network
    still = train_cnn(replace(SMALL, epochs=1, rate=0.0), untaught(q, labels), start=first).network
    assert still.ops == first.ops
    on = train_cnn(replace(SMALL, epochs=1, rate=0.02), untaught(q, labels), start=first).network
    for before, after in zip(first.ops, on.ops, strict=True):
        if isinstance(before, Conv2d) and isinstance(after, Conv2d):
            assert not after.weights.array[before.weights.array == 0].any()
    sparser = replace(
        SMALL, epochs=5, layers=(ConvLayer(6, pool=2), ConvLayer(10, stride=2, sparsity=0.8))
    )
    fewer = train_cnn(sparser, untaught(q, labels), start=first).network
    before, after = first.ops[3], fewer.ops[3]
    assert isinstance(before, Conv2d)
    assert isinstance(after, Conv2d)
    assert (after.weights.array == 0).mean() >= 0.8
    assert not after.weights.array[before.weights.array == 0].any()
    other = replace(SMALL, layers=(ConvLayer(6, pool=2),))
    with pytest.raises(ModelError, match="another recipe"):
        train_cnn(other, untaught(q, labels), start=first)


@pytest.mark.torch
def test_the_same_seed_gives_the_same_integers() -> None:
    q, labels = small_digits()
    recipe = CnnRecipe((1, 8, 8), (ConvLayer(4, stride=2),), epochs=1)
    first, again = (train_cnn(recipe, untaught(q, labels)).network for _ in range(2))
    assert first.ops == again.ops


@pytest.mark.torch
def test_a_small_network_learns_from_a_float_teacher_alone() -> None:
    q, labels = small_digits()
    train, source = labels[:1400], PlainRows(q[:1400])
    wise = train_teacher(TeacherRecipe((1, 8, 8), 15, (8, 16, 16), epochs=8), source, train)
    taught = lessons(wise, q[:1400].astype(np.uint8), np.zeros(1400, dtype=np.int64))
    recipe = CnnRecipe((1, 8, 8), (ConvLayer(8, stride=2),), epochs=15, images=1400, distil=1.0)
    found = train_cnn(recipe, taught)
    assert (found.network.sums(q[1400:]).argmax(axis=1) == labels[1400:]).mean() > 0.9


def test_lessons_that_do_not_fit_are_refused() -> None:
    few = Lessons(np.zeros((4, 9), np.uint8), np.zeros(4, np.int64))
    with pytest.raises(ModelError, match="have 9 values, the network takes 64"):
        train_cnn(SMALL, few)
    q, labels = small_digits()
    with pytest.raises(ModelError, match="no teacher has said anything on 10 classes"):
        train_cnn(replace(SMALL, distil=0.5), untaught(q, labels))
