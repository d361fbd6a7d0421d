"""The table of networks: known rows, a project's rows, clear words for the rest."""

from __future__ import annotations

import pytest

from stylus_ai.chain import NETWORKS, Network, all_networks, get_network
from stylus_ai.errors import UsageError


def test_the_public_networks_have_their_chain_ids() -> None:
    ids = {network.name: network.chain_id for network in NETWORKS}
    assert ids == {"embedded": 412346, "devnode-docker": 412346, "sepolia": 421614, "one": 42161}


def test_a_project_adds_a_network() -> None:
    rows = {"office": {"rpc": "http://10.0.0.7:8547", "chain_id": 412346}}
    assert get_network("office", rows, {}).rpc == "http://10.0.0.7:8547"


def test_a_project_moves_a_known_network_and_leaves_the_rest_of_its_row() -> None:
    network = get_network("sepolia", {"sepolia": {"rpc": "https://other.example"}}, {})
    assert (network.rpc, network.chain_id) == ("https://other.example", 421614)
    assert network.faucet


def test_the_environment_replaces_the_address_and_not_the_chain_id() -> None:
    network = get_network("one", {}, {"STYLUS_AI_RPC": "http://127.0.0.1:9000"})
    assert (network.rpc, network.chain_id) == ("http://127.0.0.1:9000", 42161)


SECRET = "s3cret"


@pytest.mark.parametrize(
    ("rpc", "shown"),
    [
        ("http://127.0.0.1:8547", "http://127.0.0.1:8547"),
        ("http://[::1]:8547/", "http://[::1]:8547"),
        (
            f"https://me:{SECRET}@node.example:443/v2/{SECRET}?key={SECRET}",
            "https://node.example:443",
        ),
        (f"https://node.example/{SECRET}#{SECRET}", "https://node.example"),
        (f"https://{SECRET}@node.example?{SECRET}", "https://node.example"),
    ],
)
def test_an_address_is_shown_without_its_secrets(rpc: str, shown: str) -> None:
    network = get_network("one", {}, {"STYLUS_AI_RPC": rpc})
    assert network.rpc == rpc
    assert network.shown == shown
    assert SECRET not in repr(network)


@pytest.mark.parametrize("rpc", [f"ftp://me:{SECRET}@a/{SECRET}", f"me:{SECRET}@a:8547/{SECRET}"])
def test_a_broken_address_keeps_its_secrets_too(rpc: str) -> None:
    with pytest.raises(UsageError) as caught:
        get_network("one", {}, {"STYLUS_AI_RPC": rpc})
    assert SECRET not in caught.value.cause


@pytest.mark.parametrize(
    ("rpc", "port"), [("http://a", 80), ("https://a", 443), ("https://a:8547/x", 8547)]
)
def test_the_port_of_an_address(rpc: str, port: int) -> None:
    assert Network("x", rpc, 1).port == port


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UsageError, match="sepola") as caught:
        get_network("sepola", {}, {})
    assert "Did you mean sepolia?" in caught.value.next_step


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"chain_id": 1}, "rpc"),
        ({"rpc": 8547, "chain_id": 1}, "rpc"),
        ({"rpc": "http://a"}, "chain_id"),
        ({"rpc": "http://a", "chain_id": "1"}, "chain_id"),
        ({"rpc": "http://a", "chain_id": True}, "chain_id"),
        ({"rpc": "ftp://a", "chain_id": 1}, "ftp://a"),
        ({"rpc": "http://a:port", "chain_id": 1}, "http://a:port"),
        ({"rpc": "http://", "chain_id": 1}, "http://"),
    ],
)
def test_a_broken_row_names_its_table_and_the_value(row: dict[str, object], word: str) -> None:
    with pytest.raises(UsageError, match=r"\[networks\.mine\]") as caught:
        all_networks({"mine": row})
    assert word in caught.value.cause


def test_a_broken_address_in_the_environment_names_the_variable() -> None:
    with pytest.raises(UsageError, match="STYLUS_AI_RPC"):
        get_network("one", {}, {"STYLUS_AI_RPC": "127.0.0.1:8547"})


@pytest.mark.parametrize(
    ("rpc", "local"),
    [
        ("http://127.0.0.1:8547", True),
        ("http://127.8.8.8:1", True),
        ("http://localhost:8547", True),
        ("http://[::1]:8547", True),
        ("http://10.0.0.7:8547", False),
        ("http://localhost.example:8547", False),
        ("http://0.0.0.0:8547", False),
    ],
)
def test_only_loopback_addresses_are_this_machine(rpc: str, local: bool) -> None:
    assert Network("x", rpc, 412346).is_local is local
    assert Network("x", rpc, 412346).is_dev is local
    assert not Network("x", rpc, 42161).is_dev
