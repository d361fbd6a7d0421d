"""How long programs live: a year from activation, unless they are kept alive (rules 7)."""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi.abi import encode

from stylus_ai.chain import precompiles
from stylus_ai.chain.client import Client, Receipt, selector
from stylus_ai.chain.deploy import FEE_MARGIN
from stylus_ai.chain.keys import Key
from stylus_ai.errors import Reverted

DAY = 86_400
DUE_DAYS = 60
"""With fewer days left a program should be kept alive."""


@dataclass(frozen=True)
class Lifetime:
    """What is left of a program's time.

    Attributes:
        seconds: Until it expires; None if it has expired or is not active.
        can_extend: True if it is old enough for the chain to extend its time.
    """

    seconds: int | None
    can_extend: bool

    @property
    def days(self) -> int | None:
        """Whole days left."""
        return None if self.seconds is None else self.seconds // DAY

    @property
    def state(self) -> str:
        """``expired``, ``due`` or ``alive``."""
        if self.days is None:
            return "expired"
        return "due" if self.days < DUE_DAYS else "alive"


def lifetime(client: Client, address: str) -> Lifetime:
    """What is left of the time of the program at ``address``."""
    data = selector("programTimeLeft(address)") + encode(["address"], [address])
    try:
        left = int.from_bytes(client.call(precompiles.ARB_WASM, data))
    except Reverted as error:
        if any(name in error.cause for name in precompiles.INACTIVE):
            return Lifetime(None, can_extend=False)
        raise
    age = _days(client, "expiryDays()") * DAY - left
    return Lifetime(left, can_extend=age >= _days(client, "keepaliveDays()") * DAY)


def keep_alive(client: Client, address: str, code_hash: str, key: Key) -> Receipt:
    """Give a program another year: extend its time, or activate it again if it has expired.

    Raises:
        FundsError: The account cannot pay the data fee.
        Reverted: It was activated or extended too recently.
    """
    if lifetime(client, address).seconds is None:
        data = precompiles.activate_data(address)
        fee = int(precompiles.activation_fee(client, address, key.address))
    else:
        data = selector("codehashKeepalive(bytes32)") + bytes.fromhex(code_hash[2:])
        fee = _keepalive_fee(client, data, key)
    value = fee * FEE_MARGIN // 100
    return client.receipt(client.send(key, precompiles.ARB_WASM, data, value=value))


def _keepalive_fee(client: Client, data: bytes, key: Key) -> int:
    """The fee that the chain names when it is offered nothing."""
    try:
        client.call(precompiles.ARB_WASM, data, sender=key.address)
    except Reverted as error:
        want = error.arguments.get("want")
        if isinstance(want, int):
            return want
        raise
    return 0


def _days(client: Client, function: str) -> int:
    return int.from_bytes(client.call(precompiles.ARB_WASM, selector(function)))
