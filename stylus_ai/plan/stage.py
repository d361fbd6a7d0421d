"""What one layer of a network computes."""

from __future__ import annotations

from dataclasses import dataclass

from stylus_ai.ir import Affine, Conv2d, MaxPool2d, Requantise, SumPool2d


@dataclass(frozen=True)
class Stage:
    """An op and the requantisation that follows it.

    Attributes:
        op: What is computed; a requantisation only where it follows no other op of a layer.
        requantise: Applied to every element of it; None for none.
        source: Value of the program that it reads.
        value: Value that it gives.
    """

    op: Affine | Conv2d | MaxPool2d | SumPool2d | Requantise
    requantise: Requantise | None
    source: int
    value: int

    @property
    def takes_requantise(self) -> bool:
        """Whether a requantisation that follows may join."""
        return self.requantise is None and not isinstance(self.op, Requantise)

    @property
    def sums(self) -> int:
        """Value before the requantisation."""
        return self.value if self.requantise is None else self.requantise.source
