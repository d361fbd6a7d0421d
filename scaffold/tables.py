"""Rows for ``predict``: from a JSON argument, a CSV or an NPZ file, in natural units.

What a file holds is checked here down to "a table of numbers or labels"; whether the numbers fit
the model is for ``Features`` to say.
"""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile

from stylus_ai import strict_json
from stylus_ai.errors import FeatureError, UsageError
from stylus_ai.fixtures import LEAVES, fixture_rows
from stylus_ai.ir.features import Features, IntRows

MAX_FILE = 64 * 1024 * 1024
"""Bytes of an input file. A million rows do not belong in a loop of calls to a node."""

NPZ_ARRAY = "x"
SAVE = f'Save the rows as "{NPZ_ARRAY}": numpy.savez(file, {NPZ_ARRAY}=rows)'


def row_from_json(text: str, features: Features) -> IntRows:
    """The row of a JSON object with a value for each feature, as int64[1, features].

    Raises:
        UsageError: The text is no JSON object.
        FeatureError: A feature is missing, unknown or out of range.
    """
    try:
        value = strict_json.loads(text)
    except ValueError as error:
        raise UsageError(f"The argument is not JSON: {error}", _example(features)) from None
    if not isinstance(value, dict):
        raise UsageError("The argument is not a JSON object of features.", _example(features))
    return features.from_mapping(value)[np.newaxis, :]


def rows_from_file(path: Path, features: Features) -> IntRows:
    """The rows of a CSV or NPZ file, as int64[rows, features], in the file's order.

    A CSV file has a header with the features' names, in any order; other columns are left out, so
    that the training data itself can be given. Labels stand for their codes. A fixture that
    ``train`` wrote is known by its columns; its values are steps already. An NPZ file has the
    array ``x``, or one array only: number[rows, features], columns in the features' order.

    Raises:
        UsageError: The file is missing, too large, or not what its name says.
        FeatureError: A value does not fit its feature; the row is named.
    """
    readers = {".csv": _read_csv, ".npz": _read_npz}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UsageError(f"{path} is neither .csv nor .npz.", "Give a table as CSV or NPZ.")
    if not path.is_file():
        raise UsageError(f"{path} does not exist or is not a file.", "Check the path.")
    if path.stat().st_size > MAX_FILE:
        raise UsageError(f"{path} has over {MAX_FILE >> 20} MB.", "Split it.")
    rows = reader(path, features)
    if not len(rows):
        raise UsageError(f"{path} holds no rows.", "Give at least one.")
    return rows


def one_row(rows: IntRows, number: int, path: Path) -> IntRows:
    """Row ``number`` of a file, from 0, as int64[1, features].

    Raises:
        UsageError: The file has fewer rows.
    """
    if number >= len(rows):
        raise UsageError(
            f"{path} has no row {number}: it has {len(rows)}, from 0.", "Choose another --row."
        )
    return rows[number : number + 1]


def _read_csv(path: Path, features: Features) -> IntRows:
    header, records = _records(path, features)
    if LEAVES in header:
        return fixture_rows(path, features)
    rows = [_csv_row(path, number, record, features) for number, record in enumerate(records, 1)]
    return np.array(rows, dtype=np.int64).reshape(-1, len(features))


def _records(path: Path, features: Features) -> tuple[set[str], list[dict[str, Any]]]:
    """Columns and lines of a CSV file; every feature has a column, and a line is by column."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, strict=True)
            header = set(reader.fieldnames or ())
            records = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} is not a CSV file in UTF-8: {error}") from None
    columns = f"Its first line must name: {', '.join(features.names)}."
    if not header:
        raise UsageError(f"{path} is empty.", columns)
    missing = [name for name in features.names if name not in header]
    if missing:
        raise UsageError(f"{path} has no column {', '.join(missing)}.", columns)
    return header, records


def _csv_row(path: Path, number: int, record: dict[str, Any], features: Features) -> IntRows:
    values = {feature.name: _cell(record[feature.name], feature.labels) for feature in features}
    try:
        return features.from_mapping(values)
    except FeatureError as error:
        raise FeatureError(f"{path}, row {number}: {error.cause}", error.next_step) from None


def _cell(text: str | None, labels: tuple[str, ...]) -> str | float:
    """A label stays text; whatever looks like a number becomes one."""
    cell = (text or "").strip()
    if cell in labels:
        return cell
    try:
        return float(cell)
    except ValueError:
        return cell


def _read_npz(path: Path, features: Features) -> IntRows:
    try:
        opened = np.load(path, allow_pickle=False)
        if not isinstance(opened, NpzFile):
            raise UsageError(f"{path} is an NPY file under another name.", SAVE)
        with opened as archive:
            names = list(archive.files)
            if NPZ_ARRAY not in names and len(names) != 1:
                raise UsageError(
                    f"{path} holds the arrays {', '.join(names) or '(none)'}.",
                    SAVE,
                )
            array = archive[NPZ_ARRAY if NPZ_ARRAY in names else names[0]]
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, AttributeError) as error:
        raise UsageError(f"{path} is not an NPZ file of numbers: {error}") from None
    return features.quantise(array)


def _example(features: Features) -> str:
    values = {f.name: f.labels[0] if f.labels else _plain(f.low) for f in features}
    return f"For example: stylus-ai predict '{json.dumps(values)}'"


def _plain(value: float) -> float:
    """A whole number without its .0, as a person writes it."""
    return int(value) if value.is_integer() else value
