"""The process that serves the embedded chain: start it, find it, stop it.

`Node` is one that lives as long as a ``with`` block. `ensure_node` gives a project the node behind
its embedded network, in the background, and `stop_node` ends it. A node is known by its process id
in the project's state folder; a process of another program is never signalled.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any
from urllib.parse import urlsplit

from stylus_ai.build.tools import NATIVE, find_native
from stylus_ai.chain.client import Client
from stylus_ai.chain.networks import DEV_CHAIN_ID, Network, get_network
from stylus_ai.chain.rpc import Rpc
from stylus_ai.errors import ChainError, NodeError, ProjectError
from stylus_ai.project import Project, read_json, write_json

READY_SECONDS = 20.0
"""How long a node may take to be ready; it takes 0.1 s on an idle machine."""

STOP_SECONDS = 5.0

PROBE_SECONDS = 2.0
"""How long whatever listens at an address may take to say which chain it is."""

OWN_HOSTS = ("127.0.0.1", "localhost")
"""Where the binary listens; a node that is to answer anywhere else is somebody else's to start."""

COMMAND_LENGTH = 15
"""Characters that Linux keeps of a process's name."""


@dataclass(frozen=True)
class Ready:
    """What a node says of itself when it is ready.

    Attributes:
        rpc: Its address.
        chain_id: Of its chain.
        arbos: ArbOS version that it charges by.
        owner: Chain owner; prefunded, as the public dev account is.
        pid: Its process.
    """

    rpc: str
    chain_id: int
    arbos: int
    owner: str
    pid: int

    @property
    def network(self) -> Network:
        """The node as a network."""
        return Network("embedded", self.rpc, self.chain_id, ephemeral=True)


class Node:
    """A node that lives as long as the ``with`` block, and no longer than this process.

    Args:
        port: Where it listens; 0 for any free port.
        arbos: ArbOS version; None for the node's default.
        owner: Another account to prefund and to make chain owner; None for the dev account alone.
        l1_price: Price of L1 data per unit of L1 gas, as ``25000000`` (wei) or ``0.025gwei``; None
            for none.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        arbos: int | None = None,
        owner: str | None = None,
        l1_price: str | None = None,
    ) -> None:
        self._arguments = _arguments(port, arbos, owner, l1_price)
        self._process: subprocess.Popen[str] | None = None
        self._ready: Ready | None = None

    def __enter__(self) -> Node:
        """Start the node and wait until it is ready.

        Raises:
            NodeError: The port is taken, or the node did not start.
            BuildError: The native binary is not installed.
        """
        arguments = [*self._arguments, "--parent-pid", str(os.getpid())]
        self._process, self._ready = _spawn(find_native(), arguments, None, detached=False)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the node."""
        if self._process is not None:
            _end(self._process)

    @property
    def ready(self) -> Ready:
        """What the node said of itself."""
        if self._ready is None:
            raise NodeError("The node is not started.", "Use it as: with Node() as node: ...")
        return self._ready

    @property
    def network(self) -> Network:
        """The node as a network."""
        return self.ready.network

    def wait(self) -> int:
        """Wait until the node ends by itself; gives its exit code."""
        if self._process is None:
            raise NodeError("The node is not started.", "Use it as: with Node() as node: ...")
        return self._process.wait()


def ensure_node(project: Project, *, l1_price: str | None = None) -> Network:
    """The project's embedded network, with a node behind it: the one that runs, or a new one.

    A new node stays in the background until `stop_node`; its process id stands in
    ``.stylus-ai/node.json``, its messages in ``.stylus-ai/node.log``.

    Args:
        project: Whose network.
        l1_price: As `Node` takes it; only a new node can be given one.

    Raises:
        NodeError: The port is held by something else, the node did not start, or one that runs
            was to be given a price.
        ChainError: Another chain answers at the address.
        BuildError: The native binary is not installed.
    """
    network = get_network("embedded", project.networks)
    if answers(network):
        Client.connect(network)
        if l1_price is not None:
            raise NodeError(
                f"A node answers at {network.shown} already; L1 data is priced when one starts.",
                "Stop it first: stylus-ai devnode --stop",
            )
        return network
    address = urlsplit(network.rpc)
    if address.scheme != "http" or address.hostname not in OWN_HOSTS:
        raise NodeError(
            f"No node answers at {network.shown}.", "Start it there, or unset STYLUS_AI_RPC."
        )
    project.state_dir.mkdir(exist_ok=True)
    log = project.state_dir / "node.log"
    program = find_native()
    process, ready = _spawn(
        program, _arguments(network.port, None, None, l1_price), log, detached=True
    )
    try:
        Client.connect(network)
        entry = {"pid": process.pid, "program": program.name, "rpc": ready.rpc}
        write_json(_record(project), entry)
    except BaseException:
        _end(process)  # nobody would know of it
        raise
    if process.stdout is not None:
        process.stdout.close()
    return network


def stop_node(project: Project) -> bool:
    """End the background node that `ensure_node` started; False if none runs."""
    record = _record(project)
    try:
        entry = read_json(record)
        pid, program = int(entry["pid"]), str(entry["program"])
    except (ProjectError, KeyError, TypeError, ValueError):
        record.unlink(missing_ok=True)
        return False
    running = _runs(pid, program)
    if running:
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        while _runs(pid, program) and time.monotonic() < end:
            time.sleep(0.01)
        if _runs(pid, program):
            os.kill(pid, signal.SIGKILL)
    record.unlink(missing_ok=True)
    return running


def answers(network: Network) -> bool:
    """True if a node of whatever chain answers at the network's address."""
    return chain_at(network) is not None


def chain_at(network: Network) -> int | None:
    """Chain id of the node at the network's address; None if none answers in ``PROBE_SECONDS``."""
    try:
        return Rpc(network, patience=PROBE_SECONDS).number("eth_chainId")
    except ChainError:
        return None


def port_is_free(port: int) -> bool:
    """True if nothing listens on that port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _arguments(port: int, arbos: int | None, owner: str | None, l1_price: str | None) -> list[str]:
    arguments = ["--port", str(port)]
    if arbos is not None:
        arguments += ["--arbos", str(arbos)]
    if owner is not None:
        arguments += ["--owner", owner]
    if l1_price is not None:
        arguments.append(f"--l1-price={l1_price}")  # a sign before it makes no option of it
    return arguments


def _record(project: Project) -> Path:
    return project.state_dir / "node.json"


def _spawn(
    program: Path, arguments: list[str], log: Path | None, *, detached: bool
) -> tuple[subprocess.Popen[str], Ready]:
    """Start the binary and wait for its ready line."""
    with log.open("w+b") if log else tempfile.TemporaryFile() as messages:
        process = subprocess.Popen(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=messages,
            text=True,
            start_new_session=detached,  # Ctrl-C of the tool is not for a node that stays
        )
        try:
            line = _first_line(process.stdout)
            return process, _parse(line)
        except BaseException as error:
            _end(process)
            if not isinstance(error, NodeError):
                raise
            messages.seek(0)
            said = messages.read().decode(errors="replace").strip()
            raise _start_error(arguments, said or error.cause) from None


def _first_line(stream: IO[str] | None) -> str:
    """First line of a stream, read by a thread since a pipe has no time limit of its own."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        lines.put(stream.readline() if stream else "")

    threading.Thread(target=read, daemon=True).start()
    try:
        return lines.get(timeout=READY_SECONDS)
    except queue.Empty:
        raise NodeError(f"the node was not ready after {READY_SECONDS:.0f} s") from None


def _parse(line: str) -> Ready:
    try:
        said: dict[str, Any] = json.loads(line)
        return Ready(
            rpc=str(said["rpc"]),
            chain_id=int(said["chainId"]),
            arbos=int(said["arbos"]),
            owner=str(said["owner"]),
            pid=int(said["pid"]),
        )
    except (ValueError, KeyError, TypeError):
        raise NodeError("the node ended before it was ready") from None


def _start_error(arguments: list[str], said: str) -> NodeError:
    """Why the node did not start."""
    port = int(arguments[arguments.index("--port") + 1])
    another = f"choose another port: stylus-ai devnode --port {port + 1}"
    if port and not port_is_free(port):
        found = chain_at(Network("embedded", f"http://127.0.0.1:{port}", DEV_CHAIN_ID))
        if found is not None:
            return NodeError(
                f"A node runs on port {port} already (chain {found}).",
                "Use it, or stop it (Ctrl-C in its terminal, or stylus-ai devnode --stop in its "
                f"project), or {another}",
            )
        return NodeError(
            f"Port {port} is in use by another program.",
            f"Stop that program, or {another}",
        )
    lines = said.splitlines()
    # A refused option comes first, then how to get help.
    cause = next((line for line in lines if line.startswith("error: ")), lines[-1])
    return NodeError(
        f"The node did not start: {cause.removeprefix('error: ')}",
        f"Try by hand: {NATIVE} --port {port}",
    )


def _end(process: subprocess.Popen[str]) -> None:
    """End a process that this one started, and wait for it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _runs(pid: int, program: str) -> bool:
    """True if the process of that id runs that program; process ids are used again."""
    try:
        # "pid (command) state ...": Linux, also where ps is not installed
        command, state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split(")", 1)
        name = command.partition("(")[2]
    except OSError:
        state, name = _ask_ps(pid)
    return name == program[:COMMAND_LENGTH] and not state.strip().startswith("Z")


def _ask_ps(pid: int) -> tuple[str, str]:
    """State and program of a process where there is no /proc; empty texts if it is gone."""
    try:
        command = ["ps", "-p", str(pid), "-o", "stat=,comm="]
        words = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    except OSError:
        return "", ""
    return (words[0], Path(words[1]).name[:COMMAND_LENGTH]) if len(words) >= 2 else ("", "")
