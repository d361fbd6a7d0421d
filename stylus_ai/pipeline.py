"""The road of a model, stage by stage. Read this first.

    train.py -> Program -> Plan -> Crate -> WasmArtifact -> Deployment -> predictions

Each function takes the ``Project`` and what the stage before it made, from disk, so that a stage
can be run alone; each value names the digest of the one it was made from, so that a stale artefact
is found out. Functions report progress through ``on_step`` and print nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stylus_ai import build as builder
from stylus_ai import chain, strict_json
from stylus_ai.chain import (
    ChainExplanation,
    Client,
    Deployment,
    Key,
    Offer,
)
from stylus_ai.codegen import (
    Crate,
    abi_json,
    blobs_of,
    emit,
    is_explained,
    solidity_interface,
    write,
)
from stylus_ai.contracts import build_companions
from stylus_ai.errors import ChainError, ModelError, ProjectError
from stylus_ai.ir import Program
from stylus_ai.ir.features import IntRows
from stylus_ai.ir.tensor import Ints
from stylus_ai.plan import Plan, plan
from stylus_ai.project import Project, write_text
from stylus_ai.reports import Profile, model_card, read_profile
from stylus_ai.scripts import run, script_error
from stylus_ai.training import TrainingReport

OnStep = Callable[[str], None]


def train(project: Project, on_line: OnStep, arguments: Sequence[str] = ()) -> TrainingReport:
    """Run the project's training script, which ends in ``stylus_ai.export``; write a model card.

    Where it fails, the model that was trained before stays as it is.

    Args:
        project: Whose script to run, in its root, by this interpreter.
        on_line: Called with each line that the script prints.
        arguments: Passed on to the script.

    Raises:
        UsageError: The script is missing or failed.
        ProjectError: It ran, but exported nothing.
    """
    command = [*training_command(project), *arguments]
    before = _changed(project.report_file)
    code, lines = run(command, project.root, on_line)
    if code:
        raise script_error(project.train_script, code, lines)
    if _changed(project.report_file) == before:
        raise ProjectError(
            f"{project.train_script} ran, but exported no model.",
            "End it with: stylus_ai.export(model, features=..., train=..., test=...)",
        )
    report = TrainingReport.load(project.report_file)
    chosen = plan(load_program(project), project.profile)
    write_text(project.card_file, model_card(project.name, report, chosen))
    return report


def _changed(path: Path) -> int | None:
    """When a file was written last, in nanoseconds; None if there is none."""
    return path.stat().st_mtime_ns if path.is_file() else None


def training_command(project: Project) -> list[str]:
    """The command that runs the training script.

    Raises:
        ProjectError: There is no such script.
    """
    script = project.root / project.train_script
    if not script.is_file():
        raise ProjectError(f"{script} does not exist.", "Name it in stylus-ai.toml: project.train")
    return [sys.executable, project.train_script]


def load_program(project: Project) -> Program:
    """The program that ``train`` wrote, verified.

    Raises:
        ProjectError: There is none yet, or the file is no text.
        ModelError: The file was damaged.
    """
    if not project.program_file.is_file():
        raise ProjectError("There is no trained model here yet.", "Run: stylus-ai train")
    try:
        text = project.program_file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ProjectError(
            f"{project.program_file} is damaged: {error}.", "Run: stylus-ai train"
        ) from None
    return Program.from_json(text)


@dataclass(frozen=True)
class Build:
    """What ``build`` made.

    Attributes:
        program: The integer program.
        plan: Which kernel runs what, and the predicted price.
        crate: The generated model crate.
        artifact: The contract's wasm and code.
    """

    program: Program
    plan: Plan
    crate: Crate
    artifact: builder.WasmArtifact


def compile_model(project: Project) -> tuple[Program, Plan, Crate]:
    """Program -> plan -> ``model/`` and ``abi/``: all of the compiler, without cargo."""
    program = load_program(project)
    chosen = plan(program, project.profile)
    crate = emit(program, chosen)
    write(crate, project.model_dir)
    name = project.interface
    write_text(project.abi_dir / f"{name}.sol", solidity_interface(program, name))
    write_text(project.abi_dir / f"{name}.json", json.dumps(abi_json(program), indent=2) + "\n")
    return program, chosen, crate


def build(project: Project, on_step: OnStep) -> Build:
    """Compile the model and the contract around it, and check that Stylus takes it.

    Raises:
        BuildError: cargo or the wasm target is missing, or the contract does not compile.
        CheckError: The wasm breaks a rule of the project's profile.
    """
    if not (project.root / "Cargo.lock").is_file():
        raise ProjectError(
            "Cargo.lock is missing: without it nobody builds the same contract.",
            "Get it back: git checkout Cargo.lock",
        )
    on_step("compiling the model to Rust")
    program, chosen, crate = compile_model(project)
    on_step("cargo build (the first time takes a minute or two)")
    raw = builder.build_contract(project.root, project.contract_crate, progress=on_step)
    on_step("re-encoding, compressing, checking")
    artifact = builder.assemble(
        raw,
        project.wasm_file,
        program_digest=program.digest,
        crate_digest=crate.digest,
        profile=project.profile,
    )
    builder.check_wasm(artifact.path, project.profile).insist()
    artifact.save(project.build_file)
    builder.write_symbols(raw, artifact.path, artifact.code_hash, crate.parts)
    build_companions(project, on_step)
    if project.report_file.is_file():
        report = TrainingReport.load(project.report_file)
        write_text(project.card_file, model_card(project.name, report, chosen, artifact))
    return Build(program, chosen, crate, artifact)


def load_artifact(project: Project) -> builder.WasmArtifact:
    """The contract that ``build`` wrote.

    Raises:
        ProjectError: There is none yet, or the model was trained again since.
    """
    artifact = builder.WasmArtifact.load(project.wasm_file, project.build_file)
    if artifact.program_digest != load_program(project).digest:
        raise ProjectError(
            "The contract was built from another model than the one trained last.",
            "Run: stylus-ai build",
        )
    return artifact


@dataclass(frozen=True)
class TestRun:
    """How a project's own tests went.

    Attributes:
        passed: True if none failed.
        code: pytest's exit code.
        summary: pytest's last line.
    """

    passed: bool
    code: int
    summary: str


def test(project: Project, on_line: OnStep, arguments: Sequence[str]) -> TestRun:
    """Run the project's tests by this interpreter's pytest."""
    command = [sys.executable, "-m", "pytest", *arguments]
    code, lines = run(command, project.root, on_line)
    return TestRun(code == 0, code, lines[-1].strip("= ") if lines else "pytest said nothing")


def connect(project: Project, network: str) -> Client:
    """A client for a network by name; on the embedded one a node is started if none answers."""
    chosen = (
        chain.ensure_node(project)
        if network == "embedded"
        else chain.get_network(network, project.networks)
    )
    return Client.connect(chosen, chain.errors_of(contract_abi(project)))


def deploy(
    project: Project,
    network: str,
    *,
    on_step: OnStep,
    prompt: Callable[[str], str] | None = None,
    key: Key | None = None,
    cache: bool = False,
    offer: Offer = lambda least: least,
) -> Deployment:
    """Put the built contract on a chain, activate it, check it, and remember it.

    Args:
        project: Built by ``build``.
        network: Name of the network.
        on_step: Told what happens next.
        prompt: Asks a person for a key; None where nobody can be asked.
        key: Who pays, if that is known already.
        cache: Have the chain cache the program, which makes calls cheaper.
        offer: Decides what to bid where a place in the cache is auctioned.

    Raises:
        ProjectError: There is no build of the model that was trained last.
        ChainError: Any of its kinds; what was paid for is remembered and not paid twice.
    """
    artifact = load_artifact(project)
    key = key or chain.find_key(chain.get_network(network, project.networks), prompt)
    client = connect(project, network)
    journal = project.state_dir / f"unfinished-{network}.json"
    deployment = put(project, client, artifact, key, on_step=on_step, journal=journal)
    project.record_deployment(network, deployment.to_record(), ephemeral=client.network.ephemeral)
    if cache:
        cache_deployment(client, deployment, key, offer=offer, on_step=on_step)
    return deployment


def cache_deployment(
    client: Client, deployment: Deployment, key: Key, *, offer: Offer, on_step: OnStep
) -> None:
    """Have the chain cache a deployed contract's program, see ``chain.cache``."""
    try:
        chain.cache(client, deployment, key, offer=offer, on_step=on_step)
    except ChainError as error:
        raise type(error)(
            f"The contract answers at {deployment.address}, but is not cached. {error.cause}",
            error.next_step,
        ) from None


def put(
    project: Project,
    client: Client,
    artifact: builder.WasmArtifact,
    key: Key,
    *,
    on_step: OnStep = lambda _: None,
    journal: Path | None = None,
) -> Deployment:
    """Put the built contract on a chain, and before it the blobs that its model reads.

    Nothing is recorded in the project. See ``chain.deploy``.
    """
    blobs = blobs_of(plan(load_program(project), project.profile))
    if blobs is not None:
        on_step(f"the weights are in {len(blobs.codes)} blobs, from {blobs.first} on")
        chain.deploy_blobs(client, blobs, key, on_step=on_step)
    return chain.deploy(client, artifact, key, on_step=on_step, journal=journal)


def find_deployment(project: Project, network: str) -> tuple[Client, Deployment]:
    """The contract that was deployed last, still alive.

    Raises:
        ProjectError: There is none, or its chain is gone.
    """
    record = project.deployment(network)
    again = f"Run: stylus-ai deploy --network {network}"
    if record is None:
        raise ProjectError(f"Nothing is deployed on {network} yet.", again)
    client = connect(project, network)
    deployment = Deployment.from_record(record)
    if not chain.is_live(client, deployment):
        raise ProjectError(
            f"The contract at {deployment.address} is not on {network} any more"
            + (": an embedded chain ends with its node." if client.network.ephemeral else "."),
            again,
        )
    if deployment.program_digest != load_program(project).digest:
        raise ProjectError(
            f"The contract on {network} holds another model than the one trained last.",
            f"Run: stylus-ai build && stylus-ai deploy --network {network}",
        )
    return client, deployment


def ensure_deployment(
    project: Project, network: str, *, on_step: OnStep
) -> tuple[Client, Deployment]:
    """`find_deployment`; on the embedded chain, which forgets with its node, one is made if needed.

    Raises:
        ProjectError: There is no build of the model that was trained last, or, on another network,
            no live contract.
    """
    try:
        return find_deployment(project, network)
    except ProjectError:
        if network != "embedded":
            raise
    deploy(project, network, on_step=on_step)
    return find_deployment(project, network)


def predict(project: Project, network: str, rows: IntRows) -> dict[str, Ints]:
    """What the deployed contract answers, in row order, see ``chain.predict_rows``.

    Args:
        project: Deployed on ``network``.
        network: Name of the network.
        rows: int64[n, features], see ``Features.quantise``.
    """
    client, deployment = find_deployment(project, network)
    return chain.predict_rows(client, deployment, load_program(project), rows)


def explain(project: Project, network: str, rows: IntRows) -> list[ChainExplanation]:
    """The deployed contract's answers with their reasons, in row order.

    Raises:
        ModelError: The model is of a kind that gives no reasons.
    """
    program = load_program(project)
    insist_on_reasons(program)
    client, deployment = find_deployment(project, network)
    return [chain.explain_row(client, deployment, program.features, row) for row in rows.tolist()]


def insist_on_reasons(program: Program) -> None:
    """Do nothing if the contract of a program explains its answers.

    Raises:
        ModelError: It does not.
    """
    if not is_explained(program):
        raise ModelError(
            "This model gives no reasons: that is for models that decide yes or no.",
            "Ask without --explain.",
        )


def profile(project: Project, network: str, to: str, data: bytes) -> Profile:
    """Where the ink of a call goes, by the names that the last build kept.

    Args:
        project: Whose contract, or another, to call.
        network: Name of the network; only the embedded chain counts ink by place.
        to: Address of the contract.
        data: Calldata.

    Raises:
        ChainError: The node has no profiler.
    """
    return read_profile(connect(project, network).profile_call(to, data), _symbols(project))


def profile_transaction(project: Project, network: str, tx: str) -> Profile:
    """Where the ink of a transaction in a block went, by the names that the last build kept."""
    return read_profile(connect(project, network).profile_transaction(tx), _symbols(project))


def prediction_call(project: Project, network: str, row: Sequence[int]) -> tuple[str, bytes]:
    """Address and calldata by which the deployed contract is asked about a row."""
    _, deployment = find_deployment(project, network)
    return deployment.address, chain.predict_data(load_program(project).features, row)


def _symbols(project: Project) -> list[builder.Symbols]:
    """Names of the last build; none before it, or where an older version built."""
    path = builder.symbols_path(project.wasm_file)
    return [builder.Symbols.load(path)] if path.is_file() else []


def contract_abi(project: Project) -> list[dict[str, Any]]:
    """ABI of the project's contract, by which reverts are decoded; empty before ``build``.

    Raises:
        ProjectError: The file is damaged.
    """
    path = project.abi_dir / f"{project.interface}.json"
    if not path.is_file():
        return []
    try:
        abi: list[dict[str, Any]] = strict_json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ProjectError(f"{path} is damaged: {error}.", "Run: stylus-ai build") from None
    return abi
