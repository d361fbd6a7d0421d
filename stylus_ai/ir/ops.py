"""The integer operations: a closed union.

Value 0 is the input row, int64[n, features]; op ``i`` writes value ``i + 1``, int64[n, width].
``source`` names the value that an op reads. The arithmetic is in ``arithmetic.py``, one numbered
equation each. A new op is one dataclass here and an arm wherever the type checker asks for one.
"""

from __future__ import annotations

from dataclasses import dataclass

from stylus_ai.ir.tree import Tree


@dataclass(frozen=True)
class TreeSum:
    """Sum of the leaves that a row reaches (equations 3 and 4).

    Attributes:
        source: Value 0.
        trees: At least one.
        base: Start of each output's sum.
        frac_bits: Leaf values are multiples of ``2**-frac_bits``.
        divisor: The float output is ``sum / (divisor * 2**frac_bits)``: the number of trees when
            a forest averages, else 1. Dividing at the end costs no precision in the leaves.
    """

    source: int
    trees: tuple[Tree, ...]
    base: tuple[int, ...]
    frac_bits: int
    divisor: int = 1


@dataclass(frozen=True)
class Affine:
    """Weighted sums of the row (equation 5).

    Attributes:
        source: Value to read.
        weights: ``weights[k][i]`` for output ``k`` and input ``i``.
        bias: One for each output.
        frac_bits: The float output is ``sum / 2**frac_bits``.
    """

    source: int
    weights: tuple[tuple[int, ...], ...]
    bias: tuple[int, ...]
    frac_bits: int


@dataclass(frozen=True)
class Requantise:
    """Another scale, rounded half up and saturated, for each element (equation 6)."""

    source: int
    multiplier: int
    shift: int
    low: int
    high: int


@dataclass(frozen=True)
class Sigmoid:
    """Logistic function in basis points, 0..10000, for each element (equation 9)."""

    source: int
    frac_bits: int


@dataclass(frozen=True)
class AtLeast:
    """1 where the element is at least ``threshold``, else 0 (equation 7)."""

    source: int
    threshold: int


@dataclass(frozen=True)
class Argmax:
    """Index of the largest element of a row; the first of equals (equation 8)."""

    source: int


Op = TreeSum | Affine | Requantise | Sigmoid | AtLeast | Argmax
