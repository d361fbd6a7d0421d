"""The classifier kit's contract: what a transaction that predicts costs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.digits import LEVELS, POOL, training_images
from stylus_ai import pipeline
from stylus_ai.chain import Client, Node, cache, deploy, find_key, predict_data
from stylus_ai.compress.qat import pooled
from stylus_ai.ir import Program
from stylus_ai.measurement import check_parity
from stylus_ai.project import Project, write_text
from stylus_ai.units import Bytes, Gas

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
    command = [str(COMMAND), "new", "classifier", folder.name, "--yes"]
    subprocess.run(command, cwd=folder.parent, check=True, capture_output=True)
    project = Project.open(folder)
    write_text(project.program_file, program.to_json())
    artifact = pipeline.build(project, lambda _: None).artifact
    gas = []
    with Node(port=0) as node:
        client, key = Client.connect(node.network), find_key(node.network)
        deployment = deploy(client, artifact, key)
        cache(client, deployment, key)
        check_parity(client, deployment, program, rows)
        for row in rows.tolist():
            question = predict_data(program.features, row)
            gas.append(client.receipt(client.send(key, deployment.address, question)).gas)
    return Transaction(Gas(round(np.mean(gas))), max(gas), artifact.size_compressed)
