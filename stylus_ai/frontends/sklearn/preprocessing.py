"""scikit-learn's preprocessing as inputs: scalers, encoders, bins, column by column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from stylus_ai.errors import ModelError
from stylus_ai.frontends.inputs import Add, Clip, Divide, Input, Multiply, Step
from stylus_ai.ir import Bin, Within

SUPPORTED = (
    "StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler, SimpleImputer, OneHotEncoder, "
    "OrdinalEncoder, KBinsDiscretizer, ColumnTransformer, Pipeline and passthrough"
)

_NEAREST = {
    "QuantileTransformer": "KBinsDiscretizer",
    "PowerTransformer": "StandardScaler",
    "SplineTransformer": "KBinsDiscretizer",
    "TargetEncoder": "OneHotEncoder",
    "LabelBinarizer": "OneHotEncoder",
    "KNNImputer": "SimpleImputer",
    "IterativeImputer": "SimpleImputer",
    "Binarizer": "KBinsDiscretizer",
}

MAX_INPUTS = 65_536

Inputs = list[Input]


def through(step: Any, inputs: Inputs) -> Inputs:
    """What a fitted step makes of inputs.

    Raises:
        ModelError: The step is not supported, not fitted, or mixes columns.
    """
    if step is None or step == "passthrough":
        return inputs
    if step == "drop":
        return []
    kind = type(step).__name__
    reader = _READERS.get(kind)
    if reader is None or not type(step).__module__.startswith("sklearn."):
        nearest = _NEAREST.get(kind)
        raise ModelError(
            f"The step {kind} before the model has no rule here.",
            f"The nearest that is supported: {nearest}."
            if nearest
            else f"Supported: {SUPPORTED}; or transform the table beforehand.",
        )
    width = getattr(step, "n_features_in_", None)
    if width is None and kind != "FunctionTransformer":
        raise ModelError(f"The step {kind} is not fitted.", "Call fit first.")
    if width is not None and width != len(inputs):
        raise ModelError(
            f"The step {kind} was fitted on {width} columns, not {len(inputs)}.",
            "Give one Feature for each column, in the order of training.",
        )
    found = reader(step, inputs)
    if len(found) > MAX_INPUTS:
        raise ModelError(f"The step {kind} makes more than {MAX_INPUTS} columns.")
    return found


def _pipeline(step: Any, inputs: Inputs) -> Inputs:
    for _, part in step.steps:
        inputs = through(part, inputs)
    return inputs


def _column_transformer(step: Any, inputs: Inputs) -> Inputs:
    if step.transformer_weights:
        raise ModelError("transformer_weights of a ColumnTransformer have no rule here.")
    places = step._transformer_to_input_indices
    found: Inputs = []
    for name, part, _ in step.transformers_:
        found += through(part, [inputs[i] for i in places.get(name, [])])
    return found


def _identity(step: Any, inputs: Inputs) -> Inputs:
    if step.func is not None:
        raise ModelError(
            "A FunctionTransformer runs Python code, which has no integer form.",
            f"Supported: {SUPPORTED}; or transform the table beforehand.",
        )
    return inputs


def _each(steps: Sequence[Sequence[Step]], inputs: Inputs) -> Inputs:
    return [one.then(*some) for one, some in zip(inputs, steps, strict=True)]


def _column(values: Any, used: bool, width: int) -> list[float | None]:
    """A statistic of each column, or None if the step does without."""
    if not used or values is None:
        return [None] * width
    return [float(value) for value in np.asarray(values, dtype=np.float64)]


def _shift_and_divide(shifts: Sequence[float | None], divisors: Sequence[float | None]) -> Any:
    return [
        [*([] if shift is None else [Add(-shift)]), *([] if by is None else [Divide(by)])]
        for shift, by in zip(shifts, divisors, strict=True)
    ]


def _standard(step: Any, inputs: Inputs) -> Inputs:
    width = len(inputs)
    means = _column(step.mean_, step.with_mean, width)
    return _each(_shift_and_divide(means, _column(step.scale_, step.with_std, width)), inputs)


def _robust(step: Any, inputs: Inputs) -> Inputs:
    width = len(inputs)
    centres = _column(step.center_, step.with_centering, width)
    return _each(_shift_and_divide(centres, _column(step.scale_, step.with_scaling, width)), inputs)


def _max_abs(step: Any, inputs: Inputs) -> Inputs:
    return _each([[Divide(float(scale))] for scale in step.scale_], inputs)


def _min_max(step: Any, inputs: Inputs) -> Inputs:
    low, high = map(float, step.feature_range)
    clip = [Clip(low, high)] if step.clip else []
    return _each(
        [
            [Multiply(float(scale)), Add(float(offset)), *clip]
            for scale, offset in zip(step.scale_, step.min_, strict=True)
        ],
        inputs,
    )


def _imputer(step: Any, inputs: Inputs) -> Inputs:
    if not (isinstance(step.missing_values, float) and np.isnan(step.missing_values)):
        raise ModelError(
            f"The SimpleImputer fills {step.missing_values!r}, not NaN.",
            "Write NaN for missing values.",
        )
    if step.indicator_ is not None:
        raise ModelError(
            "SimpleImputer(add_indicator=True) has no rule here.",
            "Use trees, which know missing values themselves, or leave add_indicator out.",
        )
    try:
        values = np.asarray(step.statistics_, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.full(len(inputs), np.nan)
    if np.isnan(values).any():
        raise ModelError(
            "A column of the SimpleImputer has no number to fill with.",
            "Drop columns that are empty in the training rows.",
        )
    return [one.filled(float(value)) for one, value in zip(inputs, values, strict=True)]


def _one_hot(step: Any, inputs: Inputs) -> Inputs:
    if step.min_frequency is not None or step.max_categories is not None:
        raise ModelError(
            "OneHotEncoder with min_frequency or max_categories has no rule here.",
            "Join rare categories in the table beforehand.",
        )
    found: Inputs = []
    dropped = step.drop_idx_ if step.drop_idx_ is not None else [None] * len(inputs)
    for one, given, drop in zip(inputs, step.categories_, dropped, strict=True):
        categories = _categories(given, one)
        runs = _runs(one, categories)
        if step.handle_unknown == "error":
            _check_known(one, runs, "OneHotEncoder", 'handle_unknown="ignore"')
            _check_gap(one, categories, "OneHotEncoder")
        for i, (category, run) in enumerate(zip(categories, runs, strict=True)):
            if drop is None or i != drop:
                found.append(_indicator(one, run, category))
    return found


def _ordinal(step: Any, inputs: Inputs) -> Inputs:
    found: Inputs = []
    for one, given in zip(inputs, step.categories_, strict=True):
        categories = _categories(given, one)
        runs = _runs(one, categories)
        _check_known(one, runs, "OrdinalEncoder", None)
        _check_gap(one, categories, "OrdinalEncoder")
        numbers = [category for category in categories if not np.isnan(category)]
        edges = [first - 1 for first, _ in runs[1 : len(numbers)]]
        gap = np.nan
        if one.gap in numbers:
            gap = float(numbers.index(one.gap))
        elif one.feature.missing and np.isnan(one.gap):
            gap = float(step.encoded_missing_value)
        found.append(_counted(one, edges, gap))
    return found


def _bins(step: Any, inputs: Inputs) -> Inputs:
    if step.dtype is not None and np.dtype(step.dtype) != np.float64:
        raise ModelError(
            f"KBinsDiscretizer(dtype={step.dtype}) has no rule here.", "Leave dtype out."
        )
    found: Inputs = []
    for one, given in zip(inputs, step.bin_edges_, strict=True):
        _check_order(one, "KBinsDiscretizer")
        _check_gap(one, [one.gap] if np.isfinite(one.gap) else [], "KBinsDiscretizer")
        inner = np.asarray(given, dtype=np.float64)[1:-1]
        edges = one.last_at_most(np.nextafter(inner, -np.inf)).tolist()
        gap_bin = float(np.searchsorted(inner, one.gap, side="right"))
        gap = np.nan if np.isnan(one.gap) else gap_bin
        if step.encode == "ordinal":
            found.append(_counted(one, edges, gap))
            continue
        low, high = one.feature.q_low, one.feature.q_high
        for i, (before, last) in enumerate(pairwise([low - 1, *edges, high])):
            hit = gap if np.isnan(gap) else float(gap == i)
            found.append(Input(one.feature, Within(one.position, before + 1, last), hit))
    return found


def _categories(given: Any, one: Input) -> list[float]:
    """An encoder's categories, which must be numbers in order; NaN last."""
    _check_order(one, "encoder")
    try:
        return [float(category) for category in np.asarray(given, dtype=np.float64)]
    except (TypeError, ValueError):
        raise ModelError(
            f"The encoder of {one.feature.name} was fitted on texts.",
            "Train on the codes of the labels: Feature(labels=...) names them.",
        ) from None


def _check_order(one: Input, what: str) -> None:
    if one.indicator:
        raise ModelError(
            f"A {what} behind a one-hot encoder has no rule here.",
            "Encode each column once.",
        )


def _runs(one: Input, categories: Sequence[float]) -> list[tuple[int, int]]:
    """For each category the integers that are it, first and last; empty for NaN."""
    return [
        (1, 0) if np.isnan(category) else one.between(category, np.nextafter(category, np.inf))
        for category in categories
    ]


def _check_known(
    one: Input, runs: Sequence[tuple[int, int]], what: str, remedy: str | None
) -> None:
    """Refuse a feature that takes values which the encoder refuses."""
    feature = one.feature
    known = sum(max(last - first + 1, 0) for first, last in runs)
    if known != feature.q_high - feature.q_low + 1:
        other = f", or use {remedy}" if remedy else ""
        raise ModelError(
            f"{feature.name} takes {feature.q_high - feature.q_low + 1} values, but the {what} "
            f"knows {known} of them.",
            f"Give the encoder all categories: categories=[...]{other}.",
        )


def _check_gap(one: Input, categories: Sequence[float], what: str) -> None:
    """Refuse a feature whose gaps the step refuses."""
    known = one.gap in categories or (np.isnan(one.gap) and np.isnan(categories).any())
    if one.feature.missing and not known:
        raise ModelError(
            f"{one.feature.name} may be missing, which the {what} does not know.",
            "Put a SimpleImputer before it, or train it on rows with NaN.",
        )


def _indicator(one: Input, run: tuple[int, int], category: float) -> Input:
    same = one.gap == category or (np.isnan(one.gap) and np.isnan(category))
    first, last = run
    if first > last:
        first, last = one.feature.q_high + 1, one.feature.q_high + 1
    return Input(one.feature, Within(one.position, first, last), float(same))


def _counted(one: Input, edges: Sequence[int], gap: float) -> Input:
    """The number of edges below a feature; edges outside its range do not count, or always."""
    low, high = one.feature.q_low, one.feature.q_high
    always = sum(edge < low for edge in edges)
    inside = [edge for edge in edges if low <= edge < high]
    if len(set(inside)) != len(inside):
        raise ModelError(
            f"Two bins of {one.feature.name} begin at the same value of its grid.",
            "Use fewer bins, or give the feature a larger scale.",
        )
    column = (
        Bin(one.position, tuple(inside)) if inside else Within(one.position, high + 2, high + 2)
    )
    found = Input(one.feature, column, np.nan)
    if always:
        found = found.then(Add(float(always)))
    return found.filled(gap)


_READERS: dict[str, Callable[[Any, Inputs], Inputs]] = {
    "Pipeline": _pipeline,
    "ColumnTransformer": _column_transformer,
    "FunctionTransformer": _identity,
    "StandardScaler": _standard,
    "MinMaxScaler": _min_max,
    "MaxAbsScaler": _max_abs,
    "RobustScaler": _robust,
    "SimpleImputer": _imputer,
    "OneHotEncoder": _one_hot,
    "OrdinalEncoder": _ordinal,
    "KBinsDiscretizer": _bins,
}
