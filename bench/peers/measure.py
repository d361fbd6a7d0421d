"""What peers cost on the embedded chain, once they have answered as they must."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.peers.contracts import Peer
from stylus_ai.chain import Client, Key
from stylus_ai.chain.precompiles import (
    ARB_WASM,
    ARB_WASM_CACHE,
    activate_data,
    activation_fee,
    cache_data,
)
from stylus_ai.errors import ParityError
from stylus_ai.units import Bytes, Gas

RUNNING = ("contract", "function", "host")
"""Kinds of a profile's places that are the contract's own doing."""


@dataclass(frozen=True)
class Bill:
    """What one call cost.

    Attributes:
        gas: Of the whole transaction.
        execution: Of it, beyond the 21,000 and the calldata: for a cached program its
            initialisation too.
        ink: Of what ran: EVM code, or wasm with its host functions.
    """

    gas: Gas
    execution: Gas
    ink: int


@dataclass(frozen=True)
class Measured:
    """A peer that answered right.

    Attributes:
        name: The peer's.
        size: Bytes of code on the chain, the contract's that holds its data included.
        bills: One for each row.
    """

    name: str
    size: Bytes
    bills: tuple[Bill, ...]

    @property
    def execution(self) -> float:
        """Mean gas beyond the 21,000 and the calldata."""
        return sum(bill.execution for bill in self.bills) / len(self.bills)

    @property
    def running(self) -> float:
        """Mean gas of what ran, without initialisation."""
        return sum(bill.ink for bill in self.bills) / len(self.bills) / 1e4


def measure(
    peer: Peer, rows: Sequence[bytes], answers: Sequence[bytes], client: Client, key: Key
) -> Measured:
    """Create a peer and ask it about every row.

    Args:
        peer: The contract.
        rows: Packed.
        answers: What it must answer, 32 bytes each.
        client: An embedded node.
        key: A chain owner: Stylus programs are put into the cache, where those in use are.

    Raises:
        ParityError: It answers something else, or fails.
    """
    created = client.receipt(client.send(key, None, peer.create)).contract or ""
    if peer.program:
        fee = activation_fee(client, created, key.address)
        client.receipt(client.send(key, ARB_WASM, activate_data(created), value=2 * fee))
        client.receipt(client.send(key, ARB_WASM_CACHE, cache_data(created)))
    bills = []
    for i, (row, answer) in enumerate(zip(rows, answers, strict=True)):
        found = client.profile_call(created, peer.calldata(row))
        if found["output"] != "0x" + answer.hex():
            said = found["error"] or found["output"]
            raise ParityError(f"{peer.name}, row {i}: {said} instead of 0x{answer.hex()}.")
        bills.append(_bill(found))
    return Measured(peer.name, Bytes(len(client.code(created)) + peer.held), tuple(bills))


def _bill(profile: dict[str, Any]) -> Bill:
    gas, price = profile["gasUsed"], profile["inkPrice"]
    ink = dict.fromkeys(("transaction", *RUNNING), 0)
    for place in profile["nodes"]:
        if place["kind"] in ink:
            ink[place["kind"]] += place["ink"]
    before = ink.pop("transaction") // price
    return Bill(Gas(gas), Gas(gas - before), sum(ink.values()))
