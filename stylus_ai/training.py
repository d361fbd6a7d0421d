"""What a training script calls: trained model in, integer program and fixtures out.

``export`` is the whole of it. It freezes the model, makes it integer, proves on every test row that
the integer program takes the same path as the library, measures what rounding changed, and writes

* ``artifacts/program.json``: the integer program,
* ``artifacts/training.json``: the report,
* ``fixtures/test.csv``: every test row with the expected outputs,
* ``fixtures/edges.csv``: rows at the thresholds and at the ends of the ranges, likewise.

The test rows are read once, here, after every choice has been made.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, assert_never

import numpy as np
import numpy.typing as npt
from sklearn.metrics import r2_score, roc_auc_score

from stylus_ai.compress import quantise
from stylus_ai.errors import ModelError, ParityError, ProjectError
from stylus_ai.frontends import from_sklearn
from stylus_ai.ir import Feature, Features, Program, edge_rows, interpret, leaves, verify
from stylus_ai.ir.features import IntRows
from stylus_ai.project import Project, read_json, write_json, write_text

MAX_CHANGED_DECISIONS = 0.001
"""Share of test rows whose decision rounding may change before ``export`` refuses the program."""

MIN_FIXTURE_ROWS = 200

Rows = npt.NDArray[np.float64]
Labels = npt.NDArray[Any]

Metrics = Mapping[str, float]
"""Figures on the test rows: accuracy and auc, accuracy alone (many classes), or r2 (regression)."""


@dataclass(frozen=True)
class TrainingReport:
    """What ``export`` measured.

    Attributes:
        source: The model's library, version and type.
        model_digest: Digest of the trained parameters.
        program_digest: Digest of the integer program, the contract's ``modelHash``.
        train_rows: Rows the model was fitted on.
        test_rows: Rows it was measured on.
        float_metrics: The library's own predictions.
        integer_metrics: The integer program's.
        leaf_rows_equal: Test rows on which every tree ends in the library's leaf.
        decisions_changed: Test rows whose decision differs after rounding.
        rounding_bound: Proven bound on what rounding moves the accumulator, in the float's unit;
            None for a network.
        trees: Number of trees; 0 for a linear model.
        depth: Depth of the deepest tree.
        features: Names of the features, in packing order.
    """

    source: str
    model_digest: str
    program_digest: str
    train_rows: int
    test_rows: int
    float_metrics: Metrics
    integer_metrics: Metrics
    leaf_rows_equal: int
    decisions_changed: int
    rounding_bound: float | None
    trees: int
    depth: int
    features: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values, in field order."""
        return asdict(self)

    @classmethod
    def load(cls, path: Path) -> TrainingReport:
        """Read a report that ``export`` wrote.

        Raises:
            ProjectError: The file is missing or is not such a report.
        """
        values = read_json(path)
        try:
            return cls(
                **{
                    **values,
                    "features": tuple(values["features"]),
                }
            )
        except (KeyError, TypeError) as error:
            raise ProjectError(
                f"{path} is not a training report: {error}", "Run: stylus-ai train"
            ) from None


def export(
    model: Any,
    *,
    features: Features | Sequence[Feature],
    train: tuple[Rows, Labels],
    test: tuple[Rows, Labels],
    positive: object = None,
    cutoff: float = 0.5,
    project: Project | None = None,
) -> TrainingReport:
    """Turn a trained model into an integer program and prove it on the test rows.

    Args:
        model: Fitted scikit-learn estimator, see ``stylus_ai.frontends``.
        features: One ``Feature`` per column, in column order.
        train: Rows float64[n, features] in natural units, on the features' grid, and their labels.
        test: The same for rows that the model has not seen.
        positive: Label of the class whose probability is the score; by default the last class.
        cutoff: Probability from which on the decision is yes.
        project: Where to write; by default the project that the working directory lies in.

    Raises:
        FeatureError: A row is off the grid, out of range or not a number.
        ModelError: The model is not supported, or rounding changes too many decisions.
        ParityError: A row reaches another leaf than in the library.
    """
    project = project or Project.find(Path.cwd())
    features = features if isinstance(features, Features) else Features(tuple(features))
    float_model = from_sklearn(model, features, positive=positive)
    train_q = features.quantise(train[0])
    test_q = features.quantise(test[0])
    program = quantise(
        float_model,
        name=project.name,
        cutoff=cutoff,
        reference=tuple(int(middle) for middle in np.median(train_q, axis=0)),
    )
    verify(program)
    integer = interpret(program, test_q)
    library = _library(model, program, features.dequantise(test_q), cutoff)
    decision = {"binary": "decision", "multiclass": "class", "regression": "value"}[program.task]
    changed = (
        0 if program.task == "regression" else int((integer[decision] != library[decision]).sum())
    )
    report = TrainingReport(
        source=program.source,
        model_digest=float_model.digest,
        program_digest=program.digest,
        train_rows=len(train_q),
        test_rows=len(test_q),
        float_metrics=_metrics(program, library, test[1]),
        integer_metrics=_metrics(program, integer, test[1]),
        leaf_rows_equal=_equal_leaves(model, program, test_q),
        decisions_changed=changed,
        rounding_bound=program.rounding_bound,
        trees=len(program.trees),
        depth=program.depth,
        features=features.names,
    )
    _insist(report)
    _write(project, program, report, test_q)
    return report


def fixture_csv(program: Program, rows: IntRows) -> str:
    """Integer rows with the outputs that the interpreter gives: the fixtures' format.

    Args:
        program: Verified.
        rows: int64[n, features].

    Returns:
        CSV text: a column per feature, one per output, and ``leaves``, separated by spaces.
    """
    outputs = interpret(program, rows)
    reached = leaves(program, rows)
    lines = [",".join([*program.features.names, *outputs, "leaves"])]
    for i, row in enumerate(rows):
        answers = [" ".join(map(str, np.atleast_1d(values[i]))) for values in outputs.values()]
        lines.append(",".join([*map(str, row), *answers, " ".join(map(str, reached[i]))]))
    return "\n".join(lines) + "\n"


def fixture_rows(path: Path, features: Features) -> IntRows:
    """Rows of a fixture file, without the expected outputs: int64[n, features].

    Raises:
        ProjectError: The file is missing or is not such a file.
    """
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            rows = [[int(row[name]) for name in features.names] for row in csv.DictReader(stream)]
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise ProjectError(
            f"{path} cannot be read as fixtures: {error!r}", "Run: stylus-ai train"
        ) from None
    return features.check(np.array(rows, dtype=np.int64).reshape(-1, len(features)))


def _library(model: Any, program: Program, x: Rows, cutoff: float) -> dict[str, npt.NDArray[Any]]:
    """The library's own answers, under the names of the program's outputs."""
    match program.task:
        case "regression":
            return {"value": np.asarray(model.predict(x))}
        case "multiclass":
            return {"class": np.argmax(model.predict_proba(x), axis=1)}
        case "binary":
            names = [str(label) for label in model.classes_]
            score = model.predict_proba(x)[:, names.index(program.classes[1])]
            return {"score": score, "decision": (score >= cutoff).astype(np.int64)}
    assert_never(program.task)


def _metrics(program: Program, answers: Mapping[str, npt.NDArray[Any]], y: Labels) -> Metrics:
    if program.task == "regression":
        scale = program.divisor * 2.0**program.frac_bits
        value = answers["value"]
        return {"r2": float(r2_score(y, value / scale if value.dtype.kind == "i" else value))}
    truth = np.array([program.classes.index(str(label)) for label in np.asarray(y)])
    if program.task == "multiclass":
        return {"accuracy": float((answers["class"] == truth).mean())}
    figures = {"accuracy": float((answers["decision"] == truth).mean())}
    if len(set(truth.tolist())) > 1:
        figures["auc"] = float(roc_auc_score(truth, answers["score"]))
    return figures


def _equal_leaves(model: Any, program: Program, q: IntRows) -> int:
    """Rows on which every tree ends in the leaf that the library reaches."""
    if not program.trees:
        return len(q)
    theirs = np.asarray(model.apply(program.features.dequantise(q))).reshape(len(q), -1)
    ours = leaves(program, q)
    ids = [np.array(tree.leaf_ids) for tree in program.trees]
    named = np.stack([table[ours[:, t]] for t, table in enumerate(ids)], axis=1)
    return int((named == theirs).all(axis=1).sum())


def _insist(report: TrainingReport) -> None:
    """Refuse a program that is not the model that was trained."""
    if report.leaf_rows_equal != report.test_rows:
        raise ParityError(
            f"{report.test_rows - report.leaf_rows_equal} of {report.test_rows} test rows reach "
            "another leaf than in the library.",
            "This is a defect of stylus-ai: please report it with the training script.",
        )
    if report.decisions_changed > MAX_CHANGED_DECISIONS * report.test_rows:
        raise ModelError(
            f"Rounding changes {report.decisions_changed} of {report.test_rows} decisions.",
            "Move the cut-off away from values that many rows share, or train another model.",
        )


def _write(project: Project, program: Program, report: TrainingReport, test_q: IntRows) -> None:
    edges = edge_rows(program, at_least=MIN_FIXTURE_ROWS)
    write_text(project.fixtures / "test.csv", fixture_csv(program, test_q))
    write_text(project.fixtures / "edges.csv", fixture_csv(program, edges))
    write_text(project.program_file, program.to_json())
    write_json(project.report_file, report.to_json())
