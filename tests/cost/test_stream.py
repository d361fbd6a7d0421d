"""Code that is written down without a compiler."""

from __future__ import annotations

from stylus_ai.cost.operators import leb128
from stylus_ai.cost.stream import write_down


def test_constants_are_written_as_wasm_writes_them() -> None:
    assert leb128(-1) == b"\x7f"
    assert leb128(64) == b"\xc0\x00"
    assert leb128((1 << 64) - 2) == b"\x7e"


def test_comments_and_imports_leave_nothing() -> None:
    code = "fn f(x: &Row) -> i32 {\n    x & 7\n}\n"
    assert write_down([f"//! About.\nuse crate::Row;\n\n/// More.\n{code}"]) == write_down([code])


def test_what_stands_twice_is_written_twice() -> None:
    line = "    let n = pick(above(x, 977), 12, -7);\n"
    once = write_down([f"fn f(row: &Row) {{\n{line}}}\n"])
    twice = write_down([f"fn f(row: &Row) {{\n{line}}}\nfn g(row: &Row) {{\n{line}}}\n"])
    assert len(twice.data) == 2 * len(once.data)
    assert twice.functions == 2
