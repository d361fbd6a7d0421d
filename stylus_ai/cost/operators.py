"""Operators of wasm: their bytes, and what each costs (rules 2.1)."""

from __future__ import annotations

from dataclasses import dataclass

HEADER = 2_450
"""Ink of a basic block beside its operators (rules 2.2)."""


@dataclass(frozen=True)
class Operator:
    """An operator.

    Attributes:
        code: Its byte.
        ink: Its price.
        ends: Whether it ends a basic block.
    """

    code: int
    ink: int
    ends: bool = False


_ARITHMETIC = ("add", "sub", "mul", "div_s", "div_u", "rem_s", "rem_u", "and", "or", "xor", "shl")
_SHIFTS = ("shr_s", "shr_u", "rotl", "rotr")
_COMPARISONS = ("eqz", "eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u")
_DIVISIONS = frozenset(("div_s", "div_u", "rem_s", "rem_u"))


def _integers(bits: int, arithmetic: int, comparison: int) -> dict[str, Operator]:
    """Arithmetic and comparisons of a width, whose bytes follow each other."""
    ink = {32: (70, 170, 1_120), 64: (100, 225, 1_270)}[bits]
    found = {}
    for at, name in enumerate((*_ARITHMETIC, *_SHIFTS)):
        price = 160 if name == "mul" else ink[2] if name in _DIVISIONS else ink[0]
        found[f"i{bits}.{name}"] = Operator(arithmetic + at, price)
    for at, name in enumerate(_COMPARISONS):
        found[f"i{bits}.{name}"] = Operator(comparison + at, ink[1])
    return found


OPERATORS = {
    "block": Operator(0x02, 1),
    "loop": Operator(0x03, 1, ends=True),
    "end": Operator(0x0B, 1, ends=True),
    "br": Operator(0x0C, 765, ends=True),
    "br_if": Operator(0x0D, 765, ends=True),
    "call": Operator(0x10, 3_800, ends=True),
    "select": Operator(0x1B, 1_250),
    "local.get": Operator(0x20, 75),
    "local.set": Operator(0x21, 210),
    "local.tee": Operator(0x22, 75),
    "global.get": Operator(0x23, 225),
    "global.set": Operator(0x24, 575),
    "i32.load": Operator(0x28, 670),
    "i64.load": Operator(0x29, 680),
    "i32.load8_s": Operator(0x2C, 670),
    "i32.load8_u": Operator(0x2D, 670),
    "i32.load16_s": Operator(0x2E, 670),
    "i32.load16_u": Operator(0x2F, 670),
    "i64.load32_s": Operator(0x34, 680),
    "i32.store": Operator(0x36, 825),
    "i64.store": Operator(0x37, 950),
    "i32.store8": Operator(0x3A, 825),
    "i32.store16": Operator(0x3B, 825),
    "i64.store16": Operator(0x3D, 950),
    "i32.const": Operator(0x41, 1),
    "i64.const": Operator(0x42, 1),
    "i32.wrap_i64": Operator(0xA7, 100),
    "i64.extend_i32_s": Operator(0xAC, 100),
    "i64.extend_i32_u": Operator(0xAD, 100),
    **_integers(32, 0x6A, 0x45),
    **_integers(64, 0x7C, 0x50),
}
"""By name, those that generated code is made of."""


def leb128(value: int) -> bytes:
    """A signed constant as wasm writes it; those of 64 bits wrap."""
    if value >= 1 << 63:
        value -= 1 << 64
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value & 0x7F)
    return bytes(out)


def uleb128(value: int) -> bytes:
    """An index or a length as wasm writes it."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
