"""Images as rows: pooling in integers, and bending that leaves the grid exact."""

from __future__ import annotations

import numpy as np
import pytest

from stylus_ai.compress.qat import NONE, Distortion, WarpedImages, pooled
from stylus_ai.errors import ModelError


def test_pooling_rounds_half_up() -> None:
    image = np.array([[[34, 0], [0, 0]], [[33, 0], [0, 0]], [[255, 255], [255, 255]]], dtype="u1")
    assert pooled(image, 2, 15)[:, 0].tolist() == [1, 0, 15]


def test_rows_run_from_left_to_right_and_then_down() -> None:
    image = np.zeros((1, 4, 4), dtype=np.uint8)
    image[0, 0:2, 2:4] = 255
    assert pooled(image, 2, 1).tolist() == [[0, 1, 0, 0]]


@pytest.mark.parametrize("levels", [1, 3, 15, 255])
@pytest.mark.parametrize("pool", [1, 2])
def test_without_distortion_the_rows_are_the_pooled_images(pool: int, levels: int) -> None:
    images = np.random.default_rng(1).integers(0, 256, (50, 12, 8), dtype=np.uint8)
    source = WarpedImages(images, pool, levels, NONE)
    rows = np.array([3, 49, 0])
    drawn = source.draw(rows, np.random.default_rng(0))
    np.testing.assert_array_equal(drawn, pooled(images[rows], pool, levels))


def test_a_bent_image_stays_on_the_grid_and_follows_the_generator() -> None:
    images = np.random.default_rng(1).integers(0, 256, (20, 28, 28), dtype=np.uint8)
    source = WarpedImages(images, 2, 15, Distortion(shift=4, rotate=30))
    first, again, other = (
        source.draw(np.arange(20), np.random.default_rng(seed)) for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert first.min() >= 0
    assert first.max() <= 15
    np.testing.assert_array_equal(first, np.floor(first))


def test_copies_stand_one_after_the_other_each_bent_in_its_own_way() -> None:
    images = np.random.default_rng(1).integers(0, 256, (30, 8, 8), dtype=np.uint8)
    plain = WarpedImages(images, 2, 15, NONE).copies(2, np.random.default_rng(0))
    np.testing.assert_array_equal(plain, np.tile(pooled(images, 2, 15), (2, 1)))
    bent = WarpedImages(images, 2, 15).copies(2, np.random.default_rng(0))
    assert (bent[:30] != bent[30:]).any()


def test_what_leaves_the_image_leaves_black_behind() -> None:
    images = np.full((1, 8, 8), 255, dtype=np.uint8)
    source = WarpedImages(images, 1, 1, Distortion(0, 0, 0, shift=7, elastic=0))
    drawn = source.draw(np.zeros(200, dtype=np.int64), np.random.default_rng(2))
    assert drawn.mean(axis=1).min() < 0.3


@pytest.mark.parametrize(
    ("images", "complaint"),
    [
        (np.zeros((1, 3, 4), dtype=np.uint8), "3 x 4 cannot be pooled by 2"),
        (np.zeros((3, 4), dtype=np.uint8), "not uint8"),
    ],
)
def test_images_of_a_wrong_shape_are_refused(images: np.ndarray, complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint):
        pooled(images, 2, 15)
