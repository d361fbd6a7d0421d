"""Tables of ``solidity/MlpLanes.sol``: weights in the lanes of 256-bit words.

The contract adds lanes of 11 bits over 28 pixels before it moves them to 22 bits; that no sum
leaves its lane until then is checked here, from the weights.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.peers.networks import DIGITS, HIDDEN, PIXELS, X_MAX, Ints, Mlp
from stylus_ai.errors import ModelError

NARROW, WIDE = 11, 22
"""Bits of a lane."""

LANES = 2 * (256 // WIDE)
"""Narrow ones of a word; half as many are wide."""

GROUP = 28
"""Pixels between two moves to wide lanes: two rows of the image."""

WORDS = -(-HIDDEN // LANES)
NEURONS = WORDS * LANES
"""Those of the network, and two that no weight reaches."""

W2_OFFSET = 8
"""Added to the weights of layer 2, so that no lane of a product borrows from the next."""

SIGN = 1 << 21
"""Added to a wide sum: its bit says whether the sum is negative."""

LOGIT_OFFSET = 1 << 15


def tables(mlp: Mlp) -> bytes:
    """What the contract's constructor takes.

    98 times 192 bytes: the weights of two pixels, three words each. Then, a word each: the starts
    of six wide sums, the shift, the lanes' mask after the shift, three offsets that keep narrow
    sums from being negative, and for each digit the start of its logit and its weights, in six
    words and in reverse order.
    """
    offsets = np.zeros(NEURONS, dtype=np.int64)
    offsets[:HIDDEN] = _offsets(mlp)
    w1 = np.zeros((NEURONS, PIXELS), dtype=np.int64)
    w1[:HIDDEN] = mlp.w1
    rows = [
        _word(w1[first : first + LANES, pixel], NARROW)
        for pixel in range(PIXELS)
        for first in range(0, NEURONS, LANES)
    ]
    starts = np.full(NEURONS, (1 << mlp.shift >> 1) + SIGN)
    starts[:HIDDEN] += mlp.b1
    ones = np.ones(LANES // 2, dtype=np.int64)
    words = [*rows, *(_word(half, WIDE) for half in _halves(starts))]
    words += [mlp.shift, _word(ones * ((SIGN >> mlp.shift) - 1), WIDE)]
    words += [_word(offsets[at : at + LANES], NARROW) for at in range(0, NEURONS, LANES)]
    w2 = np.zeros((DIGITS, NEURONS), dtype=np.int64)
    w2[:, :HIDDEN] = mlp.w2 + W2_OFFSET
    top = WIDE * (LANES // 2 - 1)
    for bias, weights in zip(mlp.b2, w2, strict=True):
        words.append(int(bias + LOGIT_OFFSET) << top)
        words += [_word(half[::-1], WIDE) for half in _halves(weights)]
    return b"".join(word.to_bytes(32) for word in words)


def _offsets(mlp: Mlp) -> Ints:
    """For each neuron, what its sum over a group is below zero at most: int64[64].

    Raises:
        ModelError: Some image may make a lane overflow.
    """
    groups = mlp.w1.reshape(HIDDEN, PIXELS // GROUP, GROUP)
    offsets: Ints = X_MAX * (-groups.clip(None, 0)).sum(axis=2).max(axis=1)
    largest = X_MAX * groups.clip(0, None).sum(axis=2).max(axis=1)
    if (offsets + largest).max() >= 1 << NARROW:
        raise ModelError("Weights of layer 1 are too large for lanes of 11 bits.")
    sums = X_MAX * np.abs(mlp.w1).sum(axis=1) + np.abs(mlp.b1) + (1 << mlp.shift)
    wide = sums + offsets * (PIXELS // GROUP)
    logits = X_MAX * (mlp.w2 + W2_OFFSET).sum(axis=1) + np.abs(mlp.b2) + LOGIT_OFFSET
    least = X_MAX * np.abs(mlp.w2).sum(axis=1) + np.abs(mlp.b2)
    if wide.max() >= SIGN or logits.max() >= 1 << WIDE or least.max() >= LOGIT_OFFSET:
        raise ModelError("Sums are too large for lanes of 22 bits, or logits for 16.")
    return offsets


def _halves(neurons: Ints) -> list[Ints]:
    """Of each word of narrow lanes, the even ones and the odd ones."""
    words = neurons.reshape(WORDS, LANES)
    return [words[at, odd::2] for at in range(WORDS) for odd in (0, 1)]


def _word(lanes: Sequence[int] | Ints, bits: int) -> int:
    """Numbers, of either sign, as one word; the first is lowest."""
    return sum(int(lane) << (bits * at) for at, lane in enumerate(lanes)) % 2**256
