"""Grids of weights: which integers a weight may be, and how a trained number gets there.

A latent weight is a float in steps of the grid: ``v / s`` of equation 16. Training moves latents,
everything else sees the integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_Float = TypeVar("_Float", np.float32, np.float64)

Weights = Literal["int8", "int4", "ternary", "binary"]

CLIPS = np.linspace(0.3, 1.0, 29)
"""Shares of a row's largest weight that are tried as the end of the grid."""


@dataclass(frozen=True)
class Grid:
    """Symmetric integers ``-limit..limit``, or only ``-1`` and ``1``.

    Attributes:
        limit: Largest weight.
        has_zero: Whether 0 is a weight; without it nothing can be pruned.
        spread: Standard deviation of latents at the start, in steps: wide enough that all of the
            grid is used, narrow enough that few latents are clipped.
    """

    limit: int
    has_zero: bool
    spread: float

    def integers(self, latent: npt.NDArray[_Float]) -> npt.NDArray[_Float]:
        """Equation 16: the nearest weight of the grid, ties to even, as whole floats."""
        if not self.has_zero:
            return np.where(latent >= 0, latent.dtype.type(1), latent.dtype.type(-1))
        return np.clip(np.rint(latent), -self.limit, self.limit)

    def steps(self, weights: Doubles) -> Doubles:
        """Equation 16: for each row of float weights the step with the least squared error.

        Args:
            weights: float64[rows, inputs].

        Returns:
            float64[rows], positive.
        """
        if not self.has_zero:
            mean: Doubles = np.abs(weights).mean(axis=1)
            mean[mean == 0] = 1.0
            return mean
        largest = np.abs(weights).max(axis=1)
        largest[largest == 0] = 1.0
        best = np.full(len(weights), np.inf)
        steps: Doubles = largest / self.limit
        for clip in CLIPS:
            step = clip * largest / self.limit
            rounded = self.integers(weights / step[:, np.newaxis]) * step[:, np.newaxis]
            error = np.square(rounded - weights).sum(axis=1)
            steps = np.where(error < best, step, steps)
            best = np.minimum(error, best)
        return steps

    def passes(self, latent: Floats) -> Mask:
        """Where a gradient passes straight through the rounding: within the grid's outer cells."""
        return np.abs(latent) <= self.limit + 0.5


GRIDS: dict[Weights, Grid] = {
    "int8": Grid(limit=127, has_zero=True, spread=28.0),
    "int4": Grid(limit=7, has_zero=True, spread=1.5),
    "ternary": Grid(limit=1, has_zero=True, spread=0.7),
    "binary": Grid(limit=1, has_zero=False, spread=0.7),
}
"""By name. Symmetric grids need no zero point, and -8 would cost a lane one more bit."""
