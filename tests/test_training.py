"""``export``: what a training script gets, and what it is refused."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import stylus_ai as sa
from stylus_ai.compress.qat import MlpRecipe, Trained, train_mlp
from stylus_ai.errors import FeatureError, ModelError, ParityError, ProjectError
from stylus_ai.frontends import from_sklearn
from stylus_ai.ir import Program, interpret
from stylus_ai.project import Project
from tests.frontends.boosters import GAPS
from tests.frontends.boosters import table as table_of_boosters

FEATURES = sa.Features(
    (
        sa.Feature("age_days", 0, 1_000),
        sa.Feature("ratio", 0, 1, scale=100),
        sa.Feature("change", -5, 5, scale=10),
    )
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "stylus-ai.toml").write_text(
        '[project]\nname = "loans"\napplication = "credit-score"\n'
    )
    return Project.open(tmp_path)


def table(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows on the grid and an outcome that depends on all three features, with noise."""
    rng = np.random.default_rng(seed)
    x = FEATURES.snap(
        np.column_stack([rng.uniform(0, 1000, rows), rng.random(rows), rng.normal(0, 2, rows)])
    )
    risk = x[:, 0] / 500 - 2 * x[:, 1] + 0.3 * x[:, 2] + rng.normal(0, 0.5, rows)
    return x, np.where(risk > 0, "good", "bad")


TRAIN, TEST = table(800, 1), table(400, 2)

MODELS = [
    DecisionTreeClassifier(max_depth=5, random_state=0),
    RandomForestClassifier(n_estimators=15, max_depth=4, random_state=0),
    GradientBoostingClassifier(n_estimators=25, random_state=0),
    LogisticRegression(max_iter=5_000),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_every_family_keeps_its_leaves_its_decisions_and_its_auc(
    project: Project, model: Any
) -> None:
    model.fit(*TRAIN)
    report = sa.export(
        model, features=FEATURES, train=TRAIN, test=TEST, positive="good", project=project
    )
    assert report.leaf_rows_equal == report.test_rows == 400
    assert report.decisions_changed == 0
    assert abs(report.float_metrics["auc"] - report.integer_metrics["auc"]) < 0.002
    assert report.float_metrics["accuracy"] == report.integer_metrics["accuracy"] > 0.8
    assert report == sa.TrainingReport.load(project.report_file)


def test_the_positive_class_decides_what_the_score_means(project: Project) -> None:
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(*TRAIN)
    scores = {}
    for positive in ("good", "bad"):
        sa.export(
            model, features=FEATURES, train=TRAIN, test=TEST, positive=positive, project=project
        )
        program = Program.from_json(project.program_file.read_text())
        scores[positive] = interpret(program, FEATURES.quantise(TEST[0]))["score"]
    assert np.abs(scores["good"] + scores["bad"] - 10_000).max() <= 1


def test_the_fixtures_hold_every_test_row_with_the_interpreters_answers(project: Project) -> None:
    model = DecisionTreeClassifier(max_depth=4, random_state=0).fit(*TRAIN)
    sa.export(model, features=FEATURES, train=TRAIN, test=TEST, positive="good", project=project)
    program = Program.from_json(project.program_file.read_text())
    for name, least in (("test.csv", 400), ("edges.csv", 200)):
        with (project.fixtures / name).open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert len(rows) >= least
        q = np.array([[int(row[column]) for column in FEATURES.names] for row in rows])
        answers = interpret(program, q)
        for output in ("logit", "score", "decision"):
            assert [int(row[output]) for row in rows] == answers[output].tolist()


def test_a_regression_reports_r2(project: Project) -> None:
    target = TRAIN[0] @ np.array([0.5, 20.0, -3.0])
    model = LinearRegression().fit(TRAIN[0], target)
    expected = TEST[0] @ np.array([0.5, 20.0, -3.0])
    report = sa.export(
        model,
        features=FEATURES,
        train=(TRAIN[0], target),
        test=(TEST[0], expected),
        project=project,
    )
    assert report.integer_metrics["r2"] > 0.9999


def test_the_same_training_gives_the_same_program(project: Project) -> None:
    digests = set()
    for _ in range(2):
        model = RandomForestClassifier(n_estimators=5, max_depth=3, random_state=3).fit(*TRAIN)
        report = sa.export(
            model, features=FEATURES, train=TRAIN, test=TEST, positive="good", project=project
        )
        digests.add(report.program_digest)
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("value", "word"), [(np.nan, "missing"), (2_000.0, "outside"), (3.5, "off the grid")]
)
def test_a_row_that_does_not_fit_is_named_and_nothing_is_written(
    project: Project, value: float, word: str
) -> None:
    model = DecisionTreeClassifier(max_depth=2).fit(*TRAIN)
    x = TEST[0].copy()
    x[7, 0] = value
    with pytest.raises(FeatureError, match="Row 7: age_days") as error:
        sa.export(model, features=FEATURES, train=TRAIN, test=(x, TEST[1]), project=project)
    assert word in error.value.cause
    assert not project.artifacts.exists()
    assert not project.fixtures.exists()


def test_a_library_that_reaches_another_leaf_is_a_parity_error(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(*TRAIN)
    honest = model.apply(TEST[0])
    lying = honest.copy()
    lying[5] = honest[honest != honest[5]][0]
    monkeypatch.setattr(model, "apply", lambda _: lying)
    with pytest.raises(ParityError, match="1 of 400 test rows"):
        sa.export(model, features=FEATURES, train=TRAIN, test=TEST, project=project)
    assert not project.program_file.exists()


def test_a_model_that_rounding_would_change_is_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(*TRAIN)
    honest = model.predict_proba(TEST[0])
    monkeypatch.setattr(model, "predict_proba", lambda _: honest[:, ::-1])
    with pytest.raises(ModelError, match="Rounding changes"):
        sa.export(model, features=FEATURES, train=TRAIN, test=TEST, project=project)


def test_outside_a_project_the_script_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model = DecisionTreeClassifier(max_depth=2).fit(*TRAIN)
    with pytest.raises(ProjectError, match="not inside a stylus-ai project"):
        sa.export(model, features=FEATURES, train=TRAIN, test=TEST)


def test_a_damaged_report_is_named(project: Project) -> None:
    project.artifacts.mkdir()
    project.report_file.write_text('{"source": "x"}')
    with pytest.raises(ProjectError, match="not a training report"):
        sa.TrainingReport.load(project.report_file)


BOOSTED = table_of_boosters()
MODELS_SAVED = Path(__file__).parent / "frontends/models"


@pytest.mark.parametrize("file", ["xgb_binary.json", "lgb_binary.txt"])
def test_a_saved_model_is_exported_without_its_library(project: Project, file: str) -> None:
    """The labels of the rows are the library's numbers, or the names that the user gives."""
    rows = (BOOSTED.x, BOOSTED.two)
    report = sa.export(
        str(MODELS_SAVED / file),
        features=GAPS,
        train=rows,
        test=rows,
        classes=("bad", "good"),
        positive="good",
        project=project,
    )
    assert report.leaf_rows_equal == report.test_rows
    assert report.float_metrics["accuracy"] == report.integer_metrics["accuracy"] > 0.8
    program = Program.from_json(project.program_file.read_text())
    assert program.classes == ("bad", "good")
    assert all(
        value <= column.q_high for value, column in zip(program.reference, GAPS, strict=True)
    )


def test_a_pipeline_with_gaps_and_encoders_is_held_against_its_own_predictions(
    project: Project,
) -> None:
    model = make_pipeline(
        SimpleImputer(strategy="median"),
        ColumnTransformer(
            [("kind", OneHotEncoder(categories=[list(range(13))]), [1])], remainder=StandardScaler()
        ),
        LogisticRegression(max_iter=2000),
    ).fit(BOOSTED.x, BOOSTED.two)
    rows = (BOOSTED.x, BOOSTED.two)
    report = sa.export(model, features=GAPS, train=rows, test=rows, project=project)
    assert report.decisions_changed <= 1
    assert abs(report.float_metrics["auc"] - report.integer_metrics["auc"]) < 0.002


def test_several_targets_are_exported_with_their_names(project: Project) -> None:
    model = DecisionTreeRegressor(max_depth=6).fit(BOOSTED.x, BOOSTED.pair)
    rows = (BOOSTED.x, BOOSTED.pair)
    report = sa.export(
        model, features=GAPS, train=rows, test=rows, targets=("price", "risk"), project=project
    )
    assert report.leaf_rows_equal == report.test_rows
    assert report.integer_metrics["r2"] > 0.8
    program = Program.from_json(project.program_file.read_text())
    assert (program.outputs, program.classes) == ((("values", 2),), ("price", "risk"))


def test_a_network_is_calibrated_on_the_training_rows(project: Project) -> None:
    """What rounding does to a network is measured, not proven."""
    model = make_pipeline(
        StandardScaler(),
        MLPClassifier(hidden_layer_sizes=(8,), max_iter=300, random_state=0),
    ).fit(*TRAIN)
    report = sa.export(
        model, features=FEATURES, train=TRAIN, test=TEST, positive="good", project=project
    )
    assert report.rounding_bound is None
    assert abs(report.float_metrics["accuracy"] - report.integer_metrics["accuracy"]) < 0.02


def test_a_float_model_is_exported_as_it_is(project: Project) -> None:
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(*TRAIN)
    reports = [
        sa.export(one, features=FEATURES, train=TRAIN, test=TEST, project=project)
        for one in (model, from_sklearn(model, FEATURES))
    ]
    assert reports[0] == reports[1]


def test_a_label_that_the_model_does_not_know_is_named(project: Project) -> None:
    model = DecisionTreeClassifier(max_depth=2).fit(*TRAIN)
    with pytest.raises(ModelError, match="'ugly', which is none of the model's classes"):
        sa.export(
            model,
            features=FEATURES,
            train=TRAIN,
            test=(TEST[0], np.full(len(TEST[0]), "ugly")),
            project=project,
        )


GRID = sa.Features((sa.Feature("a", 0, 15), sa.Feature("b", 0, 15)), bits=4)


def trained_as_integers() -> tuple[Trained, tuple[np.ndarray, np.ndarray]]:
    """A small network, and rows whose class is how many of both values are above the middle."""
    x = np.random.default_rng(5).integers(0, 16, (400, 2))
    labels = (x > 7).sum(axis=1)
    recipe = MlpRecipe(hidden=(8,), epochs=20, seed=1)
    return train_mlp(recipe, x, labels, "multiclass"), (x.astype(float), labels)


def test_a_network_trained_as_integers_is_taken_as_it_is(project: Project) -> None:
    trained, rows = trained_as_integers()
    report = sa.export(
        trained, features=GRID, train=rows, test=rows, classes=(0, 1, 2), project=project
    )
    assert report.float_metrics == {}
    assert report.model_digest == trained.digest
    assert np.trace(report.confusion) == round(400 * report.integer_metrics["accuracy"]) > 200
    answers = interpret(Program.from_json(project.program_file.read_text()), rows[0].astype(int))
    np.testing.assert_array_equal(answers["logits"], trained.network.sums(rows[0].astype(int)))


def test_the_classes_of_such_a_network_must_be_named(project: Project) -> None:
    trained, rows = trained_as_integers()
    with pytest.raises(ModelError, match="tells 3 classes apart, and 2 are named"):
        sa.export(trained, features=GRID, train=rows, test=rows, classes=(0, 1), project=project)


def test_what_is_said_of_a_model_is_kept_in_its_report(project: Project) -> None:
    model = DecisionTreeClassifier(max_depth=2, random_state=0).fit(*TRAIN)
    about = sa.About("To test.", "Made up.", "none", ("All of them.",))
    report = sa.export(
        model, features=FEATURES, train=TRAIN, test=TEST, about=about, project=project
    )
    assert sa.TrainingReport.load(project.report_file).about == report.about == about


def test_a_regression_has_errors_in_the_targets_unit(project: Project) -> None:
    x = FEATURES.snap(np.column_stack([np.arange(100.0), np.zeros(100), np.zeros(100)]))
    model = DecisionTreeRegressor(max_depth=1).fit(x, np.where(x[:, 0] < 50, 10.0, 30.0))
    rows = (x, np.where(x[:, 0] < 50, 12.0, 26.0))
    report = sa.export(model, features=FEATURES, train=rows, test=rows, project=project)
    assert report.integer_metrics["mae"] == pytest.approx(3.0, abs=1e-3)
    assert report.integer_metrics["rmse"] == pytest.approx(10**0.5, abs=1e-3)
    assert report.integer_metrics["r2"] == pytest.approx(1 - 10 / 49, abs=1e-3)
    assert report.confusion == ()
