"""LightGBM: wrappers, Boosters and saved text files to FloatModel.

A file is read without the library; a live model is asked for the same text. LightGBM goes left
when ``x <= t`` in float64; its leaves hold the shrinkage, and the first tree's the average that
it starts from. Sources: ``Tree::ToString`` and the decision functions in LightGBM's ``tree.h``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.frontends.boosted import check_categories, check_columns, margins
from stylus_ai.frontends.files import SavedModel, library
from stylus_ai.frontends.labels import checked, named
from stylus_ai.frontends.model import FloatModel, FloatTree
from stylus_ai.ir import Features

REMEDY = 'Save the model again: booster.save_model("model.txt")'

CATEGORICAL, DEFAULT_LEFT = 1, 2
"""Bits of ``decision_type``; the two above them say what counts as missing."""

MISSING_ZERO, MISSING_NAN = 1, 2
"""Kinds of missing values; 0 is none."""

MAX_CLASSES = 65_536

_REGRESSIONS = frozenset(
    {"regression", "regression_l1", "huber", "fair", "quantile", "mape", "regression_l2"}
)
_CLASSES = frozenset({"multiclass", "multiclassova"})
_NEAREST = {
    "poisson": "regression on the logarithm of the target",
    "gamma": "regression on the logarithm of the target",
    "tweedie": "regression on the logarithm of the target",
    "cross_entropy": "binary",
    "cross_entropy_lambda": "binary",
    "lambdarank": "regression on a relevance score",
    "rank_xendcg": "regression on a relevance score",
    "custom": "binary, multiclass or regression",
}


def matches(model: object) -> bool:
    """A model of LightGBM, or a file that looks like one."""
    if isinstance(model, SavedModel):
        return model.head.lstrip().startswith((b"tree\n", b"tree\r\n"))
    return type(model).__module__.split(".")[0] == "lightgbm"


def read(
    model: object,
    features: Features,
    *,
    positive: object = None,
    classes: Sequence[object] = (),
    targets: Sequence[str] = (),
) -> FloatModel:
    """Freeze a wrapper, a Booster or a saved text file, see ``registry``."""
    if isinstance(model, SavedModel):
        return _read_text(
            model.text(), features, classes=classes, positive=positive, targets=targets
        )
    booster, own = _booster(model)
    version = f" {library('lightgbm').__version__}"
    return _read_text(
        booster.model_to_string(),
        features,
        version=version,
        classes=classes if own is None else checked(own, classes),
        positive=positive,
        targets=targets,
    )


def leaves(model: object, x: npt.NDArray[np.float64]) -> npt.NDArray[Any] | None:
    """LightGBM's own leaves, as nodes of the ``FloatTree``; None for a file."""
    if isinstance(model, SavedModel):
        return None
    booster, _ = _booster(model)
    inner = [len(tree.left) for tree in _blocks(booster.model_to_string())[1]]
    found = np.asarray(booster.predict(x, pred_leaf=True)).reshape(len(x), -1)
    # An inner node's number comes first, see ``_float_tree``.
    return found.astype(np.int64) + np.array(inner, dtype=np.int64)


def _booster(model: Any) -> tuple[Any, Sequence[object] | None]:
    """The Booster of a wrapper, and its class labels."""
    kind = type(model).__name__
    if kind == "Booster":
        return model, None
    if not hasattr(model, "booster_") and not hasattr(type(model), "booster_"):
        raise ModelError(
            f"lightgbm.{kind} is no model.", "Give a Booster, LGBMClassifier or LGBMRegressor."
        )
    if not model.__sklearn_is_fitted__():
        raise ModelError(f"The {kind} is not fitted.", "Call fit first.")
    classes = list(model.classes_) if hasattr(model, "classes_") else None
    return model.booster_, classes


@dataclass(frozen=True)
class _Objective:
    """What the sums of trees mean.

    Attributes:
        classes: Number of classes; 0 for a regression.
        margins: Number of sums.
        slope: Factor of the log-odds.
    """

    classes: int
    margins: int
    slope: float = 1.0


def _read_text(
    text: str,
    features: Features,
    *,
    version: str = "",
    classes: Sequence[object],
    positive: object,
    targets: Sequence[str],
) -> FloatModel:
    head, trees, tail = _blocks(text)
    names = head.get("feature_names", "").split()
    unnamed = all(name == f"Column_{i}" for i, name in enumerate(names))
    count = _integer(head, "max_feature_idx") + 1
    check_columns(count, [] if unnamed else names, features)
    _check_pandas(tail, features)
    objective = _objective(head)
    per_round = _integer(head, "num_tree_per_iteration")
    if per_round != objective.margins or len(trees) % per_round:
        _refuse("num_tree_per_iteration", f"{objective.margins}, and a divisor of the trees")
    averaged = "average_output" in head
    rounds = len(trees) // per_round if averaged else 1
    # Log-odds have no divisor of their own: the logistic function reads the sum itself.
    slope, divisor = objective.slope, rounds
    if objective.classes == 2:
        slope, divisor = objective.slope / max(rounds, 1), 1
    return margins(
        [_float_tree(tree, i % per_round, slope, features) for i, tree in enumerate(trees)],
        np.zeros(objective.margins),
        features,
        classes=named(objective.classes, classes),
        positive=positive,
        targets=targets,
        comparison="float64",
        source=f"LightGBM{version} {head.get('version', '')} {head['objective'].split()[0]}",
        divisor=divisor,
        family="forest" if averaged else "boosting",
    )


def _objective(head: Mapping[str, str]) -> _Objective:
    words = head.get("objective", "custom").split() or ["custom"]
    name = words[0]
    options = dict(word.split(":", 1) for word in words[1:] if ":" in word)
    if name == "binary":
        return _Objective(2, 1, _number(options.get("sigmoid", "1")))
    if name in _CLASSES:
        count = _whole(options.get("num_class", ""), "num_class")
        least = 2 if name == "multiclass" else 3  # a softmax of two has one sum, their difference
        if not least <= count <= MAX_CLASSES:
            raise ModelError(
                f"LightGBM's objective {name} has {count} classes, not {least} to {MAX_CLASSES}.",
                'Train with objective="binary" for two.',
            )
        return _Objective(count, count)
    if name in _REGRESSIONS and "sqrt" not in words:
        return _Objective(0, 1)
    shown = "regression with reg_sqrt" if name in _REGRESSIONS else name
    nearest = _NEAREST.get(name, "binary, multiclass or regression")
    raise ModelError(
        f"LightGBM's objective {shown!r} has no rule here.",
        f"The nearest that is supported: {nearest}.",
    )


@dataclass(frozen=True)
class _Tree:
    """One tree as LightGBM writes it; a negative child is ``~leaf``."""

    feature: npt.NDArray[np.int64]
    threshold: npt.NDArray[np.float64]
    kind: npt.NDArray[np.int64]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    boundaries: npt.NDArray[np.int64]
    words: npt.NDArray[np.int64]


def _blocks(text: str) -> tuple[dict[str, str], list[_Tree], list[str]]:
    """Header, trees, and the lines after them."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != "tree":
        _refuse("The first line", '"tree"')
    try:
        end = lines.index("end of trees")
    except ValueError:
        _refuse("The file", 'complete: "end of trees" is missing')
    blocks: list[dict[str, str]] = [{}]
    for line in lines[1:end]:
        key, _, value = line.strip().partition("=")
        if key == "Tree":
            blocks.append({})
        elif key:
            if key in blocks[-1]:
                _refuse(f"{key} of block {len(blocks) - 1}", "given once")
            blocks[-1][key] = value
    return blocks[0], [_tree(block) for block in blocks[1:]], lines[end + 1 :]


def _tree(block: Mapping[str, str]) -> _Tree:
    if block.get("is_linear", "0") != "0":
        raise ModelError(
            "Trees with a linear model in each leaf have no rule here.",
            "Train with linear_tree=False.",
        )
    count = _integer(block, "num_leaves")
    values = _floats(block, "leaf_value")
    inner = count - 1
    tree = _Tree(
        feature=_integers(block, "split_feature", inner),
        threshold=_floats(block, "threshold") if inner else np.zeros(0),
        kind=_integers(block, "decision_type", inner),
        left=_integers(block, "left_child", inner),
        right=_integers(block, "right_child", inner),
        values=values,
        boundaries=_integers(block, "cat_boundaries", None),
        words=_integers(block, "cat_threshold", None),
    )
    if count < 1 or len(values) != count or len(tree.threshold) != inner:
        _refuse("num_leaves", "the number of leaf values and one more than thresholds")
    for children in (tree.left, tree.right):
        if inner and not (children.min() >= -count and children.max() < inner):
            _refuse("A child", "a node or a leaf of its tree")
    return tree


def _float_tree(tree: _Tree, column: int, slope: float, features: Features) -> FloatTree:
    """Inner nodes keep their numbers; leaf i becomes node ``inner + i``."""
    inner, leaves = len(tree.left), len(tree.values)
    size = inner + leaves

    def padded(values: npt.NDArray[Any], fill: float) -> npt.NDArray[Any]:
        return np.concatenate([values, np.full(leaves, fill, dtype=values.dtype)])

    def child(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return padded(np.where(values < 0, inner + ~values, values), -1)

    values = np.zeros((size, 1))
    values[inner:, 0] = tree.values * slope
    return FloatTree(
        left=child(tree.left),
        right=child(tree.right),
        feature=padded(tree.feature, 0),
        threshold=padded(tree.threshold, 0),
        values=values,
        column=column,
        missing_left=padded(_gaps_left(tree, features), fill=False),
        codes=_codes(tree),
    )


def _gaps_left(tree: _Tree, features: Features) -> npt.NDArray[np.bool_]:
    """Where a missing value goes left, by node."""
    default = (tree.kind & DEFAULT_LEFT) != 0
    missing = (tree.kind >> 2) & 3
    numeric = (tree.kind & CATEGORICAL) == 0
    zero_left = tree.threshold >= 0
    for node in np.flatnonzero(numeric & (missing == MISSING_ZERO) & (default != zero_left)):
        at = int(tree.feature[node])
        if 0 <= at < len(features) and features[at].low <= 0 <= features[at].high:
            raise ModelError(
                f"The model takes 0 for missing in {features[at].name} (zero_as_missing).",
                "Write NaN for missing values and train with zero_as_missing=False.",
            )
    # A NaN is 0 where a node knows no NaN; a split by category sends it right.
    left = np.where(missing == 0, zero_left, default)
    both: npt.NDArray[np.bool_] = left & numeric
    return both


def _codes(tree: _Tree) -> dict[int, frozenset[int]]:
    """Categories that go left, by node: bits of 32-bit words."""
    found = {}
    for node in np.flatnonzero(tree.kind & CATEGORICAL).tolist():
        index = tree.threshold[node]
        if not (index == np.floor(index) and 0 <= index < len(tree.boundaries) - 1):
            _refuse(f"The threshold of node {node}", "the number of a set of categories")
        start, end = tree.boundaries[int(index) : int(index) + 2].tolist()
        words = tree.words[start:end]
        if not (0 <= start < end <= len(tree.words) and words.min() >= 0):
            _refuse("cat_boundaries", "a list of places in cat_threshold")
        bits = (words[:, np.newaxis] >> np.arange(32)) & 1
        found[node] = frozenset(np.flatnonzero(bits.reshape(-1)).tolist())
    return found


def _check_pandas(tail: Sequence[str], features: Features) -> None:
    """Categories of a data frame, whose codes LightGBM makes itself."""
    for line in tail:
        key, _, value = line.partition(":")
        if key == "pandas_categorical" and value.strip() not in {"", "null", "[]"}:
            try:
                lists = json.loads(value)
                check_categories([list(labels) for labels in lists], features)
            except (ValueError, TypeError, RecursionError):
                _refuse("pandas_categorical", "a list of lists of labels")


def _refuse(what: str, wanted: str) -> NoReturn:
    raise ModelError(f"{what} of the LightGBM model is not {wanted}.", REMEDY)


def _whole(text: str, key: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        _refuse(key, "a whole number")
    return int(text)


def _integer(block: Mapping[str, str], key: str) -> int:
    return _whole(block.get(key, "").strip(), key)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        _refuse(text[:20], "a number")


def _integers(block: Mapping[str, str], key: str, count: int | None) -> npt.NDArray[np.int64]:
    try:
        values = np.array([int(text) for text in block.get(key, "").split()], dtype=np.int64)
    except (ValueError, OverflowError):
        _refuse(key, "a list of whole numbers")
    if count is not None and len(values) != max(count, 0):
        _refuse(key, f"a list of {count} numbers")
    return values


def _floats(block: Mapping[str, str], key: str) -> npt.NDArray[np.float64]:
    return np.array([_number(text) for text in block.get(key, "").split()], dtype=np.float64)
