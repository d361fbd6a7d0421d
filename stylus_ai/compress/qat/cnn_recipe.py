"""A small CNN and its training, in one frozen value.

Convolutions keep the image's size (or halve it by their stride), a ReLU saturates, a pool takes the
largest of 2 x 2, and one dense layer answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from stylus_ai.compress.qat.grids import Weights
from stylus_ai.errors import ModelError
from stylus_ai.ir import Windows


@dataclass(frozen=True)
class ConvLayer:
    """A convolution, its saturating ReLU, and a pool.

    Attributes:
        channels: Outputs.
        kernel: Side of its square windows, odd: they are padded so that the size stays.
        stride: 1, or 2 to halve the size.
        pool: 2 for the largest of 2 x 2 afterwards, an odd row or column left out; else 1.
        weights: Grid of its weights.
        sparsity: Share of weights that are zero in the end. A convolution's kernel costs gas and
            bytes for each weight that is not.
    """

    channels: int
    kernel: int = 3
    stride: int = 1
    pool: int = 1
    weights: Weights = "int4"
    sparsity: float = 0.0

    def __post_init__(self) -> None:
        if self.kernel % 2 == 0 or self.stride not in (1, 2) or self.pool not in (1, 2):
            raise ModelError(
                f"A kernel of {self.kernel}, stride {self.stride} and pool {self.pool}: kernels "
                "are odd, strides and pools 1 or 2."
            )


@dataclass(frozen=True)
class CnnRecipe:
    """A network of convolutions and one dense layer, and its training; see ``MlpRecipe``.

    Attributes:
        shape: Channels, rows and columns of an image.
        layers: The convolutions.
        mean: Whether each channel is summed up over all positions before the dense layer, which
            then has few weights.
        classes: Outputs of the dense layer.
        dense: Grid of the dense layer's weights.
        dense_sparsity: Share of its weights that are zero in the end.
        activation_bits: Bits of an activation, unsigned.
        epochs: Passes over as many lessons as there are different images.
        images: Number of different images, of which the lessons are copies.
        batch: Rows per step.
        rate: Highest learning rate, in spreads of a layer's weights per step.
        decay: Pull of weights towards zero, per step at the highest rate.
        distil: Weight of the teacher's answer in the loss.
        softness: Temperature at which student and teacher are compared.
        seed: Decides everything that is drawn.
    """

    shape: tuple[int, int, int]
    layers: tuple[ConvLayer, ...]
    mean: bool = False
    classes: int = 10
    dense: Weights = "int4"
    dense_sparsity: float = 0.0
    activation_bits: int = 4
    epochs: int = 60
    images: int = 8000
    batch: int = 128
    rate: float = 0.04
    decay: float = 0.0
    distil: float = 0.0
    softness: float = 2.0
    seed: int = 0

    @property
    def windows(self) -> tuple[tuple[Windows, Windows | None], ...]:
        """Windows of each convolution, and of the pool after it."""
        found = []
        shape = self.shape
        for layer in self.layers:
            margin = layer.kernel // 2
            windows = Windows(*shape, (layer.kernel,) * 2, (layer.stride,) * 2, (margin,) * 4)
            shape = (layer.channels, windows.out_height, windows.out_width)
            pool = Windows(*shape, (2, 2), (2, 2)) if layer.pool == 2 else None
            if pool is not None:
                shape = (layer.channels, pool.out_height, pool.out_width)
            found.append((windows, pool))
        return tuple(found)

    @property
    def last(self) -> tuple[int, int, int]:
        """Channels, rows and columns after the last convolution and its pool."""
        windows, pool = self.windows[-1]
        end = windows if pool is None else pool
        return self.layers[-1].channels, end.out_height, end.out_width

    @property
    def dense_inputs(self) -> int:
        """Numbers that the dense layer reads."""
        channels, height, width = self.last
        return channels if self.mean else channels * height * width

    @property
    def multiplications(self) -> int:
        """Products of an activation and a weight in one prediction."""
        inputs = [self.shape[0], *(layer.channels for layer in self.layers)]
        total = self.dense_inputs * self.classes
        for (before, after), (windows, _), layer in zip(
            pairwise(inputs), self.windows, self.layers, strict=True
        ):
            total += windows.positions * before * after * layer.kernel**2
        return total
