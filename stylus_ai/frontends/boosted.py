"""What XGBoost, LightGBM and scikit-learn's boosting share: trees that add to margins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.frontends.labels import flipped, names, ordered, target_names, task_of
from stylus_ai.frontends.model import FloatModel, FloatTree, FloatTrees, check_finite
from stylus_ai.ir import Family, Features

Floats = npt.NDArray[np.float64]


def margins(
    trees: Sequence[FloatTree],
    base: Floats,
    features: Features,
    *,
    classes: Sequence[object],
    positive: object,
    targets: Sequence[str],
    comparison: Literal["float32", "float64"],
    source: str,
    divisor: int = 1,
    family: Family = "boosting",
) -> FloatModel:
    """A model whose trees sum up to log-odds, to a score for each class, or to targets.

    Args:
        trees: Each adds to one margin, its ``column``.
        base: Start of each margin, float64[margins].
        features: Meaning of the columns.
        classes: The library's labels in its order; none for a regression.
        positive: Of two classes, the one whose probability is the score.
        targets: Names of a regression's targets.
        comparison: Precision in which the library compares.
        source: Library, version and kind.
        divisor: Margins are sums divided by it.
        family: Kind of model.

    Raises:
        ModelError: There are no trees, or a parameter is NaN or infinite.
    """
    if not trees:
        raise ModelError("The model has no trees.", "Train it for at least one round.")
    labels = ordered(classes, positive)
    if len(labels) == len(base) == 2:
        # A softmax of two is the logistic function of their difference.
        trees = [replace(tree if tree.column else negated(tree), column=0) for tree in trees]
        base = base[1:] - base[:1]
    if flipped(labels):
        trees, base = [negated(tree) for tree in trees], -base
    body = FloatTrees(
        trees=tuple(trees),
        base=base,
        divisor=divisor,
        comparison=comparison,
        link="logistic" if labels else "identity",
    )
    check_trees(body)
    return FloatModel(
        features=features,
        task=task_of(labels),
        family=family,
        body=body,
        classes=names(labels) if labels else target_names(targets, len(base)),
        source=source,
    )


def negated(tree: FloatTree) -> FloatTree:
    """A tree whose leaves have the other sign."""
    return replace(tree, values=-tree.values)


def check_trees(body: FloatTrees) -> None:
    """Refuse thresholds that are NaN, leaves that are NaN or infinite, and what is no tree.

    Raises:
        ModelError: Names the tree.
    """
    check_finite("The initial prediction", body.base)
    for number, tree in enumerate(body.trees):
        _check_shape(tree, number)
        inner = tree.left >= 0
        # An infinite threshold parts the gaps from everything else.
        thresholds = np.where(np.isinf(tree.threshold), 0.0, tree.threshold)
        check_finite(f"A threshold of tree {number}", thresholds[inner])
        check_finite(f"A leaf of tree {number}", tree.values[~inner])


def _check_shape(tree: FloatTree, number: int) -> None:
    """Insist that the root reaches every node at most once, level by level."""
    seen = np.zeros(len(tree.left), dtype=np.bool_)
    level = np.zeros(1, dtype=np.int64)
    while level.size:
        inside = level.min() >= 0 and level.max() < len(seen)
        if not inside or seen[level].any() or len(np.unique(level)) != len(level):
            raise ModelError(
                f"Tree {number} of the model has a loop or a missing node.", "Save the model again."
            )
        seen[level] = True
        inner = level[tree.left[level] >= 0]
        level = np.concatenate([tree.left[inner], tree.right[inner]])


def check_columns(count: int, given: Sequence[str], features: Features) -> None:
    """Refuse features that are not the columns the model was trained on.

    Args:
        count: Columns of the model.
        given: Their names; none if the library knows none.
        features: What the user says they are.

    Raises:
        ModelError: Another number, other names or another order.
    """
    if count != len(features):
        raise ModelError(
            f"The model was fitted on {count} columns, but {len(features)} features are given.",
            "Give one Feature for each column, in the same order.",
        )
    if given and tuple(given) != features.names:
        raise ModelError(
            f"The model was fitted on the columns {', '.join(given)}, "
            f"but the features are {', '.join(features.names)}.",
            "Give the features in the order of the columns.",
        )


def check_categories(lists: Sequence[Sequence[object]], features: Features) -> None:
    """Refuse a model whose library turns labels into codes that the features do not know.

    Args:
        lists: For each category that the library encodes itself: its labels by code.
        features: Their ``labels`` must be the same ones.

    Raises:
        ModelError: A list is not the labels of a feature.
    """
    known = {column.labels for column in features}
    for labels in lists:
        if tuple(map(str, labels)) not in known:
            shown = ", ".join(map(str, labels[:8]))
            raise ModelError(
                f"The model turns the labels {shown}{' ...' if len(labels) > 8 else ''} into "
                "codes, but no feature has these labels in this order.",
                "Give that Feature the same labels: Feature(name, 0, n - 1, labels=(...)).",
            )
