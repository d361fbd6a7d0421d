"""m2cgen's Rust of the boosted trees, and the patch that makes it integer.

Run as ``python -m bench.peers.m2cgen`` where m2cgen is installed (it is no dependency of this
project; 0.10.0 wrote what is committed). It does not take scikit-learn's gradient boosting, but its
trees one by one, as regressors.

As it stands the code computes in ``f64``, and Stylus refuses a program with floats. `integer` makes
thresholds and leaves the integers that this project's own program has, by substitution in the text.
"""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path

from bench.models import boosted_100x3, fit_boosted_100x3
from bench.peers.forests import Forest
from stylus_ai.errors import ProjectError
from stylus_ai.ir import Program

FOLDER = Path(__file__).parent / "rust"
LEARNING_RATE = 0.1
"""scikit-learn's default, which the model was trained with; a tree's leaves are before it."""


def source_path(forest: Forest) -> Path:
    """Where m2cgen's output stands; named after the trees."""
    return FOLDER / f"m2cgen-{forest.digest[:8]}.rs"


def raw(forest: Forest) -> str:
    """m2cgen's output, committed: ``fn tree_0(input: Vec<f64>) -> f64`` and so on.

    Raises:
        ProjectError: There is none, or it is of other trees.
    """
    path = source_path(forest)
    if not path.is_file():
        raise ProjectError(
            f"{path} is missing.", "pip install m2cgen && python -m bench.peers.m2cgen"
        )
    return path.read_text()


def integer(program: Program, forest: Forest) -> str:
    """``trees.rs`` in integers: m2cgen's functions, and the sum of them all."""
    scales = [feature.scale for feature in program.features]
    unit = LEARNING_RATE * 2.0**program.frac_bits

    def threshold(found: re.Match[str]) -> str:
        feature = int(found[1])
        return f"input[{feature}] <= {math.floor(float(found[2]) * scales[feature])}"

    text = re.sub(r"input\[(\d+)\] <= (\S+)_f64", threshold, raw(forest))
    text = re.sub(r"= (\S+)_f64", lambda found: f"= {round(float(found[1]) * unit)}", text)
    text = text.replace("Vec<f64>", f"&[i64; {len(scales)}]").replace("f64", "i64")
    calls = "".join(f"    total += tree_{i}(input);\n" for i in range(len(forest.trees)))
    return (
        f"{text}pub fn sum(input: &[i64; {len(scales)}]) -> i64 {{\n"
        f"    let mut total = {forest.base};\n{calls}    total\n}}\n"
    )


def floating(program: Program, forest: Forest) -> str:
    """``trees.rs`` with m2cgen's functions as they are."""
    divided = ", ".join(f"x[{i}] as f64 / {f.scale}.0" for i, f in enumerate(program.features))
    calls = "".join(f"    total += tree_{i}(input.clone());\n" for i in range(len(forest.trees)))
    return (
        f"use alloc::{{vec, vec::Vec}};\n\n{raw(forest)}"
        f"pub fn logit(x: &[i64; {len(program.features)}]) -> f64 {{\n"
        f"    let input = vec![{divided}];\n    let mut total = 0.0;\n{calls}"
        f"    total * {LEARNING_RATE} + {forest.base / 2.0**program.frac_bits!r}\n}}\n"
    )


def main() -> None:
    """Write m2cgen's output."""
    import m2cgen  # noqa: PLC0415 - only who writes it anew needs it

    model = fit_boosted_100x3()
    path = source_path(Forest.of(boosted_100x3()))
    for old in FOLDER.glob("m2cgen-*.rs"):
        old.unlink()
    trees = (tree for (tree,) in model.estimators_)
    path.write_text(
        "".join(m2cgen.export_to_rust(t, function_name=f"tree_{i}") for i, t in enumerate(trees))
    )
    sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes by m2cgen {m2cgen.__version__}\n")


if __name__ == "__main__":
    main()
