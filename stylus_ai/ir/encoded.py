"""The program behind an ``Encode``, for stages that read columns as they read features."""

from __future__ import annotations

from dataclasses import replace

from stylus_ai.ir.feature import Feature
from stylus_ai.ir.features import Features
from stylus_ai.ir.ops import Encode
from stylus_ai.ir.program import Program
from stylus_ai.ir.verify import verify


def over_columns(program: Program) -> Program:
    """A program that begins with an ``Encode``, without it: the columns are its features.

    Another program with another digest: good for planning and writing code.

    Raises:
        ModelError: The program is malformed, or has more columns than a program may have features.
    """
    first = program.ops[0]
    if not isinstance(first, Encode):
        return program
    seen = verify(program).values[1]
    ends = zip(seen.low.tolist(), seen.high.tolist(), strict=True)
    features = Features(tuple(Feature(f"c{i}", low, high) for i, (low, high) in enumerate(ends)))
    return replace(
        program,
        features=features,
        ops=tuple(replace(op, source=op.source - 1) for op in program.ops[1:]),
        outputs=tuple((name, at - 1) for name, at in program.outputs),
        reference=tuple(features.q_lows.tolist()),
    )
