"""Bytes in the code of accounts: a chain of blobs that one address names.

A blob's code is a STOP, so that nobody can run it, then data, and in the last 20 bytes the address
of the next blob. It is created through the CREATE2 factory that stands on Arbitrum's chains, so its
address follows from its contents: addresses are known before anything is deployed, the first one
commits to every byte of the chain, and a blob that is there already need not be paid for again.
`crates/kernels` (``blob.rs``) reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

FACTORY = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
"""The deterministic deployment proxy: calldata is a salt of 32 bytes, then init code."""

MAX_CODE = 24_576
"""Most bytes of an account's code (EIP-170)."""

_STOP = b"\0"
_SALT = bytes(32)
_END = bytes(20)
"""What the last blob has in the place of the next one's address."""

PAYLOAD = MAX_CODE - len(_STOP) - len(_END)
"""Bytes of data in a full blob."""

PRELUDE = bytes.fromhex("80602b6000396000f300")
"""Init code after its PUSH32 of the length: copy what follows and return it (rules 8)."""


@dataclass(frozen=True)
class BlobChain:
    """Blobs in reading order.

    Attributes:
        codes: Code of each.
        addresses: Where the factory creates them, checksummed.
    """

    codes: tuple[bytes, ...]
    addresses: tuple[str, ...]

    @property
    def first(self) -> str:
        """Address that names the whole chain."""
        return self.addresses[0]


def blob_chain(data: bytes) -> BlobChain:
    """Spread bytes over blobs, the last of which may be shorter; at least one."""
    codes: list[bytes] = []
    addresses: list[str] = []
    following = _END
    for part in reversed(list(_parts(data))):
        codes.append(_STOP + part + following)
        addresses.append(create2_address(codes[-1]))
        following = bytes.fromhex(addresses[-1][2:])
    return BlobChain(tuple(reversed(codes)), tuple(reversed(addresses)))


def _parts(data: bytes) -> Iterator[bytes]:
    for start in range(0, max(len(data), 1), PAYLOAD):
        yield data[start : start + PAYLOAD]


def init_code(code: bytes) -> bytes:
    """Init code that makes a contract of ``code`` (rules 8)."""
    return b"\x7f" + len(code).to_bytes(32) + PRELUDE + code


def create2_address(code: bytes) -> str:
    """Where the factory creates a contract of ``code`` (EIP-1014, salt 0), checksummed."""
    made = keccak(b"\xff" + bytes.fromhex(FACTORY[2:]) + _SALT + keccak(init_code(code)))
    return to_checksum_address(made[12:])


def factory_data(code: bytes) -> bytes:
    """Calldata for the factory that creates a contract of ``code``."""
    return _SALT + init_code(code)
