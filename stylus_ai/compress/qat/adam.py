"""Adam (Kingma and Ba 2015) with a warm-up and half a cosine down to zero."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

MOMENTUM = 0.9
MEMORY = 0.99
"""Decay of the mean of squares: short, because roundings make gradients jump."""
WARM_UP = 200
"""Steps until the rate is full, or a tenth of the run where that is less."""


def pace(done: int, steps: int) -> float:
    """Share of the highest rate after ``done`` of ``steps`` steps: up, then down to zero."""
    warm = min(1.0, (done + 1) / min(WARM_UP, 1 + steps // 10))
    return float(warm * 0.5 * (1 + np.cos(np.pi * done / steps)))


class Adam:
    """Moves arrays in place against their gradients.

    Args:
        moved: The parameters.
        rates: Highest step of each, in its own unit.
        steps: Length of the whole run.
    """

    def __init__(self, moved: list[Floats], rates: list[float], steps: int) -> None:
        self._moved, self._rates, self._steps = moved, rates, steps
        self._mean = [np.zeros_like(array) for array in moved]
        self._square = [np.zeros_like(array) for array in moved]
        self._done = 0

    @property
    def pace(self) -> float:
        """Share of the highest rate that the next step takes."""
        return pace(self._done, self._steps)

    def step(self, gradients: list[Floats]) -> None:
        """One step of all parameters."""
        pace = self.pace
        self._done += 1
        unbias_mean = 1 - MOMENTUM**self._done
        unbias_square = 1 - MEMORY**self._done
        for i, gradient in enumerate(gradients):
            mean, square = self._mean[i], self._square[i]
            mean += np.float32(1 - MOMENTUM) * (gradient - mean)
            square += np.float32(1 - MEMORY) * (gradient * gradient - square)
            size = np.float32(pace * self._rates[i] / unbias_mean)
            root = np.sqrt(square / np.float32(unbias_square)) + np.float32(1e-9)
            self._moved[i] -= size * mean / root
