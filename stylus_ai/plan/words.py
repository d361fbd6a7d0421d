"""How the values of a tree are held while they are added up: in machine words, several to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stylus_ai.ir import Interval, TreeSum
from stylus_ai.plan import prices

MOST_LANES = 8
"""Values in one word; more would gain nothing."""


@dataclass(frozen=True)
class Words:
    """Value ``k`` is in word ``k // lanes``, times ``2^(lane_bits * (k % lanes))``.

    Words are added modulo ``2^bits``. Taking the lanes apart gives the sums, because every sum
    fits ``lane_bits``: the verifier has bounded it.

    Attributes:
        bits: 32 or 64.
        lanes: Values in one word.
        lane_bits: Bits of each, sign included.
    """

    bits: int
    lanes: int
    lane_bits: int

    def count(self, width: int) -> int:
        """Words that hold ``width`` values."""
        return -(-width // self.lanes)

    def pack(self, values: Sequence[int]) -> tuple[int, ...]:
        """Values as words, each a signed number of ``bits``."""
        found = [0] * self.count(len(values))
        for k, value in enumerate(values):
            found[k // self.lanes] += value << (k % self.lanes * self.lane_bits)
        return tuple(self.wrap(word) for word in found)

    def wrap(self, value: int) -> int:
        """``value`` modulo ``2^bits``, as a signed number."""
        half = 1 << (self.bits - 1)
        return (value + half) % (2 * half) - half

    def combine(self, inner: int, width: int) -> int:
        """Ink of choosing between two children, of which ``inner`` are not leaves."""
        words = self.count(width)
        price = words * prices.combine(self.bits, inner) + (words - 1) * prices.LOCAL_GET
        return price if self.bits == 32 else price + prices.I64_ALU  # the mask is made wider


def words_for(op: TreeSum, sums: Sequence[Interval]) -> Words:
    """The cheapest words that hold the sums.

    Args:
        op: A sum of trees.
        sums: Proven interval of each of its outputs.
    """
    need = max(max(sum_.high, ~sum_.low).bit_length() + 1 for sum_ in sums)
    width = op.trees[0].width
    # Lanes belong to outputs, so every tree must have all of them.
    packs = all(tree.width == len(op.base) for tree in op.trees)
    choices = [
        Words(bits, min(bits // need, width, MOST_LANES) if packs else 1, need)
        for bits in (32, 64)
        if need <= bits
    ]
    return min(choices, key=lambda words: words.combine(2, width))
