"""Scorecards: points for each bin or category of each feature, written by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from stylus_ai.errors import ModelError
from stylus_ai.frontends.inputs import Input
from stylus_ai.frontends.labels import flipped, named, names, ordered, task_of
from stylus_ai.frontends.model import FloatLinear, FloatModel, check_finite
from stylus_ai.ir import Column, Feature, Features, Value, Within


@dataclass(frozen=True)
class Scorecard:
    """A sum of points, read by ``stylus_ai.export`` as any trained model.

    Attributes:
        bins: By feature: pairs of a bin's upper end, included, and its points; ends ascend, and the
            last is infinite.
        codes: By feature: points of each code or label; those not listed are worth nothing.
        missing: By feature: points where it is missing.
        base: Points of every row.
        odds: Points at even odds, and points that double them: the card is then a classifier whose
            log-odds are ``log(2) * (points - even) / double``. By default it gives its points.
    """

    bins: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    codes: Mapping[str, Mapping[int | str, float]] = field(default_factory=dict)
    missing: Mapping[str, float] = field(default_factory=dict)
    base: float = 0.0
    odds: tuple[float, float] | None = None


def matches(model: object) -> bool:
    """A ``Scorecard``."""
    return isinstance(model, Scorecard)


def read(
    model: object,
    features: Features,
    *,
    positive: object = None,
    classes: Sequence[object] = (),
    targets: Sequence[str] = (),
) -> FloatModel:
    """Freeze a scorecard, see ``registry``."""
    if not isinstance(model, Scorecard):
        raise TypeError(model)
    if targets:
        raise ModelError("A scorecard has one result.", "Leave targets out.")
    unknown = {*model.bins, *model.codes, *model.missing} - set(features.names)
    if unknown:
        raise ModelError(
            f"The scorecard has points for {sorted(unknown)[0]!r}, which is no feature.",
            f"The features are: {', '.join(features.names)}.",
        )
    points: dict[Column, float] = {}
    for position, feature in enumerate(features):
        for column, value in _points(model, feature, position):
            points[column] = points.get(column, 0.0) + value
    if not points:
        raise ModelError("The scorecard has no points.", "Give bins or codes.")
    labels = ordered(named(2 if model.odds else 0, classes), positive)
    even, slope = _scale(model.odds)
    sign = -1.0 if flipped(labels) else 1.0
    weights = sign * slope * np.array([list(points.values())])
    bias = np.array([sign * slope * (model.base - even)])
    check_finite("The scorecard", weights)
    check_finite("The scorecard", bias)
    return FloatModel(
        features=features,
        task=task_of(labels),
        family="linear",
        body=FloatLinear(weights, bias, "logistic" if labels else "identity"),
        classes=names(labels),
        source="scorecard",
        columns=tuple(points),
    )


def _scale(odds: tuple[float, float] | None) -> tuple[float, float]:
    """Points at even odds, and log-odds for each point."""
    if odds is None:
        return 0.0, 1.0
    even, double = odds
    if double == 0:
        raise ModelError("The points that double the odds are 0.", "Give odds=(600, 20), say.")
    return even, math.log(2) / double


def _points(card: Scorecard, feature: Feature, position: int) -> Iterator[tuple[Column, float]]:
    """Columns of one feature that are worth something."""
    name = feature.name
    one = Input(feature, Value(position))
    if name in card.bins:
        ends = [end for end, _ in card.bins[name]]
        if any(not a < b for a, b in pairwise(ends)) or ends[-1:] != [math.inf]:
            raise ModelError(
                f"The bins of {name} do not end at ascending numbers and infinity.",
                "Write them as [(30, -10), (50, 0), (math.inf, 15)].",
            )
        before = feature.q_low - 1
        lasts = one.last_at_most(np.array(ends)).tolist()
        for last, (_, value) in zip(lasts, card.bins[name], strict=True):
            if last > before and value:
                yield Within(position, before + 1, last), value
            before = last
    for code, value in card.codes.get(name, {}).items():
        at = _code(feature, code)
        yield Within(position, at, at), value
    if name in card.missing and not feature.missing:
        raise ModelError(f"{name} has points for a gap, but is never missing.")
    if feature.missing and (name in card.bins or name in card.codes):
        if name not in card.missing:
            raise ModelError(
                f"{name} may be missing, but the scorecard has no points for that.",
                f'Give missing={{"{name}": 0}}.',
            )
        yield Within(position, feature.q_top, feature.q_top), card.missing[name]


def _code(feature: Feature, code: int | str) -> int:
    """The integer of a code or label."""
    if isinstance(code, str):
        if code not in feature.labels:
            raise ModelError(f"{feature.name} has no label {code!r}.")
        return feature.q_low + feature.labels.index(code)
    at = int(code) * feature.scale
    if at != code * feature.scale or not feature.q_low <= at <= feature.q_high:
        raise ModelError(f"{feature.name} has no code {code!r}.")
    return at
