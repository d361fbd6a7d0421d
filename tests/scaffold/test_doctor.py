"""``scaffold.doctor``: a line for each thing, and a remedy for each that is missing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from scaffold import doctor
from scaffold.cli import app
from scaffold.templates import create
from stylus_ai.build import tools
from stylus_ai.chain.networks import RPC_VARIABLE


def chain(number: int) -> bytes:
    """What a node of that chain answers to ``eth_chainId``."""
    return json.dumps({"jsonrpc": "2.0", "id": 0, "result": hex(number)}).encode()


def line(name: str, folder: Path) -> doctor.Line:
    """The finding of that name."""
    (found,) = (line for line in doctor.examine(folder) if line.name == name)
    return found


def test_every_failing_line_has_a_remedy_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("STYLUS_DEVNODE", str(tmp_path / "no"))
    monkeypatch.setattr(doctor, "NEEDED_DISK", 2**80)
    monkeypatch.setattr(doctor, "LIBRARIES", ("numpy", "no-such-library"))
    lines = doctor.examine(tmp_path)
    failing = {line.name for line in lines if not line.ok}
    assert failing == {"Python packages", "git", "cargo", "rustc", "stylus-devnode", "disk"}
    assert {line.name for line in lines if line.remedy} == failing


def test_it_says_where_the_package_was_loaded_from(tmp_path: Path) -> None:
    assert str(Path(doctor.__file__).parent) in line("stylus-ai", tmp_path).detail


@pytest.mark.wasm
@pytest.mark.node
def test_a_machine_with_everything_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert app.run(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ready"] is True
    assert [check["name"] for check in found["checks"] if not check["ok"]] == []


@contextmanager
def listener(answer: bytes) -> Iterator[str]:
    """A web server that answers every POST with ``answer``; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("answer", "ok", "detail"),
    [
        (chain(412_346), True, "a node runs (chain 412346)"),
        (chain(1_337), False, "is chain 1337, not 412346"),
        (b"<html></html>", False, "held by another program"),
    ],
)
def test_what_listens_at_the_node_s_address_is_asked_for_its_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes, ok: bool, detail: str
) -> None:
    with listener(answer) as rpc:
        monkeypatch.setenv(RPC_VARIABLE, rpc)
        found = line("node's port", tmp_path)
        assert found.ok is ok
        assert rpc in found.detail
        assert detail in found.detail
        assert bool(found.remedy) is not ok
    free = line("node's port", tmp_path)
    assert free.ok
    assert free.detail == f"{rpc} is free"


def test_an_address_that_is_none_is_a_line_like_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RPC_VARIABLE, "nonsense")
    assert "no http address" in line("node's port", tmp_path).detail


def test_the_status_of_a_node_of_another_chain_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = create(tmp_path / "pool", {"application": "credit-score"}, git=False).folder
    monkeypatch.chdir(project)
    with listener(chain(1_337)) as rpc:
        monkeypatch.setenv(RPC_VARIABLE, rpc)
        assert app.run(["devnode", "--status"]) == 1
        assert capsys.readouterr().out == f"Another chain answers at {rpc}: 1337, not 412346\n"
        assert app.run(["devnode", "--status", "--json"]) == 1
        said = json.loads(capsys.readouterr().out)
        assert said == {"running": False, "rpc": rpc, "chain_id": 1_337}


def test_another_compiler_than_the_pinned_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "RUST_VERSION", "9.9.9")
    assert "rustup toolchain install 9.9.9" in line("rustc", tmp_path).remedy


def test_a_machine_that_lacks_something_ends_with_code_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STYLUS_DEVNODE", str(tmp_path / "no"))
    assert app.run(["doctor"]) == 1
    assert "MISSING  stylus-devnode" in capsys.readouterr().out
