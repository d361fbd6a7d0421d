"""scikit-learn's trees: single, averaged, and boosted by its older estimator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stylus_ai.errors import ModelError
from stylus_ai.frontends.labels import Labels, flipped
from stylus_ai.frontends.model import FloatTree, FloatTrees
from stylus_ai.ir import Family


def _tree(
    tree: Any, values: np.ndarray[Any, Any], column: int = 0, *, gaps: bool = True
) -> FloatTree:
    """A ``sklearn.tree._tree.Tree``; ``values`` is float64[nodes, k]."""
    missing = getattr(tree, "missing_go_to_left", None) if gaps else None
    return FloatTree(
        left=np.asarray(tree.children_left, dtype=np.int64),
        right=np.asarray(tree.children_right, dtype=np.int64),
        feature=np.asarray(tree.feature, dtype=np.int64),
        threshold=np.asarray(tree.threshold, dtype=np.float64),
        values=np.ascontiguousarray(values, dtype=np.float64),
        column=column,
        missing_left=None if missing is None else np.asarray(missing).astype(np.bool_),
    )


def averaged(members: Sequence[Any], labels: Labels) -> FloatTrees:
    """Trees whose outputs are averaged: probabilities of classes, or targets."""
    trees = []
    for member in members:
        # [nodes, targets, classes]; a regression has one "class".
        values = member.tree_.value[:, 0, :] if labels else member.tree_.value[:, :, 0]
        if labels:
            shares = values / values.sum(axis=1, keepdims=True)
            wanted = [i for i, _ in labels]
            values = shares[:, wanted if len(wanted) > 2 else wanted[1:]]
        trees.append(_tree(member.tree_, values))
    outputs = trees[0].values.shape[1]
    return FloatTrees(
        trees=tuple(trees),
        base=np.zeros(outputs),
        divisor=len(trees),
        comparison="float32",
        link="identity",
    )


def read_tree(estimator: Any, labels: Labels) -> tuple[FloatTrees, Family]:
    """A single tree."""
    return averaged([estimator], labels), "tree"


def read_forest(estimator: Any, labels: Labels) -> tuple[FloatTrees, Family]:
    """A random forest, or extremely randomised trees."""
    return averaged(estimator.estimators_, labels), "forest"


def read_boosting(estimator: Any, labels: Labels) -> tuple[FloatTrees, Family]:
    """GradientBoosting.

    Raises:
        ModelError: A loss with another link, or another estimator before the first tree.
    """
    if labels and estimator.loss != "log_loss":
        raise ModelError(
            f'The loss "{estimator.loss}" has no rule here.', 'Train with loss="log_loss".'
        )
    if estimator.init is not None and estimator.init != "zero":
        raise ModelError(
            "Boosting that starts from another estimator has no rule here.",
            'Train with init=None or init="zero".',
        )
    outputs = estimator.estimators_.shape[1]
    sign = -1.0 if flipped(labels) else 1.0
    # What scikit-learn starts from depends on the training labels alone, so any row shows it.
    row = np.zeros((1, estimator.n_features_in_), dtype=np.float32)
    base = np.asarray(estimator._raw_predict_init(row), dtype=np.float64).reshape(-1)
    trees = [
        _tree(
            member.tree_,
            sign * estimator.learning_rate * member.tree_.value[:, 0, :],
            column=k,
            gaps=False,  # this estimator refuses missing values
        )
        for stage in estimator.estimators_
        for k, member in enumerate(stage)
    ]
    return FloatTrees(
        trees=tuple(trees),
        base=sign * base[:outputs],
        divisor=1,
        comparison="float32",
        link="logistic" if labels else "identity",
    ), "boosting"
