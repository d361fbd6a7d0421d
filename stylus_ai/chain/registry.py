"""The registry contract, as the chain answers it: versions of a model, the owner, a rollback."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.address import to_checksum_address

from stylus_ai.chain.client import Client, Receipt, selector
from stylus_ai.chain.keys import Key
from stylus_ai.chain.reverts import ErrorType
from stylus_ai.errors import ChainError, KeyRefused, UsageError

NOTE_BYTES = 32
ERRORS = (
    ErrorType("NotOwner", ("caller",), ("address",)),
    ErrorType("NoModel", ("at",), ("address",)),
    ErrorType("WrongCode", ("model", "expected", "found"), ("address", "bytes32", "bytes32")),
    ErrorType("WrongModel", ("model", "expected", "found"), ("address", "bytes32", "bytes32")),
    ErrorType("NothingPublished", (), ()),
    ErrorType("UnknownVersion", ("version", "count"), ("uint32", "uint32")),
    ErrorType("AlreadyCurrent", ("version",), ("uint32",)),
)
"""What it reverts with when it is used from here."""


@dataclass(frozen=True)
class Version:
    """A published model.

    Attributes:
        number: From 1.
        address: Of its contract, checksummed.
        code_hash: Of the contract's code, 0x and 64 digits.
        model_hash: Digest of the integer program, 64 digits.
        note: The owner's remark.
        time: When it was published, ISO 8601 in UTC.
    """

    number: int
    address: str
    code_hash: str
    model_hash: str
    note: str
    time: str


class Registry:
    """A registry on a chain.

    Args:
        client: The chain.
        address: Of the registry.
    """

    def __init__(self, client: Client, address: str) -> None:
        self._client = client.with_errors(ERRORS)
        self.address = address

    @property
    def owner(self) -> str:
        """Who may publish and roll back, checksummed."""
        return to_checksum_address(self._ask("owner()", ["address"])[0])

    @property
    def count(self) -> int:
        """How many versions there are."""
        return int(self._ask("count()", ["uint32"])[0])

    @property
    def current(self) -> Version | None:
        """The version that answers; None before the first."""
        if not self.count:
            return None
        return self.version(int(self._ask("current()", ["uint32", "address"])[0]))

    def version(self, number: int) -> Version:
        """A published version.

        Raises:
            UsageError: There is none of that number.
        """
        count = self.count
        if not 1 <= number <= count:
            raise UsageError(
                f"There is no version {number}: the registry has {count}.",
                "List them: stylus-ai registry",
            )
        types = ["address", "bytes32", "bytes32", "bytes32", "uint64"]
        address, code, model, note, time = self._ask(
            "version(uint32)", types, encode(["uint32"], [number])
        )
        return Version(
            number,
            to_checksum_address(address),
            "0x" + code.hex(),
            model.hex(),
            note.rstrip(b"\0").decode("utf-8", "replace"),
            datetime.fromtimestamp(time, UTC).isoformat(),
        )

    def versions(self) -> list[Version]:
        """All versions, the first one first."""
        return [self.version(number) for number in range(1, self.count + 1)]

    def publish(
        self, key: Key, address: str, code_hash: str, model_hash: str, note: str
    ) -> Version:
        """Make a model's contract the next version.

        Raises:
            UsageError: The note is too long.
            KeyRefused: The account is not the owner.
            Reverted: Code or model are not what was said.
        """
        values = [address, bytes.fromhex(code_hash[2:]), bytes.fromhex(model_hash), as_note(note)]
        types = ["address", "bytes32", "bytes32", "bytes32"]
        self._send(key, "publish(address,bytes32,bytes32,bytes32)", encode(types, values))
        published = self.current
        if published is None or published.address != address:
            raise ChainError("Another version was published meanwhile.", "stylus-ai registry")
        return published

    def rollback(self, key: Key, number: int) -> Receipt:
        """Make a published version current again.

        Raises:
            UsageError: There is none of that number.
            KeyRefused: The account is not the owner.
            Reverted: It is current already.
        """
        self.version(number)
        return self._send(key, "rollback(uint32)", encode(["uint32"], [number]))

    def insist_on_owner(self, key: Key) -> None:
        """Do nothing if the account may publish.

        Raises:
            KeyRefused: It may not.
        """
        if (owner := self.owner) != key.address:
            raise KeyRefused(
                f"{key.address} may not change the registry {self.address}: it belongs to {owner}.",
                "Use the owner's key, or have the owner transfer it: transferOwnership, then "
                "acceptOwnership.",
            )

    def _ask(self, function: str, types: list[str], arguments: bytes = b"") -> tuple[Any, ...]:
        return decode(types, self._client.call(self.address, selector(function) + arguments))

    def _send(self, key: Key, function: str, arguments: bytes) -> Receipt:
        self.insist_on_owner(key)
        data = selector(function) + arguments
        return self._client.receipt(self._client.send(key, self.address, data))


def as_note(text: str) -> bytes:
    """A note as the registry stores it.

    Raises:
        UsageError: It is too long.
    """
    data = text.encode()
    if len(data) > NOTE_BYTES:
        raise UsageError(
            f"The note has {len(data)} bytes; a version has room for {NOTE_BYTES}.",
            "Shorten it: --note",
        )
    return data.ljust(NOTE_BYTES, b"\0")
