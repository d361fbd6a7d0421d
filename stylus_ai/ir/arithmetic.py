"""The arithmetic of every op on numpy int64, one numbered equation of docs/numerics.md each.

These functions are the definition. Rust, wasm and the chain compute the same integers. None of
them checks for overflow: ``verify`` has proven beforehand that there is none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

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


def requantise(x: Ints, multiplier: int, shift: int, low: int, high: int) -> Ints:
    """Equation 6: ``y = clamp(floor((x * m + floor(2^s / 2)) / 2^s), low, high)``."""
    half = (1 << shift) >> 1
    scaled: Ints = (x * np.int64(multiplier) + np.int64(half)) >> np.int64(shift)
    return scaled.clip(low, high)


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
    limit = SIGMOID_CLAMP << frac_bits
    clamped = x.clip(-limit, limit)
    z = clamped << (16 - frac_bits) if frac_bits <= 16 else clamped >> (frac_bits - 16)
    power = np.abs(z) * np.int64(LOG2_E_Q30)
    whole, rest = power >> 46, (power >> 16) & (_ONE_Q30 - 1)
    c0, c1, c2, c3, c4 = EXP2_Q30
    p: Ints = c3 + ((c4 * rest) >> 30)
    p = c2 + ((p * rest) >> 30)
    p = c1 + ((p * rest) >> 30)
    p = c0 + ((p * rest) >> 30)
    denominator = _ONE_Q30 + (p >> whole)
    y: Ints = (SCORE_MAX * _ONE_Q30 + (denominator >> 1)) // denominator
    return np.where(z < 0, SCORE_MAX - y, y)
