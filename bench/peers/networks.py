"""The network that all peers compute, as plain arrays, and one to measure before any is trained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.ir import Affine, Argmax, Feature, Features, Program, Requantise, tensor, verify
from stylus_ai.units import Bytes

Ints = npt.NDArray[np.int64]

PIXELS, HIDDEN, DIGITS = 196, 64, 10
X_MAX = 15
"""Pixels and hidden values have 4 bits."""

W_MAX = 7
"""Weights have 4 bits and a sign: -7..7."""

PACKED = Bytes(PIXELS // 2)
"""Bytes of an image: two pixels each, the first in the high half."""

INKED = 0.24
"""Share of the pixels of a digit that are not blank; so in MNIST, pooled to 14x14 and 4 bits."""


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

    @classmethod
    def of(cls, program: Program) -> Mlp:
        """The numbers of a program.

        Raises:
            ModelError: It is another kind of network.
        """
        kinds = (Affine, Requantise, Affine, Argmax)
        if tuple(map(type, program.ops)) == kinds:
            first, middle, last, _ = program.ops
            assert isinstance(first, Affine)
            assert isinstance(middle, Requantise)
            assert isinstance(last, Affine)
            mlp = cls(
                first.weights.array,
                first.bias.array,
                middle.shift,
                last.weights.array,
                last.bias.array,
            )
            limits = (middle.multipliers, middle.zero_point, middle.low, middle.high)
            shapes = (mlp.w1.shape, mlp.w2.shape, program.features.packed_length)
            largest = max(np.abs(mlp.w1).max(), np.abs(mlp.w2).max())
            if (
                shapes == ((HIDDEN, PIXELS), (DIGITS, HIDDEN), PACKED)
                and limits == ((1,), 0, 0, X_MAX)
                and middle.shift >= 1
                and largest <= W_MAX
            ):
                return mlp
        raise ModelError(
            f"{program.name} is no 196-64-10 with 4 bits and a power of two between its layers."
        )


def sample_program(seed: int = 0) -> Program:
    """A network with weights as training leaves them (rounded N(0, 2), clipped), from a seed."""
    random = np.random.default_rng(seed)

    def layer(source: int, outputs: int, inputs: int) -> Affine:
        weights = np.rint(random.normal(0, 2, (outputs, inputs))).astype(np.int64)
        bias = random.integers(-50, 51, outputs)
        return Affine(source, tensor(weights.clip(-W_MAX, W_MAX)), tensor(bias))

    program = Program(
        name="digits",
        features=Features(tuple(Feature(f"pixel_{i}", 0, X_MAX) for i in range(PIXELS)), bits=4),
        task="multiclass",
        family="mlp",
        ops=(
            layer(0, HIDDEN, PIXELS),
            Requantise(1, (1,), 5, low=0, high=X_MAX),
            layer(2, DIGITS, HIDDEN),
            Argmax(3),
        ),
        outputs=(("logits", 3), ("class", 4)),
        reference=(0,) * PIXELS,
        classes=tuple(map(str, range(DIGITS))),
        source="bench",
        parent="0" * 64,
        rounding_bound=None,
    )
    verify(program)
    return program


def sample_digits(count: int, seed: int = 0) -> Ints:
    """Images int64[count, 196] with as many blank pixels as digits have, from a seed."""
    random = np.random.default_rng(seed)
    inked = random.random((count, PIXELS)) < INKED
    images: Ints = random.integers(1, X_MAX + 1, (count, PIXELS)) * inked
    return images


def encode_answer(logits: Ints, digit: int) -> bytes:
    """What peers answer: 32 bytes; the digit is byte 11, the logits follow in 16 bits each."""
    words = b"".join(int(value).to_bytes(2, signed=True) for value in logits)
    return bytes(11) + bytes([digit]) + words
