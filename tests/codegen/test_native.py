"""Native Rust against the interpreter, for every family: 10,000 rows, half of them at edges.

Each crate must also pass rustfmt, clippy and its own tests.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, MinMaxScaler

from stylus_ai.codegen import emit, write
from stylus_ai.compress import quantise
from stylus_ai.frontends import from_sklearn, registry
from stylus_ai.ir import (
    Affine,
    AtLeast,
    Program,
    Sigmoid,
    TreeSum,
    interpret,
    leaves,
    random_rows,
    tensor,
)
from stylus_ai.plan import plan
from tests.frontends.boosters import GAPS
from tests.frontends.data import BINARY, FEATURES, MULTICLASS, REGRESSION, table
from tests.ir.test_verify import STUMP, program
from tests.plan.test_plan import comb, full_tree

pytestmark = pytest.mark.registry  # cargo looks up the optional stylus-sdk

ROWS = 10_000
MODELS = Path(__file__).parents[1] / "frontends/models"
TABLE = table()


def trained(model: Any, target: Any) -> Program:
    """A program of a fitted model."""
    return quantise(from_sklearn(model.fit(TABLE.x, target), FEATURES), name="m")


def wide(value: int) -> Program:
    """A program whose sums need 64 bits."""
    tree = full_tree(2)
    values = tuple((value - k,) for k in range(4))
    large = type(tree)(tree.feature, tree.threshold, tree.left, tree.right, values, tree.leaf_ids)
    return program(TreeSum(0, (large, large), (5,), 40), Sigmoid(1, 40), AtLeast(1, value))


CASES: dict[str, Any] = {
    **{f"binary {k}": lambda m=m: trained(m, TABLE.two) for k, m in BINARY.items()},
    **{f"classes {k}": lambda m=m: trained(m, TABLE.four) for k, m in MULTICLASS.items()},
    **{f"number {k}": lambda m=m: trained(m, TABLE.number) for k, m in REGRESSION.items()},
    **{
        file: lambda file=file: quantise(registry.read(MODELS / file, GAPS), name="m")
        for file in ("xgb_binary.json", "lgb_classes.txt", "lgb_number.txt", "xgb_targets.json")
    },
    "scorecard": lambda: trained(
        make_pipeline(
            KBinsDiscretizer(4, encode="onehot-dense"), LogisticRegression(max_iter=2000)
        ),
        TABLE.two,
    ),
    "clipped": lambda: trained(
        make_pipeline(MinMaxScaler(clip=True), Ridge()), np.stack([TABLE.number] * 2, axis=1)
    ),
    "64 bits": lambda: wide(2**41),
    "one leaf": lambda: program(
        TreeSum(0, (type(STUMP)((), (), (), (), ((3,),), (0,)),), (0,), 4),
        Sigmoid(1, 4),
        AtLeast(1, 3),
    ),
    "no weights": lambda: program(
        Affine(0, tensor(((0, 0),)), tensor((4,)), 2), Sigmoid(1, 2), AtLeast(1, 4)
    ),
    "deep": lambda: program(TreeSum(0, (comb(10, 5),), (0,), 4), Sigmoid(1, 4), AtLeast(1, 99)),
}


def expected_lines(one: Program, rows: np.ndarray[Any, Any]) -> list[str]:
    """Outputs and leaves as the fixtures hold them."""
    out = interpret(one, rows)
    reached = leaves(one, rows)
    columns = []
    for name, _ in one.outputs:
        values = out[name].reshape(len(rows), -1).tolist()
        columns.append([" ".join(map(str, value)) for value in values])
    columns.append([" ".join(map(str, row)) for row in reached.tolist()])
    return [",".join(line) for line in zip(*columns, strict=True)]


def cargo(folder: Path, *arguments: str, stdin: str = "") -> str:
    """Run cargo in a crate with a target folder of its own."""
    done = subprocess.run(
        ["cargo", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CARGO_TARGET_DIR": str(folder.parent / "target")},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("case", CASES)
def test_native_rust_equals_the_interpreter(case: str, tmp_path: Path) -> None:
    one = CASES[case]()
    folder = tmp_path / "model"
    write(emit(one, plan(one)), folder)
    rows = random_rows(one, ROWS)
    lines = expected_lines(one, rows)
    fixtures = tmp_path / "fixtures"
    fixtures.mkdir()
    table_lines = [",".join(map(str, row)) for row in rows.tolist()]
    both = [f"{row},{line}" for row, line in zip(table_lines, lines, strict=True)]
    (fixtures / "test.csv").write_text("\n".join(["header", *both[:500]]) + "\n")
    cargo(folder, "fmt", "--check")
    cargo(folder, "clippy", "-q", "--all-targets", "--", "-D", "warnings")
    cargo(folder, "test", "-q")
    printed = cargo(
        folder, "run", "-q", "--example", "predict_rows", stdin="\n".join(table_lines) + "\n"
    )
    assert printed.splitlines() == lines


def test_the_crate_s_own_test_fails_on_a_wrong_fixture(tmp_path: Path) -> None:
    one = program()
    write(emit(one, plan(one)), tmp_path / "model")
    (tmp_path / "fixtures").mkdir()
    (line,) = expected_lines(one, np.array([[30, 0]]))
    for text, fails in ((f"30,0,{line}", False), (f"31,0,{line}", True), ("30,0", True)):
        (tmp_path / "fixtures/test.csv").write_text(f"header\n{text}\n")
        if fails:
            with pytest.raises(AssertionError):
                cargo(tmp_path / "model", "test", "-q")
        else:
            cargo(tmp_path / "model", "test", "-q")


def test_bad_rows_are_refused_with_the_feature_named(tmp_path: Path) -> None:
    """Packed bytes through ``unpack``: lengths, ranges, and 32-bit values beyond an i32."""
    one = trained(BINARY["tree"], TABLE.two)
    folder = tmp_path / "model"
    write(emit(one, plan(one)), folder)
    (folder.parent / "probe/src").mkdir(parents=True)
    probe = folder.parent / "probe"
    (probe / "Cargo.toml").write_text(
        '[package]\nname = "probe"\nversion = "0.1.0"\nedition = "2024"\n[workspace]\n'
        '[dependencies]\nmodel = { path = "../model" }\n'
    )
    (probe / "src/main.rs").write_text(PROBE)
    good = FEATURES.pack(random_rows(one, 1)[0])
    at = sum(column.width for column in FEATURES.columns[:5])
    beyond = good[:at] + b"\xff\xff\xff\xff" + good[at + 4 :]
    packed = [good, b"", good[:-1], good + b"\0", b"\x11" + good[1:], beyond]
    lines = cargo(
        probe, "run", "-q", stdin="\n".join(data.hex() for data in packed) + "\n"
    ).splitlines()
    size = len(good)
    row = ", ".join(map(str, FEATURES.unpack(good).tolist()))
    assert lines == [
        f"Ok([{row}])",
        f"Err(Length {{ got: 0, expected: {size} }})",
        f"Err(Length {{ got: {size - 1}, expected: {size} }})",
        f"Err(Length {{ got: {size + 1}, expected: {size} }})",
        "Err(OutOfRange { feature: 0, value: 17, low: 18, high: 99 })",
        "Err(OutOfRange { feature: 5, value: 4294967295, low: 0, high: 2147483647 })",
    ]


PROBE = """
fn main() {
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let data: Vec<u8> = (0..line.len() / 2)
            .map(|i| u8::from_str_radix(&line[2 * i..2 * i + 2], 16).unwrap())
            .collect();
        println!("{:?}", model::unpack(&data));
    }
}
"""
