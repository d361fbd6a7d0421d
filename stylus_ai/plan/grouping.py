"""Which outputs of a dense layer share words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stylus_ai.ir.tensor import Ints
from stylus_ai.plan.lanes import Mode, Scheme
from stylus_ai.plan.layout import Layout

SPARSE = 0.6
"""Share of weights that are not 0 below which zeros decide which outputs share words."""


def arranged(weights: Ints, wanted: Layout | None, scheme: Scheme) -> list[tuple[int | None, ...]]:
    """Which outputs share words, by slot; None where a slot is not used.

    Args:
        weights: int64[outputs, inputs].
        wanted: Layout in which small results are asked for; None if any order will do.
        scheme: Geometry of the words.
    """
    order: list[int | None]
    if wanted is not None and not wanted.wide:
        order = [None] * wanted.bytes
        for output, position in enumerate(wanted.position):
            order[position] = output
        order = by_lane(order, scheme)
    else:
        order = list(free_order(weights, scheme.outputs))
    width = scheme.outputs
    groups = [tuple(order[first : first + width]) for first in range(0, len(order), width)]
    return [group for group in groups if any(output is not None for output in group)]


def free_order(weights: Ints, width: int) -> list[int]:
    """Outputs in an order in which ``width`` neighbours share words well.

    Sums of like size fill the slots of a word alike. Where most weights are 0 it counts more that
    neighbours have them in the same places, since a word of zeros is left out.
    """
    by_size: list[int] = np.argsort(np.abs(weights).sum(axis=1), kind="stable").tolist()
    support = weights != 0
    if support.mean() > SPARSE:
        return by_size

    def words(order: list[int]) -> int:
        firsts = range(0, len(order), width)
        return sum(int(support[order[k : k + width]].any(axis=0).sum()) for k in firsts)

    return min(by_size, list(range(len(weights))), _by_support(support, width), key=words)


def _by_support(support: npt.NDArray[np.bool_], width: int) -> list[int]:
    """Groups of outputs, each begun by the fullest that is left and joined by what adds least."""
    left = set(range(len(support)))
    order: list[int] = []
    union = np.zeros(support.shape[1], dtype=np.bool_)
    while left:
        rest = np.array(sorted(left))
        if len(order) % width == 0:
            best = int(rest[np.argmax(support[rest].sum(axis=1))])
            union = support[best].copy()
        else:
            added = (support[rest] & ~union).sum(axis=1)
            shared = (support[rest] & union).sum(axis=1)
            best = int(rest[np.lexsort((-shared, added))[0]])
            union |= support[best]
        order.append(best)
        left.remove(best)
    return order


def by_lane(order: list[int | None], scheme: Scheme) -> list[int | None]:
    """Reorder outputs that are given by byte, so that lanes put them there."""
    if scheme.mode is not Mode.PAIR or scheme.pitch not in {16, 32}:
        return order
    across = scheme.pitch // 8
    found: list[int | None] = []
    for first in range(0, len(order), 8):
        eight = order[first : first + 8]
        for word in range(across):
            found += eight[word::across]
    return found
