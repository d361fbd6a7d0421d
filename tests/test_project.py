"""stylus-ai.toml belongs to the user: comments survive, and a broken file is named, not dumped."""

from __future__ import annotations

from pathlib import Path

import pytest

from stylus_ai.errors import ProjectError
from stylus_ai.project import Project, read_json, write_json, write_text

TOML = """\
# Our lending desk.
[project]
name = "my-lender"            # also the contract's name
application = "credit-score"

# A node in the office.
[networks.office]
rpc = "http://127.0.0.1:9000"
chain_id = 412346
"""

SOUND = '[project]\nname = "ok"\napplication = "x"\n'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "stylus-ai.toml").write_text(TOML)
    return Project.open(tmp_path)


def test_defaults_fill_what_the_file_leaves_out(project: Project) -> None:
    assert project.name == "my-lender"
    assert project.train_script == "train.py"
    assert project.profile == "arbos51"
    assert project.networks["office"]["chain_id"] == 412346


def test_a_project_is_found_from_any_folder_inside_it(project: Project) -> None:
    deep = project.root / "contract" / "src"
    deep.mkdir(parents=True)
    assert Project.find(deep).root == project.root


def test_outside_a_project_the_error_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as error:
        Project.find(tmp_path)
    assert "stylus-ai new" in error.value.next_step


def test_a_public_deployment_goes_into_the_file_and_comments_stay(project: Project) -> None:
    path = project.record_deployment(
        "sepolia", {"address": "0xabc", "chain_id": 421614, "cached": None}, ephemeral=False
    )
    text = path.read_text()
    assert text.startswith(TOML)
    assert Project.open(project.root).deployment("sepolia") == {
        "address": "0xabc",
        "chain_id": 421614,
    }


def test_a_second_deployment_replaces_the_first(project: Project) -> None:
    for address in ("0xabc", "0xdef"):
        project.record_deployment("sepolia", {"address": address}, ephemeral=False)
    assert project.deployment("sepolia") == {"address": "0xdef"}
    assert (project.root / "stylus-ai.toml").read_text().count("sepolia") == 1


def test_an_embedded_deployment_stays_out_of_the_file(project: Project) -> None:
    project.record_deployment("embedded", {"address": "0xabc"}, ephemeral=True)
    assert (project.root / "stylus-ai.toml").read_text() == TOML
    assert project.deployment("embedded") == {"address": "0xabc"}


def test_no_deployment_is_none(project: Project) -> None:
    assert project.deployment("one") is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[project\n", "is not TOML"),
        ("", "[project] is missing"),
        ("project = 3\n", "is not a table"),
        ('[project]\nname = "My Lender"\napplication = "x"\n', "is no crate name"),
        ('[project]\nname = "ok"\n', "project.application"),
        (SOUND + 'nework = "one"\n', "project.nework is unknown"),
        (SOUND + 'interface = "../x y"\n', "is no identifier"),
        (SOUND + 'interface = "fn"\n', "is a reserved word"),
        (SOUND + 'interface = "Self"\n', "is a reserved word"),
        (SOUND + 'interface = "uint256"\n', "is a reserved word"),
        (SOUND + 'train = "../train.py"\n', "lies outside the project"),
        (SOUND + 'train = "/bin/train.py"\n', "lies outside the project"),
        ('[project]\nname = "ok"\napplication = 7\n', "project.application"),
        (
            '[project]\nname = "ok"\napplication = "x"\n[deployments]\nsepolia = 3\n',
            "[sepolia] is not a table",
        ),
    ],
)
def test_a_broken_file_is_named_with_the_place(tmp_path: Path, text: str, word: str) -> None:
    (tmp_path / "stylus-ai.toml").write_text(text)
    with pytest.raises(ProjectError, match=r"stylus-ai\.toml") as error:
        Project.open(tmp_path).deployment("sepolia")
    assert word in error.value.cause


def test_a_misspelt_key_suggests_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "stylus-ai.toml").write_text(SOUND + 'nework = "one"\n')
    with pytest.raises(ProjectError) as error:
        Project.open(tmp_path)
    assert "Did you mean network?" in error.value.next_step


def test_an_interrupted_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    write_json(path, {"rows": 1})

    def interrupt(*_: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_text(path, "half")
    monkeypatch.undo()
    assert read_json(path) == {"rows": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.parametrize("text", ["{", "[]", "\xff", "[" * 1_000_000, '{"a": 1, "a": 2}'])
def test_a_damaged_artefact_is_an_error_with_its_path(tmp_path: Path, text: str) -> None:
    path = tmp_path / "training.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(ProjectError, match=r"training\.json"):
        read_json(path)
