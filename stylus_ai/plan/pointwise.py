"""A requantisation that follows no sum: of the row itself, before the first layer."""

from __future__ import annotations

from dataclasses import dataclass, replace

from stylus_ai.ir import Requantise
from stylus_ai.ir.verify import Bounds
from stylus_ai.plan import prices
from stylus_ai.plan.layout import Layout, plain
from stylus_ai.plan.stage import Stage
from stylus_ai.units import Bytes, Ink

ELEMENT_INK = Ink(prices.I32_LOAD + prices.REQUANTISE + prices.I32_STORE + 3 * prices.LOCAL_GET)
ELEMENT_BYTES = 45


@dataclass(frozen=True)
class PointwiseLayer:
    """The plan of a requantisation, element by element.

    Attributes:
        stage: What it computes; its op is a ``Requantise``.
        takes: Layout of its input.
        gives: Layout of its output.
        ink: Of the layer's function.
        bytes: Raw wasm.
    """

    stage: Stage
    takes: Layout
    gives: Layout
    ink: Ink
    bytes: Bytes

    @property
    def kernel(self) -> str:
        """Name of the kernel, for people."""
        return "requantise"


def plan_layer(
    stage: Stage, bounds: Bounds, takes: Layout, wanted: Layout | None
) -> PointwiseLayer:
    """Plan a requantisation of every element.

    Args:
        stage: A ``Requantise`` by itself.
        bounds: Of the program.
        takes: Layout of its input.
        wanted: Layout that the next layer asks for; None if any order will do.
    """
    count = len(takes.position)
    return PointwiseLayer(
        stage,
        takes,
        wanted or plain(bounds.values[stage.value]),
        Ink(prices.CALL + prices.BLOCK + count * ELEMENT_INK),
        Bytes(count * ELEMENT_BYTES),
    )


def moved(op: Requantise, bounds: Bounds, takes: Layout) -> Layout | None:
    """The same array with another meaning, where all that is done is to move the zero point."""
    if set(op.multipliers) != {1} or op.shift:
        return None
    hull = bounds.values[op.source].hull
    if hull.low + op.zero_point < op.low or hull.high + op.zero_point > op.high:
        return None
    return replace(takes, offset=takes.offset + op.zero_point)
