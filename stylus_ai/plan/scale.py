"""Requantisation on lanes: constants that are small enough, and give the same integers.

A program's ``clamp(floor((a * m + 2^(s-1)) / 2^s) + z, low, high)`` has products that no lane of 16
bits holds. But only the places count where the result steps up, at most 255 of them, and smaller
constants ``m'``, ``r'``, ``s'`` often step at exactly the same places. They are searched, and
compared at every step; a lane never holds what was not proven to fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stylus_ai.ir import Interval, Requantise

Ints = npt.NDArray[np.int64]

MAX_STEPS = 255
"""Results fit a byte."""


@dataclass(frozen=True)
class Early:
    """Limits before the multiplication, where the product of the whole range does not fit.

    Attributes:
        most: Upper limit; the lower one is 0.
        multiplier: What the limited number is multiplied by.
        start: What is added to the product.
        fine: ``(m, r, k)``: first ``floor((v * m + r) / 2^k)`` is added as well; a multiplier of
            ``k`` more bits than a lane has room for. None where it is not needed.
    """

    most: int
    multiplier: int
    start: int
    fine: tuple[int, int, int] | None


@dataclass(frozen=True)
class Scale:
    """How the lanes of a sum ``a`` become bytes.

    In order: ``v = a * multiplier + start``; ``max(v - 2^(w-1), 0)`` if ``floor`` is the width
    ``w`` of a sum's lane; ``early``; ``v >> shift``; ``min(v, top)`` if ``top_bits`` is ``w``;
    two words become one; ``max(v - 2^(b-1), 0)`` if ``floor`` is the width ``b`` of the narrow
    lanes; ``min(v, top)`` if ``top_bits`` is ``b``; ``v + low`` is the result.

    Attributes:
        multiplier: Factor of the sum, at least 1; 0 where the result is always ``low``.
        start: Added to the product.
        shift: Bits that are cut off.
        floor: Bits of the lanes in which 0 is the lower limit; 0 for none.
        early: Limits and product before the shift, or None.
        top_bits: Bits of the lanes in which ``top`` is the upper limit; 0 for none.
        top: Upper limit.
        low: Result that 0 stands for.
    """

    multiplier: int
    start: int
    shift: int
    floor: int
    early: Early | None
    top_bits: int
    top: int
    low: int


def raw(sums: Interval, bits: int) -> Scale | None:
    """Constants that leave sums as they are: lanes hold ``sum - low``; None if they do not fit."""
    if sums.high - sums.low >= 1 << (2 * bits):
        return None
    return Scale(1, -sums.low, 0, 0, None, 0, 0, sums.low)


@dataclass(frozen=True)
class _Steps:
    """Where a requantisation steps up.

    Attributes:
        low: Result at the lowest sum.
        at: Least sum of each higher result, ascending.
        sums: All sums.
    """

    low: int
    at: Ints
    sums: Interval


def scale(op: Requantise, multiplier: int, sums: Interval, bits: int) -> Scale | None:
    """Constants for lanes.

    Args:
        op: The requantisation.
        multiplier: The one of its multipliers that counts here.
        sums: Everything that the sum can be.
        bits: Of a narrow lane; the sum's lane has twice as many.

    Returns:
        None where lanes of this width do not do.
    """
    if not sums.fits(1 << (2 * bits - 1)):
        return None
    steps = _steps(op, multiplier, sums)
    if steps is None:
        return None
    if not len(steps.at):
        return Scale(0, 0, 0, 0, None, 0, 0, steps.low)
    real = multiplier / 2**op.shift
    return _late(steps, real, bits) or _early(steps, real, bits)


def _steps(op: Requantise, multiplier: int, sums: Interval) -> _Steps | None:
    def result(a: int) -> int:
        scaled = ((a * multiplier + ((1 << op.shift) >> 1)) >> op.shift) + op.zero_point
        return min(max(scaled, op.low), op.high)

    low, high = result(sums.low), result(sums.high)
    if high - low > MAX_STEPS:
        return None
    half = (1 << op.shift) >> 1
    # The least a with a * m + half >= (y - z) * 2^s, rounded up.
    places = [
        -((half - ((y - op.zero_point) << op.shift)) // multiplier)
        for y in range(low + 1, high + 1)
    ]
    return _Steps(low, np.array(places, dtype=np.int64), sums)


def _candidates(at: Ints, real: float, limit: int) -> list[tuple[int, int, int]]:
    """``(m, r, s)`` with ``floor((a * m + r) / 2^s) >= k`` just where ``a >= at[k - 1]``."""
    found: list[tuple[int, int, int]] = []
    k = np.arange(1, len(at) + 1)
    size = int(np.abs(at).max()) + 1
    for shift in range(limit):
        for m in {int(real * 2**shift), int(real * 2**shift) + 1} - {0}:
            if size * m >= 1 << 62 or len(at) << shift >= 1 << 62:
                return found
            least = int(((k << shift) - at * m).max())
            most = int(((k << shift) - (at - 1) * m).min()) - 1
            if least <= most:
                found.append((m, (least + most + 1) // 2, shift))
                break
    return found


def _late(steps: _Steps, real: float, bits: int) -> Scale | None:
    """Multiply, then limit: the multiplication is free, since the weights take it over."""
    wide, top = 2 * bits, len(steps.at)
    fallback = None
    for m, r, shift in _candidates(steps.at, real, wide):
        lowest, highest = steps.sums.low * m + r, steps.sums.high * m + r
        first, last = lowest >> shift, highest >> shift
        below, above = first < 0, last > top
        half = 1 << (bits - 1)
        limited = below or above
        if first >= -half and last < (half if limited else 2 * half):
            start = r + ((half << shift) if below else 0)
            if start + lowest - r >= 0 and start + highest - r < 1 << wide:
                floor = bits if below else 0
                return Scale(m, start, shift, floor, None, bits if above else 0, top, steps.low)
        limit = 1 << (wide - 1)
        if fallback is None and -limit <= lowest and highest < limit:
            joined = last < (half if above else 2 * half)
            top_bits = 0 if not above else bits if joined else wide
            fallback = Scale(m, r + limit, shift, wide, None, top_bits, top, steps.low)
    return fallback


def _early(steps: _Steps, real: float, bits: int) -> Scale | None:
    """Limit, then multiply: beyond the first and the last step nothing changes."""
    wide = 2 * bits
    limit = 1 << (wide - 1)
    zero = int(steps.at[0]) - 1
    most = int(steps.at[-1]) - zero
    if not (steps.sums.low - zero >= -limit and steps.sums.high - zero < limit):
        return None
    top = len(steps.at)
    for m, r, shift in _candidates(steps.at - zero, real, 2 * wide):
        if r < 0 or (most * m + r) >> shift != top:
            continue
        found = _split(m, r, shift, most, wide)
        if found is not None:
            early, shift_left = found
            return Scale(1, limit - zero, shift_left, wide, early, 0, top, steps.low)
    return None


def _split(m: int, r: int, shift: int, most: int, wide: int) -> tuple[Early, int] | None:
    """``floor((v * m + r) / 2^s)`` in one step if a lane holds the product, else in two.

    With ``m = h * 2^k + l``: ``floor((v * h + floor((v * l + r) / 2^k)) / 2^(s-k))``.
    """
    if most * m + r < 1 << wide:
        return Early(most, m, r, None), shift
    for k in range(1, shift):
        high, low = divmod(m, 1 << k)
        start, rest = divmod(r, 1 << k)
        carried = (most * low + rest) >> k
        if most * low + rest < 1 << wide and most * high + start + carried < 1 << wide:
            return Early(most, high, start, (low, rest, k)), shift - k
    return None
