"""The arithmetic of every op on numpy int64, one numbered equation of docs/numerics.md each.

These functions are the definition. Rust, wasm and the chain compute the same integers. None of
them checks for overflow: ``verify`` has proven beforehand that there is none.
"""

from __future__ import annotations

from typing import assert_never

import numpy as np

from stylus_ai.ir.columns import Bin, Clipped, Column, Filled, Member, Value, Within
from stylus_ai.ir.tensor import Ints
from stylus_ai.ir.windows import Windows

SCORE_MAX = 10_000
"""A score is in basis points: 10000 is probability 1."""

SIGMOID_CLAMP = 11
"""Beyond +-11 the logistic function is 0 or 10000 basis points after rounding."""

LOG2_E_Q30 = 1_549_082_005
"""log2(e) * 2^30, rounded."""

EXP2_Q30 = (1_073_741_824, -744_180_571, 257_158_261, -57_204_804, 7_356_202)
"""Coefficients of 2^-r for r in [0, 1), Q30, constant first; exact at both ends."""

SIGMOID_ERROR_BP = 0.6
"""Largest distance of ``sigmoid`` from 10000/(1+e^-z), in basis points, rounding included."""

_ONE_Q30 = 1 << 30


def product(x: Ints, weights: Ints) -> Ints:
    """Sum over i of ``x[.., i] * weights[i, ..]``, exactly.

    Whole numbers are exact in float64 while every partial sum stays below 2^53, and float64 is
    where numpy is fast.
    """
    size = float(np.abs(x).max(initial=0)) * float(np.abs(weights).max(initial=0))
    if size * weights.shape[0] < 2.0**53:
        exact: Ints = (x.astype(np.float64) @ weights.astype(np.float64)).astype(np.int64)
        return exact
    wide: Ints = x @ weights
    return wide


def affine(x: Ints, weights: Ints, bias: Ints) -> Ints:
    """Equation 5: ``y_k = b_k + sum over i of w_ki * x_i``."""
    return product(x, weights.T) + bias


def conv2d(x: Ints, windows: Windows, weights: Ints, bias: Ints, groups: int) -> Ints:
    """Equation 13: ``y_op = b_o + sum over the window p of w_ocj * x_cpj``, int64[n, o * p]."""
    seen = windows.of(x, 0)
    outputs = len(weights) // groups
    inputs = windows.channels // groups
    parts = []
    for g in range(groups):
        mine = seen[:, g * inputs : (g + 1) * inputs].transpose(0, 2, 1, 3)
        flat = mine.reshape(len(x), windows.positions, -1)
        matrix = weights[g * outputs : (g + 1) * outputs].reshape(outputs, -1)
        parts.append(product(flat, matrix.T))
    sums = np.concatenate(parts, axis=2) + bias
    by_channel: Ints = sums.transpose(0, 2, 1).reshape(len(x), -1)
    return by_channel


def max_pool2d(x: Ints, windows: Windows) -> Ints:
    """Equation 14: the largest element of each window."""
    largest: Ints = windows.of(x, np.iinfo(np.int64).min).max(axis=3)
    return largest.reshape(len(x), -1)


def sum_pool2d(x: Ints, windows: Windows) -> Ints:
    """Equation 14: the sum of each window."""
    sums: Ints = windows.of(x, 0).sum(axis=3)
    return sums.reshape(len(x), -1)


def encode(x: Ints, columns: tuple[Column, ...]) -> Ints:
    """Equation 12: one column after the other."""
    made: Ints = np.stack([_column(x[:, column.feature], column) for column in columns], axis=1)
    return made


def _column(x: Ints, column: Column) -> Ints:
    match column:
        case Value():
            return x
        case Filled(missing=missing, fill=fill):
            return np.where(x == missing, fill, x)
        case Member(codes=codes):
            return np.isin(x, codes).astype(np.int64)
        case Bin(edges=edges):
            return np.searchsorted(edges, x, side="left").astype(np.int64)
        case Within(low=low, high=high):
            return ((x >= low) & (x <= high)).astype(np.int64)
        case Clipped(low=low, high=high):
            return x.clip(low, high)
    assert_never(column)


def requantise(
    x: Ints, multipliers: tuple[int, ...], shift: int, *, low: int, high: int, zero_point: int = 0
) -> Ints:
    """Equation 6: ``y = clamp(floor((x * m + floor(2^s / 2)) / 2^s) + z, low, high)``."""
    half = (1 << shift) >> 1
    factors = np.repeat(np.array(multipliers, dtype=np.int64), x.shape[1] // len(multipliers))
    scaled: Ints = (x * factors + np.int64(half)) >> np.int64(shift)
    return (scaled + zero_point).clip(low, high)


def at_least(x: Ints, threshold: int) -> Ints:
    """Equation 7: ``y = 1 if x >= c else 0``."""
    return (x >= threshold).astype(np.int64)


def argmax(x: Ints) -> Ints:
    """Equation 8: the least ``k`` with ``x_k = max(x)``, int64[n, 1]."""
    first: Ints = np.argmax(x, axis=1).astype(np.int64)
    return first[:, np.newaxis]


def sigmoid(x: Ints, frac_bits: int) -> Ints:
    """Equation 9: ``y ~ 10000 / (1 + e^-z)`` for ``z = x / 2^F``; monotone, integers only.

    ``z`` is clamped to +-11 and floored to 16 fractional bits. With ``a = |z|``,
    ``a * log2(e) = n + r`` and ``e = p(r) >> n`` in Q30, ``y = round(10000 * 2^30 / (2^30 + e))``,
    mirrored for ``z < 0``.
    """
    z = _z16(x.clip(-(SIGMOID_CLAMP << frac_bits), SIGMOID_CLAMP << frac_bits), frac_bits)
    denominator = _ONE_Q30 + _exp_q30(np.abs(z))
    y: Ints = (SCORE_MAX * _ONE_Q30 + (denominator >> 1)) // denominator
    return np.where(z < 0, SCORE_MAX - y, y)


def softmax(x: Ints, frac_bits: int) -> Ints:
    """Equation 15: ``y_k ~ 10000 * e^z_k / sum over j of e^z_j`` for ``z = x / 2^F``.

    With ``d_k`` the distance from the row's maximum, floored to 16 fractional bits, and ``e_k``
    as in equation 9, or 0 where ``d_k > 11``, ``y_k = round(10000 * e_k / sum of e_j)``.
    """
    below = x.max(axis=1, keepdims=True) - x
    # A distance that wraps is negative: it is far, too.
    far = (below < 0) | (below > SIGMOID_CLAMP << frac_bits)
    e = np.where(far, 0, _exp_q30(_z16(np.where(far, 0, below), frac_bits)))
    total = e.sum(axis=1, keepdims=True)
    y: Ints = (SCORE_MAX * e + (total >> 1)) // total
    return y


def _z16(z: Ints, frac_bits: int) -> Ints:
    """From ``frac_bits`` to 16 fractional bits, rounded down."""
    return z << (16 - frac_bits) if frac_bits <= 16 else z >> (frac_bits - 16)


def _exp_q30(z: Ints) -> Ints:
    """About ``e^-z`` in Q30, for ``z`` of 16 fractional bits in 0..11 (equation 9)."""
    power = z * np.int64(LOG2_E_Q30)
    whole, rest = power >> 46, (power >> 16) & (_ONE_Q30 - 1)
    c0, c1, c2, c3, c4 = EXP2_Q30
    p: Ints = c3 + ((c4 * rest) >> 30)
    p = c2 + ((p * rest) >> 30)
    p = c1 + ((p * rest) >> 30)
    p = c0 + ((p * rest) >> 30)
    return p >> whole
