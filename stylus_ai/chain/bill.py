"""What a contract costs on a chain: to create, to activate and to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stylus_ai.chain.caching import cache
from stylus_ai.chain.client import Client
from stylus_ai.chain.deploy import Deployment
from stylus_ai.chain.keys import Key
from stylus_ai.units import Gas, Ink, gas_of

RUNNING = frozenset(("contract", "function", "host"))
"""Kinds of a profile's places that are the contract's own doing."""


@dataclass(frozen=True)
class Bill:
    """What a chain charged.

    Attributes:
        create: Gas of the transaction that created the contract.
        activate: Gas of the one that activated it.
        ink: From entry to return of the contract, host calls included, mean over the questions.
        call: Gas of a transaction with the first question, the program cached.
    """

    create: Gas
    activate: Gas
    ink: Ink
    call: Gas

    @property
    def gas(self) -> Gas:
        """Of what ran in a call."""
        return gas_of(self.ink)


def bill(client: Client, deployment: Deployment, key: Key, questions: Sequence[bytes]) -> Bill:
    """Ask a contract that was just deployed; its program is cached afterwards.

    Args:
        client: An embedded chain, which has a profiler and whose program cache takes no bids.
        deployment: The contract.
        key: Who pays.
        questions: Calldata, at least one.

    Raises:
        ChainError: The contract fails.
    """
    cache(client, deployment, key)
    inks = [
        sum(
            int(place["ink"])
            for place in client.profile_call(deployment.address, question)["nodes"]
            if place["kind"] in RUNNING
        )
        for question in questions
    ]
    receipt = client.receipt(client.send(key, deployment.address, questions[0]))
    return Bill(
        create=deployment.gas_deploy,
        activate=deployment.gas_activate,
        ink=Ink(round(sum(inks) / len(inks))),
        call=Gas(receipt.gas - receipt.l1_gas),
    )
