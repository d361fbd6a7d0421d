"""A project's ladder: made by its own script, judged without its test rows, lost by nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from scaffold.cli import app as command_line
from scaffold.templates import create
from stylus_ai import pipeline, rungs
from stylus_ai.compress.fit import Limits
from stylus_ai.errors import ProjectError, UsageError
from stylus_ai.project import Project
from tests.scaffold.documented import documented_keys

SCRIPT = """\
import numpy as np
import stylus_ai as sa
from sklearn.ensemble import GradientBoostingClassifier

rng = np.random.default_rng(0)
features = sa.Features(tuple(sa.Feature(name, 0, 99) for name in "abc"))
x = rng.integers(0, 100, (400, 3)).astype(float)
y = np.where(x[:, 0] + x[:, 1] > 90 + rng.normal(0, 10, 400), "good", "bad")
model = GradientBoostingClassifier(n_estimators=12, random_state=0).fit(x[:300], y[:300])
test = (x[300:], y[300:])
"""
EXPORT = "report = sa.export(model, features=features, train=(x[:300], y[:300]), test=test)\n"
TEST_ROWS_THAT_NOBODY_MAY_READ = "test = (None, None)\n"

REGRESSION = """\
import numpy as np
import stylus_ai as sa
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

rng = np.random.default_rng(0)
features = sa.Features(tuple(sa.Feature(name, 0, 2000) for name in "abc"))
x = rng.integers(0, 2001, (1000, 3)).astype(float)
y = (x[:, 0] - 0.5 * x[:, 1]) / 1000
net = MLPRegressor(hidden_layer_sizes=(12,), solver="lbfgs", max_iter=200, random_state=0)
model = make_pipeline(MinMaxScaler(), net).fit(x[:800], y[:800])
sa.export(model, features=features, train=(x[:800], y[:800]), test=(x[800:], y[800:]))
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project of twelve small trees, without a contract."""
    (tmp_path / "stylus-ai.toml").write_text('[project]\nname = "p"\napplication = "a"\n')
    (tmp_path / "train.py").write_text(SCRIPT + EXPORT)
    return Project.open(tmp_path)


@pytest.fixture(scope="module")
def _climbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, trained and with its ladder, made once."""
    folder = tmp_path_factory.mktemp("climbed")
    (folder / "stylus-ai.toml").write_text('[project]\nname = "p"\napplication = "a"\n')
    (folder / "train.py").write_text(SCRIPT + EXPORT)
    pipeline.train(Project.open(folder), lambda _line: None)
    climb(Project.open(folder))
    return folder


@pytest.fixture
def climbed(_climbed: Path, tmp_path: Path) -> Project:
    """A copy of it."""
    return Project.open(shutil.copytree(_climbed, tmp_path / "copy"))


def climb(project: Project, *limits: str, lines: list[str] | None = None) -> rungs.Ladder:
    """The project's ladder; ``lines`` gets what the script and the progress said."""
    heard = [] if lines is None else lines
    return rungs.compress(
        project,
        Limits.parse(limits),
        on_line=heard.append,
        on_rung=lambda number, total, name: heard.append(f"{number}/{total} {name}"),
    )


def test_rungs_are_judged_by_a_fifth_of_the_training_rows_and_priced(project: Project) -> None:
    script = SCRIPT + TEST_ROWS_THAT_NOBODY_MAY_READ + EXPORT + "print(report.integer_metrics)\n"
    (project.root / "train.py").write_text(script)
    lines: list[str] = []
    ladder = climb(project, lines=lines)
    assert ladder.judged_rows in range(58, 61)
    assert ladder.unseen
    assert ladder.rungs[0].name == "exact"
    assert ladder.rungs[0].agreement == 1
    assert ladder.rungs[0].size > ladder.rungs[-1].size > 0
    assert lines[0] == "1/10 exact"
    assert lines[-1].startswith(f"{len(ladder.rungs)}/{len(ladder.rungs)} price of ")
    assert any("accuracy" in line for line in lines)
    assert not project.program_file.exists()


def test_the_rung_in_the_projects_file_is_what_train_makes(climbed: Project) -> None:
    rungs.use(climbed, "trees 25%, pruned 0.01")
    chosen = Project.open(climbed.root)
    report = pipeline.train(chosen, lambda _line: None)
    assert report.compress == "trees 25%, pruned 0.01"
    assert report.trees == 3
    assert report.leaf_rows_equal is None
    rungs.use(climbed, "none")
    assert Project.open(climbed.root).compress == "none"


def test_the_priced_program_is_the_one_that_train_makes(climbed: Project) -> None:
    rungs.use(climbed, "pruned 0.1")
    pipeline.train(Project.open(climbed.root), lambda _line: None)
    made = json.loads((climbed.ladder_dir / "ladder.json").read_text())["rungs"]
    file = next(rung["file"] for rung in made if rung["name"] == "pruned 0.1")
    assert (climbed.ladder_dir / file).read_text() == climbed.program_file.read_text()


def test_a_rung_that_was_not_made_is_refused_with_those_that_were(
    project: Project, climbed: Project
) -> None:
    with pytest.raises(ProjectError, match="no ladder here yet"):
        rungs.use(project, "exact")
    with pytest.raises(UsageError, match="no rung 'int4'") as caught:
        rungs.use(climbed, "int4")
    assert "pruned 0.1" in caught.value.next_step
    assert "compress" not in (climbed.root / "stylus-ai.toml").read_text()


def test_train_refuses_a_rung_that_the_model_has_not(project: Project) -> None:
    project.choose_rung("int4")
    with pytest.raises(UsageError, match="no rung 'int4'") as caught:
        pipeline.train(Project.open(project.root), lambda _line: None)
    assert "thresholds shared" in caught.value.next_step


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ("model.n_estimators = 5\n" + EXPORT, "train.py exports a second model"),
        ("1 / 0\n", "train.py failed: ZeroDivisionError"),
    ],
    ids=["exports twice", "fails after its export"],
)
def test_a_script_that_fails_leaves_model_and_ladder_as_they_were(
    climbed: Project, after: str, said: str
) -> None:
    before = {path: path.read_bytes() for path in climbed.artifacts.rglob("*") if path.is_file()}
    (climbed.root / "train.py").write_text(SCRIPT + EXPORT + after)
    with pytest.raises(UsageError, match=said):
        climb(climbed)
    kept = {path: path.read_bytes() for path in climbed.artifacts.rglob("*") if path.is_file()}
    assert kept == before


def test_a_script_without_an_export_is_named(project: Project) -> None:
    (project.root / "train.py").write_text(SCRIPT)
    with pytest.raises(ProjectError, match="exported no model"):
        climb(project)


def test_too_few_rows_to_judge_by_are_refused(project: Project) -> None:
    script = SCRIPT + EXPORT.replace(":300]", ":40]")
    (project.root / "train.py").write_text(script)
    with pytest.raises(UsageError, match="too few to judge by"):
        climb(project)


def test_a_regression_networks_rungs_are_judged_and_priced(project: Project) -> None:
    (project.root / "train.py").write_text(REGRESSION)
    ladder = climb(project)
    found = {rung.name: rung for rung in ladder.rungs}
    assert found["int8"].agreement > 0.99
    assert found["int4, trained"].agreement > 0.8
    assert found["int4, trained"].gas < found["int8"].gas


def run(project: Project, *arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit code and stdout of ``stylus-ai compress`` with ``--json``."""
    code = command_line.run(["compress", "-C", str(project.root), "--json", *arguments])
    return code, capsys.readouterr().out


def test_a_fit_is_written_and_a_miss_is_told(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = run(project, "--fit", "size=24576", "--min-accuracy", "0.6", capsys=capsys)
    found = json.loads(out)
    assert code == 0
    assert set(found) == documented_keys("compress")
    assert set(found["rungs"][0]) <= documented_keys("compress: a rung")
    name = found["choice"]["rung"]["name"]
    assert found["choice"]["missed"] == {}
    assert Project.open(project.root).compress == name
    code, out = run(project, "--fit", "gas=1", capsys=capsys)
    assert code == 1
    assert json.loads(out)["choice"]["missed"]["gas"] > 0
    assert Project.open(project.root).compress == name


def test_a_choice_is_written_to_the_projects_file(
    climbed: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = run(climbed, "--use", "exact", capsys=capsys)
    assert (code, json.loads(out)) == (0, {"compress": "exact"})
    assert Project.open(climbed.root).compress == "exact"
    code, _ = run(climbed, "--use", "exact", "--fit", "gas=1", capsys=capsys)
    assert code == 2


def test_measuring_needs_a_contract(project: Project) -> None:
    with pytest.raises(ProjectError, match=r"no Cargo\.lock"):
        rungs.compress(
            project,
            Limits.parse(["size=24576"]),
            measure=True,
            on_line=lambda _line: None,
            on_rung=lambda *_: None,
        )


@pytest.mark.slow
@pytest.mark.node
@pytest.mark.wasm
def test_a_hundred_trees_of_depth_six_come_to_fit_one_contract(tmp_path: Path) -> None:
    """As trained they do not; what the search finds is built as the user would build it."""
    answers = {"application": "credit-score", "data": "wallets"}
    folder = create(tmp_path / "pool", answers, git=False).folder
    script = (folder / "train.py").read_text()
    (folder / "train.py").write_text(script.replace("max_depth=3,", "max_depth=6,"))
    project = Project.open(folder)
    ladder = rungs.compress(
        project,
        Limits.parse(["size=24576"]),
        measure=True,
        on_line=lambda _line: None,
        on_rung=lambda *_: None,
    )
    assert ladder.choice is not None
    assert ladder.choice.missed == {}
    assert ladder.choice.rung.agreement > 0.98
    assert max(rung.size for rung in ladder.rungs) > 24_576
    rungs.use(project, ladder.choice.rung.name)
    project = Project.open(folder)
    report = pipeline.train(project, lambda _line: None)
    assert report.depth == 6
    built = pipeline.build(project, lambda _step: None)
    assert built.artifact.size_compressed == ladder.choice.rung.size <= 24_576
