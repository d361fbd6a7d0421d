"""Measure the figures of docs/performance.md and write the page. Takes a few minutes.

Gas, ink and sizes are exact and the same everywhere. Times are medians on the machine that ran it.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench import cost, trees
from bench.convolutions import convolution_figures
from bench.digits import (
    accuracy_on_test_digits,
    digits_program,
    kept,
    nonzero_weights,
    train_digits_mlp,
)
from bench.figure import Figure
from bench.ink import ModelInk, measure
from bench.models import boosted_100x3, tree_of_depth
from bench.networks import network_figures
from bench.peers.compare import Comparison, compare_all
from bench.peers.page import section
from bench.weights import million_figure
from stylus_ai import measurement, pipeline
from stylus_ai.build import find_native
from stylus_ai.chain import Client, Node, predict_rows
from stylus_ai.fixtures import fixture_rows
from stylus_ai.ir import random_rows
from stylus_ai.project import Project
from stylus_ai.training import TrainingReport

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance.md"
COMMAND = Path(sys.executable).parent / "stylus-ai"


def say(text: str) -> None:
    """Progress goes to stderr."""
    sys.stderr.write(f"== {text}\n")


def run(*arguments: str | Path, cwd: Path) -> None:
    """Run the command line; its prose is thrown away."""
    subprocess.run(
        [COMMAND, *arguments], cwd=cwd, check=True, capture_output=True, stdin=subprocess.DEVNULL
    )


def seconds(action: Callable[[], object], times: int) -> float:
    """Median duration of ``action``."""
    durations = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        durations.append(time.perf_counter() - started)
    return statistics.median(durations)


def generator_and_training(folder: Path) -> tuple[list[Figure], Project, TrainingReport]:
    """Time ``new`` and ``train``; gives the German credit project."""
    say("generator and training")
    count = iter(range(100))
    new = seconds(
        lambda: run("new", "credit-score", f"bench-{next(count)}", "--yes", cwd=folder), times=5
    )
    trained = {}
    for data in ("german", "wallets"):
        run("new", "credit-score", data, "--yes", "--data", data, cwd=folder)
        trained[data] = seconds(partial(run, "train", cwd=folder / data), times=3)
    project = Project.open(folder / "german")
    report = TrainingReport.load(project.report_file)
    exact, rounded = report.float_metrics, report.integer_metrics
    return (
        [
            Figure("`stylus-ai new`", f"{new:.2f} s", "< 2 s", "median of 5, whole process"),
            Figure(
                "`stylus-ai train`, German credit / wallets",
                f"{trained['german']:.1f} / {trained['wallets']:.1f} s",
                "< 20 s",
                "median of 3, whole process",
            ),
            Figure(
                "German credit, AUC float / integer",
                f"{exact['auc']:.4f} / {rounded['auc']:.4f}",
                "within 0.002",
                f"{report.test_rows} rows, difference {abs(exact['auc'] - rounded['auc']):.5f}",
            ),
            Figure(
                "German credit, accuracy float / integer",
                f"{exact['accuracy']:.4f} / {rounded['accuracy']:.4f}",
                "",
                f"{report.decisions_changed} decisions changed by rounding",
            ),
        ],
        project,
        report,
    )


def node_start() -> Figure:
    """Time from starting the node's process to its first answer over HTTP."""
    say("node")

    def start() -> None:
        with Node(port=0) as node:
            Client(node.network).chain_id()

    return Figure(
        "node, start to first answer",
        f"{seconds(start, 7) * 1e3:.0f} ms",
        "< 100 ms",
        "median of 7",
    )


def node_speed() -> list[Figure]:
    """What ``cargo bench`` of the node measures, in words."""
    say("node: cargo bench")
    command = ["cargo", "bench", "--locked", "--quiet", "-p", "stylus-devnode", "--bench", "node"]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = json.loads(said)
    call = found["eth_call_us"]
    return [
        Figure(
            "node, memory when idle",
            f"{found['idle_memory_mb']:.1f} MB",
            "< 20 MB",
            "resident, right after the start",
        ),
        Figure(
            "`eth_call` of a program that returns its calldata",
            f"{call['server']:.0f} us",
            "< 150 us",
            f"median of 2,000; {call['over_http']:.0f} us over HTTP with a new connection, less "
            "that of a call that asks nothing of the chain",
        ),
        *(
            Figure(
                f"activation, {entry['what']}",
                f"{entry['seconds']:.2f} s",
                "< 0.5 s",
                f"{entry['wasm_bytes']:,} bytes of wasm, `eth_call` with the code as override; "
                "median of 5",
            )
            for entry in found["activation"]
        ),
        *(
            Figure(
                f"metered against bare, {entry['what']}",
                f"{entry['ratio']:.2f}",
                "< 1.15",
                "median ratio of 400 runs in turn, the entry point alone",
            )
            for entry in found["metering"]
        ),
    ]


def contract(project: Project) -> list[Figure]:
    """Build the German credit contract, deploy it, predict its test rows, price a prediction."""
    say("contract")
    built = pipeline.build(project, lambda _: None)
    program = built.program
    rows = fixture_rows(project.fixtures / "test.csv", program.features)
    pipeline.deploy(project, "embedded", on_step=lambda _: None)
    try:
        client, deployment = pipeline.find_deployment(project, "embedded")
        single = seconds(lambda: predict_rows(client, deployment, program, rows[:1]), times=200)
        measured = measurement.measure(project, rows)
        many = random_rows(program, 10_000)
        measurement.check_parity(client, deployment, program, many)
    finally:
        run("devnode", "--stop", cwd=project.root)
    return [
        Figure(
            "a predict call over HTTP",
            f"{single * 1e3:.1f} ms",
            "< 5 ms",
            "median of 200, client's side",
        ),
        Figure(
            "parity of chain and interpreter",
            f"{measured.rows:,} + {len(many):,} rows equal",
            "all",
            "test split, then random rows, half of them at thresholds and range ends",
        ),
        Figure(
            "German credit contract, compressed",
            f"{built.artifact.size_compressed:,} bytes",
            "24,576",
            "100 boosted trees of depth 3, the whole interface",
        ),
        Figure(
            "gas to deploy / activate",
            f"{measured.deployment.gas_deploy:,} / {measured.deployment.gas_activate:,}",
            "",
            "embedded chain, ArbOS 51, L1 price 0",
        ),
        Figure(
            "gas of a transaction that predicts, first / cached",
            f"{measured.gas_first:,} / {measured.gas_cached:,}",
            "",
            "with 21,000 of the transaction and its calldata",
        ),
    ]


def tree_contract(folder: Path) -> Figure:
    """Size of the template's contract around its single tree of depth 6."""
    say("contract of one tree")
    run("new", "credit-score", "tree", "--yes", cwd=folder)
    report, built = trees.rebuilt(folder / "tree", 'MODEL = "boosting"', 'MODEL = "tree"')
    return Figure(
        f"contract of one tree of depth {report.depth}, compressed",
        f"{built.artifact.size_compressed:,} bytes",
        "< 10,000",
        "German credit, the whole interface",
    )


def ink(folder: Path) -> list[Figure]:
    """Ink of model functions, on the node."""
    say("ink of model functions")
    figures = []
    with Node(port=0) as node:
        client = Client.connect(node.network)
        for name, program, goal in (
            ("100 boosted trees of depth 3", boosted_100x3(), "< 150 gas"),
            ("one tree of depth 6", tree_of_depth(6), ""),
        ):
            found: ModelInk = measure(program, random_rows(program, 200), client, folder / "ink")
            figures.append(
                Figure(
                    f"model function, {name}",
                    f"{found.mean / 1e4:.1f} gas ({found.least:,} to {found.most:,} ink)",
                    goal,
                    f"200 rows; the plan predicted {found.predicted:,} ink at most",
                )
            )
    return figures


def digits() -> list[Figure]:
    """Accuracy of the digit networks, one of them trained here and now."""
    say("digits")
    started = time.perf_counter()
    trained = digits_program(train_digits_mlp(seed=0), "digits", "bench")
    duration = time.perf_counter() - started
    figures = [
        Figure(
            "digits: 196-64-10 in 4 bits, trained by the base install",
            f"{accuracy_on_test_digits([trained])[0]:.1%} after {duration:.0f} s",
            ">= 96.5 % in about a minute",
            "numpy alone, seed 0, 1,000 test digits that no choice has seen",
        )
    ]
    chosen = "stages were added after reading the test accuracy of the one before; "
    for kind, what, goal, caveat in (
        ("mlp", "digits: 196-64-10 in 4 bits", ">= 97.0 %", ""),
        ("cnn", "digits: CNN 16-32-48 in 4 bits, pruned", "", chosen),
        ("cnn-small", "digits: the same, pruned further for one contract", ">= 98.5 %", chosen),
    ):
        programs = kept(kind)
        found = accuracy_on_test_digits(programs)
        weights = statistics.mean(nonzero_weights(program) for program in programs)
        figures.append(
            Figure(
                what,
                f"{statistics.mean(found):.2%} ({', '.join(f'{one:.1%}' for one in found)})",
                goal,
                f"mean of seeds 0, 1, 2; {weights:,.0f} weights are not zero; {caveat}"
                f"trained by `python -m bench.digits {kind}`, kept in bench/trained",
            )
        )
    return figures


def page(figures: list[Figure], peers: list[Comparison]) -> str:
    """The figures and the comparisons as Markdown."""
    rows = "\n".join(f"| {f.what} | {f.value} | {f.goal} | {f.how} |" for f in figures)
    version = subprocess.run(
        [find_native(), "--version"], capture_output=True, text=True, check=True
    ).stdout.strip()
    return (
        "# Performance\n\n"
        "Made by `make bench`. Gas, ink and sizes are exact: what Arbitrum charges, by\n"
        "`stylus-devnode` at ArbOS 51. Times are medians on the machine below, which is noisy.\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {version}.\n\n"
        f"| what | measured | goal | conditions |\n| --- | --- | --- | --- |\n{rows}\n\n"
        f"{section(peers)}"
    )


def main() -> None:
    """Measure everything, write the page, print the figures as JSON."""
    with tempfile.TemporaryDirectory(prefix="stylus-ai-bench-") as temporary:
        folder = Path(temporary)
        figures, project, _ = generator_and_training(folder)
        figures += [
            node_start(),
            *node_speed(),
            *contract(project),
            tree_contract(folder),
            *digits(),
            *ink(folder),
        ]
        say("networks")
        figures += network_figures(folder / "networks")
        say("trees")
        figures += trees.figures(folder)
        say("weights in blobs")
        figures.append(million_figure(folder / "blobs"))
        say("convolutions")
        figures += convolution_figures(folder / "convolutions")
        say("prices")
        figures.append(cost.figure())
        say("peers")
        peers = compare_all(folder / "peers")
    PAGE.write_text(page(figures, peers), encoding="utf-8")
    found = {"figures": [asdict(f) for f in figures], "peers": [c.to_json() for c in peers]}
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
