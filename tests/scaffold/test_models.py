"""``stylus-ai add model``: two models in one repository, built, deployed and tested together."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scaffold import templates
from scaffold.cli import app as command_line
from scaffold.models import add_model
from scaffold.templates import create
from stylus_ai.errors import ProjectError, UsageError
from stylus_ai.project import FILE_NAME, Project
from tests.scaffold.documented import documented_keys

ROOT = Path(__file__).parents[2]
KIT = {"application": "credit-score"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with one model."""
    return Project.open(create(tmp_path / "lender", KIT).folder)


def test_a_project_of_one_model_has_itself_as_its_only_member(project: Project) -> None:
    assert project.members() == (project,)


def test_a_model_is_a_project_below_models_and_a_line_in_the_settings(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (project.root / FILE_NAME).read_text()
    arguments = ["add", "model", "risk", "--data", "wallets", "--json", "-C", str(project.root)]
    assert command_line.run(arguments) == 0
    printed = json.loads(capsys.readouterr().out)
    assert set(printed) == documented_keys("add model")
    folder = project.root / "models" / "risk"
    assert printed == {"name": "risk", "folder": str(folder), "application": "credit-score"}
    after = (project.root / FILE_NAME).read_text()
    assert after.startswith(before)
    assert after.removeprefix(before).split() == ["[models.risk]", "folder", "=", '"models/risk"']
    first, second = Project.open(project.root).members()
    assert (first.name, second.name, second.root) == ("lender", "risk", folder)
    assert (folder / "wallets.py").is_file()
    assert not (folder / ".github").exists()
    assert not (folder / ".git").exists()
    assert Project.find(folder / "contract").name == "risk"


def test_an_added_model_is_on_the_networks_of_the_project(project: Project) -> None:
    add_model(project, "risk", KIT)
    settings = project.root / FILE_NAME
    text = settings.read_text().replace('network = "embedded"', 'network = "mine"')
    settings.write_text(text + '[networks.mine]\nrpc = "http://localhost:1"\nchain_id = 5\n')
    _, risk = Project.open(project.root).members()
    assert risk.network == "mine"
    assert risk.networks["mine"]["chain_id"] == 5


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("fn", "keyword of Rust"),
        ("Risk", "only 1 to 64 lower-case letters"),
        ("lender", 'There is a model "lender" in this project already'),
        ("risk", 'There is a model "risk" in this project already'),
        ("full", "is not empty"),
    ],
)
def test_a_name_that_does_not_do_is_refused_and_changes_nothing(
    project: Project, name: str, cause: str
) -> None:
    add_model(project, "risk", KIT)
    (project.root / "models" / "full").mkdir()
    (project.root / "models" / "full" / "keep").touch()
    project = Project.open(project.root)
    before = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match=cause):
        add_model(project, name, KIT)
    assert before == {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}


def test_an_interruption_leaves_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(templates, "_move", interrupted)
    with pytest.raises(KeyboardInterrupt):
        add_model(project, "risk", KIT)
    assert not (project.root / "models").exists()
    assert Project.open(project.root).models == {}


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("[models]\nrisk = 3\n", r"\[risk\] is not a table"),
        ("[models.risk]\n", "models.risk.folder must be a non-empty text"),
        ('[models.risk]\nfolder = "../risk"\n', "lies outside the project"),
        ('[models.risk]\nfolder = "models/risk"\n', "does not exist"),
        ('[models.risk]\nfolder = "."\n', 'but is "lender" there'),
    ],
)
def test_a_line_that_leads_nowhere_is_refused(project: Project, text: str, cause: str) -> None:
    settings = project.root / FILE_NAME
    settings.write_text(settings.read_text() + text)
    with pytest.raises(ProjectError, match=cause):
        Project.open(project.root).members()


@dataclass(frozen=True)
class Shell:
    """A folder to run ``stylus-ai`` in, with a port of its own for the embedded chain."""

    folder: Path
    port: int

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``stylus-ai`` to its end."""
        rpc = {"STYLUS_AI_RPC": f"http://127.0.0.1:{self.port}", "NO_COLOR": "1"}
        return subprocess.run(
            [sys.executable, "-m", "scaffold", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **rpc},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def json(self, *arguments: str) -> Any:
        """Result of a command that must succeed."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)


@pytest.mark.wasm
@pytest.mark.node
def test_two_models_are_trained_built_tested_deployed_and_asked_together(project: Project) -> None:
    add_model(project, "risk", {**KIT, "data": "wallets"})
    script = project.root / "models" / "risk" / "train.py"
    script.write_text(script.read_text().replace('MODEL = "boosting"', 'MODEL = "logistic"'))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    root, inside = Shell(project.root, port), Shell(project.root / "models" / "risk", port)
    try:
        found: dict[str, Any] = {}
        for command in ("train", "build", "deploy"):
            found = root.json(command, "--json")
            assert set(found) == documented_keys("Several models"), command
            assert list(found["models"]) == ["lender", "risk"]
            for value in found["models"].values():
                assert set(value) == documented_keys(command)
        addresses = {value["address"] for value in found["models"].values()}
        assert len(addresses) == 2
        for shell in (root, inside):
            answers = shell.json("predict", "--input", "fixtures/test.csv", "--json")["predictions"]
            rows = (shell.folder / "fixtures" / "test.csv").read_text().splitlines()
            column = rows[0].split(",").index("score")
            assert [a["score"] for a in answers] == [int(r.split(",")[column]) for r in rows[1:]]
        tests = root.json("test", "--json", "--", "-q", "-p", "no:cacheprovider")["models"]
        assert [tests[name]["passed"] for name in ("lender", "risk")] == [True, True]
        figures = root.json("snapshot", "--json")["figures"]
        assert [figure["name"].split(":")[0] for figure in figures] == ["lender"] * 8 + ["risk"] * 8
        alone = root.json("train", "--alone", "--json")
        assert set(alone) == documented_keys("train")
        assert root.json("devnode", "--stop", "--json") == {"stopped": True}
    finally:
        root.run("devnode", "--stop")
