"""Keys: where they come from, where the public one may not go, and that none is ever shown."""

from __future__ import annotations

import pickle

import pytest

from stylus_ai.chain import DEV_ADDRESS, Network, find_key, get_network
from stylus_ai.chain.keys import DEV_KEY, GROUP_ORDER, parse_key
from stylus_ai.errors import KeyRefused

EMBEDDED = get_network("embedded", {}, {})
SEPOLIA = get_network("sepolia", {}, {})
OWN = "0x" + "42" * 32


def test_the_dev_key_belongs_to_the_dev_account() -> None:
    assert parse_key(DEV_KEY, "test").address == DEV_ADDRESS


def test_a_dev_chain_on_this_machine_needs_no_key() -> None:
    assert find_key(EMBEDDED, environ={}).address == DEV_ADDRESS


def test_a_key_in_the_environment_comes_first() -> None:
    key = find_key(EMBEDDED, environ={"STYLUS_AI_PRIVATE_KEY": f" {OWN}\n"})
    assert key.address != DEV_ADDRESS


def test_elsewhere_a_person_is_asked() -> None:
    asked: list[str] = []

    def prompt(question: str) -> str:
        asked.append(question)
        return OWN[2:]

    assert find_key(SEPOLIA, prompt, {}).address == parse_key(OWN, "test").address
    assert asked == ["Private key for sepolia"]


def test_without_a_key_and_a_person_the_error_says_how_to_give_one() -> None:
    with pytest.raises(KeyRefused, match="no key to sign with on sepolia") as caught:
        find_key(SEPOLIA, environ={})
    assert "STYLUS_AI_PRIVATE_KEY" in caught.value.next_step


@pytest.mark.parametrize(
    "network",
    [
        SEPOLIA,
        get_network("one", {}, {}),
        Network("office", "http://10.0.0.7:8547", 412346),
        Network("fork", "http://127.0.0.1:8545", 42161),
    ],
    ids=lambda network: network.name,
)
def test_the_public_dev_key_is_refused_anywhere_else(network: Network) -> None:
    for environ, prompt in (
        ({"STYLUS_AI_PRIVATE_KEY": DEV_KEY.upper().replace("0X", "")}, None),
        ({}, lambda _: DEV_KEY),
    ):
        with pytest.raises(KeyRefused, match="everybody has it") as caught:
            find_key(network, prompt, environ)
        assert DEV_KEY[2:] not in str(caught.value).lower()


@pytest.mark.parametrize(
    "text",
    [
        "0x" + "42" * 31,
        "0x" + "42" * 33,
        "42" * 31 + "4g",
        "twelve words of a mnemonic that somebody pasted by mistake into it",
        "{'key': '" + "42" * 32 + "'}",
        "0x" + "00" * 32,
        hex(GROUP_ORDER),
        "ü" * 64,
    ],
)
def test_a_malformed_key_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(KeyRefused, match="STYLUS_AI_PRIVATE_KEY") as caught:
        find_key(EMBEDDED, environ={"STYLUS_AI_PRIVATE_KEY": text})
    shown = f"{caught.value!r} {caught.value.cause} {caught.value.next_step}"
    for length in range(8, len(text)):
        assert text[:length] not in shown
    assert caught.value.__cause__ is None


def test_a_key_shows_its_address_only_and_is_not_written() -> None:
    key = parse_key(OWN, "test")
    assert repr(key) == f"Key({key.address})"
    assert "42" * 8 not in f"{key} {key!r} {vars(type(key))}"
    with pytest.raises(TypeError, match="not written"):
        pickle.dumps(key)
