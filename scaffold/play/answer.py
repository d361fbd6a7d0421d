"""What Python answers to a row: the interpreter, in the form that the page compares.

Every integer is a text: a contract's ``int64`` does not fit a number of JavaScript.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stylus_ai.codegen import is_explained
from stylus_ai.errors import UsageError
from stylus_ai.ir import Program, answers, interpret, leaves
from stylus_ai.ir.explain import points

Text = str | list[str]


def python_answer(program: Program, row: Sequence[int]) -> dict[str, Any]:
    """The interpreter's answer to a row.

    Args:
        program: Verified.
        row: int[features].

    Returns:
        ``answer``: name -> integer or list of integers, as the contract's ``predict`` returns
        them; of a model that explains itself also ``points`` and ``leaves``.

    Raises:
        FeatureError: A value is out of its feature's range, or there are too many or too few.
    """
    rows = np.array([row])
    found = interpret(program, rows)
    value: dict[str, Any] = {
        "answer": {answer.name: _text(found[answer.output][0]) for answer in answers(program)}
    }
    if is_explained(program):
        value["points"] = _text(points(program, rows[0]))
        value["leaves"] = _text(leaves(program, rows)[0])
    return value


def read_row(value: object) -> list[int]:
    """The row in a request, ``{"row": [1, 2, ...]}``.

    Raises:
        UsageError: There is none.
    """
    row = value.get("row") if isinstance(value, dict) else None
    if not isinstance(row, list) or not all(type(entry) is int for entry in row):
        raise UsageError("The request holds no row.", 'Send {"row": [1, 2, ...]}, integers only.')
    if any(abs(entry) >= 1 << 63 for entry in row):
        raise UsageError("The row holds an integer of more than 64 bits.", "Send smaller ones.")
    return row


def _text(found: Any) -> Text:
    """An integer, or an array of them, as texts."""
    if np.ndim(found) == 0:
        return str(int(found))
    return [str(entry) for entry in np.asarray(found).tolist()]
