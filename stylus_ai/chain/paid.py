"""What transactions cost: many of one account, sent together, each with a receipt of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_utils.address import to_checksum_address

from stylus_ai.chain.client import FEE_MARGIN, GAS_MARGIN, Client, transaction
from stylus_ai.chain.keys import Key
from stylus_ai.units import Gas

BATCH = 100
"""Transactions per HTTP request."""


def gas_paid(client: Client, key: Key, to: str, data: Sequence[bytes]) -> list[Gas]:
    """Gas that each call used as a transaction, in order.

    For a chain whose gas costs nothing: they are sent without asking what the account holds.

    Args:
        client: The chain.
        key: Who signs.
        to: The contract.
        data: Calldata of each transaction.

    Raises:
        Reverted: A call reverts; nothing of its batch was sent.
        ChainError: The node refuses a transaction.
    """
    used: list[Gas] = []
    price = client.gas_price() * FEE_MARGIN // 100
    for first in range(0, len(data), BATCH):
        batch = data[first : first + BATCH]
        asked = [(transaction(to, each, key.address, 0),) for each in batch]
        limits = [int(limit, 16) for limit in _all(client, "eth_estimateGas", asked)]
        nonce = client.number("eth_getTransactionCount", key.address, "pending")
        signed = [
            key.sign(
                {
                    "type": 2,
                    "chainId": client.network.chain_id,
                    "nonce": nonce + index,
                    "gas": limit * GAS_MARGIN // 100,
                    "maxFeePerGas": price,
                    "maxPriorityFeePerGas": 0,
                    "value": 0,
                    "data": each,
                    "to": to_checksum_address(to),
                }
            )
            for index, (limit, each) in enumerate(zip(limits, batch, strict=True))
        ]
        sent = _all(client, "eth_sendRawTransaction", [(each.raw,) for each in signed])
        used += [client.receipt(str(hash_)).gas for hash_ in sent]
    return used


def _all(client: Client, method: str, params: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Results of one method for several parameters, in one request."""
    answers = client.answers([(method, each) for each in params])
    return [client.result_of(answer, method) for answer in answers]
