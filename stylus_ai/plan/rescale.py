"""Requantisation of several lanes at once: equation 6 for all sums in a word (equation 31).

Beyond its two limits a requantised sum no longer changes, so with ``T`` the sum,

    y = y_low + floor((r * m' + h') / 2^s'),   r = clamp(T - floor, 0, depth)

for numbers m', h', s' that are small enough for a lane. They are looked for, and equality is
checked at every step of the staircase on both sides, which is enough, since both sides rise.
"""

from __future__ import annotations

from dataclasses import dataclass

from stylus_ai.ir import Interval, Requantise

MAX_SHIFT = 40


@dataclass(frozen=True)
class Rescale:
    """A requantisation within the lanes of a word.

    Attributes:
        floor: Largest sum that gives the lowest result.
        depth: From there to the least sum that gives the highest result; at least 1.
        multiplier: m' above.
        half: h' above.
        shift: s' above.
        low: Lowest result.
    """

    floor: int
    depth: int
    multiplier: int
    half: int
    shift: int
    low: int

    @property
    def lane(self) -> int:
        """Bits of the largest product."""
        return (self.depth * self.multiplier + self.half).bit_length()


def requantised(op: Requantise, total: int, channel: int = 0) -> int:
    """Equation 6 for one sum, with Python's integers."""
    scaled = (total * op.multipliers[channel] + ((1 << op.shift) >> 1)) >> op.shift
    return min(max(scaled + op.zero_point, op.low), op.high)


def find_rescale(op: Requantise, sums: Interval, channel: int = 0) -> Rescale | None:
    """The smallest numbers that requantise every sum of an interval.

    Args:
        op: What is done.
        sums: All that the channel's elements can be.
        channel: Which multiplier counts.

    Returns:
        None where all sums give one result, where a result needs more than 8 bits, or where no
        small numbers exist.
    """
    factor = op.multipliers[channel]
    low, high = requantised(op, sums.low, channel), requantised(op, sums.high, channel)
    if not 1 <= high - low <= 0xFF:
        return None
    half = (1 << op.shift) >> 1

    def least(result: int) -> int:
        """Least sum whose result is at least ``result``."""
        return -((half - ((result - op.zero_point) << op.shift)) // factor)

    floor = least(low + 1) - 1
    steps = [least(low + k) - floor for k in range(1, high - low + 1)]
    for shift in range(min(op.shift, MAX_SHIFT) + 1):
        nearest = (factor << shift) >> op.shift
        for multiplier in (nearest, nearest + 1):
            found = _half(steps, multiplier, shift)
            if found is not None:
                return Rescale(floor, steps[-1], multiplier, found, shift, low)
    return None


def _half(steps: list[int], multiplier: int, shift: int) -> int | None:
    """Some h' >= 0 with ``floor((r * multiplier + h') / 2^shift)`` rising to k at ``steps[k - 1]``.

    ``r`` begins at 0 with the result 0; each step must be reached, and not before.
    """
    lowest = max([0, *((k << shift) - r * multiplier for k, r in enumerate(steps, 1))])
    highest = min((k << shift) - 1 - (r - 1) * multiplier for k, r in enumerate(steps, 1))
    top = ((len(steps) + 1) << shift) - 1 - steps[-1] * multiplier
    return lowest if lowest <= min(highest, top) else None
