"""``demo``, ``deploy``, ``predict`` and ``devnode`` as processes, on a real node."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from stylus_ai.chain import Client, Network, find_key, get_network, stop_node
from stylus_ai.chain.caching import bid_data, cache_manager
from stylus_ai.chain.client import selector
from stylus_ai.chain.precompiles import ARB_WASM_CACHE, evict_data, is_cached
from stylus_ai.project import Project
from tests.scaffold.documented import documented_keys

pytestmark = [pytest.mark.wasm, pytest.mark.node]

ROOT = Path(__file__).parents[2]
APPLICANT = {
    "checking_account": "none",
    "duration_months": 12,
    "credit_history": "paid to date",
    "purpose": "new car",
    "amount_dm": 1500,
    "savings": "below 100 DM",
    "employment": "1 to 4 years",
    "instalment_rate": 3,
    "other_debtors": "none",
    "property": "car or other",
    "other_plans": "none",
    "housing": "own",
    "existing_credits": 1,
}


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Shell:
    """A folder to run ``stylus-ai`` in, with a port of its own for the embedded chain."""

    folder: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        """Variables of the processes."""
        rpc = f"http://127.0.0.1:{self.port}"
        return {**os.environ, "PYTHONPATH": str(ROOT), "STYLUS_AI_RPC": rpc, "NO_COLOR": "1"}

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run ``stylus-ai`` to its end."""
        return subprocess.run(
            [sys.executable, "-m", "scaffold", *arguments],
            cwd=self.folder,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def json(self, *arguments: str) -> Any:
        """Result of a command that must succeed."""
        command, *others = arguments
        done = self.run(command, "--json", *others)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, dict[str, Any]]]:
    """A demo that was run, a shell in its folder, and what it printed."""
    shell = Shell(tmp_path_factory.mktemp("demo"), free_port())
    printed = shell.json("demo", "credit-score", "lender")
    inside = Shell(shell.folder / "lender", shell.port)
    yield inside, printed
    stop_node(Project.open(inside.folder))


Demo = tuple[Shell, dict[str, Any]]


def fixture_rows(folder: Path) -> list[dict[str, str]]:
    """The test rows with the expected answers."""
    with (folder / "fixtures" / "test.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_demo_measures_a_first_deployment(demo: Demo) -> None:
    shell, printed = demo
    assert printed["folder"] == str(shell.folder)
    assert printed["rows"] == printed["rows_equal"] == len(fixture_rows(shell.folder)) == 250
    assert printed["deployment"]["activate_tx"] is not None
    assert printed["gas_first"] > printed["gas_cached"] > 21_000
    assert printed["build"]["size_compressed"] < printed["build"]["limit_compressed"]
    assert set(printed["seconds"]) == {"generate", "train", "build", "deploy", "predict"}


def test_every_command_prints_the_documented_keys(demo: Demo) -> None:
    shell, printed = demo
    parts = {"demo": printed, "train": printed["training"], "build": printed["build"]}
    calls = {
        "deploy": ["deploy"],
        "predict": ["predict", json.dumps(APPLICANT)],
        "registry": ["registry"],
        "keepalive": ["keepalive", "--check"],
        "profile": ["profile", json.dumps(APPLICANT)],
        "check": ["check"],
        "doctor": ["doctor"],
        "setup": ["setup"],
        "devnode --status": ["devnode", "--status"],
        "test": ["test", "--", "-q", "-k", "there_are_enough_rows"],
    }
    parts |= {name: shell.json(*call) for name, call in calls.items()}
    for name, value in parts.items():
        assert set(value) == documented_keys(name), name


def test_a_profile_names_the_trees_and_sums_up_to_the_gas(demo: Demo, tmp_path: Path) -> None:
    shell, _ = demo
    svg, scope = tmp_path / "flame.svg", tmp_path / "ink.json"
    found = shell.json("profile", "--row", "3", "--svg", str(svg), "--speedscope", str(scope))
    assert sum(line["ink"] for line in found["bill"]) == found["gas"] * found["ink_price"]
    named = {f"tree {n}" for n in range(100)} | {"branches"}  # branches that trees share
    assert {line["name"] for line in found["parts"]} == named
    names = {line["name"] for line in found["functions"]}
    assert {"model::predict::predict", "user_entrypoint", "read_args"} <= names
    drawn = svg.read_text(encoding="utf-8")
    assert "model::sums::part_0 (function)" in drawn
    assert "tree 99 (part)" in drawn
    written = json.loads(scope.read_text(encoding="utf-8"))
    ran = next(line["ink"] for line in found["bill"] if line["name"] == "running it")
    assert written["profiles"][0]["endValue"] == ran


def test_a_transaction_and_any_call_can_be_profiled(demo: Demo) -> None:
    shell, printed = demo
    deployed = shell.json("profile", "--tx", printed["deployment"]["deploy_tx"])
    assert deployed["gas"] == printed["deployment"]["gas_deploy"]
    version = shell.json("profile", "--to", "0x" + "64".rjust(40, "0"), "--data", "0x051038f2")
    assert [line["kind"] for line in version["functions"]] == ["precompile"]


def test_build_explains_its_plan(demo: Demo) -> None:
    shell, _ = demo
    built = shell.json("build", "--explain")
    plan, price = built.pop("plan"), built.pop("price")
    assert set(built) == documented_keys("build")
    assert sum(part["trees"] for part in plan["parts"]) == 100
    figures = {each["what"]: each for each in price["figures"]}
    assert figures["size, bytes"]["measured"] == built["size_compressed"]
    assert price["band"]["gas"] < 0.05
    for each in figures.values():
        assert 0.95 < each["predicted"] / each["measured"] < 1.05, each
    assert 0 < plan["gas"] < 150
    text = shell.run("build", "--explain").stdout
    listed = re.findall(r"│ (\d+) trees?\b", text)
    assert sum(map(int, listed)) == 100
    assert f"{plan['ink']:,} ink" in text
    assert f"{figures['call, gas']['measured']:,}" in text


def test_a_second_demo_needs_force_and_starts_anew(demo: Demo) -> None:
    shell, printed = demo
    outside = Shell(shell.folder.parent, shell.port)
    refused = outside.run("demo", "credit-score", "lender")
    assert refused.returncode == 2
    assert "is not empty" in refused.stderr
    again = outside.json("demo", "credit-score", "lender", "--force")
    for key in ("gas_first", "gas_cached", "rows"):
        assert again[key] == printed[key]
    assert again["deployment"]["activate_tx"] is not None


def test_predict_answers_a_file_in_row_order(demo: Demo) -> None:
    shell, _ = demo
    answers = shell.json("predict", "--input", "fixtures/test.csv")["predictions"]
    expected = [
        {"score": int(row["score"]), "approved": row["decision"] == "1"}
        for row in fixture_rows(shell.folder)
    ]
    assert answers == expected


def test_predict_takes_labels_and_explains(demo: Demo) -> None:
    shell, _ = demo
    (plain,) = shell.json("predict", json.dumps(APPLICANT))["predictions"]
    (why,) = shell.json("predict", "--explain", json.dumps(APPLICANT))["predictions"]
    assert (why["score"], why["approved"]) == (plain["score"], plain["approved"])
    assert set(why["points"]) == set(APPLICANT)
    assert len(why["leaves"]) == 100
    text = shell.run("predict", "--explain", json.dumps(APPLICANT)).stdout
    assert "new car" in text
    assert "1,500 DM" in text


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["predict"], "Give either"),
        (["predict", "{}", "--input", "x.csv"], "Give either"),
        (["predict", "{}"], "Missing features"),
        (["predict", "{"], "not JSON"),
        (["predict", json.dumps({**APPLICANT, "amount_dm": 1e9})], "outside 250..20000 DM"),
        (["predict", "--input", "no.csv"], "does not exist"),
        (["predict", "{}", "--network", "moon"], "no network 'moon'"),
        (["deploy", "--network", "moon"], "no network 'moon'"),
        (["profile", "--row", "250"], "has no row 250: it has 250, from 0"),
        (["profile", "--tx", "0x12"], "has 1 bytes, not 32"),
        (["profile", "--tx", "0x" + "00" * 32], "not found"),
        (["profile", "--to", "me"], "is not hex with the prefix 0x"),
        (["profile", "--svg", "no/folder.svg"], "is not a folder"),
        (["deploy", "--cache", "--bid", "much"], "'much' is no amount of ETH"),
        (["deploy", "--bid", "0.1"], "--bid is for a place in the cache"),
        (["deploy", "--network", "sepolia"], "no key to sign with on sepolia"),
    ],
)
def test_bad_input_is_refused_with_its_cause(demo: Demo, arguments: list[str], cause: str) -> None:
    shell, _ = demo
    done = shell.run(*arguments)
    assert done.returncode != 0
    assert cause in done.stderr
    assert "next:" in done.stderr
    assert "Traceback" not in done.stderr


def test_deploying_the_same_model_again_sends_nothing(demo: Demo) -> None:
    shell, _ = demo
    first, again = shell.json("deploy"), shell.json("deploy")
    assert (first["version"], first["address"]) == (again["version"], again["address"])
    (version,) = shell.json("registry")["versions"]
    assert version["address"] == again["address"]


def test_a_guest_bids_for_a_place_in_the_cache(demo: Demo) -> None:
    shell, _ = demo
    client = Client.connect(get_network("embedded", environ=shell.environment))
    owner, guest = find_key(client.network, environ={}), Account.create()
    recorded = shell.json("deploy")
    manager = cache_manager(client)

    def owner_sends(to: str, data: bytes, value: int = 0) -> None:
        client.receipt(client.send(owner, to, data, value=value))

    # The cache has no place but the one that a bid of 3 gwei took.
    owner_sends(guest.address, b"", 10**18)
    owner_sends(ARB_WASM_CACHE, evict_data(recorded["code_hash"]))
    owner_sends(manager, selector("setDecayRate(uint64)") + bytes(32))
    owner_sends(manager, bid_data(recorded["address"]), 3 * 10**9)
    owner_sends(ARB_WASM_CACHE, evict_data(recorded["code_hash"]))
    size = selector("queueSize()")
    owner_sends(manager, selector("setCacheSize(uint64)") + client.call(manager, size))

    key = {"STYLUS_AI_PRIVATE_KEY": guest.key.hex()}
    declined = shell.run("deploy", "--cache", **key)
    assert declined.returncode == 1
    assert "costs at least 0.000000003 ETH now" in declined.stderr
    (address,) = re.findall(r"answers at (0x\w{40}), but is not cached", declined.stderr)
    assert f"cargo stylus cache bid {address} 3000000000" in declined.stderr
    assert address in (shell.folder / ".stylus-ai" / "deployment-embedded.json").read_text()

    agreed = shell.run("deploy", "--cache", "--bid", "0.000000004", "--json", **key)
    assert agreed.returncode == 0, agreed.stderr
    assert "bidding 0.000000004 ETH for a place in the program cache" in agreed.stderr
    assert is_cached(client, json.loads(agreed.stdout)["code_hash"])
    assert client.balance(manager) == 7 * 10**9


def test_check_accepts_the_contract_and_refuses_what_is_none(demo: Demo) -> None:
    shell, _ = demo
    assert shell.json("check")["ok"] is True
    other = shell.run("check", "train.py")
    assert other.returncode == 1
    assert "not a wasm module" in other.stderr


def test_when_the_node_is_gone_predict_says_to_deploy_again(demo: Demo) -> None:
    shell, _ = demo
    assert shell.json("devnode", "--stop") == {"stopped": True}
    assert shell.json("devnode", "--stop") == {"stopped": False}
    assert documented_keys("devnode --stop") == {"stopped"}
    assert shell.run("devnode", "--status").returncode == 1
    done = shell.run("predict", json.dumps(APPLICANT))
    assert done.returncode != 0
    assert "stylus-ai deploy" in done.stderr
    assert shell.json("deploy")["activate_tx"] is not None
    assert shell.json("devnode", "--status")["running"] is True


def test_the_node_in_the_foreground_says_where_it_is_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "scaffold", "devnode", "--port", str(port), "--json"),
            *("--l1-price", "3gwei"),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    while not said.endswith("}\n"):
        said += process.stdout.readline()
    ready = json.loads(said)
    assert ready["rpc"] == f"http://127.0.0.1:{port}"
    assert ready["chain_id"] == 412_346
    assert set(ready) == documented_keys("devnode")
    client = Client.connect(Network("embedded", ready["rpc"], 412_346))
    price = client.call("0x" + "6c".zfill(40), selector("getL1BaseFeeEstimate()"))
    assert int.from_bytes(price) == 3 * 10**9
    second = Shell(tmp_path, port).run("devnode", "--port", str(port))
    assert second.returncode == 1
    assert f"A node runs on port {port} already (chain 412346)" in second.stderr
    process.send_signal(signal.SIGINT)
    rest, prose = process.communicate(timeout=20)
    assert process.returncode == 130
    assert (rest, prose.endswith("interrupted\n")) == ("", True)
    with pytest.raises(ProcessLookupError):
        wait_for_end(ready["pid"])


def wait_for_end(pid: int) -> None:
    """Raise ProcessLookupError once the process is gone; give it five seconds."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        os.kill(pid, 0)
        time.sleep(0.01)
