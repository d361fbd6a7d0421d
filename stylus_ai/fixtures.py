"""Fixtures: integer rows in CSV with the outputs that the interpreter gives for them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from stylus_ai.errors import ProjectError
from stylus_ai.ir import Features, Program, interpret, leaves
from stylus_ai.ir.features import IntRows

LEAVES = "leaves"
"""Column that only a fixture has, beside the features and the outputs."""


def fixture_csv(program: Program, rows: IntRows) -> str:
    """Integer rows with the outputs that the interpreter gives: the fixtures' format.

    Args:
        program: Verified.
        rows: int64[n, features].

    Returns:
        CSV text: a column per feature, one per output, and ``leaves``, separated by spaces.
    """
    outputs = interpret(program, rows)
    reached = leaves(program, rows)
    lines = [",".join([*program.features.names, *outputs, LEAVES])]
    for i, row in enumerate(rows):
        answers = [" ".join(map(str, np.atleast_1d(values[i]))) for values in outputs.values()]
        lines.append(",".join([*map(str, row), *answers, " ".join(map(str, reached[i]))]))
    return "\n".join(lines) + "\n"


def fixture_rows(path: Path, features: Features) -> IntRows:
    """Rows of a fixture file, without the expected outputs: int64[n, features].

    Raises:
        ProjectError: The file is missing or is not such a file.
    """
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            rows = [[int(row[name]) for name in features.names] for row in csv.DictReader(stream)]
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise ProjectError(
            f"{path} cannot be read as fixtures: {error!r}", "Run: stylus-ai train"
        ) from None
    return features.check(np.array(rows, dtype=np.int64).reshape(-1, len(features)))
