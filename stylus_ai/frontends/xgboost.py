"""XGBoost: wrappers, Boosters and saved JSON files to FloatModel.

A file is read without the library; a live model is asked for the same JSON. XGBoost goes left when
``x < t`` in float32, which is ``x <= nextafter(t)``; a split by category sends the categories that
it lists to the right, and all others left. Sources: the JSON schema in XGBoost's documentation
("Model IO"), and its predictor.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from stylus_ai import strict_json
from stylus_ai.errors import ModelError
from stylus_ai.frontends.boosted import check_categories, check_columns, margins
from stylus_ai.frontends.files import SavedModel, library
from stylus_ai.frontends.labels import named
from stylus_ai.frontends.model import FloatModel, FloatTree
from stylus_ai.ir import Features
from stylus_ai.ir.json_node import JsonNode

REMEDY = 'Save the model again: booster.save_model("model.json")'

_REGRESSIONS = frozenset(
    {
        "reg:squarederror",
        "reg:linear",
        "reg:absoluteerror",
        "reg:pseudohubererror",
        "reg:squaredlogerror",
        "reg:quantileerror",
    }
)
_NEAREST = {
    "binary:hinge": "binary:logistic",
    "binary:logitraw": "binary:logistic",
    "reg:logistic": "binary:logistic, or reg:squarederror",
    "count:poisson": "reg:squarederror on the logarithm of the target",
    "reg:gamma": "reg:squarederror on the logarithm of the target",
    "reg:tweedie": "reg:squarederror on the logarithm of the target",
    "rank:pairwise": "reg:squarederror on a relevance score",
    "rank:ndcg": "reg:squarederror on a relevance score",
    "rank:map": "reg:squarederror on a relevance score",
    "survival:cox": "reg:squarederror",
    "survival:aft": "reg:squarederror",
}

_UNSET = 2_000_000_000
"""Rounds that no model has."""


def matches(model: object) -> bool:
    """A model of XGBoost, or a file that looks like one."""
    if isinstance(model, SavedModel):
        if model.suffix in {".ubj", ".deprecated"}:
            return True
        head = model.head.lstrip()
        return head.startswith(b"{") and b"learner" in head[:64]
    return type(model).__module__.split(".")[0] == "xgboost"


def read(
    model: object,
    features: Features,
    *,
    positive: object = None,
    classes: Sequence[object] = (),
    targets: Sequence[str] = (),
) -> FloatModel:
    """Freeze a wrapper, a Booster or a saved JSON file, see ``registry``."""
    if isinstance(model, SavedModel):
        learner, version = _parsed(_file_text(model))
        rounds = _best_rounds(learner)
    else:
        booster, rounds = _booster(model)
        learner, version = _parsed(bytes(booster.save_raw(raw_format="json")).decode("utf-8"))
    _check_booster(learner)
    objective = learner.get("objective").get("name").text()
    param = learner.get("learner_model_param")
    columns = (
        learner.get("feature_names").each(JsonNode.text) if learner.has("feature_names") else []
    )
    check_columns(_whole(param.get("num_feature"), 0, 2**31), columns, features)
    labels, count = _outputs(objective, param)
    booster = learner.get("gradient_booster")
    weights = None
    if booster.has("gbtree"):  # dart
        weights = booster.get("weight_drop").numbers()
        booster = booster.get("gbtree")
    trees = booster.get("model")
    if trees.has("cats"):
        _check_encoded(trees.get("cats"), features)
    return margins(
        _trees(trees, rounds, count, weights),
        _base(param, objective, count),
        features,
        classes=named(labels, classes),
        positive=positive,
        targets=targets,
        comparison="float32",
        source=f"XGBoost {version} {objective}",
    )


def leaves(model: object, x: npt.NDArray[np.float64]) -> npt.NDArray[Any] | None:
    """XGBoost's own leaf numbers, int[n, trees]; None for a file."""
    if isinstance(model, SavedModel):
        return None
    booster, rounds = _booster(model)
    kinds = booster.feature_types
    table = library("xgboost").DMatrix(
        x, feature_names=booster.feature_names, feature_types=kinds, enable_categorical=True
    )
    last = 0 if rounds == _UNSET else rounds
    found = booster.predict(table, pred_leaf=True, iteration_range=(0, last))
    return np.asarray(found).reshape(len(x), -1).astype(np.int64)


def _file_text(saved: SavedModel) -> str:
    if saved.suffix != ".json" and not saved.head.lstrip().startswith(b'{"'):
        raise ModelError(
            f"{saved.path} is a binary file of XGBoost, which is not read here.",
            'Convert it to JSON: python -c "import xgboost; '
            f"xgboost.Booster(model_file='{saved.path.name}').save_model('model.json')\" "
            "(pip install 'stylus-ai[xgboost]')",
        )
    return saved.text()


def _booster(model: Any) -> tuple[Any, int]:
    """The Booster of a wrapper, and how many rounds predict."""
    kind = type(model).__name__
    if kind == "Booster":
        return model, _UNSET
    if not hasattr(model, "get_booster"):
        raise ModelError(
            f"xgboost.{kind} is no model.", "Give a Booster, XGBClassifier or XGBRegressor."
        )
    if not model.__sklearn_is_fitted__():
        raise ModelError(f"The {kind} is not fitted.", "Call fit first.")
    gap = getattr(model, "missing", np.nan)
    if gap is not None and not np.isnan(gap):
        raise ModelError(
            f"The model takes {gap!r} for a missing value.",
            "Write NaN for missing values and train with missing=np.nan.",
        )
    booster = model.get_booster()
    best = booster.attr("best_iteration")
    # As the wrappers do: early stopping cuts off what came after the best round.
    return booster, _UNSET if best is None else int(best) + 1


def _best_rounds(learner: JsonNode) -> int:
    """Rounds that predict: a wrapper with early stopping writes both attributes."""
    attributes = learner.get("attributes")
    if not (attributes.has("scikit_learn") and attributes.has("best_iteration")):
        return _UNSET
    return _whole(attributes.get("best_iteration"), 0, _UNSET) + 1


def _parsed(text: str) -> tuple[JsonNode, str]:
    """The learner and the library's version."""
    try:
        root = JsonNode(strict_json.loads(text), "$", REMEDY)
    except ValueError as error:
        raise ModelError(f"The XGBoost model is not JSON: {error}.", REMEDY) from None
    version = ".".join(str(part) for part in root.get("version").integers()[:3])
    return root.get("learner"), version


def _check_booster(learner: JsonNode) -> None:
    name = learner.get("gradient_booster").get("name").text()
    if name not in {"gbtree", "dart"}:
        raise ModelError(
            f"XGBoost's booster {name!r} has no rule here.",
            'The nearest that is supported: booster="gbtree", or LogisticRegression and '
            "LinearRegression of scikit-learn.",
        )


def _outputs(objective: str, param: JsonNode) -> tuple[int, int]:
    """Number of classes, and of sums."""
    if objective == "binary:logistic":
        return 2, 1
    if objective in {"multi:softmax", "multi:softprob"}:
        count = _whole(param.get("num_class"), 2, 65_536)
        return count, count
    if objective in _REGRESSIONS:
        count = _whole(param.get("num_target"), 1, 65_536) if param.has("num_target") else 1
        return 0, count
    nearest = _NEAREST.get(objective, "binary:logistic, multi:softprob or reg:squarederror")
    raise ModelError(
        f"XGBoost's objective {objective!r} has no rule here.",
        f"The nearest that is supported: {nearest}.",
    )


def _base(param: JsonNode, objective: str, count: int) -> npt.NDArray[np.float64]:
    """Start of each margin: ``base_score`` is in the objective's own unit."""
    given = param.get("base_score").text().strip("[]").split(",")
    try:
        score = np.array([float(text) for text in given])
    except ValueError:
        score = np.array([np.nan])
    if len(score) not in {1, count} or not np.isfinite(score).all():
        param.get("base_score").refuse("the start of each output")
    if objective == "binary:logistic":
        if not 0 < score[0] < 1:
            param.get("base_score").refuse("a probability")
        one = np.float32(1)
        with np.errstate(divide="ignore", over="ignore"):
            score = -np.log(one / score.astype(np.float32) - one)
    return np.broadcast_to(score, (count,)).astype(np.float64)


def _trees(
    model: JsonNode,
    rounds: int,
    count: int,
    weights: npt.NDArray[np.float64] | None,
) -> list[FloatTree]:
    groups = model.get("tree_info").integers()
    nodes = model.get("trees").each(lambda node: node)
    if len(groups) != len(nodes) or (weights is not None and len(weights) != len(nodes)):
        model.refuse("consistent: tree_info, weight_drop and trees differ in length")
    if not all(0 <= group < count for group in groups):
        model.get("tree_info").refuse(f"a list of outputs 0..{count - 1}")
    kept = _kept(model, rounds, count, len(nodes))
    scales = np.ones(kept) if weights is None else weights
    return [
        _tree(node, group, float(np.float32(scale)))
        for node, group, scale in zip(nodes[:kept], groups, scales, strict=False)
    ]


def _kept(model: JsonNode, rounds: int, count: int, trees: int) -> int:
    """How many trees the first ``rounds`` rounds have."""
    if rounds == _UNSET:
        return trees
    if model.has("iteration_indptr"):
        ends = model.get("iteration_indptr").integers()
        return min(ends[min(rounds, len(ends) - 1)], trees) if ends else trees
    parallel = _whole(model.get("gbtree_model_param").get("num_parallel_tree"), 0, 2**31)
    return min(rounds * max(parallel, 1) * count, trees)


def _tree(node: JsonNode, group: int, scale: float) -> FloatTree:
    left = np.array(node.get("left_children").integers(), dtype=np.int64)
    right = np.array(node.get("right_children").integers(), dtype=np.int64)
    feature = np.array(node.get("split_indices").integers(), dtype=np.int64)
    with np.errstate(over="ignore"):
        numbers = node.get("split_conditions").numbers().astype(np.float32)
    default_left = node.get("default_left").numbers() != 0
    if not len(left) == len(right) == len(feature) == len(numbers) == len(default_left) > 0:
        node.refuse("a tree: its lists differ in length or are empty")
    if node.has("tree_param") and node.get("tree_param").get("size_leaf_vector").text() not in "01":
        raise ModelError(
            "Trees that hold one value for each target have no rule here.",
            'Train with multi_strategy="one_output_per_tree".',
        )
    categories = _categories(node, len(left))
    # Categories that a node lists go right, so its children change places: they are its codes.
    left, right = left.copy(), right.copy()
    for at in categories:
        if not 0 <= at < len(left) or left[at] < 0:
            node.get("categories_nodes").refuse("a list of inner nodes")
        left[at], right[at] = right[at], left[at]
        default_left[at] = not default_left[at]
    return FloatTree(
        left=left,
        right=right,
        feature=feature,
        threshold=np.nextafter(numbers, np.float32(-np.inf)).astype(np.float64),
        values=(numbers.astype(np.float64) * scale)[:, np.newaxis],
        column=group,
        missing_left=default_left,
        codes=categories,
    )


def _categories(node: JsonNode, size: int) -> dict[int, frozenset[int]]:
    """Categories that go right, by node."""
    kinds = node.get("split_type").numbers() if node.has("split_type") else np.zeros(size)
    if not kinds.any():
        return {}
    nodes = node.get("categories_nodes").integers()
    starts = node.get("categories_segments").integers()
    sizes = node.get("categories_sizes").integers()
    codes = node.get("categories").integers()
    if not len(nodes) == len(starts) == len(sizes) or set(nodes) != set(np.flatnonzero(kinds)):
        node.get("categories_nodes").refuse("the list of nodes that split by category")
    found = {}
    for at, start, length in zip(nodes, starts, sizes, strict=True):
        if not 0 <= start <= start + length <= len(codes):
            node.get("categories_segments").refuse("a list of places in categories")
        found[at] = frozenset(codes[start : start + length])
    return found


def _check_encoded(cats: JsonNode, features: Features) -> None:
    """Categories that XGBoost encodes itself, from a data frame."""
    if not cats.has("enc"):
        return
    lists = []
    for item in cats.get("enc").each(lambda node: node):
        if item.has("values"):
            values = item.get("values")
            lists.append(_labels(item) if item.has("offsets") else list(values.numbers()))
    check_categories([labels for labels in lists if labels], features)


def _labels(item: JsonNode) -> list[object]:
    """Texts, stored one after the other as bytes."""
    ends = item.get("offsets").integers()
    data = bytes(value & 0xFF for value in item.get("values").integers())
    return [data[a:b].decode("utf-8", "replace") for a, b in pairwise(ends)]


def _whole(node: JsonNode, low: int, high: int) -> int:
    """A whole number, which XGBoost writes as text."""
    text = node.text()
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and low <= int(text) <= high):
        node.refuse(f"a whole number in {low}..{high}")
    return int(text)
