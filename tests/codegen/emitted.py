"""Emitted tree kernels, run by Python: each line of Rust has one statement that Python can say.

It shares nothing with the writer, so that thousands of random programs can be compared with the
interpreter without a compiler. Numbers do not wrap on the way, only at the end, which is the same
for sums, differences and masks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any


class Int(int):
    """An integer of Rust, as far as the kernels use it."""

    def wrapping_add(self, other: int) -> Int:
        """The sum; what wraps it is the test, at the end."""
        return Int(self + other)

    def wrapping_shl(self, count: int) -> Int:
        """Times a power of two."""
        return Int(self << count)

    def __and__(self, other: int) -> Int:
        return Int(int.__and__(self, other))

    def __xor__(self, other: int) -> Int:
        return Int(int.__xor__(self, other))

    def __invert__(self) -> Int:
        return Int(int.__invert__(self))

    __rand__, __rxor__ = __and__, __xor__


def above(x: int, threshold: int) -> Int:
    return Int(-(x > threshold))


def up_to(x: int, threshold: int) -> Int:
    return Int(-(x <= threshold))


def pick(mask: int, left: int, right: int) -> Int:
    return Int(right if mask else left)


def lane(word: int, at: int, bits: int) -> Int:
    return Int((word >> at) % (1 << bits))


def lanes(word: int, bits: int) -> list[int]:
    half, found = 1 << (bits - 1), []
    for _ in range(64 // bits):
        found.append((word + half) % (2 * half) - half)
        word = (word - found[-1]) >> bits
    return found


KERNELS = {
    "above": above,
    "above_far": above,
    "above_wide": above,
    "up_to": up_to,
    "up_to_far": up_to,
    "pick": pick,
    "pick_wide": pick,
    "lane": lane,
    "lanes": lanes,
    "Int": Int,
}

REWRITES = (
    (r"&mut |: &Row|: Sums|: \[u16; \w+\]| as u16| as i32|;$", ""),
    (r"^(\s*)(pub(\(crate\))? )?fn (\w+)\((.*?)\)( -> .*)? \{$", r"\1def \4(\5):"),
    (r"^(\s*)\} else \{$", r"\1else:"),
    (r"^(\s*)if (.*) \{$", r"\1if \2:"),
    (r"^(\s*)let (mut )?", r"\1"),
    (r"\[0; TREES\]", "[0] * TREES"),
    (r"[iu]\d\d::from\(", "Int("),
    (r"(-?\b\d+)_[iu]\d\d", r"Int(\1)"),
    (r"!(m\d+)", r"~\1"),
    (r"^(\s*)sums = (\[.*\])", r"\1sums = [Int(word) for word in \2]"),
    (r"sums\.map\(i64::from\)", "sums"),
    (r"^\[(y\d+), ", r"\1, *_ = ["),
)


def python_of(rust: str) -> str:
    """The functions of a module of trees in Python."""
    rust = re.sub(r"\[\n([^\]]*)\]", lambda found: f"[{' '.join(found[1].split())}]", rust)
    lines = []
    for line in rust.splitlines():
        if re.match(r"\s*(//|#|use |type |pub const |\}$)|^$", line):
            continue
        text = re.sub(r"(\w+): (&mut )?(&Row|Sums|\[u16; TREES\])", r"\1", line)
        unpacking = re.match(r"\s*let \[(.*)\] = lanes", text)
        for pattern, by in REWRITES:
            text = re.sub(pattern, by, text)
        if unpacking:
            text = text.replace("]", ", *_]", 1)
        if re.fullmatch(r"\s*(sums|leaves|\[y.*\])", text):
            text = re.sub(r"^(\s*)", r"\1return ", text)
        lines.append(text)
    return "\n".join(lines)


@lru_cache(maxsize=8)
def _functions(rust: str, trees: int) -> dict[str, Any]:
    scope: dict[str, Any] = {**KERNELS, "TREES": trees}
    exec(compile(python_of(rust), "emitted", "exec"), scope)  # noqa: S102 - our own text
    return scope


def run(rust: str, function: str, row: Sequence[int], trees: int) -> list[int]:
    """What ``function`` of a module answers for a row."""
    functions = _functions(rust, trees)
    return [int(value) for value in functions[function]([Int(value) for value in row])]
