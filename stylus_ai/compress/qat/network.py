"""The network while it is trained: latents in float32, and the integer program computed with them.

The forward pass is the integer program itself: float32 holds the integers of weights, sums and
activations exactly (all are far below 2^24), and a power of two rescales exactly. The backward pass
takes roundings for the identity and saturations for what they are (the straight-through estimator,
Bengio et al. 2013; for step sizes Esser et al. 2020).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stylus_ai.compress.qat.grids import Grid
from stylus_ai.compress.qat.integer import IntegerNetwork
from stylus_ai.ir import Affine, Op, Requantise, tensor

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

MULTIPLIER_BITS = 15
"""Bits of the largest multiplier of a layer with a multiplier for each output."""


@dataclass(eq=False)
class Layer:
    """A dense layer in training.

    Attributes:
        grid: Integers that a weight may be.
        latent: Weights in steps of the grid, float32[outputs, inputs].
        bias: In steps of the sums, float32[outputs].
        log_gain: log2 of the factor from sums to activations, or to float outputs in the last
            layer: float32[1] or float32[outputs]. Together with the latents it is the learned step
            sizes: gain = step of inputs * step of weights / step of activations.
        high: Largest activation; None in the last layer.
        spread: Standard deviation of the sums at the start.
        keep: Weights that are not pruned, bool[outputs, inputs].
    """

    grid: Grid
    latent: Floats
    bias: Floats
    log_gain: Floats
    high: int | None
    spread: float
    keep: Mask

    @property
    def weights(self) -> Floats:
        """Equation 16, as float32 integers."""
        return self.grid.integers(self.latent) * self.keep

    @property
    def gain(self) -> Floats:
        """2^log_gain, float32[1] or float32[outputs]."""
        return np.exp2(self.log_gain)


@dataclass(frozen=True, eq=False)
class Pass:
    """What the backward pass needs to know of a layer's forward pass."""

    inputs: Floats
    weights: Floats
    sums: Floats
    shifted: Floats
    outputs: Floats


@dataclass(eq=False)
class Network:
    """Layers in training; ``start.py`` makes them."""

    layers: list[Layer]

    def forward(self, rows: Floats) -> list[Pass]:
        """One ``Pass`` per layer for float32[n, features] of integers; the last holds outputs."""
        passes: list[Pass] = []
        for layer in self.layers:
            passes.append(forward_layer(layer, passes[-1].outputs if passes else rows))
        return passes

    def backward(self, passes: list[Pass], slope: Floats) -> list[Floats]:
        """Gradients in the order of ``parameters``, from the loss' derivative by the outputs."""
        gradients: list[list[Floats]] = []
        for layer, seen in zip(reversed(self.layers), reversed(passes), strict=True):
            if layer.high is not None:
                inside = (seen.shifted > 0) & (seen.shifted < layer.high + 1)
                slope = np.where(inside, slope, np.float32(0))
            by_sum: Floats = slope * layer.gain
            latent = by_sum.T @ seen.inputs
            latent *= layer.grid.passes(layer.latent) & layer.keep
            by_gain: Floats = (by_sum * seen.sums).sum(axis=0)
            by_gain *= np.float32(np.log(2))
            if layer.log_gain.size == 1:
                by_gain = by_gain.sum(keepdims=True)
            gradients.append([latent, by_sum.sum(axis=0), by_gain])
            slope = by_sum @ seen.weights
        return [array for layer in reversed(gradients) for array in layer]

    @property
    def parameters(self) -> list[Floats]:
        """Latents, bias and gain of each layer in turn: the arrays themselves."""
        return [
            array for layer in self.layers for array in (layer.latent, layer.bias, layer.log_gain)
        ]

    def shrink(self, share: float) -> None:
        """Pull latents towards zero, in place."""
        for layer in self.layers:
            layer.latent *= np.float32(1 - share)

    def integers(self) -> IntegerNetwork:
        """The network as it stands, in integers."""
        ops: list[Op] = []
        for layer in self.layers:
            weights, bias = layer.weights.astype(np.int64), np.rint(layer.bias).astype(np.int64)
            ops.append(Affine(len(ops), tensor(weights), tensor(bias)))
            if layer.high is not None:
                ops.append(rescaling(len(ops), layer.log_gain, layer.high))
        return IntegerNetwork(tuple(ops), self.layers[-1].gain.astype(np.float64))


def forward_layer(layer: Layer, rows: Floats) -> Pass:
    """What a layer makes of float32[n, inputs] of integers."""
    weights = layer.weights
    sums = rows @ weights.T
    sums += np.rint(layer.bias)
    if layer.high is None:
        outputs = sums * layer.gain
        return Pass(rows, weights, sums, outputs, outputs)
    shifted = sums * layer.gain + np.float32(0.5)
    return Pass(rows, weights, sums, shifted, np.clip(np.floor(shifted), 0, layer.high))


def rescaling(source: int, log_gain: Floats, high: int) -> Requantise:
    """Equation 6 for gains: multipliers of 1 where one power of two is meant, else of 15 bits."""
    exponents = log_gain.astype(np.float64)
    if (exponents == np.rint(exponents)).all():
        shift = max(0, -int(exponents.min()))
    else:
        shift = max(0, MULTIPLIER_BITS - 1 - int(np.ceil(exponents.max())))
    multipliers = np.rint(np.exp2(exponents + shift)).astype(np.int64)
    return Requantise(source, tuple(multipliers.tolist()), shift, low=0, high=high)
