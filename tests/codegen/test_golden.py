"""Emitted Rust, word for word. After a wanted change: run with STYLUS_AI_GOLDEN=write."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from stylus_ai.codegen import emit
from stylus_ai.ir import (
    Affine,
    AtLeast,
    Bin,
    Clipped,
    Encode,
    Filled,
    Member,
    Program,
    Sigmoid,
    TreeSum,
    Value,
    Within,
    tensor,
)
from stylus_ai.plan import plan
from tests.ir.test_verify import STUMP, program
from tests.plan.test_plan import full_tree

GOLDEN = Path(__file__).parent / "golden"

PROGRAMS: dict[str, Program] = {
    "masked": program(TreeSum(0, (full_tree(3), STUMP), (-9,), 4), Sigmoid(1, 4), AtLeast(1, 2)),
    "nested": program(TreeSum(0, (full_tree(7),), (0,), 4), Sigmoid(1, 4), AtLeast(1, 2)),
    "linear": program(
        Affine(0, tensor(((700, -3),)), tensor((41,)), 8), Sigmoid(1, 8), AtLeast(1, 2)
    ),
    "encoded": replace(
        program(),
        outputs=(("logit", 2), ("score", 3), ("decision", 4)),
        ops=(
            Encode(
                0,
                (
                    Filled(0, 41, 9),
                    Member(1, (-3, 2, 70)),
                    Bin(0, (12, 30)),
                    Within(1, 0, 3),
                    Clipped(1, -1, 1),
                    Value(0),
                ),
            ),
            TreeSum(1, (STUMP,), (0,), 4),
            Sigmoid(2, 4),
            AtLeast(2, 2),
        ),
    ),
}

FILES = {
    "masked": ("lib", "constants", "input", "sums", "leaves", "head", "explain"),
    "nested": ("sums",),
    "linear": ("sums", "leaves"),
    "encoded": ("lib", "columns", "sums", "column_sums", "leaves", "column_leaves"),
}


@pytest.mark.parametrize(
    ("name", "module"), [(name, module) for name, modules in FILES.items() for module in modules]
)
def test_emitted_source(name: str, module: str) -> None:
    one = PROGRAMS[name]
    text = emit(one, plan(one)).files[f"src/{module}.rs"]
    golden = GOLDEN / f"{name}_{module}.rs"
    if os.environ.get("STYLUS_AI_GOLDEN") == "write":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
