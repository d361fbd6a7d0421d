"""What ``stylus-ai compress`` makes of a training script: the same script, run for a ladder.

The command sets ``REQUEST`` and runs the script; ``export`` then hands its model and its training
rows to ``climb`` instead of writing a program. A fifth of the training rows becomes the validation
split, by which alone rungs are judged; a scikit-learn model is fitted again without it. The test
rows are not looked at. The programs that are priced learn from all training rows, as ``train``
makes them.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stylus_ai.compress import ladder
from stylus_ai.compress.ladder import Answers, Case
from stylus_ai.errors import ModelError, ProjectError, UsageError
from stylus_ai.frontends import FloatModel, evaluate
from stylus_ai.ir import Op, Program
from stylus_ai.ir.features import IntRows
from stylus_ai.metrics import DECISIONS
from stylus_ai.project import AS_TRAINED, Project, read_json, write_json, write_text

REQUEST = "STYLUS_AI_COMPRESS"
"""Environment variable: ``ladder``, or ``search`` for more rungs."""

VALIDATION = 0.2
MAX_VALIDATION_ROWS = 5_000
MIN_VALIDATION_ROWS = 10
SEED = 0
"""Of the split, so that rungs of two runs are judged alike."""

INDEX = "ladder.json"
"""What lists the programs in the folder of a ladder."""

_PROGRESS = re.compile(r"stylus-ai compress: rung (\d+) of (\d+): (.*)")


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
        unseen: Whether the float model had not seen them; False where it cannot be fitted again.
        rungs: From the mildest to the strongest.
        left_out: Rungs that this model has not, or not of their own: name -> reason.
    """

    float_accuracy: float
    judged_rows: int
    unseen: bool
    rungs: tuple[Climbed, ...]
    left_out: dict[str, str]


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

    def program(self, name: str) -> Program:
        """The integer program without any compression."""
        return ladder.as_trained(
            self.model, self.q, name=name, cutoff=self.cutoff, reference=self.reference
        )


def requested() -> str | None:
    """``ladder`` or ``search`` where ``stylus-ai compress`` runs the script, else None."""
    return os.environ.get(REQUEST) or None


def progress(line: str) -> tuple[int, int, str] | None:
    """Of a line that ``climb`` printed: number of the rung, how many there are, and its name."""
    found = _PROGRESS.fullmatch(line)
    return (int(found[1]), int(found[2]), found[3]) if found else None


def is_plain(rung: str) -> bool:
    """Whether ``project.compress`` asks for nothing but the integer model."""
    return rung == AS_TRAINED or rung in ladder.PLAIN


def climb(trained: Trained, project: Project) -> Climb:
    """Make the rungs and judge them, in ``project.ladder_draft``.

    Raises:
        UsageError: The script has exported a model before.
        ModelError: There are too few rows.
    """
    folder = project.ladder_draft
    if (folder / INDEX).exists():
        raise UsageError(
            f"{project.train_script} exports a second model; compress works on one.",
            "Leave one call of stylus_ai.export in the script.",
        )
    fit, judged = split(trained)
    model, unseen = _fitted_again(trained, fit)
    case = _judged_by(trained, model, project.name, fit, judged)
    fine = requested() == "search"
    # What train will make of all rows is what is priced; its leaves and weights are its own.
    whole = ladder.candidates(_of_all_rows(trained, project.name), fine=fine)
    rungs: list[Climbed] = []
    left_out: dict[str, str] = {}
    made: dict[tuple[Op, ...], str] = {}
    candidates = list(zip(ladder.candidates(case, fine=fine), whole, strict=True))
    for number, (candidate, final) in enumerate(candidates, 1):
        sys.stdout.write(
            f"stylus-ai compress: rung {number} of {len(candidates)}: {candidate.name}\n"
        )
        sys.stdout.flush()
        try:
            rung = ladder.judge(case, candidate)
            program = ladder.build(case, final)
        except ModelError as error:
            left_out[candidate.name] = error.cause
            continue
        same = made.setdefault(program.ops, rung.name)
        if same != rung.name:
            left_out[rung.name] = f"The same as {same}."
            continue
        file = f"{number}.json"
        write_text(folder / file, program.to_json())
        rungs.append(Climbed(rung.name, rung.accuracy, rung.agreement, file))
    found = Climb(ladder.float_accuracy(case), len(judged), unseen, tuple(rungs), left_out)
    write_json(folder / INDEX, asdict(found))
    return found


def load_climb(folder: Path) -> Climb:
    """What ``climb`` wrote.

    Raises:
        ProjectError: Nothing, or something damaged.
    """
    path = folder / INDEX
    if not path.is_file():
        raise ProjectError("There is no ladder here yet.", "Run: stylus-ai compress")
    values = read_json(path)
    try:
        rungs = tuple(Climbed(**rung) for rung in values["rungs"])
        return Climb(**{**values, "rungs": rungs})
    except (KeyError, TypeError) as error:
        raise ProjectError(f"{path} is damaged: {error!r}.", "Run: stylus-ai compress") from None


def load_rung(folder: Path, rung: Climbed) -> Program:
    """The program of a rung."""
    return Program.from_json((folder / Path(rung.file).name).read_text(encoding="utf-8"))


def make_rung(trained: Trained, name: str, project_name: str) -> Program:
    """One rung by name, made from all training rows.

    Raises:
        ModelError: The model's ladder has no such rung.
    """
    case = _of_all_rows(trained, project_name)
    names = []
    for candidate in ladder.candidates(case, fine=True):
        if candidate.name == name:
            return ladder.build(case, candidate)
        names.append(candidate.name)
    raise ModelError(
        f"There is no rung {name!r} for this model.",
        f"Set project.compress to one of: {'; '.join(names[:12])}; or to {AS_TRAINED}.",
    )


def split(trained: Trained) -> tuple[IntRows, IntRows]:
    """Numbers of the rows that rungs learn from, and of those that judge them.

    Each class gives the same share, so that neither part lacks one.

    Raises:
        ModelError: There are too few rows.
    """
    rows = len(trained.q)
    share = min(VALIDATION, MAX_VALIDATION_ROWS / max(rows, 1))
    order = np.random.default_rng(SEED).permutation(rows)
    of_class = np.zeros(rows, dtype=np.int64)
    if trained.model.task != "regression":
        of_class = trained.truth(trained.labels)
    members = [order[of_class[order] == number] for number in np.unique(of_class)]
    judged = np.sort(np.concatenate([each[: int(share * len(each))] for each in members]))
    if len(judged) < MIN_VALIDATION_ROWS:
        raise ModelError(
            f"{rows} training rows are too few to judge by.",
            f"Train on {round(MIN_VALIDATION_ROWS / VALIDATION)} rows or more.",
        )
    return np.setdiff1d(order, judged), judged


def _fitted_again(trained: Trained, fit: IntRows) -> tuple[FloatModel, bool]:
    """The model without the validation rows, where the library can fit it again."""
    if not (hasattr(trained.given, "get_params") and hasattr(trained.given, "fit")):
        return trained.model, False
    from sklearn.base import clone  # noqa: PLC0415 - scikit-learn takes its time

    x = trained.model.features.dequantise(trained.q[fit])
    return trained.read(clone(trained.given).fit(x, trained.labels[fit])), True


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


def _of_all_rows(trained: Trained, name: str) -> Case:
    """Nothing is judged by it."""
    everything = np.arange(len(trained.q))
    return _judged_by(trained, trained.model, name, everything, everything[:1])


def _answers(model: FloatModel, q: IntRows, cutoff: float) -> Answers:
    """What the float model says, as class numbers or values."""
    found = evaluate.answers(model, model.features.dequantise(q), cutoff)
    name = DECISIONS.get(model.task)
    return found[name] if name else next(iter(found.values()))
