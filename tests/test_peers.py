"""The benchmark's peers answer what the interpreter does, so that their gas may be compared."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.models import boosted_100x3
from bench.peers import contracts
from bench.peers.compare import Comparison
from bench.peers.contracts import Peer
from bench.peers.forests import Column, Forest, Nodes, encode_sum, solidity_ifs, table
from bench.peers.lanes import tables
from bench.peers.measure import Bill, Measured, measure
from bench.peers.networks import Ints, Mlp, encode_answer, sample_digits, sample_program
from bench.peers.page import section
from stylus_ai.build import check_wasm
from stylus_ai.chain import Client, Node, find_key
from stylus_ai.errors import ModelError, ParityError
from stylus_ai.ir import Program, Requantise, interpret, random_rows
from stylus_ai.units import Bytes, Gas

ROOT = Path(__file__).parents[1]
IMAGES = np.concatenate(
    [sample_digits(4), np.zeros((1, 196), dtype=np.int64), np.full((1, 196), 15)]
)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with Node() as node:
        yield Client.connect(node.network)


@pytest.fixture(scope="module")
def boosted() -> Program:
    return boosted_100x3()


@pytest.fixture
def own_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Peers without crates from outside do not wait for whoever builds in the shared folder."""
    monkeypatch.setenv("CARGO_TARGET_DIR", str(tmp_path / "target"))


def numpy_answers(mlp: Mlp, images: Ints) -> list[bytes]:
    """What the network says, by numpy alone."""
    hidden = (images @ mlp.w1.T + mlp.b1 + 2 ** (mlp.shift - 1)) >> mlp.shift
    logits = hidden.clip(0, 15) @ mlp.w2.T + mlp.b2
    return [encode_answer(row, int(row.argmax())) for row in logits]


def ask(peer: Peer, mlp: Mlp, images: Ints, client: Client) -> None:
    """Ask a peer about images."""
    packed = [bytes(row[0::2] << 4 | row[1::2]) for row in images.astype(np.uint8)]
    key = find_key(client.network, environ={})
    measure(peer, packed, numpy_answers(mlp, images), client, key)


def ask_trees(peer: Peer, program: Program, client: Client) -> None:
    """Ask a peer about random rows, half of them at thresholds."""
    rows = random_rows(program, 8)
    answers = [encode_sum(int(logit)) for logit in interpret(program, rows)["logit"]]
    packed = [program.features.pack(row) for row in rows]
    measure(peer, packed, answers, client, find_key(client.network, environ={}))


@pytest.mark.node
@pytest.mark.parametrize("seed", [0, 1])
def test_the_network_in_solidity_answers_as_numpy(seed: int, client: Client) -> None:
    mlp = Mlp.of(sample_program(seed))
    for peer in contracts.mlp_in_solidity(mlp):
        ask(peer, mlp, IMAGES, client)


@pytest.mark.node
def test_lanes_hold_the_largest_sums_that_they_are_proven_for(client: Client) -> None:
    random = np.random.default_rng(0)
    group = np.array([7] * 10 + [-7] * 9 + [-3] + [0] * 8)  # 15 times 136 is just below 2,048
    w1 = np.tile(random.permuted(np.tile(group, (64, 1)), axis=1), 7)
    mlp = replace(Mlp.of(sample_program()), w1=w1, shift=1)
    images = random.integers(0, 2, (6, 196)) * 15
    images[0] = np.where(mlp.w1[0] > 0, 15, 0)
    images[1] = np.where(mlp.w1[0] < 0, 15, 0)
    lanes = contracts.mlp_in_solidity(mlp)[1]
    ask(lanes, mlp, images, client)


def test_weights_that_may_leave_their_lanes_are_refused() -> None:
    mlp = Mlp.of(sample_program())
    with pytest.raises(ModelError, match="too large for lanes of 11 bits"):
        tables(replace(mlp, w1=np.full((64, 196), 7)))
    with pytest.raises(ModelError, match="or logits for 16"):
        tables(replace(mlp, b2=np.full(10, 2**15)))


def test_only_a_network_of_that_shape_is_compared(boosted: Program) -> None:
    program = sample_program()
    first, _, *others = program.ops
    wider = replace(program, ops=(first, Requantise(1, (1,), 5, low=0, high=255), *others))
    for other in (boosted, wider):
        with pytest.raises(ModelError, match="is no 196-64-10"):
            Mlp.of(other)


@pytest.mark.node
def test_a_peer_that_answers_something_else_is_not_measured(client: Client) -> None:
    mlp = Mlp.of(sample_program())
    lanes = contracts.mlp_in_solidity(replace(mlp, b2=mlp.b2 + 1))[1]
    with pytest.raises(ParityError, match="Solidity, 22 lanes in a word, row 0: 0x"):
        ask(lanes, mlp, IMAGES, client)


@pytest.mark.node
@pytest.mark.wasm
@pytest.mark.usefixtures("own_target")
def test_the_network_in_rust_answers_as_numpy(client: Client, tmp_path: Path) -> None:
    mlp = Mlp.of(sample_program())
    ask(contracts.mlp_in_rust(mlp, tmp_path / "build", "bare"), mlp, IMAGES, client)


@pytest.mark.node
def test_the_trees_in_solidity_answer_as_the_interpreter(boosted: Program, client: Client) -> None:
    for peer in contracts.trees_in_solidity(Forest.of(boosted)):
        ask_trees(peer, boosted, client)


@pytest.mark.node
@pytest.mark.wasm
@pytest.mark.usefixtures("own_target")
def test_the_trees_in_rust_answer_as_the_interpreter(
    boosted: Program, client: Client, tmp_path: Path
) -> None:
    forest, build = Forest.of(boosted), tmp_path / "build"
    ask_trees(contracts.trees_in_rust(forest, build, "bare"), boosted, client)
    ask_trees(contracts.trees_by_m2cgen(boosted, forest, build, "bare"), boosted, client)
    ask_trees(contracts.trees_of_ours(boosted, build, "bare"), boosted, client)


TREES = Forest(
    columns=(Column(0, 1), Column(1, 2)),
    trees=(
        Nodes((1, 0), (300, 4), (1, -1), (-3, -2), (10, -20, 5)),
        Nodes((), (), (), (), (7,)),
    ),
    base=100,
)
"""A tree of two levels, and one that is a leaf."""


def test_trees_become_nested_ifs() -> None:
    ifs, answer = solidity_ifs(TREES).split("unchecked {\n")[1].split("return")
    assert " ".join(ifs.split()) == (
        "if (x[1] <= 300) { if (x[0] <= 4) { sum += 30; } else { sum += 0; } } else "
        "{ sum += 25; } sum += 0; }"
    )
    assert answer.startswith(" abi.encode(int256(sum) + (87));")


def test_trees_become_a_table() -> None:
    assert table(TREES).hex() == "".join(
        [
            "0000 fffc",  # roots: node 0, leaf 3
            "01 0000012c 0001 fffd",  # x1 > 300: leaf 2, else node 1
            "00 00000004 ffff fffe",
            "0000000a ffffffec 00000005 00000007",
            "0001 0102",  # columns: where, how wide
        ]
    ).replace(" ", "")


def test_the_page_compares_whole_calls_with_ours() -> None:
    ours = Measured("stylus-ai", Bytes(6_000), (Bill(Gas(22_000), Gas(400), 400_000),))
    peer = Measured("rival", Bytes(900), (Bill(Gas(23_000), Gas(1_300), 10_000_000),))
    lines = section([Comparison("Trees", 1, (ours, peer))]).splitlines()
    assert lines[-4:] == [
        "| Trees, 1 rows | gas | running | bytes | times |",
        "| --- | --- | --- | --- | --- |",
        "| stylus-ai | 400 | 40 | 6,000 | 1.0 |",
        "| rival | 1,300 | 1,000 | 900 | 3.2 |",
    ]


@pytest.mark.slow
@pytest.mark.node
@pytest.mark.wasm
@pytest.mark.registry
def test_the_peers_with_the_sdk_answer_too(
    boosted: Program, client: Client, tmp_path: Path
) -> None:
    mlp, forest, build = Mlp.of(sample_program()), Forest.of(boosted), tmp_path / "build"
    ask(contracts.mlp_in_rust(mlp, build, "sdk"), mlp, IMAGES, client)
    ask_trees(contracts.trees_in_rust(forest, build, "sdk"), boosted, client)
    ask_trees(contracts.trees_by_m2cgen(boosted, forest, build, "sdk"), boosted, client)
    ask_trees(contracts.trees_of_ours(boosted, build, "sdk"), boosted, client)


@pytest.mark.slow
@pytest.mark.wasm
@pytest.mark.registry
def test_m2cgens_rust_as_it_is_has_floats_that_stylus_refuses(
    boosted: Program, tmp_path: Path
) -> None:
    built = contracts.m2cgen_as_it_is(boosted, Forest.of(boosted), tmp_path / "build")
    report = check_wasm(built.path, contracts.PROFILE)
    errors = {finding.subject for finding in report.findings if finding.level == "error"}
    assert "floats" in errors


@pytest.mark.slow
@pytest.mark.npm
@pytest.mark.registry
def test_the_committed_code_is_what_the_pinned_compiler_makes() -> None:
    command = [sys.executable, "-m", "bench.peers.compile", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
