"""A model behind preprocessing as a model of the features themselves.

Trees get exact thresholds on the features, found by asking the preprocessing and the library's own
comparison. Weights are folded: what a step adds or multiplies goes into them, and what it picks out
(a category, a bin, a gap) becomes a column of integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.frontends.inputs import Add, Clip, Divide, Input, Multiply, column_range
from stylus_ai.frontends.model import (
    Dense,
    FloatLinear,
    FloatModel,
    FloatNetwork,
    FloatTree,
    FloatTrees,
)
from stylus_ai.ir import Clipped, Column, Features, Value, Within

Floats = npt.NDArray[np.float64]

MAX_CODES = 65_536
"""Integers that one indicator may stand for when a tree reads it."""

ROUNDING = 1e-12
"""What two ways to compute a clipped value may differ by, as a share of it."""


def behind(model: FloatModel, inputs: Sequence[Input], features: Features) -> FloatModel:
    """The same model, reading features instead of inputs.

    Args:
        model: A model whose features stand for ``inputs``, one for each.
        inputs: What the preprocessing makes.
        features: The features that they are made of.

    Raises:
        ModelError: A gap reaches a model that has no rule for it, or a split has no integer form.
    """
    match model.body:
        case FloatTrees() as trees:
            if all(_plain(one) for one in inputs):
                at = np.array([one.position for one in inputs], dtype=np.int64)
                moved = [replace(tree, feature=_taken(at, tree)) for tree in trees.trees]
                return replace(model, features=features, body=replace(trees, trees=tuple(moved)))
            own = tuple(_tree(tree, inputs, trees.comparison) for tree in trees.trees)
            return replace(
                model, features=features, body=replace(trees, trees=own, comparison="float64")
            )
        case FloatLinear() as linear:
            fold = _fold(inputs, features)
            body = replace(
                linear,
                weights=linear.weights @ fold.matrix,
                bias=linear.bias + linear.weights @ fold.offset,
            )
            return replace(model, features=features, columns=fold.columns, body=body)
        case FloatNetwork() as network:
            return _network(model, network, inputs, features)
    assert_never(model.body)


def _plain(one: Input) -> bool:
    """Whether the input is a feature as it is, gaps included."""
    return isinstance(one.column, Value) and not one.steps and bool(np.isnan(one.gap))


def _taken(at: npt.NDArray[np.int64], tree: FloatTree) -> npt.NDArray[np.int64]:
    """Features of the nodes, by way of the inputs; leaves have none."""
    _check_feature(tree, len(at))
    return np.where(tree.left >= 0, at[np.where(tree.left >= 0, tree.feature, 0)], 0)


def _check_feature(tree: FloatTree, width: int) -> None:
    inner = tree.feature[tree.left >= 0]
    if inner.size and not (inner.min() >= 0 and inner.max() < width):
        raise ModelError("A tree looks at a column that does not exist.")


def _tree(
    tree: FloatTree, inputs: Sequence[Input], comparison: Literal["float32", "float64"]
) -> FloatTree:
    """One tree, its nodes on the features."""
    _check_feature(tree, len(inputs))
    left, right = tree.left.copy(), tree.right.copy()
    feature, threshold = tree.feature.copy(), tree.threshold.copy()
    size = len(left)
    gap_left = np.zeros(size, dtype=np.bool_)
    codes: dict[int, frozenset[int]] = {}
    for j in sorted(set(tree.feature[left >= 0].tolist())):
        one = inputs[j]
        nodes = np.flatnonzero((tree.left >= 0) & (tree.feature == j))
        feature[nodes] = one.position
        if one.feature.missing:
            gap_left[nodes] = _gap_left(tree, nodes, one, comparison)
        if any(int(node) in tree.codes for node in nodes):
            if not _plain(one) or not all(int(node) in tree.codes for node in nodes):
                raise ModelError(
                    f"A split by category behind preprocessing of {one.feature.name} has no rule "
                    "here.",
                    "Give the model the categories as they are.",
                )
            codes |= {int(node): tree.codes[int(node)] for node in nodes}
        elif one.indicator:
            splits = _indicator(tree.threshold[nodes], one, comparison)
            for node, split in zip(nodes.tolist(), splits, strict=True):
                if isinstance(split, frozenset):
                    codes[node] = split
                else:
                    threshold[node] = split
        else:
            largest = one.last_at_most(tree.threshold[nodes], comparison)
            threshold[nodes] = largest / one.feature.scale
    for node in codes.keys() - tree.codes.keys():
        # These are the codes that go right.
        left[node], right[node] = right[node], left[node]
        gap_left[node] = not gap_left[node]
    return replace(
        tree,
        left=left,
        right=right,
        feature=feature,
        threshold=threshold,
        missing_left=gap_left,
        codes=codes,
    )


def _gap_left(
    tree: FloatTree,
    nodes: npt.NDArray[np.int64],
    one: Input,
    comparison: Literal["float32", "float64"],
) -> npt.NDArray[np.bool_]:
    if not np.isnan(one.gap):
        goes_left: npt.NDArray[np.bool_] = (
            float(np.dtype(comparison).type(one.gap)) <= tree.threshold[nodes]
        )
        return goes_left
    if tree.missing_left is None:
        raise _no_rule(one)
    return tree.missing_left[nodes]


def _no_rule(one: Input) -> ModelError:
    return ModelError(
        f"{one.feature.name} may be missing, but the model has no rule for missing values.",
        "Put a SimpleImputer before it, or leave out missing=True.",
    )


def _indicator(
    limits: Floats, one: Input, comparison: Literal["float32", "float64"]
) -> list[frozenset[int] | float]:
    """Splits by an indicator: the integers that go right, or a limit if all go one way."""
    if not isinstance(one.column, Within):
        raise TypeError(one.column)
    feature = one.feature
    low, high = max(one.column.low, feature.q_low), min(one.column.high, feature.q_high)
    # A number that the indicator does not stand for, and one that it does.
    two = np.array([one.column.high + 1, one.column.low])
    zero, hit = one.of(two).astype(comparison).astype(np.float64)
    found: list[frozenset[int] | float] = []
    for limit in limits:
        if (zero <= limit) == (hit <= limit) or low > high:
            found.append(np.inf if zero <= limit else -np.inf)
        elif feature.scale != 1 or high - low >= MAX_CODES:
            raise ModelError(
                f"A tree splits by an indicator of {feature.name}, which is no category of whole "
                "numbers.",
                'Use KBinsDiscretizer(encode="ordinal") before trees, or the column as it is.',
            )
        else:
            found.append(frozenset(range(low, high + 1)))
    return found


@dataclass(frozen=True)
class _Fold:
    """Inputs as sums: ``matrix @ columns + offset``.

    Attributes:
        columns: What is read; none where it is the features themselves.
        matrix: float64[inputs, columns or features].
        offset: float64[inputs].
    """

    columns: tuple[Column, ...]
    matrix: Floats
    offset: Floats


def _fold(inputs: Sequence[Input], features: Features) -> _Fold:
    """Every input as a sum over columns, in their natural units."""
    terms = [_terms(one) for one in inputs]
    offset = np.array([constant for _, constant in terms])
    used = {column for some, _ in terms for column in some}
    if all(isinstance(column, Value) for column in used):
        matrix = np.zeros((len(inputs), len(features)))
        for j, (some, _) in enumerate(terms):
            for column, factor in some.items():
                matrix[j, column.feature] += factor
        return _Fold((), matrix, offset)
    columns = sorted(used, key=lambda column: (column.feature, str(column)))
    place = {column: i for i, column in enumerate(columns)}
    matrix = np.zeros((len(inputs), len(columns)))
    for j, (some, _) in enumerate(terms):
        for column, factor in some.items():
            matrix[j, place[column]] += factor
    return _Fold(tuple(columns), matrix, offset)


def _terms(one: Input) -> tuple[dict[Column, float], float]:
    """One input as factors of columns and a constant."""
    clip = next((i for i, step in enumerate(one.steps) if isinstance(step, Clip)), None)
    column: Column = one.column
    terms: dict[Column, float] = {}
    if clip is not None:
        column, terms = _clipped(one, clip)
    slope, constant = _line(one)
    terms[column] = terms.get(column, 0.0) + slope
    if one.feature.missing:
        if np.isnan(one.gap):
            raise _no_rule(one)
        top = one.feature.q_top
        _, high, unit = column_range(column, one.feature)
        raw = {Value: top, Clipped: high}.get(type(column))
        if raw is None:
            raw = high if not isinstance(column, Within) else int(column.low <= top <= column.high)
        moved = one.gap - (slope * raw / unit + constant)
        if moved:
            gap = Within(one.position, top, top)
            terms[gap] = terms.get(gap, 0.0) + moved
    return terms, constant


def _line(one: Input) -> tuple[float, float]:
    """Slope and constant of the steps, without their clipping."""
    slope, constant = 1.0, 0.0
    for step in one.steps:
        match step:
            case Add(by=by):
                constant += by
            case Multiply(by=by):
                slope, constant = slope * by, constant * by
            case Divide(by=by):
                slope, constant = slope / by, constant / by
            case Clip():
                pass
            case _:
                assert_never(step)
    return slope, constant


def _clipped(one: Input, at: int) -> tuple[Column, dict[Column, float]]:
    """The column behind a clipping step, and what it takes to be exact off the grid."""
    before, step = replace(one, steps=one.steps[:at]), one.steps[at]
    if not isinstance(step, Clip) or any(isinstance(other, Clip) for other in one.steps[at + 1 :]):
        raise ModelError(f"{one.feature.name} is clipped twice before the model.", "Clip once.")
    feature = one.feature
    ends = before.of(np.array([feature.q_low, feature.q_high]))
    if ends.min() >= step.low and ends.max() <= step.high:
        return one.column, {}
    if not isinstance(one.column, Value):
        raise ModelError(
            f"A clipped encoding of {feature.name} has no rule here.", "Scale it without clip."
        )
    first, last = before.last_at_most([np.nextafter(step.low, -np.inf), step.high]).tolist()
    first, last = max(first + 1, feature.q_low), max(last, feature.q_low)
    if first > last:
        raise ModelError(
            f"Between two grid values of {feature.name} lies all that is not clipped.",
            "Give the feature a larger scale.",
        )
    own, _ = _line(before)
    slope, _ = _line(one)
    tail = slope / own
    terms: dict[Column, float] = {}
    for low, high, limit, edge in (
        (feature.q_low, first - 1, step.low, first),
        (last + 1, feature.q_high, step.high, last),
    ):
        moved = (limit - float(before.of(np.array([edge]))[0])) * tail
        if low <= high and abs(moved) > ROUNDING * max(abs(limit * tail), abs(slope)):
            terms[Within(one.position, low, high)] = moved
    return Clipped(one.position, first, last), terms


def _network(
    model: FloatModel, network: FloatNetwork, inputs: Sequence[Input], features: Features
) -> FloatModel:
    """Scalers become the network's slope and offset; the rest goes into its first layer."""
    lines = [_line(one) for one in inputs]
    plain = all(
        isinstance(one.column, Value)
        and one.position == i
        and not one.feature.missing
        and not any(isinstance(step, Clip) for step in one.steps)
        for i, one in enumerate(inputs)
    )
    if plain and len(inputs) == len(features):
        slopes = np.array([slope for slope, _ in lines])
        constants = np.array([constant for _, constant in lines])
        body = replace(
            network,
            slope=network.slope * slopes,
            offset=network.offset + network.slope * constants,
        )
        return replace(model, features=features, body=body)
    first = network.layers[0]
    if not isinstance(first, Dense):
        raise ModelError(
            "A network that begins with a convolution reads its pixels as they are, or scaled.",
            "Leave encoders out of its Pipeline.",
        )
    fold = _fold(inputs, features)
    scaled = first.weights * network.slope
    layer = Dense(
        weights=scaled @ fold.matrix,
        bias=first.bias + first.weights @ network.offset + scaled @ fold.offset,
    )
    width = layer.weights.shape[1]
    body = replace(
        network,
        slope=np.ones(width),
        offset=np.zeros(width),
        layers=(layer, *network.layers[1:]),
    )
    return replace(model, features=features, columns=fold.columns, body=body)
