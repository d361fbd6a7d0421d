"""The kernels crate by itself: formatted, linted, tested, as any contract would use it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from stylus_ai.ir import arithmetic
from tests.codegen.test_native import cargo

KERNELS = Path(__file__).parents[2] / "crates/kernels"


@pytest.mark.parametrize(
    "arguments",
    [
        ("fmt", "--check"),
        ("clippy", "-q", "--all-targets", "--", "-D", "warnings"),
        ("test", "-q"),
        ("doc", "-q", "--no-deps"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_the_crate_is_sound(arguments: tuple[str, ...], tmp_path: Path) -> None:
    shutil.copytree(KERNELS, tmp_path / "kernels", ignore=shutil.ignore_patterns("target"))
    cargo(tmp_path / "kernels", *arguments)


def test_its_constants_are_the_interpreter_s() -> None:
    text = (KERNELS / "src/sigmoid.rs").read_text().replace("_", "")
    coefficients = re.search(r"EXP2Q30: \[i64; 5\] = \[([^\]]*)\]", text)
    assert coefficients is not None
    numbers = [int(number) for number in coefficients[1].split(",") if number.strip()]
    assert tuple(numbers) == arithmetic.EXP2_Q30
    assert f"LOG2EQ30: i64 = {arithmetic.LOG2_E_Q30};" in text
    assert f"CLAMP: i64 = {arithmetic.SIGMOID_CLAMP};" in text
    assert f"SCOREMAX: i64 = {arithmetic.SCORE_MAX:d};".replace("_", "") in text
