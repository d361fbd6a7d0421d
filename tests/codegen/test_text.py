"""Text that rustfmt leaves as it is, and literals that rustc reads as they were meant."""

from __future__ import annotations

from stylus_ai.codegen.text import Source, array, string


def test_blocks_indent() -> None:
    out = Source()
    with out.block("if a"):
        out.line("b();")
        out.otherwise()
        out.line("c();")
    assert out.text() == "if a {\n    b();\n} else {\n    c();\n}\n"


def test_arrays_break_where_rustfmt_breaks_them() -> None:
    assert array("const A: [u8; 2] = ", ["1", "2"]) == ["const A: [u8; 2] = [1, 2];"]
    lines = array("const A: X = ", ["12345"] * 20)
    assert lines[0] == "const A: X = ["
    assert lines[1] == "    " + ", ".join(["12345"] * 13) + ","
    assert lines[-1] == "];"
    assert max(map(len, lines)) <= 100


def test_strings_escape_what_is_not_plain() -> None:
    assert string('a"b\\c\n\u00e9') == '"a\\"b\\\\c\\u{a}\\u{e9}"'
