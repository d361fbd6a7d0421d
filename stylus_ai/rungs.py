"""``stylus-ai compress``: the ladder of a project's model with its prices, and the rung that fits.

The training script makes the rungs (``compression.py``); here each gets its price, and limits
choose among them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from stylus_ai import compression
from stylus_ai.compress.fit import PRICES, Choice, Limits, Measured, What, choose
from stylus_ai.cost import price
from stylus_ai.errors import ModelError, ProjectError, UsageError
from stylus_ai.ir import Program
from stylus_ai.pipeline import training_command
from stylus_ai.project import AS_TRAINED, Project
from stylus_ai.scripts import OnLine, run, script_error
from stylus_ai.trial import Trial

OnRung = Callable[[int, int, str], None]
"""Told which rung is made now: its number, how many there are, its name."""


@dataclass(frozen=True)
class Ladder:
    """What ``compress`` found.

    Attributes:
        float_accuracy: Of the float model on the validation rows, or R2.
        judged_rows: Number of validation rows.
        unseen: Whether the float model had not seen them; False where it cannot be fitted again.
        rungs: From the mildest to the strongest, each with its price.
        left_out: Rungs that this model has not: name -> reason.
        choice: The rung that meets the limits with the smallest change, or the nearest miss; None
            without limits.
    """

    float_accuracy: float
    judged_rows: int
    unseen: bool
    rungs: tuple[Measured, ...]
    left_out: dict[str, str]
    choice: Choice | None


def compress(
    project: Project,
    limits: Limits,
    *,
    measure: bool = False,
    on_line: OnLine,
    on_rung: OnRung,
) -> Ladder:
    """Make smaller programs from the model that the training script fits, and price each.

    The script runs as in ``train``; the project's model stays as it is, and so does the ladder made
    before, unless this one is finished.

    Args:
        project: Whose script to run.
        limits: What to search for; without any, a short ladder is made.
        measure: Build and call the rungs as well: of a search those that seem to fit, until one
            does.
        on_line: Called with each line that the script prints.
        on_rung: Called before each rung is made, before it is priced, and before it is built.

    Raises:
        UsageError: The script is missing or failed, or it exports twice.
        ProjectError: It ran, but exported nothing; or there is no contract to measure.
        ModelError: The model has no rung that can be built.
    """
    draft = project.ladder_draft

    def hear(line: str) -> None:
        found = compression.progress(line)
        if found is None:
            on_line(line)
        else:
            on_rung(*found)

    if measure:
        Trial.insist(project)
    shutil.rmtree(draft, ignore_errors=True)
    try:
        request = {compression.REQUEST: "search" if limits else "ladder"}
        code, lines = run(training_command(project), project.root, hear, request)
        if code:
            raise script_error(project.train_script, code, lines)
        if not draft.exists():
            raise ProjectError(
                f"{project.train_script} ran, but exported no model.",
                "End it with: stylus_ai.export(model, features=..., train=..., test=...)",
            )
        ladder = _ladder(project, limits, measure=measure, on_rung=on_rung)
        shutil.rmtree(project.ladder_dir, ignore_errors=True)
        draft.rename(project.ladder_dir)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return ladder


def _ladder(project: Project, limits: Limits, *, measure: bool, on_rung: OnRung) -> Ladder:
    """The ladder in the draft with its prices, and the rung that fits."""
    climb = compression.load_climb(project.ladder_draft)
    programs: dict[str, Program] = {}
    rungs: dict[str, Measured] = {}
    left_out = dict(climb.left_out)
    for number, each in enumerate(climb.rungs, 1):
        on_rung(number, len(climb.rungs), f"price of {each.name}")
        program = compression.load_rung(project.ladder_draft, each)
        try:
            rungs[each.name] = _priced(project, each, program)
        except ModelError as error:
            left_out[each.name] = error.cause
        else:
            programs[each.name] = program
    if not rungs:
        raise ModelError(f"No rung of this model can be built: {next(iter(left_out.values()))}")
    choice = choose(list(rungs.values()), limits) if limits else None
    if measure:
        with Trial.of(project) as trial:
            if limits:
                choice = _search(trial, programs, rungs, limits, on_rung)
            else:
                for number, (name, rung) in enumerate(rungs.items(), 1):
                    on_rung(number, len(rungs), f"building {name}")
                    rungs[name] = trial.measured(rung, programs[name])
    return Ladder(
        float_accuracy=climb.float_accuracy,
        judged_rows=climb.judged_rows,
        unseen=climb.unseen,
        rungs=tuple(rungs.values()),
        left_out=left_out,
        choice=choice,
    )


def _priced(project: Project, rung: compression.Climbed, program: Program) -> Measured:
    found = price(program, project.profile)
    return Measured(
        name=rung.name,
        accuracy=rung.accuracy,
        agreement=rung.agreement,
        size=found.size,
        gas=found.gas,
        call=found.call,
        deploy=found.deploy,
    )


def _search(
    trial: Trial,
    programs: Mapping[str, Program],
    rungs: dict[str, Measured],
    limits: Limits,
    on_rung: OnRung,
) -> Choice:
    """Build what the predictions say, correct these by what was built, until it really fits.

    Measured rungs take the place of predicted ones in ``rungs``.
    """
    factors = dict.fromkeys(PRICES, 1.0)
    waiting = dict(rungs)
    while True:
        guessed = choose([_scaled(rung, factors) for rung in waiting.values()], limits)
        predicted = waiting.pop(guessed.rung.name)
        built = len(rungs) - len(waiting)
        on_rung(built, built, f"building {predicted.name}")
        truth = trial.measured(predicted, programs[predicted.name])
        rungs[predicted.name] = truth
        missed = limits.missed(truth)
        if not missed or guessed.missed or not waiting:
            return Choice(truth, missed)
        factors = {name: getattr(truth, name) / getattr(predicted, name) for name in PRICES}


def _scaled(rung: Measured, factors: Mapping[What, float]) -> Measured:
    """A prediction, corrected; taken at its word."""
    prices: dict[str, Any] = {what: getattr(rung, what) * by for what, by in factors.items()}
    return replace(rung, measured=True, **prices)


def use(project: Project, name: str) -> None:
    """Let ``train`` make this rung from now on: write it into stylus-ai.toml.

    Raises:
        UsageError: The ladder that was made last has no such rung.
        ProjectError: No ladder was made yet.
    """
    if name != AS_TRAINED:
        names = [rung.name for rung in compression.load_climb(project.ladder_dir).rungs]
        if name not in names:
            raise UsageError(
                f"The ladder of this project has no rung {name!r}.",
                f"It has: {'; '.join(names)}; or {AS_TRAINED}.",
            )
    project.choose_rung(name)
