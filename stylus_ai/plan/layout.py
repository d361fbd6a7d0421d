"""How the values of a network lie in memory between two layers.

The convention that all layers share, so that kernels of different kinds compose:

- A layer is a Rust module ``layer_<k>.rs`` with one function for the others,
  ``pub(crate) fn layer(x: &In) -> Out``. It takes one array and gives one array by value. What it
  needs besides (parts, since a function has at most 348 locals) is private to the module.
- A layer that writes an image has ``pub(crate) fn fill(x: &In, out: &mut Out)`` instead: images are
  large, and a copy costs 100 ink for each byte. ``out`` holds padding when it comes.
- Small values are bytes: ``[u8; N]``, read and written eight at a time as little-endian words.
  Where an interval begins below 0, the byte holds ``value - offset``.
- Wide values, sums above all, are ``[i32; N]`` or ``[i64; N]``.
- The first layer reads the packed row as it comes in the calldata, where that needs no check.
- The layer that reads a value decides its layout (a convolution wants rows with a border, a dense
  layer takes any order); the layer that writes it obeys. Elements that stand for nothing hold what
  ``pad`` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stylus_ai.ir import Features
from stylus_ai.ir.intervals import Intervals
from stylus_ai.ir.verify import INT32

Element = Literal["u1", "u2", "u4", "u8", "i32", "i64"]
"""Type of an array's elements. Those below 8 bits share bytes, the first in the highest bits."""

BITS: dict[Element, int] = {"u1": 1, "u2": 2, "u4": 4, "u8": 8, "i32": 32, "i64": 64}


@dataclass(frozen=True)
class Layout:
    """An array, and where each element of a value lies in it.

    Attributes:
        element: Type of the array's elements.
        length: Elements of the array, those that stand for nothing included.
        position: Of each element of the value, in the value's order: its place in the array.
        offset: ``value = element + offset``; not 0 only for elements of 8 bits.
        pad: What elements hold that stand for nothing.
    """

    element: Element
    length: int
    position: tuple[int, ...]
    offset: int = 0
    pad: int = 0

    @property
    def bytes(self) -> int:
        """Size of the array."""
        return -(-self.length * BITS[self.element] // 8)

    @property
    def rust(self) -> str:
        """Rust type of the array."""
        return f"[{self.element}; {self.length}]" if self.wide else f"[u8; {self.bytes}]"

    @property
    def wide(self) -> bool:
        """True for 32 and 64 bits."""
        return self.element in {"i32", "i64"}


def plain(intervals: Intervals) -> Layout:
    """The narrowest layout of a value in its own order.

    Args:
        intervals: Of its elements, proven by ``verify``.
    """
    hull = intervals.hull
    order = tuple(range(len(intervals)))
    if hull.high - min(hull.low, 0) <= 0xFF:
        return Layout("u8", len(order), order, offset=min(hull.low, 0))
    return Layout("i32" if hull.fits(INT32) else "i64", len(order), order)


def of_features(features: Features, *, packed: bool) -> Layout:
    """Layout of a row as the model function gets it.

    Args:
        features: The columns.
        packed: Whether that is the packed row itself; else it is one i32 for each feature.
    """
    order = tuple(range(len(features)))
    if not packed:
        return Layout("i32", len(order), order)
    element: dict[int | None, Element] = {1: "u1", 2: "u2", 4: "u4", None: "u8"}
    return Layout(element[features.bits], len(order), order)


def takes_packed(features: Features) -> bool:
    """Whether every value that its bits can hold is a value of each feature."""
    top = (1 << (features.bits or 8)) - 1
    return all(column.q_low == 0 and column.q_top == top for column in features)
