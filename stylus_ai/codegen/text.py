"""Rust source as text, formatted as rustfmt would."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = 100
ARRAY_WIDTH = 60
"""rustfmt's ``max_width`` and ``array_width``."""


_MARK = "// part: "


def part_mark(label: str) -> str:
    """Comment that says which part of the model the lines below it compute."""
    return _MARK + label


def marked_parts(text: str) -> list[tuple[int, int, str]]:
    """First line, last line and label of each marked part, up to the next or the function's end.

    Lines count from 1, as compilers do.
    """
    found: list[tuple[int, int, str]] = []
    label, first = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        mark = line.strip().startswith(_MARK)
        if label and (mark or line == "}"):
            found.append((first, number - 1, label))
            label = ""
        if mark:
            label, first = line.strip().removeprefix(_MARK), number
    return found


class Source:
    """Lines of Rust with their indentation."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 0

    def line(self, text: str = "") -> None:
        """Add a line at the present depth."""
        self._lines.append("    " * self._depth + text if text else "")

    def lines(self, texts: Iterable[str]) -> None:
        """Add lines at the present depth."""
        for text in texts:
            self.line(text)

    @contextmanager
    def block(self, head: str, tail: str = "}") -> Iterator[None]:
        """``head {`` … ``tail``, with the lines between one level deeper."""
        self.line(f"{head} {{")
        self._depth += 1
        yield
        self._depth -= 1
        self.line(tail)

    @contextmanager
    def function(self, name: str, arguments: Sequence[str]) -> Iterator[None]:
        """A function without a result, its arguments on lines of their own if one is too short."""
        self._listed(name, arguments, " {")
        self._depth += 1
        yield
        self._depth -= 1
        self.line("}")

    def call(self, name: str, arguments: Sequence[str]) -> None:
        """A call as a statement."""
        self._listed(name, arguments, ";")

    def _listed(self, name: str, arguments: Sequence[str], tail: str) -> None:
        flat = f"{name}({', '.join(arguments)}){tail}"
        if 4 * self._depth + len(flat) <= WIDTH:
            self.line(flat)
            return
        self.line(f"{name}(")
        self.lines(f"    {argument}," for argument in arguments)
        self.line(f"){tail}")

    def otherwise(self) -> None:
        """``} else {`` inside a block."""
        self._depth -= 1
        self.line("} else {")
        self._depth += 1

    def rows(self) -> list[str]:
        """The lines so far, with their indentation."""
        return list(self._lines)

    def text(self) -> str:
        """The whole, ending in a newline."""
        return "\n".join(self._lines) + "\n"


def array(head: str, items: Sequence[str], tail: str = ";") -> list[str]:
    """``head[a, b, c]tail``, broken as rustfmt breaks an array of short items."""
    flat = f"[{', '.join(items)}]"
    if len(flat) <= ARRAY_WIDTH and len(head + flat + tail) <= WIDTH:
        return [head + flat + tail]
    rows, row = [], ""
    for item in items:
        longer = f"{row} {item}," if row else f"    {item},"
        if len(longer) >= WIDTH:  # rustfmt keeps a column free
            rows.append(row)
            longer = f"    {item},"
        row = longer
    return [f"{head}[", *rows, row, f"]{tail}"]


def string(text: str) -> str:
    """A Rust string literal; everything outside printable ASCII is escaped."""
    escaped = "".join(
        f"\\{char}" if char in '"\\' else char if " " <= char <= "~" else f"\\u{{{ord(char):x}}}"
        for char in text
    )
    return f'"{escaped}"'


def word(value: int, *, typed: bool = False) -> str:
    """A word of lanes as a Rust expression; ``value`` is 0..2^64 - 1.

    Args:
        value: Its bits.
        typed: Whether nothing else tells rustc that it has 64.
    """
    digits = str(value)
    if value >= 10_000:
        hexadecimal = f"{value:016x}"
        digits = f"0x{'_'.join(hexadecimal[i : i + 4] for i in range(0, 16, 4))}"
    return f"Wrapping({digits}_u64)" if typed else f"Wrapping({digits})"
