"""scikit-learn's histogram gradient boosting: float64 thresholds, gaps, categories as bits."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.frontends.labels import Labels, flipped
from stylus_ai.frontends.model import FloatTree, FloatTrees
from stylus_ai.ir import Family

_REGRESSION_LOSSES = frozenset({"squared_error", "absolute_error", "quantile"})


@dataclass(frozen=True)
class _Encoding:
    """What the estimator's own preprocessing does: categories first, as ordinal codes.

    Attributes:
        columns: Column of the table for each column of the trees.
        categories: Their categories by code, without NaN; empty for a number.
    """

    columns: tuple[int, ...]
    categories: tuple[tuple[float, ...], ...]


def read_hist(estimator: Any, labels: Labels) -> tuple[FloatTrees, Family]:
    """HistGradientBoosting.

    Raises:
        ModelError: A loss with another link, or categories that are no whole numbers.
    """
    if not labels and estimator.loss not in _REGRESSION_LOSSES:
        raise ModelError(
            f'The loss "{estimator.loss}" has no rule here.',
            'Train with loss="squared_error" on the logarithm of the target.',
        )
    encoding = _encoding(estimator)
    sign = -1.0 if flipped(labels) else 1.0
    trees = [
        _tree(predictor, encoding, sign, k)
        for stage in estimator._predictors
        for k, predictor in enumerate(stage)
    ]
    return FloatTrees(
        trees=tuple(trees),
        base=sign * np.asarray(estimator._baseline_prediction, dtype=np.float64).reshape(-1),
        divisor=1,
        comparison="float64",
        link="logistic" if labels else "identity",
    ), "boosting"


def hist_leaves(estimator: Any, x: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """The library's own leaves, int[n, trees]: its predictors, asked for node numbers."""
    table = estimator._preprocess_X(x, reset=False)
    known, places = estimator._bin_mapper.make_known_categories_bitsets()
    found = []
    for stage in estimator._predictors:
        for predictor in stage:
            asked = copy.copy(predictor)
            asked.nodes = predictor.nodes.copy()
            asked.nodes["value"] = np.arange(len(asked.nodes))
            found.append(asked.predict(table, known, places, 1).astype(np.int64))
    return np.stack(found, axis=1)


def _encoding(estimator: Any) -> _Encoding:
    width = estimator.n_features_in_
    mask = getattr(estimator, "is_categorical_", None)
    if mask is None or not np.any(mask):
        return _Encoding(tuple(range(width)), ((),) * width)
    which = np.asarray(mask, dtype=np.bool_)
    order = [*np.flatnonzero(which).tolist(), *np.flatnonzero(~which).tolist()]
    lists = estimator._preprocessor.named_transformers_["encoder"].categories_
    try:
        known = [np.asarray(given, dtype=np.float64) for given in lists]
    except (TypeError, ValueError):
        raise ModelError(
            "A category of the model is a text.",
            "Train on the codes of the labels: Feature(labels=...) names them.",
        ) from None
    categories = [tuple(given[~np.isnan(given)].tolist()) for given in known]
    if any(category != int(category) for some in categories for category in some):
        raise ModelError("A category of the model is no whole number.", "Train on whole codes.")
    numbers: tuple[tuple[float, ...], ...] = ((),) * (width - len(categories))
    return _Encoding(tuple(order), (*categories, *numbers))


def _tree(predictor: Any, encoding: _Encoding, sign: float, column: int) -> FloatTree:
    nodes = predictor.nodes
    inner = nodes["is_leaf"] == 0
    left = np.where(inner, nodes["left"].astype(np.int64), -1)
    right = np.where(inner, nodes["right"].astype(np.int64), -1)
    gap_left = nodes["missing_go_to_left"].astype(np.bool_)
    at = nodes["feature_idx"].astype(np.int64)
    codes: dict[int, frozenset[int]] = {}
    for node in np.flatnonzero(inner & (nodes["is_categorical"] == 1)).tolist():
        known = encoding.categories[at[node]]
        bits = _bits(predictor.raw_left_cat_bitsets[nodes["bitset_idx"][node]])
        goes_left = {int(known[code]) for code in bits if code < len(known)}
        if gap_left[node]:
            # An unknown category goes where a gap goes, so what is listed must go right.
            codes[node] = frozenset(map(int, known)) - goes_left
            left[node], right[node] = right[node], left[node]
            gap_left[node] = False
        else:
            codes[node] = frozenset(goes_left)
    return FloatTree(
        left=left,
        right=right,
        feature=np.array(encoding.columns, dtype=np.int64)[at],
        threshold=nodes["num_threshold"].astype(np.float64),
        values=sign * nodes["value"].astype(np.float64)[:, np.newaxis],
        column=column,
        missing_left=gap_left,
        codes=codes,
    )


def _bits(words: npt.NDArray[Any]) -> list[int]:
    """Positions of the bits that are set in 32-bit words."""
    bits = (words.astype(np.int64)[:, np.newaxis] >> np.arange(32)) & 1
    found: list[int] = np.flatnonzero(bits.reshape(-1)).tolist()
    return found
