"""Windows: where a convolution or a pool looks at an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError

MAX_SIDE = 4096

Numbers = npt.NDArray[Any]


@dataclass(frozen=True)
class Windows:
    """The windows of an image, row by row.

    Attributes:
        channels: Channels of the image.
        height: Rows of the image.
        width: Columns of the image.
        kernel: Rows and columns of a window.
        stride: Rows and columns from one window to the next.
        padding: Rows and columns that the image is extended by: (top, left, bottom, right).

    Raises:
        ModelError: A number is out of range, or no window fits.
    """

    channels: int
    height: int
    width: int
    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)

    def __post_init__(self) -> None:
        sizes = (self.channels, self.height, self.width, *self.kernel, *self.stride)
        if not all(1 <= size <= MAX_SIDE for size in sizes):
            raise ModelError(f"An image, kernel or stride has a side outside 1..{MAX_SIDE}.")
        top, left, bottom, right = self.padding
        if not (
            min(self.padding) >= 0
            and max(top, bottom) < self.kernel[0]
            and max(left, right) < self.kernel[1]
        ):
            raise ModelError(
                f"The padding {self.padding} does not lie below the kernel {self.kernel}."
            )
        if min(self.out_height, self.out_width) < 1:
            raise ModelError(
                f"A kernel of {self.kernel} does not fit an image of {self.height} by {self.width}."
            )

    @property
    def size(self) -> int:
        """Elements of the image."""
        return self.channels * self.height * self.width

    @property
    def out_height(self) -> int:
        """Rows of windows."""
        top, _, bottom, _ = self.padding
        return (self.height + top + bottom - self.kernel[0]) // self.stride[0] + 1

    @property
    def out_width(self) -> int:
        """Windows in a row."""
        _, left, _, right = self.padding
        return (self.width + left + right - self.kernel[1]) // self.stride[1] + 1

    @property
    def positions(self) -> int:
        """Number of windows."""
        return self.out_height * self.out_width

    def of(self, x: Numbers, fill: float) -> Numbers:
        """The contents of all windows.

        Args:
            x: number[n, size].
            fill: Value of the padding.

        Returns:
            number[n, channels, positions, kernel rows * kernel columns], of the type of ``x``.
        """
        top, left, bottom, right = self.padding
        image = x.reshape(len(x), self.channels, self.height, self.width)
        around = ((0, 0), (0, 0), (top, bottom), (left, right))
        padded = np.pad(image, around, constant_values=fill)
        every = np.lib.stride_tricks.sliding_window_view(padded, self.kernel, axis=(2, 3))
        strided = every[:, :, :: self.stride[0], :: self.stride[1]]
        shape = (len(x), self.channels, self.positions, self.kernel[0] * self.kernel[1])
        windows: Numbers = np.ascontiguousarray(strided).reshape(shape)
        return windows
