"""Each numbered equation against exact arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stylus_ai.ir import arithmetic
from tests.ir.naive import logistic


@settings(deadline=None)
@given(st.integers(-(2**31), 2**31), st.integers(1, 2**31 - 1), st.integers(0, 62))
def test_requantise_rounds_half_up_exactly(x: int, multiplier: int, shift: int) -> None:
    exact = (x * multiplier * 2 + 2**shift) // 2 ** (shift + 1) if shift else x * multiplier
    expected = min(max(exact, -500), 500)
    made = arithmetic.requantise(np.array([[x]]), (multiplier,), shift, low=-500, high=500)
    assert made.tolist() == [[expected]]


def test_requantise_takes_a_multiplier_for_each_channel_and_a_zero_point() -> None:
    x = np.array([[1, 2, 3, 4, 5, 6]])
    made = arithmetic.requantise(x, (1, 4), 1, low=-2, high=12, zero_point=-3)
    assert made.tolist() == [[-2, -2, -1, 5, 7, 9]]


def test_products_beyond_float64_are_exact() -> None:
    x = np.array([[2**53 + 1, 1]])
    assert arithmetic.product(x, np.array([[3], [1]])).tolist() == [[3 * (2**53 + 1) + 1]]


def test_softmax_shares_sum_up_and_equal_logits_share_evenly() -> None:
    assert arithmetic.softmax(np.array([[7, 7, 7, 7]]), 3).tolist() == [[2500] * 4]
    shares = arithmetic.softmax(np.array([[0, 2**16, 2**62]]), 16)
    assert shares.tolist() == [[0, 0, 10_000]]


def test_softmax_is_close_to_the_exact_shares() -> None:
    x = np.random.default_rng(0).integers(-(2**18), 2**18, size=(500, 10))
    e = np.exp((x - x.max(axis=1, keepdims=True)) / 2**15)
    exact = 10_000 * e / e.sum(axis=1, keepdims=True)
    assert np.abs(arithmetic.softmax(x, 15) - exact).max() < 1


def test_sigmoid_over_its_whole_domain() -> None:
    """All inputs on the 16-bit grid: monotone, and within the stated bound."""
    x = np.arange(-12 * 2**16, 12 * 2**16 + 1, dtype=np.int64)
    y = arithmetic.sigmoid(x, 16)
    assert np.diff(y).min() >= 0
    assert (y[0], y[-1]) == (0, 10_000)
    exact = 10_000 / (1 + np.exp(-x / 2**16))
    assert np.abs(y - exact).max() < arithmetic.SIGMOID_ERROR_BP


@pytest.mark.parametrize("bits", [0, 1, 15, 17, 30, 52])
def test_sigmoid_at_other_scales(bits: int) -> None:
    """Finer inputs are floored to the grid, coarser ones lie on it; far ones saturate."""
    rng = np.random.default_rng(bits)
    x = rng.integers(-12 * 2**bits, 12 * 2**bits + 1, size=20_000)
    x = np.concatenate([np.sort(x), [2**62]])
    y = arithmetic.sigmoid(x, bits)
    assert np.diff(y).min() >= 0
    exact = np.array([10_000 / (1 + math.exp(-max(v / 2**bits, -700))) for v in x.tolist()])
    assert np.abs(y - exact).max() < arithmetic.SIGMOID_ERROR_BP
    assert y.tolist()[:500] == [logistic(v, bits) for v in x.tolist()[:500]]


def test_sigmoid_at_the_ends_of_64_bits() -> None:
    ends = np.array([-(2**63), 2**63 - 1])
    for bits in (0, 16, 52):
        assert arithmetic.sigmoid(ends, bits).tolist() == [0, 10_000]


def test_argmax_takes_the_first_of_equals() -> None:
    assert arithmetic.argmax(np.array([[1, 3, 3], [2, 2, 2], [-5, -9, -5]])).tolist() == [
        [1],
        [0],
        [0],
    ]


def test_at_least_includes_the_threshold() -> None:
    assert arithmetic.at_least(np.array([4, 5, 6]), 5).tolist() == [0, 1, 1]
