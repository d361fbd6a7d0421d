"""Pruning: the smallest weights go, in groups that share a packed word."""

from __future__ import annotations

import numpy as np
import pytest

from stylus_ai.compress.qat import empty_groups, keep_largest
from stylus_ai.compress.qat.pruning import ramp
from stylus_ai.errors import ModelError


def test_single_weights_go_by_magnitude() -> None:
    weights = np.array([[1, -5, 2], [-4, 0, 3]], dtype=np.float32)
    assert keep_largest(weights, 0.5).tolist() == [[False, True, False], [True, False, True]]


def test_a_group_of_outputs_stays_or_goes_as_one() -> None:
    weights = np.array([[1, 1], [1, 1], [9, 0], [0, 0]], dtype=np.float32)
    assert keep_largest(weights, 0.25, group=(2, 1)).tolist() == [
        [True, True],
        [True, True],
        [True, False],
        [True, False],
    ]


def test_groups_at_the_edges_are_smaller() -> None:
    weights = np.ones((5, 3), dtype=np.float32)
    weights[4] = 0.1
    keep = keep_largest(weights, 2 / 6, group=(2, 2))
    np.testing.assert_array_equal(keep[4], False)
    np.testing.assert_array_equal(keep[:4].sum(), 12)


def test_empty_groups_are_counted_as_words() -> None:
    weights = np.array([[0, 1], [0, 0], [0, 0], [0, 0]])
    assert empty_groups(weights, (2, 1)) == 0.75
    assert empty_groups(weights, (1, 1)) == 7 / 8


def test_the_ramp_begins_late_and_ends_early() -> None:
    assert ramp(0.2, 0.8) == 0
    assert 0 < ramp(0.3, 0.8) < ramp(0.5, 0.8) < 0.8
    assert ramp(0.6, 0.8) == ramp(1.0, 0.8) == pytest.approx(0.8)


def test_a_sparsity_of_one_is_refused() -> None:
    with pytest.raises(ModelError):
        keep_largest(np.ones((2, 2), dtype=np.float32), 1.0)
