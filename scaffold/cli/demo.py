"""``stylus-ai demo``: the main job in one go, from nothing to predictions on a chain."""

from __future__ import annotations

import os
import shlex
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from scaffold import templates
from scaffold.cli import chain_views, views
from scaffold.cli.options import JsonOutput, examples
from scaffold.console import Console
from scaffold.demo_folder import clear, mark
from stylus_ai.project import Project

if TYPE_CHECKING:
    from stylus_ai.measurement import Measurement
    from stylus_ai.pipeline import Build
    from stylus_ai.training import TrainingReport

NETWORK = "embedded"


@dataclass(frozen=True)
class Result:
    """What the demo made and measured.

    Attributes:
        project: The new repository.
        training: Float against integer.
        build: The contract.
        measurement: Chain against interpreter, and gas.
        seconds: Wall-clock time of each step, by name.
    """

    project: Project
    training: TrainingReport
    build: Build
    measurement: Measurement
    seconds: dict[str, float]


@examples(
    "stylus-ai demo credit-score",
    "stylus-ai demo credit-score /tmp/lender --data wallets --force",
    "stylus-ai demo classifier",
)
def command(
    kit: Annotated[str, typer.Argument(help="Starter kit.")] = "credit-score",
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="New folder.", show_default="KIT-demo")
    ] = None,
    *,
    data: Annotated[
        str | None,
        typer.Option(help="Of credit-score: german or wallets.", show_default="german"),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Replace a folder made by an earlier demo and not edited since."
        ),
    ] = False,
    json_output: JsonOutput = False,
) -> None:
    """Generate, train, build, deploy on the embedded chain, and predict every test row there.

    Prints accuracy of the float and of the integer model, the rows on which chain and Python agree
    (all, or it fails), the contract's size and its gas. The repository stays for you to go on with.
    """
    console = Console(json_output=json_output)
    target = (folder or Path(f"{kit}-demo")).absolute()
    templates.check_choice("application", kit)
    if force:
        clear(target)
    elsewhere = _own_port()
    answers = {"application": kit} | ({"data": data} if data is not None else {})
    result = _run(console, target, answers)
    console.result(_json(result), lambda: _show(console, result))
    console.next_steps(
        [
            f"cd {shlex.quote(str(folder or target.name))}",
            *([f"export {elsewhere}"] if elsewhere else []),
            "less README.md",
            "stylus-ai test",
            "stylus-ai predict --input fixtures/test.csv",
            "stylus-ai devnode --stop",
        ]
    )


def _own_port() -> str:
    """Give the demo a chain of its own, so that its gas is that of a first deployment.

    Where a node of somebody else's has the usual port, this process and the commands after it use
    another one.

    Returns:
        The setting that those commands need, or nothing.
    """
    from stylus_ai.chain import get_network, port_is_free  # noqa: PLC0415 - web3 takes its time
    from stylus_ai.chain.networks import RPC_VARIABLE  # noqa: PLC0415

    usual = urlsplit(get_network(NETWORK).rpc).port
    if os.environ.get(RPC_VARIABLE) or (usual and port_is_free(usual)):
        return ""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.environ[RPC_VARIABLE] = f"http://127.0.0.1:{port}"
    return f"{RPC_VARIABLE}={os.environ[RPC_VARIABLE]}"


def _run(console: Console, target: Path, answers: dict[str, str]) -> Result:
    """Every step by the function that its own command calls."""
    from stylus_ai import measurement, pipeline, upgrade  # noqa: PLC0415 - numpy and web3 take their time
    from stylus_ai.fixtures import fixture_rows  # noqa: PLC0415

    seconds: dict[str, float] = {}
    with _timed(console, seconds, "generate", f"making {target}"):
        project = Project.open(templates.create(target, answers).folder)
        mark(project)
    with _timed(console, seconds, "train", f"running {project.train_script}"):
        training = pipeline.train(project, console.note)
    with _timed(console, seconds, "build", "model to Rust, Rust to wasm"):
        built = pipeline.build(project, console.note)
    with _timed(console, seconds, "deploy", "onto the embedded chain"):
        upgrade.release(project, NETWORK, on_step=console.note)
    rows = fixture_rows(project.fixtures / "test.csv", built.program.features)
    with _timed(console, seconds, "predict", f"{len(rows):,} test rows, on the chain"):
        measured = measurement.measure(project, rows)
    return Result(project, training, built, measured, seconds)


@contextmanager
def _timed(console: Console, seconds: dict[str, float], name: str, text: str) -> Iterator[None]:
    """Say what begins, and keep how long it took."""
    console.step(f"{name}: {text}")
    start = time.perf_counter()
    yield
    seconds[name] = round(time.perf_counter() - start, 3)


def _show(console: Console, result: Result) -> None:
    training, built, measured = result.training, result.build, result.measurement
    views.training(console, training)
    artifact, made = built.artifact, measured.deployment
    limit = views.artifact_json(artifact)["limit_compressed"]
    rows: list[tuple[str, str]] = [
        ("rows on which chain and Python agree", f"{measured.rows:,} of {measured.rows:,}"),
        ("contract, bytes", f"{artifact.size_compressed:,} of {limit:,}"),
        ("gas to create the contract", f"{made.gas_deploy:,}"),
        ("gas to activate it", f"{made.gas_activate:,}" if made.activate_tx else "active already"),
        *([("of these, for data on L1", f"{made.gas_l1:,}")] if made.gas_l1 else []),
        (
            "gas to predict, first call",
            f"{measured.gas_first:,}" if made.activate_tx else "cached already",
        ),
        ("gas to predict, once cached", f"{measured.gas_cached:,}"),
        ("seconds in all", f"{sum(result.seconds.values()):.1f}"),
    ]
    console.table(f"On the chain: {made.address}", ["", ""], rows)
    console.line(f"The repository: {result.project.root}")


def _json(result: Result) -> dict[str, Any]:
    measured = result.measurement
    return {
        "folder": str(result.project.root),
        "training": result.training.to_json(),
        "build": views.artifact_json(result.build.artifact),
        "deployment": chain_views.deployment_json(measured.deployment),
        "rows": measured.rows,
        "rows_equal": measured.rows,
        "gas_first": measured.gas_first,
        "gas_cached": measured.gas_cached,
        "seconds": result.seconds,
    }
