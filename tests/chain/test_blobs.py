"""Blobs on a chain: created once, where they were expected, whoever was interrupted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stylus_ai.blobs import PAYLOAD, BlobChain, blob_chain
from stylus_ai.chain import Client, Key
from stylus_ai.chain.blobs import deploy_blobs
from stylus_ai.errors import ChainError, FundsError

pytestmark = pytest.mark.node


def codes_of(client: Client, blobs: BlobChain) -> list[bytes]:
    return [client.code(address) for address in blobs.addresses]


def test_blobs_are_created_where_their_contents_say(client: Client, key: Key) -> None:
    blobs = blob_chain(b"a" * PAYLOAD + b"b")
    steps: list[str] = []
    gas = deploy_blobs(client, blobs, key, on_step=steps.append)
    assert codes_of(client, blobs) == list(blobs.codes)
    assert steps == ["sending blob 1 of 2", "sending blob 2 of 2"]
    # 200 gas for each byte that is stored, and about as much for calldata and init code.
    assert 200 * 24_598 < gas < 400 * 24_598


def test_what_is_there_is_not_paid_for_again(client: Client, key: Key) -> None:
    blobs = blob_chain(b"c" * 1000)
    assert deploy_blobs(client, blobs, key) > 0
    assert deploy_blobs(client, blobs, key) == 0


def test_an_interrupted_run_goes_on_where_it_stopped(client: Client, key: Key) -> None:
    blobs = blob_chain(b"d" * PAYLOAD + b"e" * PAYLOAD + b"f")
    last = BlobChain(blobs.codes[-1:], blobs.addresses[-1:])
    deploy_blobs(client, last, key)
    steps: list[str] = []
    deploy_blobs(client, blobs, key, on_step=steps.append)
    assert len(steps) == 2
    assert codes_of(client, blobs) == list(blobs.codes)


def test_an_account_without_money_is_told_so(client: Client, poor: Key) -> None:
    with pytest.raises(FundsError):
        deploy_blobs(client, blob_chain(b"g"), poor)


def test_a_blob_that_comes_out_elsewhere_is_noticed(client: Client, key: Key) -> None:
    blobs = blob_chain(b"h")
    wrong = replace(blobs, addresses=("0x" + "11" * 20,))
    with pytest.raises(ChainError, match="another blob"):
        deploy_blobs(client, wrong, key)


def test_a_chain_without_the_factory_is_named(
    client: Client, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "code", lambda _address: b"")
    with pytest.raises(ChainError, match="no CREATE2 factory"):
        deploy_blobs(client, blob_chain(b"i"), key)
