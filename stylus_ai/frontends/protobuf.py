"""Protocol buffers' wire format, read strictly: every length is checked before it is believed.

ONNX files are protocol buffers. Reading the few messages that a network needs takes these lines
and no library, so that a hostile file meets bounds of our own and a user installs nothing.
Source: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import struct

from stylus_ai.errors import ModelError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

MAX_FIELDS = 1_000_000
"""Fields of one message."""

Value = int | bytes
"""A varint as written (64 bits, unsigned), or the bytes of everything else."""


class Message:
    """One message, its fields by number, in the order of the file.

    Args:
        data: The message's bytes.
        what: What messages call it.

    Raises:
        ModelError: The bytes are no message.
    """

    def __init__(self, data: bytes, what: str) -> None:
        self._what = what
        self._fields: dict[int, list[Value]] = {}
        at = count = 0
        while at < len(data):
            key, at = self._varint(data, at)
            count += 1
            if count > MAX_FIELDS or not key >> 3:
                raise self._broken()
            value, at = self._value(data, at, key & 7)
            self._fields.setdefault(key >> 3, []).append(value)

    def _broken(self) -> ModelError:
        return ModelError(f"{self._what} is damaged, or no ONNX.", "Export the model again.")

    def _varint(self, data: bytes, at: int) -> tuple[int, int]:
        value = 0
        for shift in range(0, 70, 7):
            if at >= len(data):
                break
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & (2**64 - 1), at
        raise self._broken()

    def _value(self, data: bytes, at: int, kind: int) -> tuple[Value, int]:
        if kind == VARINT:
            return self._varint(data, at)
        if kind == BYTES:
            size, at = self._varint(data, at)
        elif kind in {FIXED32, FIXED64}:
            size = 4 if kind == FIXED32 else 8
        else:
            raise self._broken()
        if at + size > len(data):
            raise self._broken()
        return data[at : at + size], at + size

    def integers(self, number: int) -> list[int]:
        """A repeated signed integer, packed or not."""
        found = []
        for value in self._fields.get(number, []):
            if isinstance(value, int):
                found.append(value)
                continue
            at = 0
            while at < len(value):
                item, at = self._varint(value, at)
                found.append(item)
        return [item - 2**64 if item >= 2**63 else item for item in found]

    def integer(self, number: int, default: int = 0) -> int:
        """A signed integer; the last one counts."""
        return (self.integers(number) or [default])[-1]

    def floats(self, number: int) -> list[float]:
        """A repeated float32, packed or not."""
        data = b"".join(self.blobs(number))
        if len(data) % 4:
            raise self._broken()
        return list(struct.unpack(f"<{len(data) // 4}f", data))

    def blobs(self, number: int) -> list[bytes]:
        """A repeated field of bytes."""
        values = self._fields.get(number, [])
        if any(isinstance(value, int) for value in values):
            raise self._broken()
        return [value for value in values if isinstance(value, bytes)]

    def blob(self, number: int) -> bytes:
        """Bytes; empty if missing."""
        return (self.blobs(number) or [b""])[-1]

    def texts(self, number: int) -> list[str]:
        """A repeated text."""
        try:
            return [value.decode("utf-8") for value in self.blobs(number)]
        except UnicodeDecodeError:
            raise self._broken() from None

    def text(self, number: int) -> str:
        """A text; empty if missing."""
        return (self.texts(number) or [""])[-1]

    def messages(self, number: int, what: str) -> list[Message]:
        """A repeated message."""
        return [Message(data, what) for data in self.blobs(number)]

    def __contains__(self, number: int) -> bool:
        return number in self._fields
