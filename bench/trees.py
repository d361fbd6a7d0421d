"""Figures of tree ensembles: gas and accuracy of 100 trees of depth 6, and how long 1,600 build."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from bench.figure import Figure
from bench.ink import CONTRACT, measure
from bench.models import FEATURES, wallets
from bench.peers.contracts import trees_of_ours
from bench.peers.forests import encode_sum
from bench.peers.measure import measure as measure_whole
from stylus_ai import pipeline
from stylus_ai.build import build_contract
from stylus_ai.chain import Client, Node, find_key
from stylus_ai.codegen import emit, write
from stylus_ai.compress import quantise
from stylus_ai.frontends import from_sklearn
from stylus_ai.ir import Program, Tree, TreeSum, interpret
from stylus_ai.oblivious import ObliviousBoostingClassifier
from stylus_ai.plan import plan
from stylus_ai.project import Project
from stylus_ai.training import TrainingReport

ROWS = 200
"""Test rows that are measured."""

TREES = 1_600
"""Of the crate whose build is timed."""

SETTINGS = {
    "boosted": GradientBoostingClassifier(
        n_estimators=100,
        max_depth=6,
        learning_rate=0.05,
        subsample=0.5,
        min_samples_leaf=10,
        random_state=0,
    ),
    "oblivious": ObliviousBoostingClassifier(
        n_estimators=100,
        max_depth=6,
        learning_rate=0.05,
        subsample=0.5,
        max_bins=32,
        random_state=0,
    ),
}
"""100 trees of depth 6: the first is the credit-score template's, three levels deeper."""


def trained(name: str) -> tuple[Program, Any, float]:
    """A model of wallets as integers, test rows, and its area under the curve on them.

    Returns:
        Program, rows int64[n, features], AUC on all 17,000 rows that training did not see.
    """
    x, y = wallets(rows=20_000)
    x_train, x_test, y_train, y_test = train_test_split(
        x, y, train_size=3_000, stratify=y, random_state=7
    )
    model = SETTINGS[name].fit(x_train, y_train)
    program = quantise(
        from_sklearn(model, FEATURES, positive="repaid"),
        name=name,
        reference=tuple(int(value) for value in np.median(FEATURES.quantise(x_train), axis=0)),
    )
    rows = FEATURES.quantise(x_test)
    score = interpret(program, rows)["logit"]
    return program, rows, float(roc_auc_score(y_test == "repaid", score))


def figures(folder: Path) -> list[Figure]:
    """All rows of this module; builds in ``folder``."""
    return [*ensembles(folder), template(folder), compiling(), building(folder)]


def ensembles(folder: Path) -> list[Figure]:
    """100 trees of depth 6, and an oblivious ensemble beside it: bare contracts on the node."""
    found = []
    with Node(port=0) as node:
        client = Client.connect(node.network)
        key = find_key(node.network, environ={})
        for name, goal in (("boosted", "<= 150 gas"), ("oblivious", "<= 80 gas, equal accuracy")):
            program, rows, auc = trained(name)
            rows = rows[:ROWS]
            ink = measure(program, rows, client, folder / "ink")
            whole = measure_whole(
                trees_of_ours(program, folder / "trees", "bare"),
                [program.features.pack(row) for row in rows],
                [encode_sum(int(logit)) for logit in interpret(program, rows)["logit"]],
                client,
                key,
            )
            nodes = sum(len(tree.feature) for tree in program.trees)
            found.append(
                Figure(
                    f"100 {name} trees of depth 6 in a bare contract: wasm",
                    f"{whole.running:.1f} gas",
                    goal,
                    f"{ROWS} test rows of wallets, AUC {auc:.4f} on 17,000; {nodes:,} splits; "
                    f"model function {ink.mean / 1e4:.1f} gas at the mean and "
                    f"{ink.most / 1e4:.1f} at most, predicted {ink.predicted / 1e4:.1f}; "
                    f"{whole.size:,} bytes compressed",
                )
            )
    return found


def rebuilt(root: Path, old: str, new: str) -> tuple[TrainingReport, pipeline.Build]:
    """Train and build the project in ``root`` with its training script changed."""
    project = Project.open(root)
    script = project.root / project.train_script
    script.write_text(script.read_text().replace(old, new))
    report = pipeline.train(project, lambda _: None)
    return report, pipeline.build(project, lambda _: None)


def template(folder: Path) -> Figure:
    """The German credit template with trees of depth 6 for its 3: does it still fit?"""
    report, built = rebuilt(folder / "german", "max_depth=3", "max_depth=6")
    return Figure(
        f"German credit contract of {report.trees} trees of depth {report.depth}, compressed",
        f"{built.artifact.size_compressed:,} bytes",
        "24,576",
        f"the whole interface; AUC {report.integer_metrics['auc']:.4f}",
    )


def compiling() -> Figure:
    """From 100 full trees of depth 6 to Rust."""
    program = random_trees(100)
    started = time.process_time()
    emit(program, plan(program))
    return Figure(
        "compile and plan 100 full trees of depth 6",
        f"{time.process_time() - started:.2f} s",
        "< 2 s",
        "time of the processor, without cargo",
    )


def building(folder: Path) -> Figure:
    """Cargo with a crate of many trees, everything else built before."""
    root = folder / "many"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(CONTRACT, root)
    durations = []
    for count in (1, TREES):  # the first warms up
        program = random_trees(count)
        write(emit(program, plan(program)), root / "model")
        started = time.perf_counter()
        build_contract(root, "ink-contract")
        durations.append(time.perf_counter() - started)
    return Figure(
        f"`cargo build` of {TREES:,} full trees of depth 6, warm",
        f"{durations[-1]:.1f} s",
        "< 20 s",
        "model crate and a bare contract, to wasm",
    )


def random_trees(count: int, depth: int = 6, seed: int = 0) -> Program:
    """Full trees of random splits and leaves on the wallets' features."""
    program = _any_program()
    rng = np.random.default_rng(seed)
    op = program.ops[0]
    if not isinstance(op, TreeSum):
        raise TypeError(op)
    trees = tuple(_random_tree(rng, depth) for _ in range(count))
    return replace(program, ops=(replace(op, trees=trees), *program.ops[1:]))


def _any_program() -> Program:
    """A binary program on the wallets' features."""
    x, y = wallets(rows=200)
    model = GradientBoostingClassifier(n_estimators=1, max_depth=1, random_state=0).fit(x, y)
    return quantise(from_sklearn(model, FEATURES, positive="repaid"), name="random")


def _random_tree(rng: np.random.Generator, depth: int) -> Tree:
    """A full tree."""
    feature: list[int] = []
    threshold: list[int] = []
    left: list[int] = []
    right: list[int] = []
    leaves = 0

    def grow(level: int) -> int:
        nonlocal leaves
        if level == depth:
            leaves += 1
            return -leaves
        node = len(feature)
        column = int(rng.integers(len(FEATURES)))
        feature.append(column)
        threshold.append(int(rng.integers(FEATURES.q_lows[column], FEATURES.q_highs[column])))
        left.append(0)
        right.append(0)
        left[node] = grow(level + 1)
        right[node] = grow(level + 1)
        return node

    grow(0)
    return Tree(
        feature=tuple(feature),
        threshold=tuple(threshold),
        left=tuple(left),
        right=tuple(right),
        values=tuple((value,) for value in rng.integers(-50_000, 50_000, leaves).tolist()),
        leaf_ids=tuple(range(leaves)),
    )
