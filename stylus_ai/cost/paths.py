"""What rows pay in functions with branches: each takes its own way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stylus_ai.cost.lower import END_INK, TEST_INK, Lowered, Path

Ints = npt.NDArray[np.int64]


def ink_of_rows(functions: Sequence[Lowered], rows: Ints) -> Ints:
    """Ink of the functions that no other calls, and of those that they call.

    Args:
        functions: All of a module.
        rows: int64[n, features].

    Returns:
        int64[n].
    """
    known = {function.name: function.path for function in functions}
    called = {name for path in known.values() for name in _called(path)}
    ink = np.zeros(len(rows), dtype=np.int64)

    def walk(path: Path, at: Ints) -> None:
        ink[at] += path.ink
        for name in path.calls:
            walk(known[name], at)
        before: tuple[int, int] | None = None
        for feature, threshold, left, right in path.forks:
            x = rows[at, feature]
            beyond = x > threshold
            if before is not None and before[0] == feature:
                # LLVM leads an arm whose test answers the next one past it; the other arm runs on
                # into that test.
                last = before[1]
                implied = (x <= last) & (last <= threshold) | (x > last) & (last >= threshold)
                ink[at] -= np.where(implied, TEST_INK, END_INK)
            before = feature, threshold
            walk(left, at[~beyond])
            walk(right, at[beyond])

    for name, path in known.items():
        if name not in called:
            walk(path, np.arange(len(rows)))
    return ink


def _called(path: Path) -> set[str]:
    found = set(path.calls)
    for _, _, left, right in path.forks:
        found |= _called(left) | _called(right)
    return found
