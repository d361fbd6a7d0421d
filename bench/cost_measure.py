"""What a model costs on the node: a contract without any SDK is built, deployed, cached and asked.

Measurements are kept in the cache folder by the digest of the generated crate, so that a model
whose code has not changed is not built again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stylus_ai import pipeline
from stylus_ai.build import WasmArtifact, assemble, build_contract, cache_dir
from stylus_ai.chain import Client, Deployment, deploy, find_key, predict_data
from stylus_ai.chain.precompiles import ARB_WASM_CACHE, cache_data
from stylus_ai.codegen import Crate, emit, write
from stylus_ai.errors import ParityError
from stylus_ai.ir import Program, interpret, leaves
from stylus_ai.plan import Plan, plan
from stylus_ai.project import Project, write_text

CONTRACT = Path(__file__).parent / "cost_contract"
TEMPLATE = Path(__file__).parents[1] / "templates/credit_score/contract"

ARBOS = 51
"""Version of the chain that is asked."""

ANSWERS = {"binary": "answer.logit", "multiclass": "i64::from(answer.class)"}
"""What the contract answers, by task; the sums' total for a regression."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Inks:
    """What some rows cost.

    Attributes:
        unpack: Ink from packed bytes to a checked row, mean over the rows.
        predict: Ink of the model function, mean over the rows.
        most: Ink of the model function for the dearest of them.
    """

    unpack: float
    predict: float
    most: int


@dataclass(frozen=True)
class Measured(Inks):
    """What the node said of one model.

    Attributes:
        size: Bytes of the compressed contract.
        raw: Bytes of its wasm.
        functions: That it defines.
        operators: In their bodies, after instrumentation (rules 7.2).
        create: Gas to create the contract.
        activate: Gas to activate it.
        cached: Gas before a call's first operator, once cached.
        call: Gas of a whole transaction that asks about the first row, once cached.
    """

    size: int
    raw: int
    functions: int
    operators: int
    create: int
    activate: int
    cached: int
    call: int


def measure(program: Program, rows: Ints, client: Client, folder: Path) -> Measured:
    """Build, deploy and ask, unless that was done before.

    Args:
        program: Any.
        rows: int64[n, features].
        client: An embedded node.
        folder: Where to build; made anew.

    Raises:
        ParityError: The contract's answer is not the interpreter's.
    """
    crate = emit(program, plan(program))
    return _kept(
        _identity(crate, rows, CONTRACT),
        lambda: _measure(program, crate, rows, client, folder),
    )


def measure_sdk(program: Program, rows: Ints, client: Client, folder: Path) -> Measured:
    """The same of the contract that ``stylus-ai new`` generates, asked about the first row.

    The ink of the model function is the one of the contract without SDK: its code is the same.

    Args:
        program: A binary model with features of whole bytes.
        rows: int64[n, features].
        client: An embedded node.
        folder: Where to build; made anew.
    """
    crate = emit(program, plan(program))
    bare = measure(program, rows, client, folder)
    return _kept(
        _identity(crate, rows, TEMPLATE),
        lambda: _measure_sdk(program, bare, rows, client, folder),
    )


def _kept(identity: str, ask: Callable[[], Measured]) -> Measured:
    """What was measured before, or what ``ask`` finds."""
    file = cache_dir() / "cost" / f"{identity}.json"
    if file.is_file():
        return Measured(**json.loads(file.read_text(encoding="ascii")))
    found = ask()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(found)) + "\n", encoding="ascii")
    return found


def _identity(crate: Crate, rows: Ints, contract: Path) -> str:
    """Digest of all that the measurement depends on in this checkout."""
    total = hashlib.sha256(crate.digest.encode() + rows.tobytes())
    for path in sorted(path for path in contract.rglob("*") if path.is_file()):
        total.update(path.read_bytes())
    return total.hexdigest()


def _measure_sdk(
    program: Program, bare: Measured, rows: Ints, client: Client, folder: Path
) -> Measured:
    folder = folder.with_name("priced")  # a project may not be called build
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "scaffold", "new", "credit-score", folder.name, "--yes"]
    subprocess.run(
        [*command, "--data", "wallets"], cwd=folder.parent, check=True, capture_output=True
    )
    project = Project.open(folder)
    write_text(project.program_file, program.to_json())
    built = pipeline.build(project, lambda _: None)
    deployment = deploy(client, built.artifact, find_key(client.network))
    calldata = predict_data(program.features, rows[0].tolist())
    return _asked(built.artifact, deployment, bare, calldata, client)


def _measure(program: Program, crate: Crate, rows: Ints, client: Client, folder: Path) -> Measured:
    chosen = plan(program)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(CONTRACT, folder)
    write(crate, folder / "model")
    total = "answer.value" if dict(program.outputs).get("value") else "answer.values.iter().sum()"
    expression = ANSWERS.get(program.task, total)
    (folder / "contract/src/answer.rs").write_text(
        "/// One number of the answer.\n"
        f"pub fn of(answer: &model::Prediction) -> i64 {{\n    {expression}\n}}\n",
        encoding="ascii",
    )
    artifact = assemble(
        build_contract(folder, "cost-contract"),
        folder / "contract.wasm",
        program_digest=program.digest,
        crate_digest=crate.digest,
        profile=chosen.profile,
    )
    deployment = deploy(client, artifact, find_key(client.network))
    inks = [
        _ink(client, deployment.address, program.features.pack(row), wanted)
        for row, wanted in zip(rows, _answers(program, chosen, rows), strict=True)
    ]
    return _asked(
        artifact,
        deployment,
        Inks(
            unpack=float(np.mean([unpack for unpack, _ in inks])),
            predict=float(np.mean([predict for _, predict in inks])),
            most=max(predict for _, predict in inks),
        ),
        program.features.pack(rows[0]),
        client,
    )


def _asked(
    artifact: WasmArtifact, deployment: Deployment, inks: Inks, calldata: bytes, client: Client
) -> Measured:
    """Cache the contract, and ask once in a transaction."""
    key = find_key(client.network)
    client.receipt(client.send(key, ARB_WASM_CACHE, cache_data(deployment.address)))
    call = client.receipt(client.send(key, deployment.address, calldata))
    functions = artifact.facts["functions"]
    costs = next(each["costs"] for each in artifact.facts["activation"] if each["arbos"] == ARBOS)
    return Measured(
        unpack=inks.unpack,
        predict=inks.predict,
        most=inks.most,
        size=artifact.size_compressed,
        raw=artifact.size_raw,
        functions=len(functions),
        operators=sum(each["metered_operators"] for each in functions),
        create=deployment.gas_deploy,
        activate=deployment.gas_activate,
        cached=costs["cached_call_gas"],
        call=call.gas - call.l1_gas,
    )


def _answers(program: Program, chosen: Plan, rows: Ints) -> list[bytes]:
    """What the contract has to answer."""
    out = interpret(program, rows)
    names = {"binary": "logit", "multiclass": "class"}
    name = names.get(program.task) or ("value" if "value" in out else "values")
    answer = out[name].reshape(len(rows), -1).sum(axis=1)
    path = np.zeros((len(rows), 0), dtype="<u2")
    if chosen.leaf_numbers and program.trees:
        path = np.asarray(leaves(program, rows)).reshape(len(rows), -1).astype("<u2")
    return [
        int(value).to_bytes(8, "little", signed=True) + numbers.tobytes()
        for value, numbers in zip(answer, path, strict=True)
    ]


def _ink(client: Client, address: str, packed: bytes, wanted: bytes) -> tuple[int, int]:
    """Ink of unpacking and predicting, by the host calls that stand around them."""
    call = {"to": address, "data": "0x" + packed.hex()}
    answer = bytes.fromhex(client.request("eth_call", call, "latest")[2:])
    if answer != wanted:
        raise ParityError(f"The contract answers {answer.hex()}, not {wanted.hex()}.")
    trace = client.request("debug_traceCall", call, "latest", {"tracer": "stylusTracer"})
    marks = [step for step in trace if step["name"] == "tx_ink_price"]
    unpack, _, predict = (before["endInk"] - after["startInk"] for before, after in pairwise(marks))
    return unpack, predict
