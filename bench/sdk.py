"""A digit classifier in a stylus-sdk contract: what a transaction that predicts costs.

The contract is the credit-score template's with the classifier's
methods, until the classifier has a template of its own.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from eth_abi.abi import encode

from bench.digits import LEVELS, POOL, training_images
from stylus_ai.build import assemble, build_contract
from stylus_ai.chain import Client, Node, cache, deploy, find_key
from stylus_ai.chain.client import selector
from stylus_ai.codegen import emit, write
from stylus_ai.compress.qat import pooled
from stylus_ai.errors import ParityError
from stylus_ai.ir import Program, interpret
from stylus_ai.plan import plan
from stylus_ai.units import Bytes, Gas

HERE = Path(__file__).parent
COMMAND = Path(sys.executable).parent / "stylus-ai"


@dataclass(frozen=True)
class Transaction:
    """What a transaction that predicts costs, the program being cached.

    Attributes:
        mean: ``gasUsed`` on average.
        most: The dearest.
        size: Bytes of the contract, compressed.
    """

    mean: Gas
    most: Gas
    size: Bytes


def some_digits(count: int) -> npt.NDArray[np.int64]:
    """Digits to ask about, as 14 x 14 pixels of 4 bits: int64[count, 196]."""
    images, _ = training_images()
    return pooled(images[:count], POOL, LEVELS)


def measure_sdk(program: Program, rows: npt.NDArray[np.int64], folder: Path) -> Transaction:
    """Build the contract, deploy and cache it, and send a transaction for each row.

    Args:
        program: A classifier of packed rows.
        rows: int64[n, features].
        folder: Where to make the project; emptied.

    Raises:
        ParityError: The contract's answer is not the interpreter's.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    command = [str(COMMAND), "new", "credit-score", folder.name, "--yes"]
    subprocess.run(command, cwd=folder.parent, check=True, capture_output=True)
    shutil.copy(HERE / "sdk_contract" / "lib.rs", folder / "contract/src/lib.rs")
    crate = emit(program, plan(program))
    write(crate, folder / "model")
    artifact = assemble(
        build_contract(folder),
        folder / "contract.wasm",
        program_digest=program.digest,
        crate_digest=crate.digest,
        profile="arbos51",
    )
    gas = []
    with Node(port=0) as node:
        client, key = Client.connect(node.network), find_key(node.network)
        deployment = deploy(client, artifact, key)
        cache(client, deployment, key)
        for row, wanted in zip(rows, interpret(program, rows)["class"], strict=True):
            data = selector("predict(bytes)") + encode(["bytes"], [program.features.pack(row)])
            answer = int.from_bytes(client.call(deployment.address, data), "big")
            if answer != wanted:
                raise ParityError(f"The contract answers {answer}, not {wanted}.")
            gas.append(client.receipt(client.send(key, deployment.address, data)).gas)
    return Transaction(Gas(round(np.mean(gas))), max(gas), artifact.size_compressed)
