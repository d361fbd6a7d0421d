"""The program behind its ``Encode``, as if the columns were its features."""

from __future__ import annotations

from dataclasses import replace

from stylus_ai.ir.feature import Feature
from stylus_ai.ir.features import Features
from stylus_ai.ir.program import Program
from stylus_ai.ir.verify import verify


def over_columns(program: Program) -> Program:
    """The program behind its ``Encode``: the columns are its features.

    Good for planning and writing code alone: it is another program, with another digest.
    """
    seen = verify(program).values[1]
    features = Features(
        tuple(
            Feature(f"c{i}", low, high)
            for i, (low, high) in enumerate(zip(seen.low.tolist(), seen.high.tolist(), strict=True))
        )
    )
    return replace(
        program,
        features=features,
        ops=tuple(replace(op, source=op.source - 1) for op in program.ops[1:]),
        outputs=tuple((name, at - 1) for name, at in program.outputs),
        reference=tuple(features.q_lows.tolist()),
    )
