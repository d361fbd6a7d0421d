"""Class labels, and which of two is the positive one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stylus_ai.errors import ModelError
from stylus_ai.ir import Task

Labels = list[tuple[int, object]]
"""(index in the estimator, label) in output order: binary is (negative, positive)."""


def ordered(labels: Sequence[object], positive: object) -> Labels:
    """Labels in output order.

    Args:
        labels: At least two, in the library's order; none for a regression.
        positive: Of two, the one whose probability is the score; by default the last.

    Raises:
        ModelError: One label alone, or ``positive`` is none of two labels.
    """
    if not labels:
        if positive is not None:
            raise ModelError("A regression has no positive class.", "Leave out positive.")
        return []
    pairs: Labels = [(i, plain(label)) for i, label in enumerate(labels)]
    if len(pairs) < 2:
        raise ModelError(
            f"The model knows one class only: {pairs[0][1]!r}.",
            "Train on rows of at least two classes.",
        )
    if positive is None:
        return pairs
    if len(pairs) > 2:
        raise ModelError(f"positive is for two classes; the model has {len(pairs)}.")
    chosen = [pair for pair in pairs if pair[1] == plain(positive)]
    if not chosen:
        names = " and ".join(repr(label) for _, label in pairs)
        raise ModelError(f"The class {positive!r} is not among the model's.", f"They are {names}.")
    return [pair for pair in pairs if pair not in chosen] + chosen


def named(count: int, classes: Sequence[object]) -> list[object]:
    """Labels of a model that knows its classes by number.

    Args:
        count: How many there are; 0 for a regression.
        classes: What the user calls them; by default they are the numbers.

    Raises:
        ModelError: Another number of labels than of classes.
    """
    if classes and len(classes) != count:
        raise ModelError(f"The model has {count} classes, but {len(classes)} labels are given.")
    return list(classes) if classes else list(range(count))


def checked(own: Sequence[object], classes: Sequence[object]) -> list[object]:
    """Labels that a model knows itself.

    Raises:
        ModelError: The user calls them otherwise.
    """
    if classes and list(map(plain, own)) != list(map(plain, classes)):
        names = ", ".join(repr(plain(label)) for label in own[:8])
        raise ModelError(f"The model's own classes are {names}.", "Leave classes out.")
    return list(own)


def flipped(labels: Labels) -> bool:
    """Whether the library's first class is the positive one, so that log-odds change sign."""
    return len(labels) == 2 and labels[1][0] == 0


def task_of(labels: Labels) -> Task:
    """What a model with such labels predicts."""
    return "regression" if not labels else "binary" if len(labels) == 2 else "multiclass"


def names(labels: Labels) -> tuple[str, ...]:
    """Labels for people."""
    return tuple(text(label) for _, label in labels)


def target_names(targets: Sequence[str], count: int) -> tuple[str, ...]:
    """Names of several targets; none for a single one.

    Raises:
        ModelError: Another number of names than of targets.
    """
    if not targets:
        return tuple(f"target_{i}" for i in range(count)) if count > 1 else ()
    if len(targets) != count:
        raise ModelError(f"The model predicts {count} targets, but {len(targets)} names are given.")
    return tuple(map(text, targets)) if count > 1 else ()


def plain(label: object) -> object:
    """A label without numpy around it."""
    return label.item() if isinstance(label, np.generic) else label


def text(label: object) -> str:
    """A label for people: line breaks and control codes become spaces."""
    return "".join(char if char.isprintable() else " " for char in str(label))
