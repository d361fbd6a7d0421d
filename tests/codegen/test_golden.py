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
    Feature,
    Features,
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
from tests.codegen.images import small_cnn
from tests.codegen.networks import classifier, trained_like
from tests.ir.test_verify import FEATURES, STUMP, program
from tests.plan.test_plan import full_tree, oblivious_tree

GOLDEN = Path(__file__).parent / "golden"

LEVELS = ((0, 30), (1, -7), (0, 60), (1, 7), (0, 45), (1, 0))
TABLE = oblivious_tree(LEVELS, range(-8, 56))

PROGRAMS: dict[str, Program] = {
    "masked": program(TreeSum(0, (full_tree(3), STUMP), (-9,), 4), Sigmoid(1, 4), AtLeast(1, 2)),
    "nested": program(TreeSum(0, (full_tree(7),), (0,), 4), Sigmoid(1, 4), AtLeast(1, 2)),
    "tables": program(
        TreeSum(
            0,
            (oblivious_tree(LEVELS, range(-8, 56)), oblivious_tree(LEVELS[:3], range(8))),
            (0,),
            4,
        ),
        Sigmoid(1, 4),
        AtLeast(1, 2),
    ),
    "linear": program(
        Affine(0, tensor(((700, -3),)), tensor((41,)), 8), Sigmoid(1, 8), AtLeast(1, 2)
    ),
    "network": classifier(
        [trained_like((5, 7), 2, 7, 0), trained_like((3, 5), 2, 7, 1)], bits=4, act=15
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
            Affine(1, tensor(((5, 6, 7, 8, 9, 10),)), tensor((1,)), 4),
            Sigmoid(2, 4),
            AtLeast(2, 2),
        ),
    ),
    "gaps": replace(
        program(),
        features=Features((Feature("age", 0, 99, missing=True), FEATURES[1])),
        outputs=(("logit", 2), ("score", 3), ("decision", 4)),
        ops=(
            Encode(0, (Filled(0, 100, -1),)),
            TreeSum(1, (STUMP,), (0,), 4),
            Sigmoid(2, 4),
            AtLeast(2, 2),
        ),
    ),
    "cnn": small_cnn(),
}

FILES = {
    "masked": ("lib", "constants", "input", "sums", "leaves", "head", "explain"),
    "nested": ("sums",),
    "tables": ("sums", "leaves"),
    "linear": ("sums", "leaves"),
    "network": ("lib", "constants", "input", "sums", "layer_0", "layer_1"),
    "encoded": ("sums",),
    "gaps": ("sums", "leaves"),
    "cnn": ("sums", "layer_0", "layer_1", "layer_2", "layer_3"),
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
