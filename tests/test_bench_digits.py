"""The digit networks that the benchmarks and the kernels' tests use: whole programs that hold."""

from __future__ import annotations

import numpy as np
import pytest

from bench.digits import FEATURES, kept, training_images
from stylus_ai.compress.qat import pooled
from stylus_ai.ir import Bounds, interpret, verify


def test_the_digits_are_split_into_8000_and_1000() -> None:
    images, labels = training_images()
    assert images.shape == (8000, 28, 28)
    assert np.bincount(labels).min() > 600


@pytest.mark.parametrize("kind", ["mlp", "cnn", "cnn-small"])
def test_a_kept_network_is_a_verified_program_that_knows_training_digits(kind: str) -> None:
    images, labels = training_images()
    q = pooled(images[:300], 2, 15)
    for program in kept(kind):
        assert program.features == FEATURES
        assert program.features.packed_length == 98
        assert isinstance(verify(program), Bounds)
        assert (interpret(program, q)["class"] == labels[:300]).mean() > 0.96
