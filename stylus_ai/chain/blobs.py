"""Deploying blobs: each once, whoever paid for it.

What is on the chain is seen by its address, so nothing need be remembered: an interrupted run goes
on where it stopped.
"""

from __future__ import annotations

from stylus_ai.blobs import FACTORY, BlobChain, factory_data
from stylus_ai.chain.client import Client
from stylus_ai.chain.deploy import OnStep
from stylus_ai.chain.keys import Key
from stylus_ai.errors import ChainError
from stylus_ai.units import Gas


def deploy_blobs(
    client: Client, blobs: BlobChain, key: Key, *, on_step: OnStep = lambda _: None
) -> Gas:
    """Create the blobs of a chain that are not there yet, the last one first.

    A blob that is there therefore has everything behind it.

    Args:
        client: The chain.
        blobs: What to deploy.
        key: Who pays.
        on_step: Told what happens next.

    Returns:
        What it took: 0 if all were there.

    Raises:
        FundsError: The account cannot pay.
        ChainError: The chain has no CREATE2 factory, or creates something else.
    """
    missing = [
        (code, address)
        for code, address in zip(blobs.codes, blobs.addresses, strict=True)
        if not client.code(address)
    ]
    if missing and not client.code(FACTORY):
        raise ChainError(
            f"{client.network.name} has no CREATE2 factory at {FACTORY}.",
            "Deploy it first: https://github.com/Arachnid/deterministic-deployment-proxy",
        )
    used = 0
    for number, (code, address) in enumerate(reversed(missing), start=1):
        on_step(f"sending blob {number} of {len(missing)}")
        used += client.receipt(client.send(key, FACTORY, factory_data(code))).gas
        if client.code(address) != code:
            raise ChainError(f"The factory created another blob than {address}.", "Deploy again.")
    return Gas(used)
