"""Images as rows of small integers, and the same images bent a little for training.

A row is an image after pooling, row by row, ``levels`` being the value of white: 15 for 4 bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Images = npt.NDArray[np.uint8]

WHITE = 255
"""Largest value of a pixel."""

MARGIN = 8
"""Pixels of black around an image, so that what is moved out of it needs no special case."""

COPIED_AT_ONCE = 1000
"""Rows that are bent in one go."""


@dataclass(frozen=True)
class Distortion:
    """How far images are bent, each by its own random amounts.

    Attributes:
        rotate: Degrees to either side.
        scale: Share by which each axis grows or shrinks.
        shear: Horizontal shift per row.
        shift: Pixels of the original image, to each side.
        elastic: Standard deviation in pixels of a smooth displacement (Simard et al. 2003).
    """

    rotate: float = 12.0
    scale: float = 0.12
    shear: float = 0.15
    shift: float = 1.5
    elastic: float = 0.8


NONE = Distortion(rotate=0, scale=0, shear=0, shift=0, elastic=0)
"""Leaves images as they are."""

ELASTIC_KNOTS = 4
"""The displacement is drawn on 4 x 4 points and interpolated between them."""


def pooled(images: Images, pool: int, levels: int) -> Ints:
    """Mean of ``pool`` x ``pool`` pixels in ``levels`` steps, rounded half up, in integers.

    Args:
        images: uint8[n, height, width], both divisible by ``pool``.
        pool: Side of the square that becomes one value.
        levels: Value of white: 1, 3, 15 or 255.

    Returns:
        int64[n, height / pool * width / pool], row by row.
    """
    count, height, width = _shape(images, pool)
    blocks = images.astype(np.int64).reshape(count, height // pool, pool, width // pool, pool)
    sums = blocks.sum(axis=(2, 4)).reshape(count, -1)
    white = WHITE * pool * pool
    rounded: Ints = (2 * levels * sums + white) // (2 * white)
    return rounded


class WarpedImages:
    """Training rows that are bent afresh each time they are drawn; a ``RowSource``.

    Pooling comes first, as a sliding mean, and then one bilinear sample for each value of the row:
    four times fewer samples than in the other order. Without distortion that is ``pooled`` exactly.
    """

    def __init__(
        self, images: Images, pool: int, levels: int, distortion: Distortion | None = None
    ) -> None:
        count, height, width = _shape(images, pool)
        self._distortion = Distortion() if distortion is None else distortion
        self._pool, self._levels, self._count = pool, levels, count
        means = np.pad(_sliding_mean(images, pool), ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN)))
        self._size = means.shape[1] * means.shape[2]
        self._width = means.shape[2]
        self._last = (means.shape[1] - 2, means.shape[2] - 2)
        self._pixels = means.ravel()
        rows, columns = height // pool, width // pool
        self._middle = ((height - pool) / 2 + MARGIN, (width - pool) / 2 + MARGIN)
        y, x = np.meshgrid(_centred(rows, pool), _centred(columns, pool), indexing="ij")
        self._y, self._x = y.ravel(), x.ravel()
        self._bend = _between_knots(rows, columns)

    def __len__(self) -> int:
        return self._count

    def copies(self, count: int, random: np.random.Generator) -> Images:
        """Every row ``count`` times, each bent in its own way: uint8[count * rows, features].

        Some tens of copies are as good as bending anew for each epoch, and train much faster.
        """
        order = np.arange(self._count, dtype=np.int64)
        bent = [
            self.draw(some, random).astype(np.uint8)
            for _ in range(count)
            for some in np.array_split(order, 1 + self._count // COPIED_AT_ONCE)
        ]
        return np.concatenate(bent)

    def draw(self, rows: npt.NDArray[np.int64], random: np.random.Generator) -> Floats:
        """Bent images as rows of integers in float32[len(rows), features]."""
        y, x = self._places(len(rows), random)
        y, x = np.clip(y, 0, self._last[0]), np.clip(x, 0, self._last[1])
        top, left = y.astype(np.int32), x.astype(np.int32)
        y -= top
        x -= left
        at = top * np.int32(self._width) + left
        at += (rows.astype(np.int32) * np.int32(self._size))[:, np.newaxis]
        upper = self._blend(at, x)
        lower = self._blend(at + np.int32(self._width), x)
        upper += (lower - upper) * y
        upper /= np.float32(WHITE / self._levels)
        upper += np.float32(0.5)
        return np.floor(upper)

    def _blend(self, at: npt.NDArray[np.int32], share: Floats) -> Floats:
        left, right = self._pixels[at], self._pixels[at + np.int32(1)]
        blended: Floats = left + (right - left) * share
        return blended

    def _places(self, count: int, random: np.random.Generator) -> tuple[Floats, Floats]:
        """Where each value of each row is sampled: y and x, float32[count, features]."""
        bent = self._distortion

        def uniform(limit: float, base: float = 0.0) -> Floats:
            drawn: Floats = (base + random.uniform(-limit, limit, (count, 1))).astype(np.float32)
            return drawn

        angle = uniform(np.deg2rad(bent.rotate))
        wide, high = uniform(bent.scale, 1.0), uniform(bent.scale, 1.0)
        shear, down, right = uniform(bent.shear), uniform(bent.shift), uniform(bent.shift)
        cos: Floats = np.cos(angle)
        sin: Floats = np.sin(angle)
        y: Floats = self._y * (cos * high) + self._x * (sin * wide)
        x: Floats = self._x * (cos * wide) + self._y * ((shear - sin) * high)
        y += down + np.float32(self._middle[0])
        x += right + np.float32(self._middle[1])
        if bent.elastic:
            knots = random.standard_normal((2, count, len(self._bend)), dtype=np.float32)
            knots *= np.float32(bent.elastic)
            y += knots[0] @ self._bend
            x += knots[1] @ self._bend
        return y, x


def _shape(images: Images, pool: int) -> tuple[int, int, int]:
    if images.ndim != 3 or images.dtype != np.uint8:
        raise ModelError(
            f"Images are {images.dtype}{list(images.shape)}, not uint8[n, height, width]."
        )
    count, height, width = images.shape
    if height % pool or width % pool:
        raise ModelError(f"Images of {height} x {width} cannot be pooled by {pool}.")
    return count, height, width


def _sliding_mean(images: Images, pool: int) -> Floats:
    """Mean of the ``pool`` x ``pool`` pixels from each pixel on; exact, being of small integers."""
    height, width = images.shape[1] - pool + 1, images.shape[2] - pool + 1
    total = np.zeros((len(images), height, width), dtype=np.float32)
    for dy in range(pool):
        for dx in range(pool):
            total += images[:, dy : dy + height, dx : dx + width]
    total /= np.float32(pool * pool)
    return total


def _centred(count: int, pool: int) -> Floats:
    """Places of ``count`` pooled values along an axis, measured from the middle."""
    places: Floats = (pool * (np.arange(count) - (count - 1) / 2)).astype(np.float32)
    return places


def _between_knots(rows: int, columns: int) -> Floats:
    """Linear interpolation from the knots to each value, float32[knots, rows * columns]."""

    def hats(count: int) -> npt.NDArray[np.float64]:
        at = np.linspace(0, ELASTIC_KNOTS - 1, count)
        weights: npt.NDArray[np.float64] = np.maximum(
            0, 1 - np.abs(at[np.newaxis] - np.arange(ELASTIC_KNOTS)[:, np.newaxis])
        )
        return weights

    both = np.einsum("ai,bj->abij", hats(rows), hats(columns))
    flat: Floats = both.reshape(ELASTIC_KNOTS**2, rows * columns).astype(np.float32)
    return flat
