"""The pipeline's own part: scripts that fail or are ended, damaged artefacts, keys before nodes."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from stylus_ai import pipeline
from stylus_ai.errors import KeyRefused, ProjectError, UsageError
from stylus_ai.project import Project

EXPORT = """\
from sklearn.svm import SVC
import stylus_ai as sa
features = sa.Features((sa.Feature("a", 0, 1),))
sa.export(SVC(), features=features, train=([[0]], [0]), test=([[1]], [1]))
"""
CAUGHT = """\
from stylus_ai.errors import ModelError
try:
    raise ModelError("one", "two")
except ModelError:
    {}
"""
ASIDE = "import traceback; traceback.print_exc()"
WHOLE = "Mend the script; the whole error: python train.py"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project without a script."""
    (tmp_path / "stylus-ai.toml").write_text('[project]\nname = "p"\napplication = "a"\n')
    return Project.open(tmp_path)


def ignore(_: str) -> None:
    """Nobody listens."""


@pytest.mark.parametrize(
    ("script", "cause", "next_step"),
    [
        (CAUGHT.format("raise"), "train.py failed: one", "two"),
        (CAUGHT.format(f"{ASIDE}; raise SystemExit(1)"), "train.py failed: one", "two"),
        (CAUGHT.format(f"{ASIDE}; 1 / 0"), "train.py failed: ZeroDivisionError: division", WHOLE),
        (
            "from stylus_ai.errors import *\nraise UsageError('1st\\n2nd', 'a\\nb')",
            "train.py failed: 1st\n2nd",
            "a\nb",
        ),
        ("from stylus_ai.errors import *\nraise UsageError('x')", "train.py failed: x", WHOLE),
        ("raise SystemExit(3)", "train.py failed with exit code 3: no output", WHOLE),
        ("print('so far'); raise SystemExit(3)", "with exit code 3: so far", WHOLE),
        ("print(", "train.py failed: SyntaxError", WHOLE),
    ],
)
def test_a_script_that_fails_gives_its_cause_and_its_own_next_step(
    project: Project, script: str, cause: str, next_step: str
) -> None:
    (project.root / "train.py").write_text(script)
    with pytest.raises(UsageError) as caught:
        pipeline.train(project, ignore)
    assert cause in caught.value.cause
    assert caught.value.next_step == next_step


def test_the_help_of_a_model_that_cannot_be_exported_reaches_the_user(project: Project) -> None:
    (project.root / "train.py").write_text(EXPORT)
    lines: list[str] = []
    with pytest.raises(UsageError, match="has no integer form here") as caught:
        pipeline.train(project, lines.append)
    assert "stylus_ai.errors" not in caught.value.cause
    assert caught.value.next_step
    assert lines[-1] == f"next: {caught.value.next_step}"


def gone(pid: int) -> bool:
    """True once no such process runs; waits for it up to five seconds."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            if ") Z " in Path(f"/proc/{pid}/stat").read_text():
                return True
            os.kill(pid, 0)
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.01)
    return False


def test_whatever_ends_train_ends_the_script_and_its_children(project: Project) -> None:
    """SIGTERM comes as an exception: ``scaffold.cli.app`` turns it into SystemExit."""
    (project.root / "train.py").write_text(
        "import os, subprocess, time\n"
        "print(os.getpid(), subprocess.Popen(['sleep', '60']).pid)\n"
        "time.sleep(60)\n"
    )
    begun: list[str] = []

    def terminate(line: str) -> None:
        begun.append(line)
        raise SystemExit(143)

    with pytest.raises(SystemExit):
        pipeline.train(project, terminate)
    pids = [int(pid) for pid in begun[0].split()]
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)


def test_artefacts_that_are_no_text_are_named(project: Project) -> None:
    project.artifacts.mkdir()
    project.program_file.write_bytes(b"{\xff}")
    with pytest.raises(ProjectError, match=r"program\.json is damaged") as caught:
        pipeline.load_program(project)
    assert caught.value.next_step == "Run: stylus-ai train"
    project.abi_dir.mkdir()
    for content in (b"{", b"\xff"):
        (project.abi_dir / "IModel.json").write_bytes(content)
        with pytest.raises(ProjectError, match=r"IModel\.json is damaged"):
            pipeline.contract_abi(project)


def test_a_wrong_key_is_refused_before_a_node_is_started(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mine = replace(project, networks={"embedded": {"rpc": f"http://127.0.0.1:{port}"}})
    monkeypatch.delenv("STYLUS_AI_RPC", raising=False)
    monkeypatch.setenv("STYLUS_AI_PRIVATE_KEY", "0x12")
    monkeypatch.setattr(pipeline, "load_artifact", lambda _: None)
    with pytest.raises(KeyRefused):
        pipeline.deploy(mine, "embedded", on_step=ignore)
    assert not project.state_dir.exists()
