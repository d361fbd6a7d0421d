"""Features: the grid, the ranges, the packed bytes, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stylus_ai.errors import FeatureError, ModelError
from stylus_ai.ir import Feature, Features, uniform_rows
from tests.ir.strategies import features

CREDIT = Features(
    (
        Feature("duration", 4, 72, unit="months"),
        Feature("rate", -1.5, 2.5, scale=10),
        Feature("purpose", 0, 2, labels=("car", "house", "other")),
        Feature("amount", 0, 100_000, unit="DM"),
    )
)


def test_natural_units_become_steps_and_come_back() -> None:
    q = CREDIT.quantise([[4, -1.5, 0, 0], [72, 0.3, 2, 100_000]])
    assert q.tolist() == [[4, -15, 0, 0], [72, 3, 2, 100_000]]
    assert CREDIT.dequantise(q).tolist() == [[4, -1.5, 0, 0], [72, 0.3, 2, 100_000]]


def test_float32_rows_are_on_the_grid_in_their_own_precision() -> None:
    rows = np.array([[5, 0.3, 1, 7]], dtype=np.float32)
    assert CREDIT.quantise(rows).tolist() == [[5, 3, 1, 7]]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([math.nan, 0, 0, 0], "Row 0: duration = nan: a value is missing"),
        ([3, 0, 0, 0], r"duration = 3.0 is outside 4..72 months"),
        ([math.inf, 0, 0, 0], "duration = inf is outside"),
        ([5, 0.25, 0, 0], r"rate = 0.25 is off the grid .* nearest value is 0.2"),
        ([5, 0, 1.5, 0], "purpose = 1.5 is off the grid"),
    ],
)
def test_values_that_do_not_fit_are_named(row: list[float], message: str) -> None:
    with pytest.raises(FeatureError, match=message):
        CREDIT.quantise([row])


def test_the_first_bad_row_is_named_and_the_others_counted() -> None:
    with pytest.raises(FeatureError, match=r"Row 1: .*\(1 more values do not fit"):
        CREDIT.quantise([[4, 0, 0, 0], [3, 0, 0, 0], [2, 0, 0, 0]])


@pytest.mark.parametrize("rows", [[[1, 2]], [1, 2, 3, 4], "text", [["a", "b", "c", "d"]]])
def test_rows_of_the_wrong_shape_or_type_are_refused(rows: Any) -> None:
    with pytest.raises(FeatureError):
        CREDIT.quantise(rows)


@pytest.mark.parametrize(
    ("row", "advice"),
    [
        ({"duration": 3}, "Correct the value."),
        ({"rate": 0.27}, "Give 0.3."),
        ({"purpose": 3}, "Labels: car, house, other."),
    ],
)
def test_a_typed_row_has_no_number_and_its_advice_is_no_python(
    row: dict[str, float], advice: str
) -> None:
    good = {"duration": 12, "rate": 0.5, "purpose": "house", "amount": 900}
    with pytest.raises(FeatureError) as caught:
        CREDIT.from_mapping(good | row)
    assert caught.value.cause.startswith(next(iter(row)))
    assert caught.value.next_step == advice


def test_a_script_s_row_is_numbered_and_snap_is_advised() -> None:
    with pytest.raises(FeatureError, match="Row 0: duration") as caught:
        CREDIT.quantise([[3, 0, 0, 0]])
    assert "Features.snap" in caught.value.next_step


@pytest.mark.parametrize("kind", ["complex128", "datetime64[s]", "timedelta64[s]"])
def test_complex_numbers_and_times_are_no_numbers(kind: str) -> None:
    rows = np.zeros((1, 4), dtype=kind)
    for take in (CREDIT.quantise, CREDIT.snap):
        with pytest.raises(FeatureError, match="not numbers"):
            take(rows)


def test_snap_rounds_and_clips_to_what_quantise_takes() -> None:
    snapped = CREDIT.snap([[3.2, 0.27, 9, -5]])
    assert snapped.tolist() == [[4, 0.3, 2, 0]]
    CREDIT.quantise(snapped)
    with pytest.raises(FeatureError, match="missing"):
        CREDIT.snap([[math.nan, 0, 0, 0]])


@settings(max_examples=60, deadline=None)
@given(features(), st.integers(0, 2**32))
def test_packing_is_solidity_s_encode_packed(columns: Features, seed: int) -> None:
    (row,) = uniform_rows(columns, 1, np.random.default_rng(seed))
    packed = columns.pack(row)
    assert len(packed) == columns.packed_length
    assert columns.unpack(packed).tolist() == row.tolist()
    at = 0
    for column, value in zip(columns, row.tolist(), strict=True):
        bits = int(column.solidity_type.lstrip("uint"))
        assert column.solidity_type.startswith("u") == (column.q_low >= 0)
        assert int.from_bytes(packed[at : at + bits // 8], "big") == value % 2**bits
        at += bits // 8


@pytest.mark.parametrize(
    ("low", "high", "kind"),
    [
        (0, 255, "uint8"),
        (0, 256, "uint16"),
        (-128, 127, "int8"),
        (-129, 0, "int16"),
        (-1, 255, "int16"),
        (0, 65_536, "uint32"),
        (-1, 40_000, "int32"),
    ],
)
def test_width_is_the_least_that_holds_the_range(low: int, high: int, kind: str) -> None:
    assert Feature("x", low, high).solidity_type == kind


def test_unpack_refuses_a_wrong_length_and_a_value_out_of_range() -> None:
    with pytest.raises(FeatureError, match="bytes"):
        CREDIT.unpack(b"")
    with pytest.raises(FeatureError, match="outside"):
        CREDIT.unpack(bytes(CREDIT.packed_length))


def test_a_mapping_takes_labels() -> None:
    row = CREDIT.from_mapping({"duration": 12, "rate": 0.5, "purpose": "house", "amount": 900})
    assert row.tolist() == [12, 5, 1, 900]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"durations": 1}, "Did you mean 'duration'"),
        ({"purpose": "hous"}, "Did you mean 'house'"),
        ({"amount": "much"}, "is text"),
        ({"amount": None}, "is not a number"),
        ({"amount": [1]}, "is not a number"),
        ({"amount": 10**400}, "outside"),
        ({"amount": math.nan}, "missing"),
    ],
)
def test_a_mapping_with_a_mistake_is_refused(change: dict[str, Any], message: str) -> None:
    good = {"duration": 12, "rate": 0.5, "purpose": "house", "amount": 900}
    with pytest.raises(FeatureError, match=message):
        CREDIT.from_mapping(good | change)


def test_a_missing_name_is_named() -> None:
    with pytest.raises(FeatureError, match="Missing features: rate, purpose"):
        CREDIT.from_mapping({"duration": 12, "amount": 900})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Age", 0, 1), "snake_case"),
        (("a__b", 0, 1), "snake_case"),
        (("a b", 0, 1), "snake_case"),
        (("fn", 0, 1), "reserved"),
        (("lambda", 0, 1), "reserved"),
        (("mapping", 0, 1), "reserved"),
        (("x", 2, 1), "above"),
        (("x", math.nan, 1), "nan"),
        (("x", 0, math.inf), "inf"),
        (("x", 0, 0.5), "multiple"),
        (("x", 0, 2**31), "32 bits"),
        (("x", -(2**31), 0), "32 bits"),
        (("x", -(2**30), 2**30), "32 bits"),
        (("x", 0, 1, 0), "scale"),
        (("x", 0, 1, 1, "", ("a",)), "labels"),
        (("x", 0, 1, 1, "", ("a", "a")), "twice"),
    ],
)
def test_features_that_cannot_be(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        Feature(*arguments)


def test_names_must_differ_in_solidity_too() -> None:
    with pytest.raises(ModelError, match="walletAge"):
        Features((Feature("wallet_age", 0, 1), Feature("wallet_age", 0, 2)))
    with pytest.raises(ModelError, match="1 to"):
        Features(())
