"""The command line as a user meets it: help, errors, exit codes, JSON."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from scaffold.cli import app as command_line
from scaffold.templates import create
from stylus_ai import __version__
from stylus_ai.errors import ParityError, StylusAiError
from tests.scaffold.documented import documented_keys

COMMANDS = [command.name or "" for command in command_line.app.registered_commands]
ROOT = Path(__file__).parents[2]


def stylus_ai(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``stylus-ai`` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "scaffold", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_all_commands_of_the_main_job_are_there() -> None:
    wanted = """
        new train compress build test devnode deploy registry keepalive predict play
        profile snapshot update demo doctor check setup
    """
    assert set(COMMANDS) == set(wanted.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_the_command_does_and_shows_an_example(name: str) -> None:
    result = CliRunner().invoke(command_line.app, [name, "--help"])
    assert result.exit_code == 0
    assert re.search(r"Examples:\n(  \S.*\n)*  .*stylus-ai " + name, result.output)
    parameters = typer.main.get_command(command_line.app).commands[name].params  # type: ignore[attr-defined]
    assert "json_output" in [parameter.name for parameter in parameters]
    assert [parameter.name for parameter in parameters if not parameter.help] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_no_help_line_is_wider_than_a_terminal(name: str) -> None:
    result = CliRunner().invoke(command_line.app, [name, "--help"], terminal_width=100)
    assert max(map(len, result.output.splitlines())) <= 100


def test_no_command_prints_the_help(tmp_path: Path) -> None:
    bare, asked = stylus_ai(cwd=tmp_path), stylus_ai("--help", cwd=tmp_path)
    assert (bare.returncode, bare.stdout, bare.stderr) == (0, asked.stdout, "")
    lines = bare.stdout.splitlines()
    assert "  Start here:" in lines
    assert "\\b" not in bare.stdout
    for name in COMMANDS:
        (summary,) = (line for line in lines if line.startswith(f"  {name} "))
        assert summary.endswith((".", "?"))
        assert "..." not in summary


def test_help_imports_no_heavy_library(tmp_path: Path) -> None:
    """They are imported by the commands that need them, not before."""
    loaded = stylus_ai("--help", cwd=tmp_path, PYTHONPROFILEIMPORTTIME="1").stderr
    for library in ("numpy", "sklearn", "web3", "copier", "git"):
        assert not re.search(rf"\| +{library}$", loaded, re.MULTILINE), library


def test_the_version_is_printed(tmp_path: Path) -> None:
    assert stylus_ai("--version", cwd=tmp_path).stdout == f"stylus-ai {__version__}\n"


def test_the_result_is_on_stdout_and_prose_on_stderr(tmp_path: Path) -> None:
    result = stylus_ai("new", "credit-score", "my-lender", "--yes", cwd=tmp_path)
    assert result.stdout == f"Made {tmp_path / 'my-lender'}\n"
    assert "Next:" in result.stderr
    assert "\x1b" not in result.stdout + result.stderr


def test_the_next_steps_can_be_typed(tmp_path: Path) -> None:
    result = stylus_ai("new", "credit-score", "My Lender", "--name", "pool", "-y", cwd=tmp_path)
    assert "cd 'My Lender'\n" in result.stderr


def test_json_is_one_value_on_stdout(tmp_path: Path) -> None:
    result = stylus_ai("new", "credit-score", "my-lender", "--json", cwd=tmp_path)
    assert set(json.loads(result.stdout)) == documented_keys("new")
    assert json.loads(result.stdout) == {
        "folder": str(tmp_path / "my-lender"),
        "name": "my-lender",
        "application": "credit-score",
        "licence": "MIT",
        "network": "embedded",
        "data": "german",
        "committed": True,
    }


def test_new_lists_the_kits_and_their_options(tmp_path: Path) -> None:
    listed = json.loads(stylus_ai("new", "--list", "--json", cwd=tmp_path).stdout)
    assert set(listed) == documented_keys("new --list")
    assert [kit["name"] for kit in listed["kits"]] == ["credit-score", "classifier"]
    assert listed["options"]["data"] == ["german", "wallets"]
    text = stylus_ai("new", "--list", cwd=tmp_path).stdout
    assert "credit-score" in text
    assert "wallets" in text


def test_new_takes_its_name_from_the_option_and_answers_from_a_file(tmp_path: Path) -> None:
    answers = tmp_path / "answers.yml"
    answers.write_text("data: wallets\nlicence: none\n", encoding="utf-8")
    result = stylus_ai(
        "new", "credit-score", "--name", "pool", "--answers-file", "answers.yml",
        "--licence", "Apache-2.0", "--json", cwd=tmp_path,
    )  # fmt: skip
    made = json.loads(result.stdout)
    assert (made["name"], made["data"], made["licence"]) == ("pool", "wallets", "Apache-2.0")
    assert (tmp_path / "pool" / "wallets.py").is_file()


WRONG = [
    (["new"], 2, "Which kit?", "new --list"),
    (["new", "credit-scor", "x"], 2, "Did you mean credit-score", "credit-score"),
    (["new", "credit-score", "My Lender"], 2, "cannot be the name", "--name"),
    (["new", "credit-score", "x", "--data", "rows"], 2, 'no data "rows"', "german, wallets"),
    (["new", "credit-score", "x", "--answers-file", "no.yml"], 2, "cannot be read", ""),
    (["new", "credit-score", "no/x"], 2, "does not exist", "mkdir -p"),
    (["new", "credit-score", "no such/x"], 2, "does not exist", "no such'"),
    (["new", "credit-score", "/dev/null/a/x"], 2, "/dev/null is not a folder", "another"),
    (["new", "--frobnicate"], 2, "No such option", "stylus-ai new --help"),
    (["frobnicate"], 2, "No such command", "stylus-ai --help"),
    (["train"], 2, "not inside a stylus-ai project", "stylus-ai new"),
    (["build"], 2, "not inside a stylus-ai project", "stylus-ai new"),
    (["test"], 2, "not inside a stylus-ai project", "stylus-ai new"),
    (["deploy"], 2, "not inside a stylus-ai project", "stylus-ai new"),
    (["predict", "{}"], 2, "not inside a stylus-ai project", "stylus-ai new"),
    (["snapshot"], 2, "not inside a stylus-ai project", "stylus-ai new"),
    (["update"], 2, "not inside a stylus-ai project", "stylus-ai new"),
    (["check"], 2, "not inside a stylus-ai project", "stylus-ai new"),
    (["check", "no.wasm"], 1, "cannot be read", ""),
    (["check", "x.wasm", "--profile", "arbos9"], 2, "arbos9", "arbos51"),
    (["devnode", "--stop"], 2, "not inside a stylus-ai project", "stylus-ai new"),
    (["devnode", "--stop", "--status"], 2, "exclude each other", "one of them"),
    (["devnode", "--port", "99999"], 2, "65535", "stylus-ai devnode --help"),
    (["compress"], 2, "not inside a stylus-ai project", "stylus-ai new"),
    (["compress", "--fit", "foo=1"], 2, "'foo=1' is no limit", "--fit size=24576"),
    (["compress", "--fit", "gas=cheap"], 2, "'gas=cheap' is no limit", "--fit size=24576"),
    (["compress", "--min-accuracy", "1.2"], 2, "1.2 is not between 0 and 1", ""),
    (["demo", "credit-scores"], 2, "Did you mean credit-score", "credit-score"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: " ".join(wrong[0]))
def test_a_wrong_call_gets_cause_and_next_step_and_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wrong: tuple[list[str], int, str, str],
) -> None:
    arguments, code, cause, next_step = wrong
    monkeypatch.chdir(tmp_path)
    assert command_line.run([*arguments, "--json"]) == code
    stdout, stderr = capsys.readouterr()
    assert set(json.loads(stdout)) == documented_keys("An error, from any command")
    error = json.loads(stdout)["error"]
    assert cause in error["cause"]
    assert next_step in error["next_step"]
    assert f"error: {error['cause']}" in stderr
    assert "Traceback" not in stderr
    assert list(tmp_path.iterdir()) == []


def test_commands_before_their_turn_name_the_one_that_is_missing(tmp_path: Path) -> None:
    stylus_ai("new", "credit-score", "my-lender", "--yes", cwd=tmp_path)
    project = tmp_path / "my-lender"
    for arguments in (["build"], ["deploy"], ["predict", "{}"]):
        result = stylus_ai(*arguments, cwd=project)
        assert result.returncode == 2, result.stderr
        assert "stylus-ai train" in result.stderr or "stylus-ai build" in result.stderr
    result = stylus_ai("check", cwd=project)
    assert "stylus-ai build" in result.stderr


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Make ``stylus-ai new`` fail in this way."""

    def fail(*_args: object, **_kwargs: object) -> None:
        raise error

    monkeypatch.setattr("scaffold.templates.create", fail)


CALL = ["new", "credit-score", "x", "--yes"]


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (StylusAiError("It broke.", "Mend it."), 1, "error: It broke.\nnext:  Mend it.\n"),
        (ParityError("They differ."), 1, "error: They differ.\n"),
        (
            FileExistsError(17, "File exists", "artifacts"),
            1,
            "error: artifacts: File exists.\n"
            "next:  Check that it can be written and that the disk is not full.\n",
        ),
        (KeyboardInterrupt(), 130, "\ninterrupted\n"),
    ],
)
def test_errors_become_exit_codes_and_prose(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    said: str,
) -> None:
    raising(monkeypatch, error)
    assert command_line.run(CALL) == code
    assert capsys.readouterr() == ("", said)


def test_an_unforeseen_error_is_short_and_says_how_to_see_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(monkeypatch, ZeroDivisionError("by zero"))
    monkeypatch.delenv("STYLUS_AI_DEBUG", raising=False)
    assert command_line.run(CALL) == 1
    short = capsys.readouterr().err
    assert "ZeroDivisionError: by zero" in short
    assert "STYLUS_AI_DEBUG=1" in short
    assert "Traceback" not in short
    monkeypatch.setenv("STYLUS_AI_DEBUG", "1")
    assert command_line.run(CALL) == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_error_with_markup_in_it_is_printed_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(monkeypatch, StylusAiError("[project] name = [/red]"))
    assert command_line.run(CALL) == 1
    assert "[project] name = [/red]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)], ids=["Ctrl-C", "terminated"]
)
def test_a_signal_ends_new_and_leaves_nothing_behind(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, name: str, code: int
) -> None:
    """A git that takes its time holds the command half-way: the files are rendered by then."""
    tools = tmp_path_factory.mktemp("bin")
    git = shutil.which("git")
    ours = '[ "$2" = --initial-branch=main ]'
    script = f'#!/bin/sh\n{ours} && touch {tools}/begun && exec sleep 60\nexec {git} "$@"\n'
    (tools / "git").write_text(script, encoding="utf-8")
    (tools / "git").chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-m", "scaffold", "new", "credit-score", "my-lender", "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{tools}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    while not (tools / "begun").exists():
        assert process.poll() is None
        time.sleep(0.01)
    (staged,) = tmp_path.iterdir()
    assert (staged / "train.py").is_file()
    os.killpg(process.pid, getattr(signal, name))
    printed, said = process.communicate(timeout=30)
    assert process.returncode == code, said
    assert b"Traceback" not in said
    kind = {130: "Interrupted", 143: "Terminated"}[code]
    assert json.loads(printed)["error"] == {"kind": kind, "cause": kind.lower(), "next_step": ""}
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_during_the_imports_is_quiet(tmp_path: Path) -> None:
    """A typer that stands first in the path interrupts the process that imports it."""
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt\n", encoding="utf-8")
    path = f"{tmp_path}:{ROOT}"
    result = stylus_ai("doctor", "--json", cwd=tmp_path, PYTHONPATH=path)
    assert (result.returncode, result.stderr) == (130, "\ninterrupted\n")
    assert json.loads(result.stdout)["error"]["kind"] == "Interrupted"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_json_of_every_command_is_documented(name: str) -> None:
    assert documented_keys(name)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose training takes a minute."""
    folder = create(tmp_path / "my-lender", {"application": "credit-score"}, git=False).folder
    (folder / "train.py").write_text("import time\nprint('begun')\ntime.sleep(60)\n", "utf-8")
    return folder


def test_ctrl_c_while_training_ends_the_script_and_leaves_nothing(project: Path) -> None:
    """A terminal sends the signal to the whole group, so the test does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scaffold", "train", "--json"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    while "begun" not in process.stderr.readline():
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=20)
    assert process.returncode == 130
    assert json.loads(stdout)["error"]["kind"] == "Interrupted"
    assert "interrupted" in stderr
    assert not (project / "artifacts").exists()
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_a_training_script_that_fails_is_named_with_its_last_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    (project / "train.py").write_text("raise ValueError('no such column')\n", encoding="utf-8")
    assert command_line.run(["train"]) == 2
    assert "train.py failed: ValueError: no such column" in capsys.readouterr().err
    (project / "train.py").write_text("print('nothing')\n", encoding="utf-8")
    assert command_line.run(["train"]) == 2
    assert "exported no model" in capsys.readouterr().err
