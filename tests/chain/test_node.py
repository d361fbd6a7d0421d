"""The node process: started, found again, stopped, and nothing else harmed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stylus_ai.chain import Client, Network, Node, ensure_node, port_is_free, stop_node
from stylus_ai.chain.client import selector
from stylus_ai.chain.node import answers
from stylus_ai.chain.rpc import ANSWER_SECONDS
from stylus_ai.errors import BuildError, ChainError, NodeError
from stylus_ai.project import Project, read_json, write_json
from tests.chain.conftest import at
from tests.chain.test_client import server

pytestmark = pytest.mark.node


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_node_lives_as_long_as_its_block() -> None:
    with Node() as node:
        assert answers(node.network)
        assert node.ready.arbos == 51
        assert node.ready.chain_id == 412346
    assert not answers(node.network)


def test_a_node_serves_the_version_and_the_owner_that_are_asked_for() -> None:
    owner = "0x00000000000000000000000000000000000000aA"
    with Node(arbos=60, owner=owner) as node:
        client = Client.connect(node.network)
        assert client.arbos() == 60
        assert client.balance(owner) == 1000 * 10**18


def test_a_port_in_use_is_named_and_another_suggested() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = int(other.getsockname()[1])
        with pytest.raises(NodeError, match=f"Port {port} is in use") as caught, Node(port):
            pass
    assert f"--port {port + 1}" in caught.value.next_step


def test_a_node_on_the_port_is_named_as_one(node: Node) -> None:
    port = node.network.port
    wanted = rf"A node runs on port {port} already \(chain 412346\)"
    with pytest.raises(NodeError, match=wanted) as caught, Node(port):
        pass
    assert "stylus-ai devnode --stop" in caught.value.next_step


def test_a_listener_that_says_nothing_is_given_up_soon(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not after the time that an answer of a known node may take."""
    monkeypatch.setattr("stylus_ai.chain.node.PROBE_SECONDS", 0.1)
    begun = time.monotonic()
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(NodeError, match="in use by another program"):
            ensure_node(at(project, url))
    assert time.monotonic() - begun < ANSWER_SECONDS


@pytest.mark.parametrize("host", ["[::1]", "127.8.8.8", "0.0.0.0"])  # noqa: S104 - never listened on
def test_no_node_is_started_where_it_would_not_listen(project: Project, host: str) -> None:
    url = f"http://{host}:{free_port()}"
    with pytest.raises(NodeError, match="No node answers"):
        ensure_node(at(project, url))
    assert not project.state_dir.exists()


def test_a_node_that_cannot_be_reached_is_ended(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E.g. because ``localhost`` leads elsewhere."""
    port = free_port()

    def refuse(_: Network) -> None:
        assert not port_is_free(port)
        raise NodeError("not reached")

    monkeypatch.setattr(Client, "connect", refuse)
    with pytest.raises(NodeError, match="not reached"):
        ensure_node(at(project, f"http://localhost:{port}"))
    assert port_is_free(port)
    assert not (project.state_dir / "node.json").exists()


def test_secrets_of_an_address_are_in_no_message_and_no_record(project: Project) -> None:
    port = free_port()
    mine = at(project, f"http://me:s3cret@127.0.0.1:{port}/s3cret")
    try:
        ensure_node(mine)
        for path in project.state_dir.iterdir():
            assert "s3cret" not in path.read_text()
    finally:
        stop_node(mine)
    for broken in (b"hello", b'{"jsonrpc":"2.0","id":1,"result":"0x1"}'):
        with server(broken) as url:
            secret = Network("embedded", f"{url}/s3cret", 412346)
            with pytest.raises(ChainError) as caught:
                Client.connect(secret)
        assert "s3cret" not in caught.value.cause


def test_a_bad_option_shows_what_the_binary_says() -> None:
    with pytest.raises(NodeError, match="did not start"), Node(arbos=7):
        pass


def test_a_refused_option_names_the_value() -> None:
    with (
        pytest.raises(NodeError, match=r"invalid value '1\.5' for '--l1-price"),
        Node(l1_price="1.5"),
    ):
        pass


def price_of(client: Client) -> int:
    """Price of L1 data, in wei per unit."""
    gas_info = "0x000000000000000000000000000000000000006C"
    return int.from_bytes(client.call(gas_info, selector("getL1BaseFeeEstimate()")))


@pytest.mark.parametrize(("price", "wei"), [(None, 0), ("7", 7), ("0.5gwei", 500_000_000)])
def test_a_node_prices_l1_data_as_asked(price: str | None, wei: int) -> None:
    with Node(l1_price=price) as node:
        assert price_of(Client.connect(node.network)) == wei


def test_a_background_node_is_given_a_price_when_it_starts_only(project: Project) -> None:
    mine = at(project, f"http://127.0.0.1:{free_port()}")
    try:
        assert price_of(Client.connect(ensure_node(mine, l1_price="2gwei"))) == 2 * 10**9
        with pytest.raises(NodeError, match="priced when one starts") as caught:
            ensure_node(mine, l1_price="3gwei")
        assert "--stop" in caught.value.next_step
    finally:
        stop_node(mine)


def test_a_missing_binary_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLUS_DEVNODE", "/nowhere/stylus-devnode")
    with pytest.raises(BuildError, match="STYLUS_DEVNODE"), Node():
        pass


def test_a_program_that_is_no_node_is_found_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "stylus-devnode"
    fake.write_text("#!/bin/sh\necho hello\n")
    fake.chmod(0o755)
    monkeypatch.setenv("STYLUS_DEVNODE", str(fake))
    with pytest.raises(NodeError, match="ended before it was ready"), Node():
        pass


def test_no_node_is_left_behind_when_its_parent_is_killed() -> None:
    code = (
        "from stylus_ai.chain import Node\n"
        "import os, signal\n"
        "node = Node().__enter__()\n"
        "print(node.ready.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    pid = int(done.stdout)
    end = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.05)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_background_node_is_started_once_and_stopped(project: Project) -> None:
    mine = at(project, f"http://127.0.0.1:{free_port()}")
    try:
        network = ensure_node(mine)
        pid = read_json(project.state_dir / "node.json")["pid"]
        assert answers(network)
        assert ensure_node(mine) == network
        assert read_json(project.state_dir / "node.json")["pid"] == pid
    finally:
        stopped = stop_node(mine)
    assert stopped
    assert not answers(network)
    assert not stop_node(mine)
    assert not (project.state_dir / "node.json").exists()


def test_a_process_that_is_no_node_is_never_stopped(project: Project) -> None:
    """Process ids are used again: the recorded one may belong to anybody by now."""
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
    try:
        write_json(project.state_dir / "node.json", {"pid": other.pid, "program": "stylus-devnode"})
        assert not stop_node(project)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


@pytest.mark.parametrize("text", ["", "[]", '{"pid": "x", "program": "a"}', '{"pid": 1}', "{}"])
def test_a_damaged_record_stops_nothing(project: Project, text: str) -> None:
    project.state_dir.mkdir()
    (project.state_dir / "node.json").write_text(text)
    assert not stop_node(project)


def test_another_chain_on_the_port_is_not_taken_for_ours(project: Project) -> None:
    other = b'{"jsonrpc":"2.0","id":1,"result":"0x1"}'
    wanted = "is chain 1, but embedded is chain 412346"
    with server(other) as url, pytest.raises(ChainError, match=wanted):
        ensure_node(at(project, url))
    assert not (project.state_dir / "node.json").exists()


def test_another_program_on_the_port_is_named(project: Project) -> None:
    with server(b"hello") as url, pytest.raises(NodeError, match="in use by another program"):
        ensure_node(at(project, url))
    assert not (project.state_dir / "node.json").exists()


def test_a_node_on_another_machine_is_not_started(project: Project) -> None:
    with pytest.raises(NodeError, match="No node answers at http://node"):
        ensure_node(at(project, "http://node.invalid:8547"))


def test_a_free_port_is_free_and_a_taken_one_is_not() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert not port_is_free(int(other.getsockname()[1]))
    assert port_is_free(free_port())
