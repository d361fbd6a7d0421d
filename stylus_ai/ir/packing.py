"""A row as bytes: by the features' widths, or with few bits for each value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylus_ai.errors import FeatureError, ModelError
from stylus_ai.ir.feature import Feature
from stylus_ai.ir.tensor import Ints

BITS = (1, 2, 4)
"""Bits of a value that divide a byte; 8 is what the features' widths give anyway."""


def check_bits(columns: Sequence[Feature], bits: int | None) -> None:
    """Refuse features that do not fit so many bits.

    Raises:
        ModelError: ``bits`` is none of ``BITS``, or a feature is negative or too large.
    """
    if bits is None:
        return
    if bits not in BITS:
        raise ModelError(f"bits is {bits}, none of 1, 2 and 4.", "Leave it out for whole bytes.")
    for column in columns:
        if column.q_low < 0 or column.q_top >= 1 << bits:
            raise ModelError(
                f"Feature {column.name} takes {column.q_low}..{column.q_top}, which does not fit "
                f"{bits} bits.",
                "Use more bits, or a smaller range.",
            )


def bytes_for(values: int, bits: int) -> int:
    """Bytes that hold ``values`` of ``bits`` each."""
    return (values * bits + 7) // 8


def pack(columns: Sequence[Feature], bits: int | None, row: Ints) -> bytes:
    """A checked row as bytes."""
    if bits is None:
        return b"".join(
            int(value).to_bytes(column.width, "big", signed=column.signed)
            for column, value in zip(columns, row, strict=True)
        )
    spread = (row[:, np.newaxis] >> np.arange(bits)[::-1]) & 1
    return np.packbits(spread.astype(np.uint8).reshape(-1)).tobytes()


def unpack(columns: Sequence[Feature], bits: int | None, packed: bytes) -> list[int]:
    """Bytes of the right length as a row, not yet checked.

    Raises:
        FeatureError: Bits after the last value are not 0.
    """
    if bits is None:
        row, at = [], 0
        for column in columns:
            end = at + column.width
            row.append(int.from_bytes(packed[at:end], "big", signed=column.signed))
            at = end
        return row
    every = np.unpackbits(np.frombuffer(packed, dtype=np.uint8))
    used, rest = every[: len(columns) * bits], every[len(columns) * bits :]
    if rest.any():
        raise FeatureError("The bits after the last value of a packed row are not 0.")
    values: list[int] = (used.reshape(-1, bits) @ (1 << np.arange(bits)[::-1])).tolist()
    return values
