"""Generated Rust as operators, compared with what rustc made of the same lines."""

from __future__ import annotations

import numpy as np

from stylus_ai.cost.lower import lower
from stylus_ai.cost.paths import ink_of_rows
from stylus_ai.cost.reader import read_functions

HEAD = "fn part_0(row: &Row, sums: &mut Sums) {\n    let x1 = row[1];\n    let mut s0 = 8_i32;\n"
TAIL = "    sums[0] = sums[0].wrapping_add(s0);\n}\n"


def test_masks_are_what_rustc_makes_of_them() -> None:
    body = """    let n1 = above(x1, 600) & 53400;
    s0 = s0.wrapping_add(n1);
"""
    (function,) = map(lower, read_functions(HEAD + body + TAIL))
    assert function.data.hex(" ") == (
        "21 00 "  # 33 bytes, no local variable
        "20 01 20 01 28 02 00 "  # sums twice, load
        "41 d8 04 20 00 28 02 04 6b "  # 600 - row[1]
        "41 1e 75 41 98 a1 03 71 41 08 6a "  # >> 30, & 53400, + 8
        "6a 36 02 00 0b"  # add, store, end
    )


def test_what_is_read_again_stands_in_a_local_variable() -> None:
    body = """    let m0 = above(x1, 600);
    let n1 = m0 & 7000;
    let n2 = m0 & -9000;
    let n0 = pick(above(x1, 3), n1, n2.wrapping_add(4));
    s0 = s0.wrapping_add(n0);
"""
    (function,) = map(lower, read_functions(HEAD + body + TAIL))
    # x1, the mask, and n1, of which one takes the place of another.
    assert function.data[1:4] in {b"\x01\x03\x7f", b"\x01\x02\x7f"}


def test_rows_pay_for_the_arm_that_they_take() -> None:
    body = """    if x1 <= 10 {
        let n1 = above(x1, 3) & 700;
        s0 = s0.wrapping_add(n1);
    } else {
        s0 = s0.wrapping_add(9);
    }
"""
    functions = [lower(function) for function in read_functions(HEAD + body + TAIL)]
    few, many = ink_of_rows(functions, np.array([[0, 5], [0, 50]]))
    # The mask is 217 and 71, the end of its arm 2,451; the other arm ends before the test.
    assert few > many


def test_equal_tests_one_after_the_other_are_made_once() -> None:
    def branch(threshold: int) -> str:
        return f"""    if x1 <= {threshold} {{
        let n1 = above(x1, 3) & 700;
        s0 = s0.wrapping_add(n1);
    }} else {{
        let n1 = above(x1, 99) & 800;
        s0 = s0.wrapping_add(n1);
    }}
"""

    def ink(first: int, second: int, x: int) -> int:
        source = HEAD + branch(first) + branch(second) + TAIL
        functions = [lower(function) for function in read_functions(source)]
        return int(ink_of_rows(functions, np.array([[0, x]]))[0])

    assert ink(10, 20, 5) < ink(20, 10, 5)
