"""IntTensor: the numbers of a layer, frozen, comparable and hashable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class IntTensor:
    """Integers of 64 bits in a fixed shape.

    Attributes:
        array: int64, contiguous; cannot be written to.
    """

    array: Ints

    def __post_init__(self) -> None:
        if self.array.dtype.kind not in "iu":
            raise ModelError(f"A tensor holds integers, not {self.array.dtype}.")
        own = np.array(self.array, dtype=np.int64, order="C")
        own.setflags(write=False)
        object.__setattr__(self, "array", own)

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return self.array.shape

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IntTensor) and np.array_equal(self.array, other.array)

    def __hash__(self) -> int:
        return hash((self.shape, self.array.tobytes()))

    def tolist(self) -> list[Any]:
        """Nested lists of Python integers, which do not overflow."""
        nested: list[Any] = self.array.tolist()
        return nested


def tensor(values: Sequence[Any] | npt.NDArray[np.integer[Any]]) -> IntTensor:
    """A tensor from nested sequences or an array of integers.

    Raises:
        ModelError: Rows of unequal length, or not integers of 64 bits.
    """
    try:
        array = np.asarray(values)
        if array.size == 0:
            array = array.astype(np.int64)
        return IntTensor(array)
    except (ValueError, OverflowError, TypeError) as error:
        raise ModelError(f"These values form no tensor of integers: {error}.") from None
