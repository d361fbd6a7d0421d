"""The page's server: files, ``project.json``, Python's answers, and a relay to chains elsewhere.

It listens on 127.0.0.1 and answers this machine's browser only: a request for another host (a name
that was made to point here) or from a page of elsewhere is refused. What it sends names the one
address beside its own that the page may talk to: the embedded node's.
"""

from __future__ import annotations

import json
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, cast
from urllib.parse import unquote, urlsplit

import requests

from scaffold.play.answer import python_answer, read_row
from scaffold.play.description import RELAY, Subject, describe
from stylus_ai import strict_json
from stylus_ai.errors import NodeError, StylusAiError, UsageError

HOST = "127.0.0.1"
LOCAL_NAMES = (HOST, "localhost", "[::1]")

FILES = Path(__file__).resolve().parents[1] / "page"
"""The page that every project has."""

OWN_FILES = "/page/"
"""Where the page finds the project's own files: those of its folder ``page``."""

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""What is handed out; a file of another kind is none of the page's."""

MAX_REQUEST = 1 << 20
"""Bytes of a request: a row, or a call of a contract."""

RELAY_SECONDS = 30.0

RELAYED = frozenset(
    (
        *("eth_chainId", "eth_blockNumber", "eth_gasPrice", "eth_getBlockByNumber", "eth_call"),
        *("eth_estimateGas", "eth_getTransactionReceipt", "eth_getTransactionByHash"),
    )
)
"""Methods that are passed on: questions. Transactions go by the user's wallet."""


class PageServer(ThreadingHTTPServer):
    """Serves the page on a port of 127.0.0.1, and once it has a subject, what the page asks for.

    Args:
        port: 0 takes any that is free.

    Raises:
        NodeError: The port is in use.
    """

    daemon_threads = True

    def __init__(self, port: int) -> None:
        self.subject: Subject | None = None
        try:
            super().__init__((HOST, port), Handler)
        except (OSError, OverflowError) as error:
            raise NodeError(
                f"Port {port} of {HOST} cannot be used: {getattr(error, 'strerror', error)}.",
                f"Choose another port: stylus-ai play --port {port + 1}   (0: any that is free)",
            ) from None

    @property
    def url(self) -> str:
        """Address of the page."""
        return f"http://{HOST}:{self.server_address[1]}/"

    @property
    def address(self) -> str:
        """Of the contract."""
        return cast("Subject", self.subject).deployment.address

    @cached_property
    def policy(self) -> str:
        """The Content-Security-Policy: nothing from elsewhere, and no code but the page's files."""
        subject = cast("Subject", self.subject)
        chain = "" if subject.relayed else f" {subject.network.shown}"
        return (
            f"default-src 'self'; connect-src 'self'{chain}; img-src 'self' data: blob:; "
            "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )

    @cached_property
    def description(self) -> bytes:
        """``project.json``; made once, the project does not change under an open page."""
        return _json(describe(cast("Subject", self.subject)))


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: PageServer
    server_version = "stylus-ai"
    sys_version = ""
    timeout = 30
    protocol_version = "HTTP/1.1"

    posts: ClassVar[frozenset[str]] = frozenset(("/answer", RELAY))

    def do_GET(self) -> None:
        """A file, or ``project.json``."""
        if not self._is_local():
            return
        path = unquote(urlsplit(self.path).path)
        if path == "/project.json":
            self._send(HTTPStatus.OK, self.server.description, TYPES[".json"])
            return
        file = self._file(path)
        if file is None:
            self._refuse(HTTPStatus.NOT_FOUND, UsageError(f"There is no {path} here."))
        else:
            self._send(HTTPStatus.OK, file.read_bytes(), TYPES[file.suffix])

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """Python's answer to a row, or the chain's to a call."""
        if not self._is_local():
            return
        path = urlsplit(self.path).path
        if path not in self.posts:
            self._refuse(HTTPStatus.NOT_FOUND, UsageError(f"There is no {path} here."))
            return
        try:
            body = self._body()
            value = self._relay(body) if path == RELAY else self._answer(body)
        except StylusAiError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, error)
        else:
            self._send(HTTPStatus.OK, value, TYPES[".json"])

    def _is_local(self) -> bool:
        """Refuse what another machine's page or name asks."""
        host, origin = self.headers.get("Host", ""), self.headers.get("Origin")
        if _is_local(host) and (origin is None or _is_local(origin.partition("://")[2])):
            return True
        self._refuse(
            HTTPStatus.FORBIDDEN,
            UsageError("This page is for this machine only.", f"Open {self.server.url}"),
        )
        return False

    def _file(self, path: str) -> Path | None:
        """The file of the page, or of the project's own page, that a path names."""
        subject = self.server.subject
        if path.startswith(OWN_FILES) and subject is not None:
            folder, name = subject.project.root / "page", path.removeprefix(OWN_FILES)
        else:
            folder, name = FILES, path.removeprefix("/") or "index.html"
        folder = folder.resolve()
        try:
            file = (folder / name).resolve()
            inside = file.is_relative_to(folder) and file.is_file() and file.suffix in TYPES
        except (OSError, ValueError):  # too long, a zero byte
            return None
        return file if inside else None

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_REQUEST:
            self.close_connection = True  # what follows is not read
            raise UsageError(
                f"A request needs a length of at most {MAX_REQUEST} bytes, not {length!r}."
            )
        return self.rfile.read(int(length))

    def _answer(self, body: bytes) -> bytes:
        program = cast("Subject", self.server.subject).program
        return _json(python_answer(program, read_row(_parsed(body))))

    def _relay(self, body: bytes) -> bytes:
        """What the chain's node answers to one question."""
        subject = cast("Subject", self.server.subject)
        call = _parsed(body)
        method = call.get("method") if isinstance(call, dict) else None
        if not subject.relayed or method not in RELAYED:
            raise UsageError(f"{method!r} is not passed on: only questions about contracts are.")
        where = f"{subject.network.name} ({subject.network.shown})"
        try:
            answer = requests.post(
                subject.network.rpc,
                data=body,
                headers={"Content-Type": "application/json"},
                timeout=RELAY_SECONDS,
            )
        except requests.RequestException:  # its text holds the address
            raise NodeError(f"No node answers at {where}.") from None
        if not answer.ok:
            raise NodeError(f"{where} answered with status {answer.status_code}.")
        return answer.content

    def _refuse(self, status: HTTPStatus, error: StylusAiError) -> None:
        value = {"kind": error.kind, "cause": error.cause, "next_step": error.next_step}
        if status is not HTTPStatus.BAD_REQUEST:
            self.close_connection = True  # a body may follow that nobody reads
        self._send(status, _json({"error": value}), TYPES[".json"])

    def _send(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")  # an edited page shows when reloaded
        self.send_header("Content-Security-Policy", self.server.policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: the terminal is for what the user did."""


def _is_local(authority: str) -> bool:
    """Whether ``host`` or ``host:port`` is this machine."""
    host, colon, port = authority.rpartition(":")
    return (host if colon and port.isdecimal() else authority) in LOCAL_NAMES


def _parsed(body: bytes) -> Any:
    try:
        return strict_json.loads(body.decode())
    except ValueError as error:
        raise UsageError(f"The request is not JSON: {error}") from None


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
