"""Where the key that signs comes from, and where a key must not go.

A key comes from the environment variable ``STYLUS_AI_PRIVATE_KEY`` or from a prompt, never from a
file or the command line. The published key of Nitro's dev nodes is used without asking, but only
on a development chain on this machine. A key is in no message, ``repr`` or log.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from stylus_ai.chain.networks import Network
from stylus_ai.errors import KeyRefused

KEY_VARIABLE = "STYLUS_AI_PRIVATE_KEY"

DEV_ADDRESS = "0x3f1Eae7D46d88F08fc2F8ed27FCb2AB183EB2d0E"
"""Account that owns Nitro's dev chains (rules 10)."""

DEV_KEY = "0xb6b15c8cb491557369f3c7d2c287b053eb229daa9c22138887752191c9520659"
"""Its key, published with nitro-devnode: everybody has it, so it is worth nothing elsewhere."""

GROUP_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Private keys of secp256k1 are 1 to this, exclusive."""

_DIGITS = re.compile(r"(0[xX])?([0-9a-fA-F]{64})")


@dataclass(frozen=True)
class Signed:
    """A signed transaction.

    Attributes:
        raw: As ``eth_sendRawTransaction`` takes it, hex with 0x.
        hash: By which it will be found, hex with 0x.
    """

    raw: str
    hash: str


class Key:
    """An account that can sign. Shows its address and nothing else."""

    __slots__ = ("_account", "address")

    def __init__(self, account: LocalAccount) -> None:
        self._account = account
        self.address: str = account.address

    def __repr__(self) -> str:
        return f"Key({self.address})"

    def __reduce__(self) -> str:
        raise TypeError("a Key is not written anywhere")

    def sign(self, transaction: Mapping[str, Any]) -> Signed:
        """A transaction with this account's signature."""
        signed = self._account.sign_transaction(dict(transaction))
        return Signed("0x" + bytes(signed.raw_transaction).hex(), "0x" + bytes(signed.hash).hex())


def parse_key(text: str, source: str) -> Key:
    """A key from its 64 hexadecimal digits.

    Args:
        text: With or without 0x; white space around it does not matter.
        source: Where it came from, for messages.

    Raises:
        KeyRefused: It is no private key. The message says how it is malformed, and not what it is.
    """
    found = _DIGITS.fullmatch(text.strip())
    if found is None:
        raise KeyRefused(
            f"{source} holds no private key: {len(text.strip())} characters that are not "
            "64 hexadecimal digits.",
            "Export the key from the wallet as hex; a mnemonic or a key file will not do.",
        )
    if not 0 < int(found[2], 16) < GROUP_ORDER:
        raise KeyRefused(f"{source} holds a number that is no private key.", "Export it again.")
    return Key(Account.from_key(bytes.fromhex(found[2])))


def find_key(
    network: Network,
    prompt: Callable[[str], str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Key:
    """The key to sign with on ``network``.

    Args:
        network: Where the transaction goes.
        prompt: Asks a person, without echo; None where nobody can be asked.
        environ: Where ``STYLUS_AI_PRIVATE_KEY`` is looked up; None for the process's own.

    Raises:
        KeyRefused: There is no key, it is malformed, or it is the public dev key and this is not
            a development chain on this machine.
    """
    environ = os.environ if environ is None else environ
    text = environ.get(KEY_VARIABLE, "")
    if text.strip():
        return _allowed(parse_key(text, KEY_VARIABLE), network)
    if network.is_dev:
        return parse_key(DEV_KEY, "the dev key")
    if prompt is None:
        raise KeyRefused(
            f"There is no key to sign with on {network.name}.",
            f"Set it for one command: {KEY_VARIABLE}=0x... stylus-ai deploy",
        )
    return _allowed(parse_key(prompt(f"Private key for {network.name}"), "The input"), network)


def _allowed(key: Key, network: Network) -> Key:
    """``key``, unless it is the public dev key where anybody could take what it holds."""
    if key.address == DEV_ADDRESS and not network.is_dev:
        raise KeyRefused(
            f"The public dev key must not be used on {network.name} ({network.shown}, chain "
            f"{network.chain_id}): everybody has it.",
            f"Use a key of your own: {KEY_VARIABLE}=0x...",
        )
    return key
