"""IntegerMlp: what training ends with, as integers alone, and what it computes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from stylus_ai.ir.arithmetic import Ints


@dataclass(frozen=True, eq=False)
class IntegerLayer:
    """A dense layer, and how its sums become activations.

    Attributes:
        weights: int64[outputs, inputs].
        bias: int64[outputs], at the scale of the sums.
        multipliers: One for all outputs or one for each, int64[1] or int64[outputs].
        shift: ``y = clamp(floor((x * m + floor(2^shift / 2)) / 2^shift), 0, high)``.
        high: Largest activation; None for the last layer, whose sums are the answer.
    """

    weights: Ints
    bias: Ints
    multipliers: Ints
    shift: int
    high: int | None

    def sums(self, x: Ints) -> Ints:
        """Equation 5 for integer rows int64[n, inputs]."""
        product: Ints = x @ self.weights.T
        return product + self.bias

    def __call__(self, x: Ints) -> Ints:
        """Activations, or sums for the last layer: int64[n, outputs]."""
        sums = self.sums(x)
        if self.high is None:
            return sums
        half = np.int64((1 << self.shift) >> 1)
        scaled: Ints = (sums * self.multipliers + half) >> np.int64(self.shift)
        return scaled.clip(0, self.high)


@dataclass(frozen=True, eq=False)
class IntegerMlp:
    """A trained network of integers.

    Attributes:
        layers: In order.
        scale: The float output is ``sum * scale``: logits, log-odds or the target's unit;
            float64[1] or float64[outputs].
    """

    layers: tuple[IntegerLayer, ...]
    scale: npt.NDArray[np.float64]

    def sums(self, q: npt.ArrayLike) -> Ints:
        """Sums of the last layer for integer rows int[n, features]: int64[n, outputs]."""
        values = np.asarray(q, dtype=np.int64)
        for layer in self.layers:
            values = layer(values)
        return values

    def floats(self, q: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Logits, log-odds or values, float64[n, outputs]."""
        return self.sums(q) * self.scale

    def moved(self, offset: npt.NDArray[np.float64], unit: npt.NDArray[np.float64]) -> IntegerMlp:
        """The network of ``y * unit + offset``, the offset rounded into the bias."""
        scale = self.scale * unit
        *hidden, last = self.layers
        bias = last.bias + np.rint(offset / scale).astype(np.int64)
        return IntegerMlp((*hidden, replace(last, bias=bias)), scale)
