"""The page's server over real HTTP: who is answered, which files, Python's answers, the relay."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scaffold.play.answer import python_answer
from scaffold.play.description import Subject
from scaffold.play.server import PageServer
from stylus_ai.chain import Network
from stylus_ai.errors import NodeError
from stylus_ai.fixtures import fixture_csv
from stylus_ai.ir import interpret, random_rows
from stylus_ai.ir.explain import points
from stylus_ai.project import Project, write_text
from tests.chain.test_deploy import DEPLOYMENT
from tests.ir.test_verify import program

PROGRAM = program()
LOCAL = Network("embedded", "http://127.0.0.1:8547", 412_346)


@contextmanager
def served(folder: Path, network: Network = LOCAL) -> Iterator[PageServer]:
    """A server for a project in ``folder`` whose model is ``PROGRAM``."""
    write_text(folder / "stylus-ai.toml", '[project]\nname = "lender"\napplication = "own"\n')
    project = Project.open(folder)
    rows = fixture_csv(PROGRAM, random_rows(PROGRAM, 30))
    write_text(project.fixtures / "test.csv", rows)
    with PageServer(0) as server:
        server.subject = Subject(project, PROGRAM, network, DEPLOYMENT)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def ask(
    server: PageServer,
    path: str,
    body: object = None,
    host: str | None = None,
    origin: str | None = None,
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Status, headers and body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1])
    headers = {} if origin is None else {"Origin": origin}
    if host is not None:
        headers["Host"] = host
    text = None if body is None else json.dumps(body)
    connection.request("GET" if body is None else "POST", path, text, headers)
    answer = connection.getresponse()
    found = (answer.status, answer.headers, answer.read())
    connection.close()
    return found


def cause(body: bytes) -> str:
    """What an error says."""
    return str(json.loads(body)["error"]["cause"])


def test_the_page_comes_with_a_policy_that_names_only_the_node(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        status, headers, body = ask(server, "/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b'src="main.js"' in body
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'; connect-src 'self' http://127.0.0.1:8547;" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("example.com", None),
        ("localhost.example.com:8600", None),
        (None, "https://example.com"),
        (None, "null"),
        (None, "http://localhost.example.com"),
    ],
)
def test_another_name_and_another_page_are_refused(
    tmp_path: Path, host: str | None, origin: str | None
) -> None:
    with served(tmp_path) as server:
        for body in (None, {"row": [0, 0]}):
            path = "/answer" if body else "/project.json"
            status, _, answer = ask(server, path, body, host, origin)
            assert status == 403
            assert "this machine only" in cause(answer)


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:8600"])
def test_this_machines_names_are_answered(tmp_path: Path, host: str) -> None:
    with served(tmp_path) as server:
        assert ask(server, "/project.json", None, host, f"http://{host}")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/none.js", "/../server.py", "/%2e%2e/play/server.py", "/page/../stylus-ai.toml"),
        *("/page/%2e%2e/stylus-ai.toml", "/page/link.js", "/viem.LICENSE", "/%00", "/page/"),
    ],
)
def test_nothing_outside_the_pages_folders_is_handed_out(tmp_path: Path, path: str) -> None:
    (tmp_path / "page").mkdir()
    (tmp_path / "secret.js").write_text("")
    (tmp_path / "page" / "link.js").symlink_to(tmp_path / "secret.js")
    with served(tmp_path) as server:
        assert ask(server, path)[0] == 404


def test_the_projects_own_files_are_handed_out(tmp_path: Path) -> None:
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "index.js").write_text("export const mount = () => {};\n")
    with served(tmp_path) as server:
        status, headers, body = ask(server, "/page/index.js")
        described = json.loads(ask(server, "/project.json")[2])
    assert (status, headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert body == b"export const mount = () => {};\n"
    assert described["page"] is True


def test_the_project_is_described_as_the_docs_say(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        described = json.loads(ask(server, "/project.json")[2])
    page = (Path(__file__).parents[2] / "docs" / "play.md").read_text(encoding="utf-8")
    table = page.split("`project.json`:")[1].split("## ")[0]
    for key, value in described.items():
        assert f"`{key}`" in table, key
        entry = value[0] if isinstance(value, list) else value
        for inner in entry if isinstance(entry, dict) else ():
            assert f"`{inner}`" in table, inner
    firsts = [int(example["answer"]["score"]) for example in described["examples"]]
    assert len(firsts) == 10
    assert firsts == sorted(firsts)


def test_python_answers_what_the_interpreter_says(tmp_path: Path) -> None:
    row = random_rows(PROGRAM, 1)[0]
    with served(tmp_path) as server:
        status, _, body = ask(server, "/answer", {"row": row.tolist()})
    found = interpret(PROGRAM, row[np.newaxis])
    assert status == 200
    answer = json.loads(body)
    assert answer["answer"] == {
        "score": str(found["score"][0]),
        "approved": str(found["decision"][0]),
    }
    assert answer["points"] == [str(point) for point in points(PROGRAM, row)]
    assert answer == python_answer(PROGRAM, row.tolist())


def test_points_are_differences_from_the_reference() -> None:
    assert points(PROGRAM, PROGRAM.reference).tolist() == [0] * len(PROGRAM.features)
    row = random_rows(PROGRAM, 20)[-1]
    for at, point in enumerate(points(PROGRAM, row)):
        changed = row.copy()
        changed[at] = PROGRAM.reference[at]
        score = interpret(PROGRAM, np.stack([row, changed]))["score"]
        assert point == score[0] - score[1]


@pytest.mark.parametrize(
    "body",
    [{}, [], "row", {"row": 1}, {"row": [0.5]}, {"row": [True]}, {"row": [1 << 70]}, {"row": [1]}],
)
def test_what_is_no_row_gets_an_error(tmp_path: Path, body: object) -> None:
    with served(tmp_path) as server:
        status, _, answer = ask(server, "/answer", body)
        assert status == 400
        assert cause(answer)
        assert ask(server, "/project.json")[0] == 200


class Elsewhere(BaseHTTPRequestHandler):
    """A node that answers which path it was asked at."""

    def do_POST(self) -> None:
        """Echo the path."""
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"result": self.path}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


def test_questions_to_a_chain_elsewhere_go_by_the_server_which_keeps_its_key(
    tmp_path: Path,
) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
    with HTTPServer(("127.0.0.1", 0), Elsewhere) as node:
        threading.Thread(target=node.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{node.server_address[1]}/key-1234"
        with served(tmp_path, replace(LOCAL, name="sepolia", rpc=address)) as server:
            answers = [ask(server, path) for path in ("/", "/project.json")]
            assert ask(server, "/rpc", call)[2] == b'{"result": "/key-1234"}'
            sent = {**call, "method": "eth_sendRawTransaction"}
            status, _, refusal = ask(server, "/rpc", sent)
            assert (status, ask(server, "/rpc", [call])[0]) == (400, 400)
            assert "not passed on" in cause(refusal)
        node.shutdown()
    assert "connect-src 'self';" in answers[0][1]["Content-Security-Policy"]
    assert json.loads(answers[1][2])["network"]["rpc"] == "/rpc"
    assert all(b"key-1234" not in body for _, _, body in answers)


def test_a_node_that_is_gone_is_named_without_its_key(tmp_path: Path) -> None:
    gone = replace(LOCAL, name="sepolia", rpc="http://127.0.0.1:9/key-1234")
    with served(tmp_path, gone) as server:
        status, _, answer = ask(server, "/rpc", {"method": "eth_chainId"})
    assert status == 400
    assert cause(answer) == "No node answers at sepolia (http://127.0.0.1:9)."


def test_a_port_in_use_is_named_with_the_next_command() -> None:
    with PageServer(0) as first, pytest.raises(NodeError, match="cannot be used") as caught:
        PageServer(first.server_address[1])
    assert f"--port {first.server_address[1] + 1}" in caught.value.next_step
