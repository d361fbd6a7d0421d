"""Features, rows and targets of the boosted models that are recorded or trained in tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stylus_ai.ir import Feature, Features, uniform_rows

GAPS = Features(
    (
        Feature("age", 0, 9, missing=True),
        Feature("kind", 0, 12, missing=True),
        Feature("rate", -3, 3, scale=10, missing=True),
        Feature("total", 0, 2**24 + 100),
    )
)
"""A number, a category, a fraction, and a number that float32 cannot hold."""

CATEGORY = 1
"""Position of the category."""


@dataclass(frozen=True)
class Table:
    """Rows in natural units, and targets that depend on all columns."""

    x: npt.NDArray[np.float64]
    two: npt.NDArray[np.int64]
    three: npt.NDArray[np.int64]
    number: npt.NDArray[np.float64]
    pair: npt.NDArray[np.float64]


def table(rows: int = 1500, seed: int = 0) -> Table:
    """Deterministic rows; categories of no order matter."""
    rng = np.random.default_rng(seed)
    x = GAPS.dequantise(uniform_rows(GAPS, rows, rng))
    number = (
        np.nan_to_num(x[:, 0], nan=-2.0)
        + 5 * np.isin(x[:, 1], [1, 4, 7, 9, 12])
        + 2 * np.nan_to_num(x[:, 2], nan=2.0)
        - x[:, 3] / 2**22
        + rng.normal(0, 0.5, rows)
    )
    return Table(
        x=x,
        two=(number > np.median(number)).astype(np.int64),
        three=np.digitize(number, np.quantile(number, [0.3, 0.6])).astype(np.int64),
        number=number,
        pair=np.stack([number, -3 * number + x[:, 3] / 2**22], axis=1),
    )
