"""The multilayer perceptron that all peers compute, as plain numpy arrays.

Nothing here knows of the compiler: the peers are given what anybody could be given, integers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stylus_ai.units import Bytes

Ints = npt.NDArray[np.int64]

PIXELS, HIDDEN, DIGITS = 196, 64, 10
X_MAX = 15
"""Pixels and hidden values have 4 bits."""

W_MAX = 7
"""Weights have 4 bits and a sign: -7..7."""

PACKED = Bytes(PIXELS // 2)
"""Bytes of an image: two pixels each, the first in the high half."""

LOGIT_BITS = 16
"""Of a logit in an answer, two's complement."""


@dataclass(frozen=True)
class Mlp:
    """196-64-10: a digit of 14x14 pixels to ten logits.

    ``h = clamp(floor((w1 x + b1 + floor(2^s / 2)) / 2^s), 0, 15)``, ``logits = w2 h + b2``.

    Attributes:
        w1: int64[64, 196], -7..7.
        b1: int64[64].
        shift: ``s``, from 1.
        w2: int64[10, 64], -7..7.
        b2: int64[10].
    """

    w1: Ints
    b1: Ints
    shift: int
    w2: Ints
    b2: Ints

    def __post_init__(self) -> None:
        assert self.w1.shape == (HIDDEN, PIXELS)
        assert self.w2.shape == (DIGITS, HIDDEN)
        assert max(np.abs(self.w1).max(), np.abs(self.w2).max()) <= W_MAX
        assert self.shift >= 1

    def logits(self, x: Ints) -> Ints:
        """What every peer must answer: int64[n, 10] for pixels int64[n, 196]."""
        sums = x @ self.w1.T + self.b1
        hidden = ((sums + (1 << self.shift >> 1)) >> self.shift).clip(0, X_MAX)
        answer: Ints = hidden @ self.w2.T + self.b2
        return answer

    @staticmethod
    def pack(x: Ints) -> bytes:
        """One image as all peers take it."""
        pairs = x.reshape(PACKED, 2)
        return bytes((pairs[:, 0] << 4 | pairs[:, 1]).astype(np.uint8))


def sample_mlp(seed: int = 0) -> Mlp:
    """Weights as training leaves them (rounded N(0, 2), clipped), from a seed."""
    random = np.random.default_rng(seed)

    def weights(*shape: int) -> Ints:
        drawn: Ints = np.rint(random.normal(0, 2, shape)).astype(np.int64)
        return drawn.clip(-W_MAX, W_MAX)

    return Mlp(
        w1=weights(HIDDEN, PIXELS),
        b1=random.integers(-50, 51, HIDDEN),
        shift=5,
        w2=weights(DIGITS, HIDDEN),
        b2=random.integers(-50, 51, DIGITS),
    )


def sample_digits(count: int, seed: int = 0) -> Ints:
    """Images int64[count, 196] of which, as of pooled digits, three pixels in four are blank."""
    random = np.random.default_rng(seed)
    inked = random.random((count, PIXELS)) < 0.25
    images: Ints = random.integers(1, X_MAX + 1, (count, PIXELS)) * inked
    return images


def encode_answer(logits: Ints) -> bytes:
    """What peers answer for ten logits: 32 bytes, big-endian.

    The digit of the largest logit (the first of equal ones) in byte 11, then the logits, 16 bits
    each, first to last.
    """
    words = b"".join(int(value).to_bytes(2, signed=True) for value in logits)
    return bytes(11) + bytes([int(np.argmax(logits))]) + words
