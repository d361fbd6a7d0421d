"""Wasm modules made by hand: small contracts whose every byte a test decides.

Only what tests need: functions without locals, one memory, active data, function imports.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

I32, I64 = 0x7F, 0x7E

HOST = {
    "read_args": ((I32,), ()),
    "write_result": ((I32, I32), ()),
    "msg_value": ((I32,), ()),
    "pay_for_memory_grow": ((I32,), ()),
}
"""Host functions in use -> parameters and results (rules 4)."""

END = b"\x0b"
DROP = b"\x1a"
UNREACHABLE = b"\x00"
F64_ADD = b"\xa0"


@dataclass(frozen=True)
class Tiny:
    """A module with one function, exported as ``user_entrypoint``: (i32) -> i32.

    Attributes:
        body: Operators of the function, without the final ``end``.
        imports: Names of host functions, in index order; ``module.name`` for another module.
        pages: Initial pages of memory, and the largest number.
        data: What the memory holds from address 0.
    """

    body: bytes
    imports: tuple[str, ...] = ()
    pages: tuple[int, int] = (1, 1)
    data: bytes = b""

    def build(self) -> bytes:
        """The module as bytes."""
        signatures = [HOST.get(name, ((), ())) for name in self.imports]
        types = [*signatures, ((I32,), (I32,))]
        entry = len(self.imports)
        sections = [
            (1, vector(b"\x60" + vector_of(p) + vector_of(r) for p, r in types)),
            (2, vector(self._import(index) for index in range(entry))),
            (3, vector([leb(entry)])),
            (5, vector([b"\x01" + leb(self.pages[0]) + leb(self.pages[1])])),
            (
                7,
                vector(
                    [
                        text("memory") + b"\x02\x00",
                        text("user_entrypoint") + b"\x00" + leb(entry),
                    ]
                ),
            ),
            (10, vector([sized(b"\x00" + self.body + END)])),
            (11, vector([b"\x00" + const(0) + END + sized(self.data)])),
        ]
        return b"\x00asm\x01\x00\x00\x00" + b"".join(
            bytes([number]) + sized(content) for number, content in sections
        )

    def _import(self, index: int) -> bytes:
        module, _, name = self.imports[index].rpartition(".")
        return text(module or "vm_hooks") + text(name) + b"\x00" + leb(index)


def leb(value: int) -> bytes:
    """Unsigned LEB128."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def signed_leb(value: int) -> bytes:
    """Signed LEB128."""
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value & 0x7F])


def sized(content: bytes) -> bytes:
    """Content with its length before it."""
    return leb(len(content)) + content


def text(value: str) -> bytes:
    """A name."""
    return sized(value.encode())


def vector(items: Iterable[bytes]) -> bytes:
    """Items with their number before them."""
    parts = list(items)
    return leb(len(parts)) + b"".join(parts)


def vector_of(kinds: Sequence[int]) -> bytes:
    """Value types with their number before them."""
    return leb(len(kinds)) + bytes(kinds)


def const(value: int) -> bytes:
    """i32.const."""
    return b"\x41" + signed_leb(value)


def local(index: int) -> bytes:
    """local.get."""
    return b"\x20" + leb(index)


def call(index: int) -> bytes:
    """Call of a function, imports counted first."""
    return b"\x10" + leb(index)


def load8(offset: int) -> bytes:
    """i32.load8_u of the address on the stack plus ``offset``."""
    return b"\x2d\x00" + leb(offset)


def answer(data: bytes, *, status: int = 0) -> Tiny:
    """A contract that returns ``data`` whatever it is asked; with status 1, reverts with it."""
    body = const(0) + const(len(data)) + call(0) + const(status)
    return Tiny(body, ("write_result",), data=data)


def model(digest: bytes, refused: int) -> Tiny:
    """A contract that answers as a model does: enough of the interface to be deployed and asked.

    ``modelHash()`` gives ``digest``. Anything else is taken as ``predict(bytes)`` of rows whose
    first byte is the score; it is approved. The row that begins with ``refused`` reverts.
    """
    args, result = 1024, 32
    is_model_hash = const(0) + load8(args) + const(MODEL_HASH_BYTE) + EQUAL
    first_byte = const(0) + load8(args + 4 + 2 * 32)
    body = (
        const(args)
        + call(0)
        + is_model_hash
        + IF
        + (const(0) + const(32) + call(1) + const(0) + RETURN)
        + END
        + (const(0) + first_byte + STORE8 + leb(result + 31))
        + (const(result) + const(64) + call(1))
        + (first_byte + const(refused) + EQUAL)
    )
    approved = bytes(31) + b"\x01"
    return Tiny(body, ("read_args", "write_result"), data=digest + bytes(32) + approved)


MODEL_HASH_BYTE = 0x1B
"""First byte of the selector of ``modelHash()``; `test_deploy` holds it to that."""

EQUAL = b"\x46"
IF = b"\x04\x40"
RETURN = b"\x0f"
STORE8 = b"\x3a\x00"
