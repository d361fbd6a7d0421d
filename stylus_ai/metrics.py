"""How good answers are: the same figures for the float model and for the integer one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from stylus_ai.ir import Program, answers

Labels = npt.NDArray[Any]

Metrics = Mapping[str, float]
"""accuracy and auc (yes or no), accuracy (several classes), or r2, rmse and mae in the target's
unit (regression)."""

Confusion = tuple[tuple[int, ...], ...]
"""Rows counted by class: of each true class, how many the model takes for which."""

DECISIONS = {"binary": "decision", "multiclass": "class"}
"""Output that is a class, by task."""


def metrics(program: Program, found: Mapping[str, npt.NDArray[Any]], truth: Labels) -> Metrics:
    """Figures of a model's outputs.

    Args:
        program: Says what the outputs are; those of a float model bear the same names.
        found: By output: integers, or floats in natural units.
        truth: Number of the class of each row, or the targets.
    """
    match program.task:
        case "regression":
            return _errors(program, found, truth)
        case "multiclass":
            return {"accuracy": float((found["class"] == truth).mean())}
        case "binary":
            figures = {"accuracy": float((found["decision"] == truth).mean())}
            if len(set(truth.tolist())) > 1:
                figures["auc"] = float(roc_auc_score(truth, found["score"]))
            return figures
    assert_never(program.task)


def _errors(program: Program, found: Mapping[str, npt.NDArray[Any]], truth: Labels) -> Metrics:
    """Of a regression; of several targets the mean of each figure."""
    (answer,) = answers(program)
    value = found[answer.output]
    value = value / answer.scale if value.dtype.kind == "i" else value
    off = np.asarray(value, dtype=np.float64) - truth
    around = np.square(truth - truth.mean(axis=0)).mean(axis=0)
    square = np.square(off).mean(axis=0)
    # Of a target that never changes any prediction explains nothing.
    explained = 1 - np.divide(square, around, out=np.ones_like(square), where=around > 0)
    return {
        "r2": float(explained.mean()),
        "rmse": float(np.sqrt(square).mean()),
        "mae": float(np.abs(off).mean()),
    }


def confusion(program: Program, found: Mapping[str, npt.NDArray[Any]], truth: Labels) -> Confusion:
    """Rows counted by true class and answer; nothing for a regression."""
    if program.task == "regression":
        return ()
    counts = np.zeros((len(program.classes), len(program.classes)), dtype=np.int64)
    np.add.at(counts, (truth, found[DECISIONS[program.task]]), 1)
    return tuple(tuple(row) for row in counts.tolist())
