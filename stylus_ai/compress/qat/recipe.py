"""What is trained and how: every choice of a training run in one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeVar

from stylus_ai.compress.qat.grids import GRIDS, Weights
from stylus_ai.errors import ModelError

_T = TypeVar("_T")

Rescale = Literal["shift", "multiplier"]
"""How a sum becomes an activation: by a power of two for the layer, or by a multiplier for each
output. A shift is cheaper on the chain; the latents then learn the step sizes."""


@dataclass(frozen=True)
class MlpRecipe:
    """A network of dense layers with ReLU between, and its training.

    Attributes:
        hidden: Widths of the hidden layers; empty for a linear model.
        weights: Grid of the weights of each layer, or one for all of them.
        activation_bits: Bits of a hidden activation, unsigned: 1 to 8.
        rescale: See ``Rescale``.
        epochs: Times that each training row is seen.
        batch: Rows per step.
        rate: Learning rate at its highest, in spreads of a layer's weights per step.
        decay: Pull of weights towards zero, per step at the highest rate: small weights need fewer
            bits in a packed sum. 0 leaves them alone.
        sparsity: Share of weights, or of groups of them, that are zero in the end; one for each
            layer, or one for all of them.
        group: Outputs and inputs that are pruned together, see ``keep_largest``.
        validation: Share of the rows that training does not see; they choose the epoch.
        distil: Weight of the teacher's answer in the loss, 0 without one, 1 for nothing else.
        softness: Temperature at which student and teacher are compared.
        seed: Decides everything that is drawn. The same seed, rows, numpy and processor give the
            same network; another processor may add up floats in another order.
    """

    hidden: tuple[int, ...] = (64,)
    weights: Weights | tuple[Weights, ...] = "int4"
    activation_bits: int = 4
    rescale: Rescale = "shift"
    epochs: int = 150
    batch: int = 128
    rate: float = 0.05
    decay: float = 0.0
    sparsity: float | tuple[float, ...] = 0.0
    group: tuple[int, int] = (1, 1)
    validation: float = 0.125
    distil: float = 0.0
    softness: float = 2.0
    seed: int = 0

    def __post_init__(self) -> None:
        _in_range("activation_bits", self.activation_bits, 1, 8)
        _in_range("epochs", self.epochs, 1, 1_000_000)
        _in_range("batch", self.batch, 1, 1_000_000)
        _in_range("validation", self.validation, 0.0, 0.9)
        _in_range("distil", self.distil, 0.0, 1.0)
        for width in self.hidden:
            _in_range("a hidden width", width, 1, 1_000_000)
        for sparsity, grid in zip(self.sparsities, self.grids, strict=True):
            _in_range("sparsity", sparsity, 0.0, 0.999)
            if sparsity and not GRIDS[grid].has_zero:
                raise ModelError(
                    "Binary weights have no zero, so nothing can be pruned.",
                    'Set weights="ternary", or sparsity=0.',
                )

    @property
    def activation_high(self) -> int:
        """Largest hidden activation."""
        return (1 << self.activation_bits) - 1

    @property
    def grids(self) -> tuple[Weights, ...]:
        """Grid of each layer."""
        return self._for_each(self.weights, "weights")

    @property
    def sparsities(self) -> tuple[float, ...]:
        """Sparsity of each layer."""
        return self._for_each(self.sparsity, "sparsity")

    def _for_each(self, given: _T | tuple[_T, ...], name: str) -> tuple[_T, ...]:
        layers = len(self.hidden) + 1
        several = given if isinstance(given, tuple) else (given,) * layers
        if len(several) != layers:
            raise ModelError(f"{name} has {len(several)} values for {layers} layers.")
        return several


def _in_range(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ModelError(f"{name} is {value!r}, not in {low}..{high}.")
