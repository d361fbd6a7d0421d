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

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai import __version__, compression
from stylus_ai.compress import qat
from stylus_ai.errors import ModelError, ParityError, ProjectError
from stylus_ai.fixtures import fixture_csv
from stylus_ai.frontends import FloatModel, evaluate, registry
from stylus_ai.frontends.labels import text
from stylus_ai.ir import (
    Conv2d,
    Feature,
    Features,
    Program,
    Task,
    edge_rows,
    interpret,
    leaves,
    verify,
)
from stylus_ai.ir.features import IntRows
from stylus_ai.metrics import DECISIONS, Confusion, Labels, Metrics, confusion, metrics
from stylus_ai.project import Project, read_json, write_json, write_text

MAX_CHANGED_DECISIONS = 0.001
"""Share of test rows whose decision rounding may change before ``export`` refuses the program."""

MIN_FIXTURE_ROWS = 200

Rows = npt.NDArray[np.float64]


@dataclass(frozen=True)
class About:
    """What no figure can say of a model, for its card.

    Attributes:
        purpose: What it is for, in a sentence or two.
        data: Where its rows come from.
        licence: Of the data.
        limits: What it must not be used for, and what it is known to do badly.
    """

    purpose: str
    data: str
    licence: str
    limits: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrainingReport:
    """What ``export`` measured.

    Attributes:
        source: The model's library, version and type.
        model_digest: Digest of the trained parameters.
        program_digest: Digest of the integer program, the contract's ``modelHash``.
        train_rows: Rows the model was fitted on.
        test_rows: Rows it was measured on.
        task: What it predicts, see ``Program``.
        classes: Names of its classes or targets.
        float_metrics: The library's own predictions; none where the integers are what was trained.
        integer_metrics: The integer program's.
        confusion: Test rows by true class and the integer program's answer.
        compress: Rung that the program is, "none" for the model as it was trained.
        leaf_rows_equal: Test rows on which every tree ends in the library's leaf; of a rung with
            other trees None.
        decisions_changed: Test rows whose decision differs after rounding.
        rounding_bound: Proven bound on what rounding moves the accumulator, in the float's unit;
            None for a network.
        trees: Number of trees; 0 for a linear model.
        depth: Depth of the deepest tree.
        features: Names of the features, in packing order.
        about: What its author says of it.
    """

    source: str
    model_digest: str
    program_digest: str
    train_rows: int
    test_rows: int
    task: Task
    classes: tuple[str, ...]
    float_metrics: Metrics
    integer_metrics: Metrics
    confusion: Confusion
    compress: str
    leaf_rows_equal: int | None
    decisions_changed: int
    rounding_bound: float | None
    trees: int
    depth: int
    features: tuple[str, ...]
    about: About | None = None

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
            about = values["about"]
            return cls(
                **{
                    **values,
                    "about": about and About(**{**about, "limits": tuple(about["limits"])}),
                    "features": tuple(values["features"]),
                    "classes": tuple(values["classes"]),
                    "confusion": tuple(tuple(row) for row in values["confusion"]),
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
    classes: Sequence[object] = (),
    targets: Sequence[str] = (),
    cutoff: float = 0.5,
    about: About | None = None,
    project: Project | None = None,
) -> TrainingReport:
    """Turn a trained model into an integer program and prove it on the test rows.

    Args:
        model: Trained model, the path of a saved one (docs/models.md), a ``FloatModel``, or what
            quantisation-aware training gives, whose integers are taken as they are.
        features: One ``Feature`` per column, in column order.
        train: Rows float64[n, features] in natural units, on the features' grid, and their labels.
        test: The same for rows that the model has not seen.
        positive: Label of the class whose probability is the score; by default the last class.
        classes: Labels in the library's order, of a model that knows numbers only (a Booster, a
            file, a network).
        targets: Names of a regression's targets; what makes a network a regression.
        cutoff: Probability from which on the decision is yes.
        about: For the model card: purpose, data, limits.
        project: Where to write; by default the project that the working directory lies in.

    Raises:
        FeatureError: A row is off the grid, out of range or not a number.
        ModelError: The model is not supported, or rounding changes too many decisions.
        ParityError: A row reaches another leaf than in the library.
    """
    project = project or Project.find(Path.cwd())
    features = features if isinstance(features, Features) else Features(tuple(features))
    train_q = features.quantise(train[0])
    reference = _medians(train_q, features)
    plain = compression.is_plain(project.compress)
    float_model: FloatModel | None = None
    if isinstance(model, qat.Trained):
        if compression.requested() or not plain:
            raise ModelError(
                "This network was trained as integers: there is nothing to round or prune.",
                'Train it with fewer bits or units, and set project.compress = "none".',
            )
        program = _of_integers(
            model,
            features,
            name=project.name,
            cutoff=cutoff,
            positive=positive,
            classes=classes,
            targets=targets,
        )
        program = replace(program, reference=reference)
        verify(program)
    else:
        read = partial(
            registry.read,
            features=features,
            positive=positive,
            classes=classes,
            targets=targets,
        )
        float_model = model if isinstance(model, FloatModel) else read(model)
        trained = compression.Trained(
            given=model,
            model=float_model,
            read=read,
            q=train_q,
            labels=np.asarray(train[1]),
            truth=partial(_truth, float_model, classes=classes),
            reference=reference,
            cutoff=cutoff,
        )
        if compression.requested():
            # The script goes on, and reads of its report what the validation rows say.
            compression.climb(trained, project)
            _, judged = compression.split(trained)
            test = features.dequantise(train_q[judged]), trained.labels[judged]
            program = trained.program(project.name)
        else:
            program = _program(trained, project)
    test_q = features.quantise(test[0])
    library: dict[str, npt.NDArray[Any]] = {}
    equal: int | None = len(test_q)
    if float_model is not None:
        own = list(classes) or list(getattr(model, "classes_", ()))
        library = _library(model, float_model, test_q, cutoff, own)
        equal = _equal_leaves(model, float_model, program, test_q) if plain else None
    integer = interpret(program, test_q)
    truth = _truth(program, test[1], classes)
    decision = DECISIONS.get(program.task, "")
    changed = int((integer[decision] != library[decision]).sum()) if decision in library else 0
    report = TrainingReport(
        source=program.source,
        model_digest=program.parent,
        program_digest=program.digest,
        train_rows=len(train_q),
        test_rows=len(test_q),
        task=program.task,
        classes=program.classes,
        float_metrics=metrics(program, library, truth) if library else {},
        integer_metrics=metrics(program, integer, truth),
        confusion=confusion(program, integer, truth),
        compress=project.compress,
        leaf_rows_equal=equal,
        decisions_changed=changed,
        rounding_bound=program.rounding_bound,
        trees=len(program.trees),
        depth=program.depth,
        features=features.names,
        about=about,
    )
    if compression.requested():
        return report
    if plain:
        _insist(report)
    _write(project, program, report, test_q)
    return report


def _program(trained: compression.Trained, project: Project) -> Program:
    """The integer program: the model as it was trained, or the rung that the project names."""
    if compression.is_plain(project.compress):
        program = trained.program(project.name)
    else:
        program = compression.make_rung(trained, project.compress, project.name)
    verify(program)
    return program


def _of_integers(
    trained: qat.Trained,
    features: Features,
    *,
    name: str,
    cutoff: float,
    positive: object,
    classes: Sequence[object],
    targets: Sequence[str],
) -> Program:
    """The program of a network that was trained as integers.

    Raises:
        ModelError: Its classes are not named, or not all of them.
    """
    width = trained.network.outputs
    task: Task = "regression" if targets else "binary" if width == 1 else "multiclass"
    names = tuple(targets) if width > 1 else ()
    if task != "regression":
        names = tuple(text(label) for label in classes)
        if len(names) != max(width, 2):
            raise ModelError(
                f"The network tells {max(width, 2)} classes apart, and {len(names)} are named.",
                "Name them in the order of their numbers: classes=(...)",
            )
    if positive is not None and text(positive) != names[-1]:
        raise ModelError(
            f"The network was trained for {names[-1]!r}, not {text(positive)!r}.",
            "Leave out positive, or train on the other class as 1.",
        )
    convolutions = any(isinstance(op, Conv2d) for op in trained.network.ops)
    return trained.network.program(
        name=name,
        features=features,
        task=task,
        classes=names,
        source=f"stylus-ai {__version__} {'CNN' if convolutions else 'MLP'}, trained as integers",
        parent=trained.digest,
        cutoff=cutoff,
    )


def _medians(q: IntRows, features: Features) -> tuple[int, ...]:
    """Of each feature the median of the values that are not missing."""
    found = []
    for values, column in zip(q.T, features, strict=True):
        known = values[values <= column.q_high]
        found.append(int(np.median(known)) if len(known) else column.q_top)
    return tuple(found)


def _library(
    given: Any, model: FloatModel, q: IntRows, cutoff: float, own: Sequence[object]
) -> dict[str, npt.NDArray[Any]]:
    """The library's own answers, under the names of the program's outputs.

    Those of the ``FloatModel`` where no library is at hand: a file, a Booster, a network.
    """
    x = model.features.dequantise(q)
    name = "values" if model.classes else "value"
    if not hasattr(given, "predict") or not hasattr(given, "get_params"):
        return evaluate.answers(model, x, cutoff)
    match model.task:
        case "regression":
            return {name: np.asarray(given.predict(x))}
        case "multiclass":
            scores = getattr(given, "predict_proba", None) or given.decision_function
            return {"class": np.argmax(scores(x), axis=1)}
        case "binary":
            # The positive class is the library's last, unless the user chose its first.
            first = text(own[0]) == model.classes[1]
            score = given.predict_proba(x)[:, 0 if first else 1]
            return {"score": score, "decision": (score >= cutoff).astype(np.int64)}
    assert_never(model.task)


def _truth(model: FloatModel | Program, y: Labels, classes: Sequence[object]) -> Labels:
    """Labels as numbers of the program's classes; targets as they are.

    Raises:
        ModelError: A label is none of the model's.
    """
    if model.task == "regression":
        return np.asarray(y)
    # Where the user named the classes of a library that knows numbers, rows may hold either.
    names = {str(number): text(label) for number, label in enumerate(classes)}
    found = []
    for label in np.asarray(y).tolist():
        name = text(label) if text(label) in model.classes else names.get(str(label), "")
        if name not in model.classes:
            raise ModelError(
                f"A row has the label {label!r}, which is none of the model's classes.",
                f"They are {', '.join(model.classes[:8])}.",
            )
        found.append(model.classes.index(name))
    return np.array(found)


def _equal_leaves(given: Any, model: FloatModel, program: Program, q: IntRows) -> int:
    """Rows on which every tree ends in the leaf that the library reaches."""
    if not program.trees:
        return len(q)
    x = program.features.dequantise(q)
    theirs = None if isinstance(given, FloatModel) else registry.leaves(given, x)
    if theirs is None:
        theirs = evaluate.leaf_nodes(model, x)
    ours = leaves(program, q)
    ids = [np.array(tree.leaf_ids) for tree in program.trees]
    named = np.stack([table[ours[:, t]] for t, table in enumerate(ids)], axis=1)
    return int((named == theirs).all(axis=1).sum())


def _insist(report: TrainingReport) -> None:
    """Refuse a program that is not the model that was trained."""
    unequal = report.test_rows - (report.leaf_rows_equal or 0)
    if unequal:
        raise ParityError(
            f"{unequal} of {report.test_rows} test rows reach another leaf than in the library.",
            "This is a defect of stylus-ai: please report it with the training script.",
        )
    proven = report.rounding_bound is not None
    if proven and report.decisions_changed > MAX_CHANGED_DECISIONS * report.test_rows:
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
