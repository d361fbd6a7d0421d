"""Record how long brotli's C library makes data by level 1, which Arbitrum prices L1 data by.

``python tools/record_brotli.py`` writes ``crates/stylus-rules/tests/golden/brotli.json``. An entry
is a recipe and a length: kind of data, seed, bytes, bytes compressed. The Rust test beside it,
``l1_data.rs``, follows the same recipes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice, repeat
from pathlib import Path

import brotli

GOLDEN = Path(__file__).parents[1] / "crates" / "stylus-rules" / "tests" / "golden" / "brotli.json"

LEVEL, WINDOW = 1, 22
"""ArbOS' brotliCompressionLevel from version 20 on, and the window that it compresses with."""

EDGES = (14, 15, 16, 17)
"""Powers of two of bytes; beyond each the encoder takes other tables or other methods."""

LENGTHS = (
    *(0, 1, 15, 16, 17, 33, 70, 110, 200, 511, 1_000, 3_000, 5_000, 12_000, 20_000, 28_000),
    *(2**power + more for power in EDGES for more in (0, 1)),
    *(50_000, 90_000, 200_000),
)

WORDS = (
    b"a contract predicts what the model of a forest of trees answers for the row of values".split()
)

MASK = 2**64 - 1


def numbers(seed: int) -> Iterator[int]:
    """Numbers of 64 bits by xorshift, begun at the seed's odd multiple of a constant."""
    state = (seed * 0x9E37_79B9_7F4A_7C15 | 1) & MASK
    while True:
        state ^= state << 13 & MASK
        state ^= state >> 7
        state ^= state << 17 & MASK
        yield state


def noise(source: Iterator[int]) -> Iterator[int]:
    """Bytes without order, as signatures and packed features are."""
    return (number >> 56 for number in source)


def zeros(_: Iterator[int]) -> Iterator[int]:
    """Zeros, as the padding of calldata."""
    return repeat(0)


def letters(source: Iterator[int]) -> Iterator[int]:
    """Few different bytes without order."""
    return (number >> 62 for number in source)


def text(source: Iterator[int]) -> Iterator[int]:
    """Words and blanks."""
    for number in source:
        yield from WORDS[number % len(WORDS)]
        yield ord(" ")


def words(source: Iterator[int]) -> Iterator[int]:
    """ABI words: small numbers, large ones, addresses, negative numbers."""
    for number in source:
        kind = number % 4
        if kind == 0:
            yield from (number >> 48).to_bytes(32, "big")
        elif kind == 1:
            yield from number.to_bytes(32, "big")
        elif kind == 2:
            yield from bytes(12)
            yield from (next(source) >> 56 for _ in range(20))
        else:
            yield from (-1 - (number >> 56)).to_bytes(32, "big", signed=True)


def runs(source: Iterator[int]) -> Iterator[int]:
    """Bytes without order between runs of zeros."""
    for number in source:
        yield from (next(source) >> 56 for _ in range(1 + number % 40))
        yield from repeat(0, number // 40 % 60)


KINDS: dict[str, Callable[[Iterator[int]], Iterator[int]]] = {
    make.__name__: make for make in (noise, zeros, letters, text, words, runs)
}


def recording() -> str:
    """The file's text: a JSON list with a line for each recipe."""
    entries = []
    for kind, make in KINDS.items():
        for seed, length in enumerate(LENGTHS):
            data = bytes(islice(make(numbers(seed)), length))
            compressed = brotli.compress(data, quality=LEVEL, lgwin=WINDOW)
            entries.append([kind, seed, length, len(compressed)])
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    return f"[\n{lines}\n]\n"


def main() -> None:
    """Write the file."""
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(recording(), encoding="utf-8")


if __name__ == "__main__":
    main()
