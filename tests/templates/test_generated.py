"""A generated repository, gone through as its owner would: train, build, lint, test."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from scaffold.tables import row_from_json, rows_from_file
from scaffold.templates import create
from stylus_ai import pipeline
from stylus_ai.build import shared_target
from stylus_ai.build.tools import WASM_TARGET
from stylus_ai.ir import interpret
from stylus_ai.project import Project
from stylus_ai.training import TrainingReport

pytestmark = [pytest.mark.wasm, pytest.mark.node]

VARIANTS = [
    ("german", "boosting"),
    ("german", "logistic"),
    ("wallets", "tree"),
    ("wallets", "forest"),
]


@dataclass(frozen=True)
class Made:
    """A project that was trained and built.

    Attributes:
        project: The repository.
        model: Which of ``train.py``'s models.
        report: What training measured.
        build: What building made.
    """

    project: Project
    model: str
    report: TrainingReport
    build: pipeline.Build


def choose(project: Project, model: str) -> None:
    """Set ``MODEL`` in train.py, as the README says."""
    script = project.root / project.train_script
    text, count = re.subn(
        r'^MODEL = ".*"$', f'MODEL = "{model}"', script.read_text("utf-8"), flags=re.M
    )
    assert count == 1
    script.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module", params=VARIANTS, ids="-".join)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Each data source with two of the models."""
    data, model = request.param
    folder = tmp_path_factory.mktemp(f"{data}-{model}") / "my-lender"
    project = Project.open(create(folder, {"application": "credit-score", "data": data}).folder)
    choose(project, model)
    report = pipeline.train(project, print)
    return Made(project, model, report, pipeline.build(project, print))


def cargo(project: Project, *arguments: str) -> None:
    """Run cargo in the project; it must succeed."""
    with shared_target(project.root) as environment:
        done = subprocess.run(
            ["cargo", *arguments],
            cwd=project.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr


def test_the_integer_model_is_as_good_as_the_float_model(made: Made) -> None:
    report = made.report
    assert abs(report.integer_metrics["auc"] - report.float_metrics["auc"]) < 0.002
    assert report.integer_metrics["auc"] > 0.7
    assert report.leaf_rows_equal == report.test_rows >= 200
    assert report.decisions_changed == 0


def test_the_contract_fits_and_a_tree_with_the_whole_interface_under_ten_kilobytes(
    made: Made,
) -> None:
    assert made.build.artifact.size_compressed < (10_000 if made.model == "tree" else 24_576)


def test_its_rust_passes_clippy_and_rustfmt(made: Made) -> None:
    cargo(made.project, "fmt", "--all", "--check")
    cargo(
        made.project, "clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"
    )


@pytest.mark.slow
def test_its_rust_passes_clippy_for_wasm(made: Made) -> None:
    options = ("--workspace", "--locked", "--target", WASM_TARGET)
    cargo(made.project, "clippy", *options, "--", "-D", "warnings")


def test_its_python_passes_ruff_after_training_and_building(made: Made) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "."],
        cwd=made.project.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_predict_reads_the_fixtures_that_training_wrote(made: Made) -> None:
    rows = rows_from_file(made.project.fixtures / "test.csv", made.build.program.features)
    assert len(rows) == made.report.test_rows
    with (made.project.fixtures / "test.csv").open(encoding="utf-8") as file:
        expected = [int(row["score"]) for row in csv.DictReader(file)]
    assert interpret(made.build.program, rows)["score"].tolist() == expected


def test_the_row_in_the_readme_is_one_that_the_model_takes(made: Made) -> None:
    pages = [made.project.root / "README.md"]
    if "wallet_age_days" in made.report.features:
        pages.append(Path(__file__).parents[2] / "README.md")
    for page in pages:
        typed = re.search(r"predict --explain '(\{.*?\})'", page.read_text("utf-8"), re.DOTALL)
        assert typed is not None, page
        row_from_json(typed[1], made.build.program.features)


def test_its_own_tests_pass(made: Made) -> None:
    lines: list[str] = []
    run = pipeline.test(made.project, lines.append, ["-q", "-p", "no:cacheprovider"])
    assert run.passed, "\n".join(lines)
    assert re.fullmatch(r"\d+ passed in .*", run.summary), run.summary


def test_training_and_building_change_no_committed_file(made: Made) -> None:
    done = subprocess.run(
        ["git", "status", "--porcelain"],
        cwd=made.project.root,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line for line in done.stdout.splitlines() if line != " M train.py"]
    assert lines == ["?? MODEL_CARD.md", "?? abi/", "?? artifacts/", "?? fixtures/", "?? model/"]


@pytest.mark.slow
def test_the_interface_that_the_contract_states_is_the_generated_one(made: Made) -> None:
    with shared_target(made.project.root) as environment:
        done = subprocess.run(
            ["cargo", "run", "--quiet", "--locked", "-p", "contract", "--features", "export-abi"],
            cwd=made.project.root,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    generated = (made.project.abi_dir / "ICreditScore.sol").read_text(encoding="utf-8")
    assert "interface ICreditScore {" in done.stdout
    assert functions(done.stdout) == functions(generated)
    assert len(functions(generated)) == 5


def functions(solidity: str) -> set[str]:
    """Functions of an interface, without the names of what they return."""
    found = re.findall(r"function (\w+\(.*?\)) external view returns \((.*?)\);", solidity)
    kinds = {"memory"}
    return {
        name + ":" + ",".join(
            " ".join(word for i, word in enumerate(value.split()) if i == 0 or word in kinds)
            for value in returned.split(",")
        )
        for name, returned in found
    }  # fmt: skip


def test_the_project_is_found_from_a_folder_inside_it(made: Made) -> None:
    assert Project.find(made.project.root / "contract" / "src").root == made.project.root


def test_nothing_of_this_machine_is_in_the_wasm(made: Made) -> None:
    wasm = made.project.wasm_file.read_bytes()
    for path in (Path.home(), made.project.root):
        assert str(path).encode() not in wasm
