"""Ink of a model function on the real node, by a bare contract around the generated crate."""

from __future__ import annotations

import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stylus_ai.build import assemble, build_contract
from stylus_ai.chain import Client, deploy, find_key
from stylus_ai.codegen import emit, write
from stylus_ai.errors import ParityError
from stylus_ai.ir import Program, interpret
from stylus_ai.ir.features import IntRows
from stylus_ai.plan import plan
from stylus_ai.units import Bytes, Ink

CONTRACT = Path(__file__).parent / "ink_contract"


@dataclass(frozen=True)
class ModelInk:
    """What a model function costs.

    Attributes:
        least: Cheapest row.
        mean: Mean over the rows.
        most: Dearest row.
        predicted: What the plan said of the worst path.
        size: Bytes of the bare contract, compressed.
    """

    least: Ink
    mean: Ink
    most: Ink
    predicted: Ink
    size: Bytes


def measure(program: Program, rows: IntRows, client: Client, folder: Path) -> ModelInk:
    """Build the bare contract around ``program``, deploy it, and ask it about ``rows``.

    Args:
        program: A binary classifier.
        rows: int64[n, features].
        client: An embedded node.
        folder: Where to build; made anew.

    Raises:
        ParityError: The contract's answer is not the interpreter's.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(CONTRACT, folder)
    chosen = plan(program)
    crate = emit(program, chosen)
    write(crate, folder / "model")
    raw = build_contract(folder, "ink-contract")
    artifact = assemble(
        raw,
        folder / "contract.wasm",
        program_digest=program.digest,
        crate_digest=crate.digest,
        profile=chosen.profile,
    )
    deployment = deploy(client, artifact, find_key(client.network))
    expected = interpret(program, rows)
    inks = []
    for i, row in enumerate(rows):
        answer = client.call(deployment.address, program.features.pack(row))
        ink, *outputs = struct.unpack("<QqQQ", answer)
        if outputs != [int(expected[name][i]) for name in ("logit", "score", "decision")]:
            raise ParityError(f"Row {i}: the chain answers {outputs}.")
        inks.append(ink)
    return ModelInk(
        least=Ink(min(inks)),
        mean=Ink(round(float(np.mean(inks)))),
        most=Ink(max(inks)),
        predicted=chosen.ink,
        size=artifact.size_compressed,
    )
