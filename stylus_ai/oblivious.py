"""Gradient boosting of oblivious trees, in numpy, with scikit-learn's interface.

All nodes of a level test the same (feature, threshold), as in CatBoost, so that a tree is a table
with one bit of address for each level: the cheapest kernel that the compiler has. Trees are grown
level by level on histograms of gradients (Newton boosting, as in XGBoost).

Leaves are rounded while training, each tree's to a power of two that lets them fit ``leaf_bits``:
the trees that follow correct what rounding moved, and the compiler rounds nothing any more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BASE_BITS = 16
"""Fractional bits of the start of a classifier's sum."""

LEAST_GAIN = 1e-9
"""A level that gains less than this share ends the tree."""


@dataclass(frozen=True, eq=False)
class ObliviousTree:
    """One trained tree.

    Attributes:
        features: Of each level, int64[depth], the root's first.
        thresholds: ``x <= threshold`` goes left, float64[depth].
        values: Of the leaves from left to right, float64[2^depth].
        column: Output that it adds to.
    """

    features: Ints
    thresholds: Floats
    values: Floats
    column: int

    def leaves(self, x: Floats) -> Ints:
        """Leaf that each row reaches, int64[n]."""
        found = np.zeros(len(x), dtype=np.int64)
        for feature, threshold in zip(self.features, self.thresholds, strict=True):
            found = 2 * found + (x[:, feature] > threshold)
        return found


class _ObliviousBoosting(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What classifier and regressor share."""

    def __init__(
        self,
        *,
        n_estimators: int = 100,
        max_depth: int = 6,
        learning_rate: float = 0.1,
        max_bins: int = 64,
        l2: float = 3.0,
        subsample: float = 1.0,
        leaf_bits: int = 8,
        random_state: int | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.max_depth = max_depth
        self.learning_rate = learning_rate
        self.max_bins = max_bins
        self.l2 = l2
        self.subsample = subsample
        self.leaf_bits = leaf_bits
        self.random_state = random_state

    def apply(self, X: npt.ArrayLike) -> Ints:
        """Node number of the leaf that each row reaches in each tree, int64[n, trees].

        Nodes are numbered as in a heap: the children of ``i`` are ``2i + 1`` and ``2i + 2``.
        """
        x = self._rows(X)
        return np.stack(
            [tree.leaves(x) + len(tree.values) - 1 for tree in self.trees_], axis=1
        ).reshape(len(x), -1)

    def _rows(self, rows: npt.ArrayLike) -> Floats:
        check_is_fitted(self)
        return np.asarray(validate_data(self, rows, reset=False, dtype=np.float64))

    def _raw(self, x: Floats) -> Floats:
        """Sums, float64[n, outputs]."""
        sums = np.tile(self.base_, (len(x), 1))
        for tree in self.trees_:
            sums[:, tree.column] += tree.values[tree.leaves(x)]
        return sums

    def _boost(
        self, x: Floats, base: Floats, slopes: Callable[[Floats], tuple[Floats, Floats]]
    ) -> None:
        """Grow the trees; ``slopes`` gives gradient and curvature of the loss at given sums."""
        rng = np.random.default_rng(self.random_state)
        bins = _Bins(x, self.max_bins)
        self.base_ = base
        self.trees_: list[ObliviousTree] = []
        sums = np.tile(base, (len(x), 1))
        for _ in range(self.n_estimators):
            gradient, curvature = slopes(sums)
            kept = rng.random(len(x)) < self.subsample if self.subsample < 1 else slice(None)
            for column in range(len(base)):
                tree = self._grow(bins, gradient[:, column], curvature[:, column], kept, column)
                sums[:, column] += tree.values[tree.leaves(x)]
                self.trees_.append(tree)

    def _grow(
        self, bins: _Bins, gradient: Floats, curvature: Floats, kept: Any, column: int
    ) -> ObliviousTree:
        slots, gradient, curvature = bins.slots[kept], gradient[kept], curvature[kept]
        leaf = np.zeros(len(slots), dtype=np.int64)
        chosen: list[tuple[int, int]] = []
        before = float(gradient.sum() ** 2 / (curvature.sum() + self.l2))
        for level in range(self.max_depth):
            gains = bins.gains(leaf, slots, (gradient, curvature), leaves=1 << level, l2=self.l2)
            feature, border = np.unravel_index(int(gains.argmax()), gains.shape)
            if gains[feature, border] <= before * (1 + LEAST_GAIN):
                break
            before = float(gains[feature, border])
            chosen.append((int(feature), int(border)))
            leaf = 2 * leaf + (slots[:, feature] > feature * bins.width + border)
        count = 1 << len(chosen)
        total = np.bincount(leaf, gradient, count)
        weight = np.bincount(leaf, curvature, count) + self.l2
        return ObliviousTree(
            features=np.array([feature for feature, _ in chosen], dtype=np.int64),
            thresholds=np.array([bins.borders[feature][border] for feature, border in chosen]),
            values=_rounded(-self.learning_rate * total / weight, self.leaf_bits),
            column=column,
        )


class _Bins:
    """Columns in bins, and histograms over them.

    Attributes:
        borders: Of each feature, ascending; bin ``k`` holds ``borders[k - 1] < x <= borders[k]``.
        width: Bins that each feature has room for.
        slots: Bin of each value, plus ``width`` times the feature's number; int64[n, features].
    """

    def __init__(self, x: Floats, most: int) -> None:
        self.borders = [_borders(column, most) for column in x.T]
        self.width = most
        codes = [
            feature * most + np.searchsorted(borders, column, side="left")
            for feature, (borders, column) in enumerate(zip(self.borders, x.T, strict=True))
        ]
        self.slots = np.stack(codes, axis=1).astype(np.int64)
        self._none = np.ones((x.shape[1], most), dtype=np.bool_)
        for feature, borders in enumerate(self.borders):
            self._none[feature, : len(borders)] = False

    def gains(
        self,
        leaf: Ints,
        slots: Ints,
        slopes: tuple[Floats, Floats],
        *,
        leaves: int,
        l2: float,
    ) -> Floats:
        """Score of a level that tests each (feature, border), float64[features, width]."""
        features = slots.shape[1]
        place = (leaf[:, np.newaxis] * (features * self.width) + slots).ravel()
        shape = (leaves, features, self.width)
        sums = []
        for weights in slopes:
            filled = np.bincount(place, np.repeat(weights, features), int(np.prod(shape)))
            sums.append(filled.reshape(shape).cumsum(axis=2))
        below, weight = sums
        above, rest = below[:, :, -1:] - below, weight[:, :, -1:] - weight
        score = (below**2 / (weight + l2) + above**2 / (rest + l2)).sum(axis=0)
        score[self._none] = -np.inf
        return np.asarray(score)


def _borders(column: Floats, most: int) -> Floats:
    """At most ``most - 1`` borders, each in the middle between two values that occur."""
    values = np.unique(column)
    if len(values) > most:
        shares = np.quantile(column, np.linspace(0, 1, most + 1)[1:-1], method="lower")
        places = np.unique(np.searchsorted(values, shares))
        places = places[places < len(values) - 1]
    else:
        places = np.arange(len(values) - 1)
    return np.asarray((values[places] + values[places + 1]) / 2)


def _rounded(values: Floats, bits: int) -> Floats:
    """Values as multiples of a power of two, so that their differences fit ``bits``."""
    spread = float(np.ptp(values))
    if spread == 0:
        spread = float(np.abs(values).max())
    if spread == 0:
        return values
    step = 2.0 ** np.ceil(np.log2(spread / ((1 << bits) - 2)))
    return np.asarray(np.rint(values / step) * step)


class ObliviousBoostingClassifier(ClassifierMixin, _ObliviousBoosting):  # type: ignore[misc]
    """Boosted oblivious trees that classify: logistic loss, softmax for more than two classes.

    Args:
        n_estimators: Rounds; one tree each, or one for each of more than two classes.
        max_depth: Levels of a tree.
        learning_rate: Share of each tree's step that is taken.
        max_bins: Bins of a feature; fewer share more comparisons in the contract.
        l2: Weight of the leaves' squares.
        subsample: Share of the rows that each round sees.
        leaf_bits: Bits of a tree's leaves; 8 is the cheapest that the compiler has.
        random_state: Seed of the subsample.

    Attributes:
        classes_: Labels, sorted.
        base_: Start of each output's sum, float64[outputs].
        trees_: The trees, in order.
    """

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike) -> ObliviousBoostingClassifier:
        """Train on rows float64[n, features] and their labels."""
        x, labels = validate_data(self, X, y, dtype=np.float64)
        self.classes_, truth = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("y holds one class only.")
        shares = np.bincount(truth) / len(truth)
        if len(self.classes_) == 2:
            yes = (truth == 1).astype(np.float64)[:, np.newaxis]
            base = np.log(shares[1:] / shares[:1])
        else:
            yes = np.eye(len(self.classes_))[truth]
            base = np.log(shares)

        def slopes(sums: Floats) -> tuple[Floats, Floats]:
            p = _probabilities(sums)[:, -sums.shape[1] :]
            return p - yes, np.maximum(p * (1 - p), 1e-12)

        self._boost(x, np.rint(base * 2**BASE_BITS) / 2**BASE_BITS, slopes)
        return self

    def decision_function(self, X: npt.ArrayLike) -> Floats:
        """Log-odds of the second of two classes, float64[n]; else sums, float64[n, classes]."""
        raw = self._raw(self._rows(X))
        return raw[:, 0] if raw.shape[1] == 1 else raw

    def predict_proba(self, X: npt.ArrayLike) -> Floats:
        """Probabilities, float64[n, classes]."""
        return _probabilities(self._raw(self._rows(X)))

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """The likeliest class of each row."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])


class ObliviousBoostingRegressor(RegressorMixin, _ObliviousBoosting):  # type: ignore[misc]
    """The same for numbers, with squared loss; see `ObliviousBoostingClassifier`."""

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike) -> ObliviousBoostingRegressor:
        """Train on rows float64[n, features] and their targets, float64[n]."""
        x, target = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        truth = np.asarray(target, dtype=np.float64)[:, np.newaxis]
        ones = np.ones_like(truth)
        self._boost(x, truth.mean(axis=0), lambda sums: (sums - truth, ones))
        return self

    def predict(self, X: npt.ArrayLike) -> Floats:
        """Numbers, float64[n]."""
        return self._raw(self._rows(X))[:, 0]


def _probabilities(sums: Floats) -> Floats:
    """From sums to probabilities, float64[n, classes]; one sum is the log-odds of the second."""
    if sums.shape[1] == 1:
        sums = np.hstack([np.zeros_like(sums), sums])
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
