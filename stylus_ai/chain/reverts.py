"""What a contract says when it reverts: custom errors, ``Error(string)``, ``Panic(uint256)``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak

PANICS = {
    0x01: "an assertion failed",
    0x11: "an arithmetic overflow",
    0x12: "a division by zero",
    0x32: "an index out of bounds",
    0x41: "too much memory",
}
"""Solidity's panic codes that occur here."""


@dataclass(frozen=True)
class ErrorType:
    """An error that a contract can revert with.

    Attributes:
        name: e.g. ``WrongLength``.
        names: Names of its arguments.
        types: Their ABI types.
    """

    name: str
    names: tuple[str, ...]
    types: tuple[str, ...]

    @property
    def selector(self) -> bytes:
        """First four bytes of the revert data."""
        return bytes(keccak(text=f"{self.name}({','.join(self.types)})"))[:4]


def _error(name: str, **arguments: str) -> ErrorType:
    return ErrorType(name, tuple(arguments), tuple(arguments.values()))


STANDARD = (
    _error("Error", message="string"),
    _error("Panic", code="uint256"),
    _error("MalformedCalldata"),
    # ArbWasm (rules 9)
    _error("ProgramNotWasm"),
    _error("ProgramNotActivated"),
    _error("ProgramNeedsUpgrade", version="uint16", stylusVersion="uint16"),
    _error("ProgramExpired", ageInSeconds="uint64"),
    _error("ProgramUpToDate"),
    _error("ProgramKeepaliveTooSoon", ageInSeconds="uint64"),
    _error("ProgramInsufficientValue", have="uint256", want="uint256"),
    # CacheManager
    _error("AsmTooLarge", asm="uint256", queueSize="uint256", cacheSize="uint256"),
    _error("AlreadyCached", codehash="bytes32"),
    _error("BidTooLarge", bid="uint256"),
    _error("BidTooSmall", bid="uint192", min="uint192"),
    _error("BidsArePaused"),
)
"""Errors that are known without a contract's ABI."""


@dataclass(frozen=True)
class Revert:
    """A decoded revert.

    Attributes:
        name: Name of the error; empty where the data fits none.
        arguments: Name -> value.
        data: What the contract returned.
    """

    name: str
    arguments: Mapping[str, Any]
    data: bytes

    def __str__(self) -> str:
        if self.name == "Error":
            return f'"{self.arguments["message"]}"'
        if self.name == "Panic":
            code = self.arguments["code"]
            return f"panic {code:#x}: {PANICS.get(code, 'unknown')}"
        if self.name:
            shown = ", ".join(f"{name}={_shown(value)}" for name, value in self.arguments.items())
            return f"{self.name}({shown})"
        if not self.data:
            return "no reason given (a trap, or calldata that fits no function)"
        return f"unknown error 0x{self.data.hex()}"


def errors_of(abi: Iterable[Mapping[str, Any]]) -> tuple[ErrorType, ...]:
    """The errors of a contract's ABI (the JSON form that Solidity tools use)."""
    return tuple(
        ErrorType(
            entry["name"],
            tuple(argument["name"] for argument in entry["inputs"]),
            tuple(argument["type"] for argument in entry["inputs"]),
        )
        for entry in abi
        if entry.get("type") == "error"
    )


def decode_revert(data: bytes, known: Sequence[ErrorType] = ()) -> Revert:
    """Find out which error ``data`` holds; bytes that fit none become a nameless `Revert`."""
    for error in (*known, *STANDARD):
        if data[:4] != error.selector:
            continue
        try:
            values = decode(error.types, data[4:])
        except (DecodingError, OverflowError, UnicodeDecodeError):
            continue
        return Revert(error.name, dict(zip(error.names, values, strict=True)), data)
    return Revert("", {}, data)


def _shown(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
