"""The program cache: owners put programs in, everybody else bids for a place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from eth_abi.abi import encode

from stylus_ai.chain import Client, Deployment, Key, Node, cache, deploy, evict
from stylus_ai.chain.caching import cache_manager, min_bid
from stylus_ai.chain.client import selector
from stylus_ai.chain.precompiles import is_cached
from stylus_ai.errors import ChainError, FundsError, Reverted
from stylus_ai.units import Wei
from tests.chain.conftest import DIGEST, MakeArtifact
from tests.chain.tiny_wasm import model

pytestmark = pytest.mark.node

ARB_OWNER = "0x0000000000000000000000000000000000000070"
GWEI = Wei(10**9)


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A chain of this file's own: its tests change the settings of the cache."""
    with Node() as started:
        yield started


@pytest.fixture
def guest(client: Client, key: Key, poor: Key) -> Key:
    """An account with money and without rights."""
    client.receipt(client.send(key, poor.address, b"", value=10**18))
    return poor


@pytest.fixture
def full(client: Client, key: Key, artifact: MakeArtifact) -> Iterator[Deployment]:
    """The program whose bid of 5 gwei must be beaten: the cache has no place for another."""
    manager = cache_manager(client)
    own(client, key, manager, "evictAll()")
    own(client, key, manager, "setDecayRate(uint64)", 0)
    holder = deploy(client, artifact(model(DIGEST, refused=1).build()), key)
    evict(client, holder, key)
    own(client, key, manager, "setCacheSize(uint64)", 600_000)
    bid = selector("placeBid(address)") + encode(["address"], [holder.address])
    client.receipt(client.send(key, manager, bid, value=5 * GWEI))
    yield holder
    own(client, key, manager, "setCacheSize(uint64)", 2**29)


@pytest.fixture
def rival(client: Client, key: Key, artifact: MakeArtifact, full: Deployment) -> Deployment:
    """Another program, which is not cached: each test's is new."""
    assert is_cached(client, full.code_hash)
    return deploy(client, artifact(model(DIGEST, refused=client.block_number()).build()), key)


def own(client: Client, key: Key, to: str, signature: str, *arguments: int | str) -> None:
    """Send a call with the rights of the chain owner."""
    types = signature[signature.index("(") + 1 : -1]
    data = encode(types.split(",") if types else [], arguments)
    client.receipt(client.send(key, to, selector(signature) + data))


def start_cost(client: Client, deployment: Deployment) -> int:
    return client.estimate(deployment.address, selector("modelHash()"))


def test_an_owner_caches_without_a_bid_and_once(
    client: Client, key: Key, artifact: MakeArtifact
) -> None:
    found = deploy(client, artifact(model(DIGEST, refused=9).build()), key)
    before = start_cost(client, found)
    assert cache(client, found, key) is not None
    assert before - start_cost(client, found) >= 8_832  # rules 6: the least initialisation
    assert cache(client, found, key) is None
    assert evict(client, found, key) is not None
    assert evict(client, found, key) is None
    assert cache(client, found, key) is not None
    assert client.balance(cache_manager(client)) == 0


def test_everybody_else_bids_and_pays_nothing_while_there_are_places(
    client: Client, key: Key, guest: Key, artifact: MakeArtifact
) -> None:
    found = deploy(client, artifact(model(DIGEST, refused=10).build()), key)
    before = start_cost(client, found)
    held = client.balance(guest.address)
    steps: list[str] = []

    receipt = cache(client, found, guest, on_step=steps.append)

    assert receipt is not None
    assert before - start_cost(client, found) >= 8_832  # rules 6: the least initialisation
    assert held - client.balance(guest.address) == receipt.fee
    assert steps == [
        f"bidding 0 ETH for a place in the program cache, with {cache_manager(client)}"
    ]
    with pytest.raises(ChainError, match="may not take programs out"):
        evict(client, found, guest)


@pytest.mark.parametrize("bid", [5 * GWEI, 6 * GWEI])
def test_a_place_that_costs_is_taken_from_the_lowest_bid(
    client: Client, guest: Key, full: Deployment, rival: Deployment, bid: Wei
) -> None:
    asked: list[Wei] = []
    held, paid = client.balance(guest.address), client.balance(cache_manager(client))

    def offer(least: Wei) -> Wei:
        asked.append(least)
        return bid

    receipt = cache(client, rival, guest, offer=offer)

    assert receipt is not None
    assert asked == [5 * GWEI]
    assert held - client.balance(guest.address) == receipt.fee + bid
    assert client.balance(cache_manager(client)) == paid + bid
    assert is_cached(client, rival.code_hash)
    assert not is_cached(client, full.code_hash)


@pytest.mark.parametrize(("bid", "said"), [(None, "now."), (4 * GWEI, "not 0.000000004.")])
def test_a_bid_that_is_declined_or_too_low_is_not_sent(
    client: Client, guest: Key, rival: Deployment, bid: Wei | None, said: str
) -> None:
    held = client.balance(guest.address)
    with pytest.raises(ChainError, match=r"costs at least 0\.000000005 ETH now") as caught:
        cache(client, rival, guest, offer=lambda _: bid)
    assert caught.value.cause.endswith(said)
    assert caught.value.next_step.endswith(f"cargo stylus cache bid {rival.address} {5 * GWEI}")
    assert client.balance(guest.address) == held
    assert not is_cached(client, rival.code_hash)


def test_who_cannot_pay_the_bid_is_told(
    client: Client, key: Key, poor: Key, artifact: MakeArtifact
) -> None:
    found = deploy(client, artifact(model(DIGEST, refused=21).build()), key)
    with pytest.raises(FundsError, match=poor.address):
        cache(client, found, poor)


def test_what_the_auction_refuses_is_named(
    client: Client, key: Key, guest: Key, artifact: MakeArtifact
) -> None:
    found = deploy(client, artifact(model(DIGEST, refused=22).build()), key)
    own(client, key, cache_manager(client), "paused()")
    with pytest.raises(Reverted, match="BidsArePaused"):
        cache(client, found, guest)
    own(client, key, cache_manager(client), "unpause()")
    with pytest.raises(Reverted, match="ProgramNotActivated"):
        min_bid(client, cache_manager(client), key.address)


def test_a_chain_without_an_auction_says_so(
    client: Client, key: Key, guest: Key, artifact: MakeArtifact
) -> None:
    found = deploy(client, artifact(model(DIGEST, refused=23).build()), key)
    manager = cache_manager(client)
    own(client, key, ARB_OWNER, "removeWasmCacheManager(address)", manager)
    try:
        with pytest.raises(ChainError, match="no cache manager") as caught:
            cache(client, found, guest)
        assert "without --cache" in caught.value.next_step
    finally:
        own(client, key, ARB_OWNER, "addWasmCacheManager(address)", manager)
