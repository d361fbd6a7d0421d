"""A program on the embedded chain, in a contract without any SDK: outputs and ink of each step."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stylus_ai.blobs import init_code
from stylus_ai.build.artifact import encode
from stylus_ai.build.tools import find_native, rust_env
from stylus_ai.chain import Client, Node, find_key
from stylus_ai.chain.precompiles import ARB_WASM, activate_data, activation_fee
from stylus_ai.codegen import emit, write
from stylus_ai.ir import Program
from stylus_ai.plan import Plan, plan

BARE = Path(__file__).parent / "bare"


@dataclass(frozen=True)
class Ran:
    """What one call gave.

    Attributes:
        logit: Accumulator.
        score: Basis points.
        decision: 0 or 1.
        leaves: One for each tree.
        unpack: Ink of ``unpack``, the marks' own included.
        predict: Ink of ``predict``.
        leaves_ink: Ink of ``leaves``.
    """

    logit: int
    score: int
    decision: int
    leaves: tuple[int, ...]
    unpack: int
    predict: int
    leaves_ink: int


class Bare:
    """A deployed and activated program."""

    def __init__(self, program: Program, client: Client, address: str, code_size: int) -> None:
        self.program = program
        self.plan: Plan = plan(program, leaf_numbers=True)
        self.code_size = code_size
        self._client = client
        self._address = address

    def run(self, row: npt.NDArray[np.int64]) -> Ran:
        """Call it with one row and read the trace."""
        call = {"to": self._address, "data": "0x" + self.program.features.pack(row).hex()}
        data = bytes.fromhex(self._client.request("eth_call", call, "latest")[2:])
        tracer = {"tracer": "stylusTracer"}
        trace = self._client.request("debug_traceCall", call, "latest", tracer)
        marks = [step for step in trace if step["name"] == "tx_ink_price"]
        assert len(marks) == 5
        between = [before["endInk"] - after["startInk"] for before, after in pairwise(marks)]
        path = data[11:]
        return Ran(
            logit=int.from_bytes(data[:8], "big", signed=True),
            score=int.from_bytes(data[8:10], "big"),
            decision=data[10],
            leaves=tuple(int.from_bytes(path[i : i + 2], "big") for i in range(0, len(path), 2)),
            unpack=between[0],
            predict=between[2],
            leaves_ink=between[3],
        )


@contextmanager
def deployed(program: Program, folder: Path) -> Iterator[Bare]:
    """Build, deploy and activate a program on a node of its own."""
    write(emit(program, plan(program, leaf_numbers=True)), folder / "model")
    shutil.copytree(BARE, folder / "bare")
    target = folder / "target"
    env = {**os.environ, **rust_env(), "CARGO_TARGET_DIR": str(target)}
    arguments = ["cargo", "build", "-q", "--release", "--target", "wasm32-unknown-unknown"]
    subprocess.run(arguments, cwd=folder / "bare", env=env, check=True)
    raw = target / "wasm32-unknown-unknown/release/bare.wasm"
    wasm = folder / "bare.wasm"
    subprocess.run([str(find_native()), "reencode", str(raw), str(wasm)], check=True)
    code = encode(wasm.read_bytes())
    with Node() as node:
        client = Client.connect(node.network)
        key = find_key(node.network)
        created = client.receipt(client.send(key, None, init_code(code)))
        assert created.contract is not None
        fee = activation_fee(client, created.contract, key.address)
        data = activate_data(created.contract)
        client.receipt(client.send(key, ARB_WASM, data, value=2 * fee))
        yield Bare(program, client, created.contract, len(code))
