"""Explanations by the interpreter: the same numbers that the contract's ``explain`` gives."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stylus_ai.ir.interpreter import interpret
from stylus_ai.ir.program import Program
from stylus_ai.ir.tensor import Ints


def points(program: Program, row: npt.ArrayLike) -> Ints:
    """What each feature of a row adds to the score of a yes-or-no model.

    Args:
        program: Verified, of the task ``binary``.
        row: int[features].

    Returns:
        int64[features], basis points: the row's score, less its score with that feature at the
        reference row's value.

    Raises:
        FeatureError: A value is out of its feature's range.
    """
    given = np.asarray(row, dtype=np.int64)
    changed = np.tile(given, (len(program.features), 1))
    np.fill_diagonal(changed, program.reference)
    score = interpret(program, np.vstack([given, changed]))["score"]
    moved: Ints = score[0] - score[1:]
    return moved
