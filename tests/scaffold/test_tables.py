"""``scaffold.tables``: rows from JSON, CSV and NPZ, or a clear refusal."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scaffold.tables import MAX_FILE, row_from_json, rows_from_file
from stylus_ai.errors import FeatureError, StylusAiError, UsageError
from stylus_ai.ir.features import Feature, Features

FEATURES = Features(
    (
        Feature("health", 0, 10, scale=100),
        Feature("housing", 0, 2, labels=("rent", "own", "free")),
    )
)


def write(tmp_path: Path, name: str, content: str | bytes) -> Path:
    """A file with ``content``."""
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_json_object_becomes_one_row_of_steps() -> None:
    rows = row_from_json('{"housing": "own", "health": 1.87}', FEATURES)
    assert rows.tolist() == [[187, 1]]


@pytest.mark.parametrize(
    ("text", "kind", "cause"),
    [
        ("{health: 1}", UsageError, "not JSON"),
        ("[1, 2]", UsageError, "not a JSON object"),
        ("[" * 100_000, UsageError, "nested deeper"),
        ('{"health": 1}', FeatureError, "Missing feature: housing"),
        ('{"health": NaN, "housing": 1}', UsageError, "NaN is not a number"),
        ('{"health": 1, "housing": "owned"}', FeatureError, "Did you mean 'own'"),
        ('{"heath": 1, "housing": 1}', FeatureError, "Did you mean 'health'"),
    ],
)
def test_bad_json_is_refused(text: str, kind: type[StylusAiError], cause: str) -> None:
    with pytest.raises(kind, match=cause):
        row_from_json(text, FEATURES)


def test_a_csv_may_have_columns_in_any_order_labels_and_more_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "rows.csv", "outcome,housing,health\ngood,free,0.5\nbad,0,10\n")
    assert rows_from_file(path, FEATURES).tolist() == [[50, 2], [1000, 0]]


def test_a_csv_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "rows.csv", "\ufeffhealth,housing\r\n1,own\r\n")
    assert rows_from_file(path, FEATURES).tolist() == [[100, 1]]


def npz(**arrays: Any) -> bytes:
    """Bytes of an NPZ file."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def npy(array: Any) -> bytes:
    """Bytes of an NPY file."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def test_a_fixture_holds_steps_already(tmp_path: Path) -> None:
    content = "health,housing,score,decision,leaves\n187,1,7400,1,3 0\n1000,0,1200,0,1 1\n"
    assert rows_from_file(write(tmp_path, "test.csv", content), FEATURES).tolist() == [
        [187, 1],
        [1000, 0],
    ]
    damaged = write(tmp_path, "edges.csv", content.replace("187", "1.87"))
    with pytest.raises(UsageError, match="cannot be read as fixtures"):
        rows_from_file(damaged, FEATURES)


def test_the_example_is_what_a_person_would_type() -> None:
    with pytest.raises(UsageError) as caught:
        row_from_json("[]", FEATURES)
    assert caught.value.next_step.endswith("""predict '{"health": 0, "housing": "rent"}'""")


@pytest.mark.parametrize("name", ["x", "anything"])
def test_an_npz_gives_its_rows_in_order(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, "rows.npz", npz(**{name: np.array([[1.25, 2], [0, 0]])}))
    assert rows_from_file(path, FEATURES).tolist() == [[125, 2], [0, 0]]


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        ("rows.csv", "health\n1\n", "has no column housing"),
        ("rows.csv", "", "rows.csv is empty"),
        ("rows.csv", "\n", "rows.csv is empty"),
        ("rows.csv", "a,b\n1,2\n", "has no column health, housing"),
        ("rows.csv", "health,housing\n", "holds no rows"),
        ("rows.csv", "health,housing\n1,own\n,own\n", "row 2: health = ''"),
        ("rows.csv", "health,housing\n1\n", "row 1: housing = ''"),
        ("rows.csv", "health,housing\n99,own\n", "row 1: health = 99.0 is outside 0..10"),
        ("rows.csv", "health,housing\nnan,own\n", "row 1: .*a value is missing"),
        ("rows.csv", b"health,housing\n\xff,own\n", "not a CSV file in UTF-8"),
        ("rows.csv", 'health,housing\n"1,own\n', "not a CSV file in UTF-8"),
        ("rows.npz", b"PK\x03\x04 not a zip", "not an NPZ file"),
        ("rows.npz", b"", "not an NPZ file"),
        ("rows.npz", npy(np.zeros((1, 2))), "is an NPY file"),
        ("rows.npz", npz(x=np.zeros((1, 2), dtype=complex)), "complex128, not numbers"),
        ("rows.npz", npz(a=np.zeros((1, 2)), b=np.zeros((1, 2))), "holds the arrays a, b"),
        ("rows.npz", npz(x=np.zeros((1, 3))), "shape"),
        ("rows.npz", npz(x=np.array([["a", "b"]])), "not numbers"),
        ("rows.npz", npz(x=np.array([[{}, {}]], dtype=object)), "not an NPZ file"),
        ("rows.npz", npz(x=np.array([[np.inf, 0]])), "outside"),
        ("rows.npz", npz(x=np.array([[0.123, 0]])), "off the grid"),
        ("rows.txt", "health,housing\n1,own\n", "neither .csv nor .npz"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_the_place(
    tmp_path: Path, name: str, content: str | bytes, cause: str
) -> None:
    with pytest.raises(StylusAiError, match=cause):
        rows_from_file(write(tmp_path, name, content), FEATURES)


def test_a_missing_file_a_folder_and_a_huge_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(MAX_FILE + 1)
    for name, cause in (
        ("no.csv", "does not exist"),
        ("folder.csv", "not a file"),
        ("huge.csv", "MB"),
    ):
        with pytest.raises(UsageError, match=cause):
            rows_from_file(tmp_path / name, FEATURES)
