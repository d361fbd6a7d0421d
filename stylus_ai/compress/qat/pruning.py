"""Which weights stay: pruning by magnitude, one by one or by groups that share a packed word.

A kernel that packs the weights of several outputs into one word saves the word only when all of
them are zero, so zeros that are spread evenly save nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


def keep_largest(weights: Floats, sparsity: float, group: tuple[int, int] = (1, 1)) -> Mask:
    """Groups whose sum of squares is largest; the others are to become zero.

    Args:
        weights: float32[outputs, inputs].
        sparsity: Share of groups to drop, 0 <= sparsity < 1.
        group: Outputs and inputs that share a word: (4, 1) for four lanes, (4, 2) for four pair
            slots. At the edges a group may be smaller.

    Returns:
        bool[outputs, inputs]; of equal groups the first ones are dropped.

    Raises:
        ModelError: The sparsity is out of range.
    """
    if not 0 <= sparsity < 1:
        raise ModelError(f"A sparsity of {sparsity!r} is not in 0 <= sparsity < 1.")
    energy = _by_group(np.square(weights, dtype=np.float64), group)
    drop = int(sparsity * energy.size)
    keep = np.ones(energy.size, dtype=np.bool_)
    keep[np.argsort(energy, axis=None, kind="stable")[:drop]] = False
    spread = keep.reshape(energy.shape).repeat(group[0], axis=0).repeat(group[1], axis=1)
    return spread[: weights.shape[0], : weights.shape[1]]


def empty_groups(weights: npt.NDArray[np.int64], group: tuple[int, int]) -> float:
    """Share of groups of integer weights that are all zero: the words that a kernel saves."""
    return float((_by_group(np.abs(weights).astype(np.float64), group) == 0).mean())


def ramp(share: float, sparsity: float) -> float:
    """Sparsity at a point of the training, ``share`` of it done (Zhu and Gupta 2017).

    Nothing in the first fifth, then fast at first and slower towards the end, complete at three
    fifths, so that the rest can recover.
    """
    done = min(max((share - 0.2) / 0.4, 0.0), 1.0)
    return float(sparsity * (1 - (1 - done) ** 3))


def _by_group(values: npt.NDArray[np.float64], group: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Sums over groups, the edges filled up with zeros."""
    outputs, inputs = values.shape
    filled = np.pad(values, ((0, -outputs % group[0]), (0, -inputs % group[1])))
    blocks = filled.reshape(filled.shape[0] // group[0], group[0], -1, group[1])
    sums: npt.NDArray[np.float64] = blocks.sum(axis=(1, 3))
    return sums
