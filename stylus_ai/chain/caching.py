"""The program cache: a cached program starts without its initialisation (rules 11).

Chain owners and cache managers put programs into it and take them out. Everybody else bids for a
place with the CacheManager, an auction contract that is a cache manager: bids lose value by the
second, and a higher bid may take the place of the lowest.
"""

from __future__ import annotations

from collections.abc import Callable

from eth_abi.abi import decode, encode
from eth_utils.address import to_checksum_address

from stylus_ai.chain import precompiles
from stylus_ai.chain.client import Client, Receipt, ether, selector
from stylus_ai.chain.deploy import Deployment, OnStep
from stylus_ai.chain.keys import Key
from stylus_ai.errors import ChainError
from stylus_ai.units import Wei

Offer = Callable[[Wei], Wei | None]
"""What to bid, given the least that is taken now; None to do without."""


def cache(
    client: Client,
    deployment: Deployment,
    key: Key,
    *,
    offer: Offer = lambda least: least,
    on_step: OnStep = lambda _: None,
) -> Receipt | None:
    """Have the chain keep the program ready, so that a call pays no initialisation.

    None if it is cached already.

    Args:
        client: The chain.
        deployment: Whose program.
        key: Who pays; nothing but gas, if it may cache without a bid.
        offer: Decides on the bid, once its least value is known. What is bid is spent.
        on_step: Told what happens next, with the price.

    Raises:
        FundsError: The account cannot pay.
        ChainError: The bid is declined or too low, or the chain has no auction.
    """
    if precompiles.is_cached(client, deployment.code_hash):
        return None
    if precompiles.may_cache(client, key.address):
        on_step("caching the program")
        data = precompiles.cache_data(deployment.address)
        return client.receipt(client.send(key, precompiles.ARB_WASM_CACHE, data))
    manager = cache_manager(client)
    least = min_bid(client, manager, deployment.address)
    bid = offer(least)
    if bid is None or bid < least:
        raise ChainError(
            f"A place in the program cache of {client.network.name} costs at least "
            f"{ether(least)} ETH now" + ("." if bid is None else f", not {ether(bid)}."),
            f"Bid for it: cargo stylus cache bid {deployment.address} {least}",
        )
    on_step(f"bidding {ether(bid)} ETH for a place in the program cache, with {manager}")
    return client.receipt(client.send(key, manager, bid_data(deployment.address), value=bid))


def evict(client: Client, deployment: Deployment, key: Key) -> Receipt | None:
    """Take the program out of the cache; None if it is not in.

    Raises:
        ChainError: The account is neither chain owner nor cache manager.
    """
    if not precompiles.is_cached(client, deployment.code_hash):
        return None
    if not precompiles.may_cache(client, key.address):
        raise ChainError(
            f"{key.address} may not take programs out of the cache on {client.network.name}.",
            "Only chain owners and cache managers may; a bid ends when higher ones need its place.",
        )
    data = precompiles.evict_data(deployment.code_hash)
    return client.receipt(client.send(key, precompiles.ARB_WASM_CACHE, data))


def cache_manager(client: Client) -> str:
    """Address of the CacheManager: the manager that was added last, as cargo-stylus takes it.

    Raises:
        ChainError: The chain has none.
    """
    managers = precompiles.cache_managers(client)
    if not managers:
        raise ChainError(
            f"{client.network.name} has no cache manager, so nobody can bid for a place in its "
            "program cache.",
            "Deploy without --cache.",
        )
    return to_checksum_address(managers[-1])


def min_bid(client: Client, manager: str, address: str) -> Wei:
    """Least value that the CacheManager takes now for the program at ``address``.

    Raises:
        Reverted: It takes none: the program is not active, or larger than the cache.
    """
    data = selector("getMinBid(address)") + encode(["address"], [address])
    return Wei(int(decode(["uint192"], client.call(manager, data))[0]))


def bid_data(address: str) -> bytes:
    """Calldata of ``CacheManager.placeBid``."""
    return selector("placeBid(address)") + encode(["address"], [address])
