"""Features of an image: one for each pixel, packed tightly."""

from __future__ import annotations

from stylus_ai.errors import ModelError
from stylus_ai.ir.feature import Feature
from stylus_ai.ir.features import Features
from stylus_ai.ir.packing import BITS


def image(height: int, width: int, *, channels: int = 1, levels: int = 16) -> Features:
    """Pixels ``pixel_ROW_COLUMN``, channel by channel, each row by row.

    Args:
        height: Rows.
        width: Columns.
        channels: Channels; with several, the names are ``pixel_CHANNEL_ROW_COLUMN``.
        levels: A pixel is 0..levels - 1. Up to 16 levels are packed into 1, 2 or 4 bits.

    Raises:
        ModelError: A size is not positive, or there are more pixels than a model takes.
    """
    if min(height, width, channels) < 1 or not 2 <= levels <= 256:
        raise ModelError(f"There is no image of {channels} x {height} x {width}, {levels} levels.")
    pixels = [
        Feature(
            f"pixel_{f'{c}_' if channels > 1 else ''}{row}_{column}",
            0,
            levels - 1,
        )
        for c in range(channels)
        for row in range(height)
        for column in range(width)
    ]
    return Features(tuple(pixels), next((bits for bits in BITS if levels <= 1 << bits), None))
