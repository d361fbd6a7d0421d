"""Features: what a row of input means, and its one integer form.

A model is trained on natural units (days, DM, a ratio); the contract sees integers
``q = x * scale`` (docs/numerics.md, equation 1). Both directions, the checks and the packed bytes
stand here, so that no other part needs to know of ranges or widths.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import FeatureError, ModelError
from stylus_ai.ir import packing
from stylus_ai.ir.feature import Feature

__all__ = ["Feature", "Features", "FloatRows", "IntRows"]

IntRows = npt.NDArray[np.int64]
FloatRows = npt.NDArray[np.float64]

MAX_FEATURES = 1024

NO_NUMBERS = "cmM"
"""Kinds of numpy arrays that would become floats without a word: complex numbers and times."""


@dataclass(frozen=True)
class Features(Sequence[Feature]):
    """The columns of a model's input, in the order in which it was trained.

    Args:
        columns: At least one feature; names are unique, also as camelCase.
        bits: Of rows packed tighter than by bytes: bits of each value, 1, 2 or 4.
    """

    columns: tuple[Feature, ...]
    bits: int | None = None
    _index: dict[str, int] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.columns))
        if not 1 <= len(self.columns) <= MAX_FEATURES:
            raise ModelError(
                f"A model takes 1 to {MAX_FEATURES} features, not {len(self.columns)}."
            )
        camel = [column.camel_name for column in self.columns]
        for name in camel:
            if camel.count(name) > 1:
                raise ModelError(
                    f"Two features have the Solidity name {name}.", "Rename one of them."
                )
        packing.check_bits(self.columns, self.bits)
        index = {column.name: i for i, column in enumerate(self.columns)}
        object.__setattr__(self, "_index", index)

    @overload
    def __getitem__(self, index: int) -> Feature: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Feature, ...]: ...
    def __getitem__(self, index: int | slice) -> Feature | tuple[Feature, ...]:
        return self.columns[index]

    def __len__(self) -> int:
        return len(self.columns)

    def __iter__(self) -> Iterator[Feature]:
        return iter(self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def packed_length(self) -> int:
        """Bytes of one packed row."""
        if self.bits is not None:
            return packing.bytes_for(len(self), self.bits)
        return sum(column.width for column in self.columns)

    @property
    def q_lows(self) -> IntRows:
        """Smallest integer of each feature, int64[features]."""
        return np.array([column.q_low for column in self.columns], dtype=np.int64)

    @property
    def q_highs(self) -> IntRows:
        """Largest integer of each feature, int64[features]."""
        return np.array([column.q_high for column in self.columns], dtype=np.int64)

    @property
    def q_tops(self) -> IntRows:
        """Largest integer that each feature takes, gaps included, int64[features]."""
        return np.array([column.q_top for column in self.columns], dtype=np.int64)

    @property
    def gaps(self) -> npt.NDArray[np.bool_]:
        """Which features may be missing, bool[features]."""
        return np.array([column.missing for column in self.columns])

    @property
    def scales(self) -> IntRows:
        """Steps per unit of each feature, int64[features]."""
        return np.array([column.scale for column in self.columns], dtype=np.int64)

    def quantise(self, x: npt.ArrayLike) -> IntRows:
        """Natural units to integers (equation 1).

        Args:
            x: Rows, number[n, features]. On the grid in the array's own precision: 0.3 as a
                float32 is on a grid of tenths as it is as a float64. NaN where a feature that
                may be missing is.

        Returns:
            int64[n, features], each within its feature's range.

        Raises:
            FeatureError: Wrong shape, NaN, out of range or off the grid; names the first row,
                the feature, the value, the range and the nearest grid value.
        """
        return self._quantise(_numbers(x, len(self)))

    def _quantise(self, given: npt.NDArray[Any], *, alone: bool = False) -> IntRows:
        """``quantise``; ``alone`` is a row that somebody typed: it has no number in messages."""
        values = given.astype(np.float64)
        steps = np.rint(values * self.scales)
        back = (steps / self.scales).astype(given.dtype if given.dtype.kind == "f" else np.float64)
        lows = np.array([column.low for column in self.columns])
        highs = np.array([column.high for column in self.columns])
        with np.errstate(invalid="ignore"):
            inside = (values >= lows) & (values <= highs)
            on_grid = back == given
        gap = np.isnan(values) & self.gaps
        good = (inside & on_grid) | gap
        if not good.all():
            row, position = map(int, np.argwhere(~good)[0])
            value, count = float(values[row, position]), int((~good).sum())
            self._refuse(None if alone else row, position, value, count)
        quantised: IntRows = np.where(gap, self.q_tops, steps).astype(np.int64)
        return quantised

    def dequantise(self, q: npt.ArrayLike) -> FloatRows:
        """Integers to natural units, float64[n, features]: the value a model is trained on."""
        steps = np.asarray(q, dtype=np.int64)
        natural: FloatRows = np.where(
            self.gaps & (steps == self.q_tops), np.nan, steps / self.scales
        )
        return natural

    def snap(self, x: npt.ArrayLike) -> FloatRows:
        """Round to the grid and clip to the range: what a training script does to its data first.

        Args:
            x: Rows, number[n, features].

        Returns:
            float64[n, features], for which ``quantise`` never fails. Gaps stay NaN.

        Raises:
            FeatureError: Wrong shape, or NaN where a feature cannot be missing.
        """
        values = _numbers(x, len(self)).astype(np.float64)
        gap = np.isnan(values)
        if (gap & ~self.gaps).any():
            row, position = map(int, np.argwhere(gap & ~self.gaps)[0])
            self._refuse(row, position, math.nan, int((gap & ~self.gaps).sum()))
        with np.errstate(over="ignore"):
            steps = np.clip(np.rint(values * self.scales), self.q_lows, self.q_highs)
        return self.dequantise(np.where(gap, self.q_tops, steps).astype(np.int64))

    def check(self, q: npt.ArrayLike) -> IntRows:
        """Integer rows, refused unless each value lies in its feature's range.

        Args:
            q: int[n, features].

        Raises:
            FeatureError: Wrong shape, not integers, or out of range.
        """
        rows = np.asarray(q)
        if rows.ndim != 2 or rows.shape[1] != len(self):
            raise FeatureError(
                f"Rows have the shape {rows.shape}, not (rows, {len(self)}).",
                f"Give one integer for each of: {', '.join(self.names)}.",
            )
        if rows.size and rows.dtype.kind not in "iu":
            raise FeatureError(
                f"Rows hold {rows.dtype}, not integers.", "Call Features.quantise first."
            )
        bad = (rows < self.q_lows) | (rows > self.q_tops)
        if bad.any():
            row, position = map(int, np.argwhere(bad)[0])
            column = self.columns[position]
            raise FeatureError(
                f"Row {row}: {column.name} = {int(rows[row, position])} is outside "
                f"{column.q_low}..{column.q_top} (integer steps of 1/{column.scale}).",
                "Correct the value or widen the feature's range and train again.",
            )
        checked: IntRows = rows.astype(np.int64)
        return checked

    def from_mapping(self, values: Mapping[str, Any]) -> IntRows:
        """One row from names to values, e.g. from JSON. Labels stand for their codes.

        A feature that may be missing may be left out, or be None.

        Returns:
            int64[features].

        Raises:
            FeatureError: A name is missing or unknown (the nearest is suggested), a label is
                unknown, or the value does not fit.
        """
        for name in values:
            if name not in self._index:
                raise FeatureError(
                    f"Unknown feature {name!r}.{_nearest(str(name), self.names)}",
                    f"The model takes: {', '.join(self.names)}.",
                )
        missing = [
            column.name for column in self if column.name not in values and not column.missing
        ]
        if missing:
            raise FeatureError(
                f"Missing feature{'s' if len(missing) > 1 else ''}: {', '.join(missing)}.",
                "Give every feature a value; a model has no rule for gaps.",
            )
        row = [_number(column, values.get(column.name)) for column in self.columns]
        one: IntRows = self._quantise(_numbers([row], len(self)), alone=True)[0]
        return one

    def pack(self, q: npt.ArrayLike) -> bytes:
        """One integer row as the bytes that ``predict(bytes)`` takes.

        Big-endian, tight, in feature order: Solidity's ``abi.encodePacked``; or ``bits`` for each
        value, the first in the highest bits of the first byte, the last byte filled with 0.
        """
        (row,) = self.check(np.atleast_2d(np.asarray(q)))
        return packing.pack(self.columns, self.bits, row)

    def unpack(self, packed: bytes) -> IntRows:
        """Inverse of ``pack``: int64[features].

        Raises:
            FeatureError: Wrong length, a value out of range, or bits beyond the last value.
        """
        if len(packed) != self.packed_length:
            raise FeatureError(f"A packed row has {self.packed_length} bytes, not {len(packed)}.")
        row = packing.unpack(self.columns, self.bits, packed)
        one: IntRows = self.check(np.array([row], dtype=np.int64))[0]
        return one

    def _refuse(self, row: int | None, position: int, value: float, count: int) -> None:
        """Raise for the first value that ``quantise`` or ``snap`` cannot take.

        A row without a number was typed, so that its next step is no Python.
        """
        column = self.columns[position]
        others = f" ({count - 1} more values do not fit.)" if count > 1 else ""
        place = "" if row is None else f"Row {row}: "
        where = f"{place}{column.name} = {value!r}"
        if math.isnan(value):
            raise FeatureError(f"{where}: a value is missing.{others}", "Fill or drop such rows.")
        if not column.low <= value <= column.high:
            cause = f"is outside {column.describe_range()}.{others}"
            remedy = "Correct the value, or clip it with Features.snap."
            typed = "Correct the value."
        else:
            nearest = round(value * column.scale) / column.scale
            cause = (
                f"is off the grid of {column.describe_range()}; "
                f"the nearest value is {nearest!r}.{others}"
            )
            remedy = "Round with Features.snap, or give the feature a larger scale."
            typed = f"Give {nearest!r}."
        if column.labels:
            remedy = typed = f"Labels: {', '.join(column.labels)}."
        raise FeatureError(f"{where} {cause}", typed if row is None else remedy)


def _numbers(x: npt.ArrayLike, width: int) -> npt.NDArray[Any]:
    """``x`` as a numeric array [n, width]."""
    try:
        values = np.asarray(x)
        if values.dtype.kind in NO_NUMBERS:
            raise FeatureError(
                f"Rows hold {values.dtype}, not numbers.", "Convert them to real numbers first."
            )
        if values.dtype.kind not in "fiub":
            values = values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise FeatureError(f"Rows are not numbers: {error}.") from None
    if values.ndim != 2 or values.shape[1] != width:
        raise FeatureError(f"Rows have the shape {values.shape}, not (rows, {width}).")
    return values


def _number(column: Feature, value: Any) -> float:
    """A value from JSON: a number, a category's label, or None for a gap."""
    if value is None and column.missing:
        return math.nan
    if isinstance(value, str):
        if value in column.labels:
            return float(column.q_low + column.labels.index(value))
        if column.labels:
            raise FeatureError(
                f"{column.name} = {value!r} is no label.{_nearest(value, column.labels)}",
                f"Labels: {', '.join(column.labels)}.",
            )
        raise FeatureError(
            f"{column.name} = {value!r} is text, not a number.",
            f"Give a number in {column.describe_range()}.",
        )
    if isinstance(value, bool | int | float | np.integer | np.floating):
        try:
            return float(value)
        except OverflowError:
            raise FeatureError(
                f"{column.name}: the number is outside {column.describe_range()}."
            ) from None
    raise FeatureError(
        f"{column.name} = {value!r} is not a number.",
        f"Give a number in {column.describe_range()}.",
    )


def _nearest(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
