"""What is expected of the classifier, in words. Add your own expectations here."""

import numpy as np
import pytest
from stylus_ai.ir import Program, interpret

from digits import load


@pytest.fixture(scope="module")
def drawings() -> tuple[np.ndarray, np.ndarray]:
    """The test digits as the model sees them, and what they show."""
    _, test = load()
    return test.rows, test.labels


def test_it_names_most_test_digits(
    program: Program, drawings: tuple[np.ndarray, np.ndarray]
) -> None:
    rows, labels = drawings
    assert (interpret(program, rows)["class"] == labels).mean() > 0.96


def test_it_knows_every_digit(program: Program, drawings: tuple[np.ndarray, np.ndarray]) -> None:
    rows, labels = drawings
    right = interpret(program, rows)["class"] == labels
    assert all(right[labels == digit].mean() > 0.9 for digit in range(10))


def test_a_digit_that_is_moved_by_a_pixel_is_mostly_the_same_digit(
    program: Program, drawings: tuple[np.ndarray, np.ndarray]
) -> None:
    rows, labels = drawings
    moved = np.roll(rows.reshape(-1, 14, 14), 1, axis=2).reshape(rows.shape)
    assert (interpret(program, moved)["class"] == labels).mean() > 0.8
