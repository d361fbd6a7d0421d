"""The client against a real node: what goes wrong is said in words."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from eth_abi.abi import encode

from stylus_ai.build.artifact import encode as code_of
from stylus_ai.chain import Client, Key, Network, Node, errors_of
from stylus_ai.errors import ChainError, FundsError, NodeError, Reverted
from tests.chain.conftest import activated, created, named
from tests.chain.test_reverts import ABI, KNOWN, OUT_OF_RANGE
from tests.chain.tiny_wasm import UNREACHABLE, Tiny, answer

pytestmark = pytest.mark.node


@contextmanager
def server(content: bytes, status: int = 200) -> Iterator[str]:
    """An HTTP server that answers everything with the same bytes."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    listening = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


def test_a_right_chain_is_connected(client: Client) -> None:
    assert client.chain_id() == 412346
    assert client.arbos() == 51


def test_a_wrong_chain_id_names_both(node: Node) -> None:
    with pytest.raises(ChainError, match="412346, but sepolia is chain 421614") as caught:
        Client.connect(named(node.network, "sepolia", 421614))
    assert "--network" in caught.value.next_step


def test_nobody_there_says_what_to_start() -> None:
    with pytest.raises(NodeError, match="No node answers at embedded") as caught:
        Client.connect(Network("embedded", "http://127.0.0.1:9", 412346))
    assert caught.value.next_step == "Start it: stylus-ai devnode"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"<html>hello</html>", 200),
        (b"<html>no</html>", 404),
        (b'{"jsonrpc":"2.0","id":1,"result":"hello"}', 200),
        (b'{"jsonrpc":"2.0","id":1,"result":null}', 200),
        (b"[]", 200),
        (b"", 200),
    ],
)
def test_something_else_on_the_port_is_no_node(content: bytes, status: int) -> None:
    with server(content, status=status) as url, pytest.raises(NodeError):
        Client.connect(Network("embedded", url, 412346))


def test_an_account_without_funds_is_told_so_and_sends_nothing(client: Client, poor: Key) -> None:
    with pytest.raises(FundsError, match=r"holds 0 ETH") as caught:
        client.send(poor, poor.address, b"", value=1)
    assert poor.address in caught.value.cause
    assert "--owner" in caught.value.next_step


def test_an_account_that_cannot_pay_the_gas_is_told_so(client: Client, key: Key, poor: Key) -> None:
    client.receipt(client.send(key, poor.address, b"", value=1000))
    with pytest.raises(FundsError, match=r"this takes up to 0\.\d*[1-9] ETH"):
        client.send(poor, key.address, b"", value=1)
    assert client.request("eth_getTransactionCount", poor.address, "latest") == "0x0"


def test_a_custom_error_of_the_contract_is_decoded(node: Node, key: Key) -> None:
    client = Client.connect(node.network, errors_of(ABI))
    address = activated(client, key, answer(OUT_OF_RANGE, status=1).build())
    wanted = r"FeatureOutOfRange\(feature=3, value=-1, low=0, high=72\)"
    with pytest.raises(Reverted, match=wanted):
        client.call(address, b"any")
    with pytest.raises(Reverted, match=wanted):
        client.send(key, address, b"any")


def test_a_trap_is_a_revert_without_reason(client: Client, key: Key) -> None:
    address = activated(client, key, Tiny(UNREACHABLE).build())
    with pytest.raises(Reverted, match="no reason given"):
        client.call(address, b"")


def test_a_program_that_is_not_active_says_what_to_do(client: Client, key: Key) -> None:
    address = created(client, key, code_of(answer(b"not activated").build()))
    with pytest.raises(ChainError, match="ProgramNotActivated") as caught:
        client.call(address, b"")
    assert "stylus-ai deploy" in caught.value.next_step


def test_a_transaction_that_failed_on_the_chain_is_explained(node: Node, key: Key) -> None:
    """Sent past the estimate, which would have refused it."""
    client = Client.connect(node.network, KNOWN)
    address = activated(client, key, answer(OUT_OF_RANGE + b"\0", status=1).build())
    fields = {
        "type": 2,
        "chainId": 412346,
        "nonce": int(client.request("eth_getTransactionCount", key.address, "latest"), 16),
        "gas": 100_000,
        "maxFeePerGas": client.gas_price() * 2,
        "maxPriorityFeePerGas": 0,
        "value": 0,
        "to": address,
        "data": b"x",
    }
    tx = client.request("eth_sendRawTransaction", key.sign(fields).raw)
    with pytest.raises(Reverted, match=rf"{tx} failed.*FeatureOutOfRange\(feature=3"):
        client.receipt(tx)


def test_a_transaction_that_never_comes_is_given_up(client: Client) -> None:
    with pytest.raises(ChainError, match="not in a block"):
        client.receipt("0x" + "11" * 32, timeout=0.05)


def test_answers_to_many_calls_keep_their_order(client: Client, key: Key) -> None:
    addresses = [f"0x{number:040x}" for number in range(1000, 1200)]
    for number, address in enumerate(addresses[:3]):
        client.receipt(client.send(key, address, b"", value=number + 7))
    calls = [("eth_getBalance", (address, "latest")) for address in addresses]
    found = [int(answer["result"], 16) for answer in client.answers(calls)]
    assert found == [7, 8, 9, *[0] * 197]


def test_a_node_that_dies_is_reported_at_once(key: Key) -> None:
    with Node() as node:
        client = Client.connect(node.network)
        assert client.balance(key.address) > 0
    with pytest.raises(NodeError, match="No node answers"):
        client.balance(key.address)
    with pytest.raises(NodeError, match="No node answers"):
        client.send(key, key.address, b"")


def test_an_error_of_the_node_is_passed_on(client: Client) -> None:
    with pytest.raises(ChainError, match="eth_noSuchThing failed on embedded"):
        client.request("eth_noSuchThing")


def test_what_a_call_returns_comes_back(client: Client, key: Key) -> None:
    expected = encode(["uint16", "bool"], [9_999, True])
    assert client.call(activated(client, key, answer(expected).build()), b"x") == expected
