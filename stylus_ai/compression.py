"""What ``stylus-ai compress`` makes of a training script: the same script, run for a ladder.

The command sets ``REQUEST`` and runs the script; ``export`` then hands its model and its training
rows to ``climb`` instead of writing a program. A fifth of the training rows becomes the validation
split, by which alone rungs are judged; a scikit-learn model is fitted again without it. The test
rows are not looked at.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stylus_ai.compress import ladder
from stylus_ai.compress.ladder import Answers, Case
from stylus_ai.errors import ModelError, ProjectError
from stylus_ai.frontends import FloatModel, evaluate
from stylus_ai.ir import Program
from stylus_ai.ir.features import IntRows
from stylus_ai.project import Project, read_json, write_json, write_text

REQUEST = "STYLUS_AI_COMPRESS"
"""Environment variable: ``ladder``, or ``search`` for more rungs."""

VALIDATION = 0.2
MAX_VALIDATION_ROWS = 5_000
SEED = 0
"""Of the split, so that rungs of two runs are judged alike."""


@dataclass(frozen=True)
class Climbed:
    """What ``climb`` measured of one rung; its program lies beside it.

    Attributes:
        name: Of the rung.
        accuracy: On the validation rows, or R2.
        agreement: With the float model.
        file: Name of the program's file.
    """

    name: str
    accuracy: float
    agreement: float
    file: str


@dataclass(frozen=True)
class Climb:
    """A ladder on disk.

    Attributes:
        float_accuracy: Of the float model on the validation rows, or R2.
        judged_rows: Number of validation rows.
        rungs: From the mildest to the strongest.
    """

    float_accuracy: float
    judged_rows: int
    rungs: tuple[Climbed, ...]


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training script hands to ``export``.

    Attributes:
        given: The library's model, or a file's path.
        model: The same, read.
        read: Reads a model that was fitted again.
        q: Training rows, int64[n, features].
        labels: As the script gave them.
        truth: Turns labels into class numbers, or leaves targets as they are.
        reference: Integer row that explanations compare with.
        cutoff: Of a binary model.
    """

    given: Any
    model: FloatModel
    read: Callable[[Any], FloatModel]
    q: IntRows
    labels: npt.NDArray[Any]
    truth: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]
    reference: tuple[int, ...]
    cutoff: float


def requested() -> str | None:
    """``ladder`` or ``search`` where ``stylus-ai compress`` runs the script, else None."""
    return os.environ.get(REQUEST) or None


def climb(trained: Trained, project: Project) -> Climb:
    """Make the rungs and judge them; each is written as soon as it is made."""
    case = _case(trained, project.name)
    rungs: list[Climbed] = []
    for number, candidate in enumerate(ladder.candidates(case, fine=requested() == "search")):
        sys.stdout.write(f"rung {number + 1}: {candidate.name}\n")
        sys.stdout.flush()
        rung = ladder.judge(case, candidate)
        file = f"{number}.json"
        write_text(project.ladder_dir / file, rung.program.to_json())
        rungs.append(Climbed(rung.name, rung.accuracy, rung.agreement, file))
    found = Climb(ladder.float_accuracy(case), len(case.judged_q), tuple(rungs))
    write_json(project.ladder_dir / "ladder.json", asdict(found))
    return found


def load_climb(project: Project) -> Climb:
    """What ``climb`` wrote.

    Raises:
        ProjectError: Nothing, or something damaged.
    """
    path = project.ladder_dir / "ladder.json"
    values = read_json(path)
    try:
        rungs = tuple(Climbed(**rung) for rung in values["rungs"])
        return Climb(float(values["float_accuracy"]), int(values["judged_rows"]), rungs)
    except (KeyError, TypeError, ValueError) as error:
        raise ProjectError(f"{path} is damaged: {error!r}.", "Run: stylus-ai compress") from None


def load_rung(project: Project, rung: Climbed) -> Program:
    """The program of a rung."""
    return Program.from_json((project.ladder_dir / Path(rung.file).name).read_text("utf-8"))


def make_rung(trained: Trained, name: str, project_name: str) -> Program:
    """One rung by name, made from all training rows.

    Raises:
        ModelError: The model's ladder has no such rung.
    """
    everything = np.arange(len(trained.q))
    case = _judged_by(trained, trained.model, project_name, everything, everything[:1])
    names = []
    for candidate in ladder.candidates(case, fine=True):
        if candidate.name == name:
            return ladder.build(case, candidate)
        names.append(candidate.name)
    raise ModelError(
        f"There is no rung {name!r} for this model.",
        f"Set project.compress to one of: {'; '.join(names[:12])}.",
    )


def _case(trained: Trained, name: str) -> Case:
    order = np.random.default_rng(SEED).permutation(len(trained.q))
    held = min(int(VALIDATION * len(order)), MAX_VALIDATION_ROWS)
    if held < 10:
        raise ModelError(
            f"{len(order)} training rows are too few to judge by.", "Train on 50 rows or more."
        )
    fit, judged = np.sort(order[held:]), np.sort(order[:held])
    return _judged_by(trained, _fitted_again(trained, fit), name, fit, judged)


def _fitted_again(trained: Trained, fit: Sequence[int] | IntRows) -> FloatModel:
    """The model without the validation rows, where the library can fit it again."""
    if not (hasattr(trained.given, "get_params") and hasattr(trained.given, "fit")):
        return trained.model
    from sklearn.base import clone  # noqa: PLC0415 - scikit-learn takes its time

    x = trained.model.features.dequantise(trained.q[fit])
    return trained.read(clone(trained.given).fit(x, trained.labels[fit]))


def _judged_by(
    trained: Trained, model: FloatModel, name: str, fit: IntRows, judged: IntRows
) -> Case:
    truth = trained.truth(trained.labels)
    return Case(
        model=model,
        name=name,
        cutoff=trained.cutoff,
        reference=trained.reference,
        q=trained.q[fit],
        y=truth[fit],
        judged_q=trained.q[judged],
        judged_y=truth[judged],
        library=_answers(model, trained.q[judged], trained.cutoff),
    )


def _answers(model: FloatModel, q: IntRows, cutoff: float) -> Answers:
    """What the float model says, as class numbers or values."""
    found = evaluate.answers(model, model.features.dequantise(q), cutoff)
    name = {"binary": "decision", "multiclass": "class"}.get(model.task)
    return found[name] if name else next(iter(found.values()))
