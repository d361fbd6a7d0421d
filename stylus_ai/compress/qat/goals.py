"""Goals of training: targets in the shape of the outputs, the loss' slope, and how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.ir import Task

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Goal:
    """What rows should answer.

    Attributes:
        task: Cross-entropy for classes and for binary answers, half the squared error else.
        answers: float32[n, outputs]: 1 for the class and 0 else; 0 or 1; or values freed of
            ``offset`` and ``unit``.
        offset: Mean of each value, float64[outputs]; zero unless a regression.
        unit: Standard deviation of each value, float64[outputs]; one unless a regression.
    """

    task: Task
    answers: Floats
    offset: Doubles
    unit: Doubles

    @classmethod
    def of(cls, task: Task, targets: npt.ArrayLike) -> Goal:
        """From class numbers int[n], from 0 and 1, or from values float[n] or float[n, outputs].

        Raises:
            ModelError: The targets are no such numbers.
        """
        given = np.asarray(targets)
        if task == "regression":
            values = given.astype(np.float64).reshape(len(given), -1)
            offset, unit = values.mean(axis=0), values.std(axis=0)
            unit[unit == 0] = 1.0
            return cls(task, ((values - offset) / unit).astype(np.float32), offset, unit)
        if given.ndim != 1 or given.dtype.kind not in "iub" or given.min(initial=0) < 0:
            raise ModelError("Classes are whole numbers from 0, one for each row.")
        numbers = given.astype(np.int64)
        highest = int(numbers.max(initial=0))
        if task == "binary" and highest > 1:
            raise ModelError(f"A binary target is {highest}, not 0 or 1.")
        answers = np.eye(highest + 1)[numbers] if task == "multiclass" else numbers[:, np.newaxis]
        outputs = answers.shape[1]
        return cls(task, answers.astype(np.float32), np.zeros(outputs), np.ones(outputs))

    def freed(self, layers: Sequence[tuple[Doubles, Doubles]]) -> list[tuple[Doubles, Doubles]]:
        """Float layers whose last one answers without ``offset`` and ``unit``."""
        *hidden, (weights, bias) = layers
        return [*hidden, (weights / self.unit[:, np.newaxis], (bias - self.offset) / self.unit)]

    def slope(self, outputs: Floats, rows: npt.NDArray[np.int64]) -> Floats:
        """Derivative of the mean loss of ``rows`` by their outputs, float32[rows, outputs]."""
        return _slope(self.task, outputs, self.answers[rows])

    def teachers_slope(self, outputs: Floats, taught: Floats, softness: float) -> Floats:
        """Derivative of the distance to a teacher's outputs (Hinton et al. 2015).

        For classes: ``softness^2`` times the divergence between the answers, both softened.
        """
        match self.task:
            case "multiclass":
                soft = np.float32(softness)
                change: Floats = soft * _slope(self.task, outputs / soft, softmax(taught / soft))
                return change
            case "binary":
                return _slope(self.task, outputs, sigmoid(taught))
            case "regression":
                freed = ((taught - self.offset) / self.unit).astype(np.float32)
                return _slope(self.task, outputs, freed)
        assert_never(self.task)

    def quality(self, outputs: Doubles, rows: npt.NDArray[np.int64]) -> float:
        """Accuracy, or 1 - mean squared error / variance for values: larger is better."""
        answers = self.answers[rows]
        match self.task:
            case "multiclass":
                return float((outputs.argmax(axis=1) == answers.argmax(axis=1)).mean())
            case "binary":
                return float(((outputs >= 0) == (answers >= 0.5)).mean())
            case "regression":
                return 1 - float(np.square(outputs - answers).mean())
        assert_never(self.task)


def softmax(logits: Floats) -> Floats:
    """Probabilities of each row, float32[n, classes]."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def sigmoid(log_odds: Floats) -> Floats:
    """Probabilities, elementwise."""
    shares: Floats = np.float32(1) / (np.float32(1) + np.exp(-log_odds.clip(-60, 60)))
    return shares


def _slope(task: Task, outputs: Floats, answers: Floats) -> Floats:
    match task:
        case "multiclass":
            given = softmax(outputs)
        case "binary":
            given = sigmoid(outputs)
        case "regression":
            given = outputs
        case _:
            assert_never(task)
    change: Floats = (given - answers) / np.float32(len(outputs))
    return change
