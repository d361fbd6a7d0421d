"""Kits of other people: by address, without running their code, and what their authors are told."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from scaffold import kit_check, releases
from scaffold.cli import app as command_line
from scaffold.kits import fetched, is_address
from scaffold.templates import template_root
from scaffold.updates import update
from stylus_ai.project import Project
from tests.scaffold.documented import documented_keys

FILES = {
    "copier.yml": '_min_copier_version: "9.6"\n_skip_if_exists: [/train.py, /contract]\n'
    "project_name: {type: str, default: my-project}\n"
    "colour: {type: str, choices: [red, blue], default: red}\n",
    "stylus-ai.toml.jinja": '[project]\nname = "{{ project_name }}"\napplication = "paint"\n',
    "{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers | to_nice_yaml }}",
    "README.md.jinja": "# {{ project_name }}\n\nIt is {{ colour }}.\n\nVersion one.\n",
    "train.py": "print('trained')\n",
    "contract/Cargo.toml": "[package]\n",
    "Cargo.toml": "[workspace]\n",
    "Cargo.lock": "version = 4\n",
    "rust-toolchain.toml": "[toolchain]\n",
    ".gitignore": "/target/\n",
    "requirements.txt": "stylus-ai\n",
    "tests/test_paint.py": "",
}
"""A kit that is complete, though its contract is none."""


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def git(folder: Path, *arguments: str) -> None:
    """Run git in ``folder``."""
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@localhost")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def publish(folder: Path, tag: str, **files: str) -> None:
    """Commit a kit, with other files if some are given, and tag it."""
    write(folder, {name.replace("__", "."): text for name, text in files.items()})
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", tag)
    git(folder, "tag", tag)


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``gh:owner/kit``, released as v1.0.0: git finds the hub in a folder; nobody is asked."""
    hub = tmp_path / "hub"
    folder = write(hub / "owner" / "kit.git", FILES)
    publish(folder, "v1.0.0")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{hub.as_uri()}/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return folder


def here() -> list[str]:
    """What is in the working directory."""
    return sorted(path.name for path in Path().iterdir())


def test_names_of_kits_and_addresses_are_told_apart() -> None:
    for address in (
        "gh:o/k",
        "https://x.org/k.git",
        "git@x.org:o/k",
        "./kit",
        "a/kit",
        "~/kit",
        ".",
    ):
        assert is_address(address), address
    assert not is_address("credit-score")


def test_a_kit_by_address_becomes_a_committed_project_that_knows_where_it_came_from(
    kit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(kit, "v2.0.0rc1", README__md__jinja="a preview")
    assert command_line.run(["new", "gh:owner/kit", "my-paint", "--yes", "--json"]) == 0
    stdout, stderr = capsys.readouterr()
    made = json.loads(stdout)
    assert set(made) == documented_keys("new")
    assert (made["name"], made["application"], made["licence"]) == ("my-paint", "paint", None)
    assert made["committed"] is True
    assert "gh:owner/kit v1.0.0" in stderr
    assert "It runs no code" in stderr
    answers = (Path("my-paint") / ".copier-answers.yml").read_text()
    assert "_src_path: gh:owner/kit\n" in answers
    assert "_commit: v1.0.0\n" in answers
    assert "It is red." in Path("my-paint/README.md").read_text()


def test_a_folder_is_a_kit_too_with_git_or_without(kit: Path, tmp_path: Path) -> None:
    bare = write(tmp_path / "bare", FILES)
    for source, name in ((bare, "one"), (kit, "two")):
        assert command_line.run(["new", str(source), name, "--yes"]) == 0
        assert Project.open(Path(name)).name == name
    assert "_commit: v1.0.0" in Path("two/.copier-answers.yml").read_text()


def test_ref_chooses_another_version(kit: Path) -> None:
    publish(kit, "v1.1.0", README__md__jinja="# later\n")
    assert command_line.run(["new", "gh:owner/kit", "x", "--yes", "--ref", "v1.0.0"]) == 0
    assert "Version one" in Path("x/README.md").read_text()


CODE = {
    "_tasks: [touch ran]\n": "after files are written: touch ran",
    "_tasks: [[touch, ran]]\n": "after files are written: touch ran",
    "_tasks: [{command: touch ran, when: true}]\n": "after files are written: touch ran",
    "_migrations: [{version: v9, before: [rm -r x]}]\n": "when a project is updated: rm -r x",
    "_jinja_extensions: [os.Evil]\n": "while files are written: os.Evil",
}


@pytest.mark.parametrize("setting", CODE)
def test_code_of_the_kits_own_is_shown_and_not_run_without_consent(
    kit: Path, capsys: pytest.CaptureFixture[str], setting: str
) -> None:
    publish(kit, "v1.1.0", copier__yml=FILES["copier.yml"] + setting)
    assert command_line.run(["new", "gh:owner/kit", "x", "--yes"]) == 2
    stderr = capsys.readouterr().err
    assert f"  {CODE[setting]}\n" in stderr
    assert "--trust" in stderr
    assert here() == []


def test_with_trust_it_is_shown_and_run(kit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publish(kit, "v1.1.0", copier__yml=FILES["copier.yml"] + "_tasks: [touch ran]\n")
    assert command_line.run(["new", "gh:owner/kit", "x", "--yes", "--trust"]) == 0
    assert "touch ran" in capsys.readouterr().err
    assert Path("x/ran").is_file()


@pytest.mark.parametrize(
    ("files", "cause"),
    [
        ({"copier.yml": "!include other.yml\n"}, "not one plain YAML mapping"),
        ({"copier.yml": "a: 1\n---\n_tasks: [touch ran]\n"}, "not one plain YAML mapping"),
        ({"copier.yml": "- a\n"}, "not one plain YAML mapping"),
        ({"copier.yaml": "a: 1\n"}, "copier.yml and copier.yaml"),
        ({"copier.yml": "colour: {type: str, default: red}\n"}, "does not ask for project_name"),
        ({"stylus-ai.toml.jinja": "[project]\n"}, "makes no stylus-ai project: stylus-ai.toml"),
        ({"README.md.jinja": "{{ nothing( }}"}, "could not be rendered"),
    ],
)
def test_a_kit_that_is_none_is_refused_and_leaves_nothing(
    kit: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], cause: str
) -> None:
    write(kit, files)
    publish(kit, "v1.1.0")
    assert command_line.run(["new", "gh:owner/kit", "x", "--yes"]) == 2
    assert cause in capsys.readouterr().err
    assert here() == []


def test_a_link_out_of_the_project_is_refused(
    kit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kit / "notes").symlink_to("/etc")
    publish(kit, "v1.1.0", copier__yml=FILES["copier.yml"] + "_preserve_symlinks: true\n")
    assert command_line.run(["new", "gh:owner/kit", "x", "--yes"]) == 2
    assert "a link that leads out of the project: notes -> /etc" in capsys.readouterr().err
    assert here() == []


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["gh:owner/none"], "https://github.com/owner/none.git cannot be fetched"),
        (["gh:owner"], "gh:owner is no address"),
        (["./none"], "./none cannot be fetched"),
        (["ext::sh -c touch% ran"], "cannot be fetched"),
        (["gh:owner/kit", "--ref", "v9"], "gh:owner/kit has no v9"),
        (["gh:owner/kit", "--data", "german"], "gh:owner/kit does not ask for data"),
        (["gh:owner/kit", "--name", "fn"], "keyword of Rust"),
        (["credit-score", "--trust"], "--ref and --trust are for kits by address"),
    ],
)
def test_a_wrong_call_is_refused_and_leaves_nothing(
    kit: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], cause: str
) -> None:
    del kit
    source, *options = arguments
    assert command_line.run(["new", source, "x", "--yes", *options]) == 2
    assert cause in capsys.readouterr().err
    assert here() == []


def test_a_project_of_a_kit_is_updated_from_its_address(kit: Path) -> None:
    assert command_line.run(["new", "gh:owner/kit", "x", "--yes"]) == 0
    readme = FILES["README.md.jinja"]
    publish(kit, "v1.1.0", README__md__jinja=readme.replace("Version one", "Version two"))
    git(Path("x"), "config", "user.name", "Ada")
    write(Path("x"), {"README.md": Path("x/README.md").read_text().replace("# x", "# Mine")})
    git(Path("x"), "commit", "--quiet", "--all", "--message", "Mine")
    done = update(Project.open(Path("x")))
    assert (done.before, done.after, done.conflicts) == ("v1.0.0", "v1.1.0", ())
    assert Path("x/README.md").read_text().split("\n\n") == [
        "# Mine", "It is red.", "Version two.\n",
    ]  # fmt: skip


def test_code_that_a_newer_version_brings_is_not_run_by_update_either(
    kit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.run(["new", "gh:owner/kit", "x", "--yes"]) == 0
    publish(kit, "v1.1.0", copier__yml=FILES["copier.yml"] + "_tasks: [touch ran]\n")
    assert command_line.run(["update", "-C", "x", "--yes"]) == 2
    assert "touch ran" in capsys.readouterr().err
    assert not Path("x/ran").exists()
    assert command_line.run(["update", "-C", "x", "--yes", "--trust"]) == 0
    assert Path("x/ran").exists()


def test_a_project_of_a_folder_without_git_cannot_be_updated_and_says_why(
    kit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del kit
    bare = write(tmp_path / "bare", FILES)
    assert command_line.run(["new", str(bare), "x", "--yes"]) == 0
    assert command_line.run(["update", "-C", "x", "--yes"]) == 2
    assert "the kit was a folder without git" in capsys.readouterr().err


def test_what_is_fetched_is_gone_afterwards(kit: Path) -> None:
    assert kit.is_dir()
    with fetched("gh:owner/kit") as found:
        assert found.root.is_dir()
    assert not found.root.exists()


def check(folder: Path) -> tuple[list[str], list[str]]:
    """Errors and warnings on a kit."""
    findings = kit_check.check(folder, lambda _: None)
    return (
        [finding.what for finding in findings if finding.level == "error"],
        [finding.what for finding in findings if finding.level == "warning"],
    )


def test_a_complete_kit_has_nothing_to_be_found(
    kit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(kit) == ([], [])
    assert command_line.run(["kit", "check", str(kit), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == documented_keys("kit check")
    assert found == {"ok": True, "full": False, "findings": []}


def test_the_kits_of_this_project_keep_their_own_contract(tmp_path: Path) -> None:
    releases.copy_templates(template_root(), tmp_path)
    errors, warnings = check(tmp_path)
    assert errors == []
    assert warnings == ["The kit is in no git repository."]


@pytest.mark.parametrize("name", [name for name in kit_check.PRESENT if name != "tests"])
def test_a_file_that_is_missing_is_named(kit: Path, name: str) -> None:
    stored = {"README.md": "README.md.jinja"}.get(name, name)
    if name == ".copier-answers.yml":
        stored = "{{ _copier_conf.answers_file }}.jinja"
    (kit / stored).unlink()
    errors, _ = check(kit)
    assert errors == [f"A project has no {name}.", f"A project has no {name} (colour: blue)."]


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({"copier.yml": "_tasks: [touch ran]\n"}, "does not ask for project_name"),
        ({"copier.yml": FILES["copier.yml"] + "_tasks: [touch ran]\n"}, "runs code of its own"),
        ({"copier.yml": "!include x\n"}, "not one plain YAML mapping"),
        (
            {"stylus-ai.toml.jinja": '[project]\nname = "paint"\napplication = "a"\n'},
            'stylus-ai.toml says name = "paint"',
        ),
        (
            {"stylus-ai.toml.jinja": FILES["stylus-ai.toml.jinja"] + 'train = "fit.py"\n'},
            "project.train: there is no fit.py",
        ),
        (
            {"README.md.jinja": "{% if colour == 'blue' %}{{ 1 // 0 }}{% endif %}"},
            "by zero (colour: blue)",
        ),
    ],
)
def test_what_is_wrong_is_an_error(kit: Path, files: dict[str, str], error: str) -> None:
    errors, _ = check(write(kit, files))
    assert any(error in found for found in errors), errors
    assert not (kit / "ran").exists()


def test_what_could_be_better_is_a_warning(tmp_path: Path) -> None:
    question = "project_name: {type: str, default: my-project}\n"
    folder = write(tmp_path, {**FILES, "copier.yml": question})
    _, warnings = check(folder)
    assert len(warnings) == 4
    for word in ("train.py", "contract/src/lib.rs", "_min_copier_version", "no git repository"):
        assert any(word in warning for warning in warnings), word


def test_full_names_the_step_that_fails(kit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.run(["kit", "check", str(kit), "--full"]) == 1
    out = capsys.readouterr().out
    assert "`stylus-ai train` fails: train.py ran, but exported no model." in out
    assert "The kit is not complete." in out


@pytest.mark.wasm
@pytest.mark.node
def test_full_goes_all_the_way(tmp_path: Path) -> None:
    releases.copy_templates(template_root(), tmp_path)
    found = kit_check.check(tmp_path, print, full=True)
    assert [finding.level for finding in found] == ["warning"]


def test_help_of_kit_check_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.run(["kit", "check", "--help"]) == 0
    assert "  stylus-ai kit check my-kit --full\n" in capsys.readouterr().out


def test_a_folder_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.run(["kit", "check", "no-such-folder"]) == 2
    assert "is not a folder" in capsys.readouterr().err
