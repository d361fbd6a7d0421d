"""``stylus_ai.oblivious`` estimators to FloatModel: a table as a complete tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

import stylus_ai
from stylus_ai.errors import ModelError
from stylus_ai.frontends.boosted import check_columns
from stylus_ai.frontends.labels import checked, flipped, names, ordered, task_of
from stylus_ai.frontends.model import FloatModel, FloatTree, FloatTrees
from stylus_ai.ir import Features


def matches(model: object) -> bool:
    """An estimator of this project's own."""
    return type(model).__module__ == "stylus_ai.oblivious"


def read(
    model: object,
    features: Features,
    *,
    positive: object = None,
    classes: Sequence[object] = (),
    targets: Sequence[str] = (),
) -> FloatModel:
    """Freeze a fitted estimator, see ``registry``."""
    estimator: Any = model
    if targets or not hasattr(estimator, "trees_"):
        raise ModelError(
            f"The {type(model).__name__} is not fitted, or has no targets to name.",
            "Call fit first; leave targets out.",
        )
    given = [str(name) for name in getattr(estimator, "feature_names_in_", ())]
    check_columns(estimator.n_features_in_, given, features)
    labels = ordered(checked(list(getattr(estimator, "classes_", ())), classes), positive)
    sign = -1.0 if flipped(labels) else 1.0
    return FloatModel(
        features=features,
        task=task_of(labels),
        family="boosting",
        body=FloatTrees(
            trees=tuple(_complete(tree, sign) for tree in estimator.trees_),
            base=sign * estimator.base_,
            divisor=1,
            comparison="float64",
            link="logistic" if labels else "identity",
        ),
        classes=names(labels),
        source=f"stylus-ai {stylus_ai.__version__} {type(model).__name__}",
    )


def leaves(model: object, x: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    """The estimator's own leaves, int[n, trees]."""
    estimator: Any = model
    return np.asarray(estimator.apply(x)).reshape(len(x), -1).astype(np.int64)


def _complete(tree: Any, sign: float) -> FloatTree:
    """Nodes numbered as in a heap."""
    depth, inner = len(tree.features), len(tree.values) - 1
    level = np.repeat(np.arange(depth), 1 << np.arange(depth))
    children = np.full((2, 2 * inner + 1), -1, dtype=np.int64)
    children[:, :inner] = 2 * np.arange(inner) + np.array([[1], [2]])
    unused = np.zeros(inner + 1)
    return FloatTree(
        left=children[0],
        right=children[1],
        feature=np.concatenate([tree.features[level], unused.astype(np.int64)]),
        threshold=np.concatenate([tree.thresholds[level], unused]),
        values=sign * np.concatenate([np.zeros(inner), tree.values])[:, np.newaxis],
        column=tree.column,
    )
