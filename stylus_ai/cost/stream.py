"""About the bytes of a crate's wasm, written down from its Rust without a compiler.

What a contract weighs on the chain is decided by how well its constants compress, and in which
neighbourhood they stand; no sum of bytes tells that. So the generated code is written down token
by token as a compiler of one pass would: a byte for each operator, local variables by number,
constants as LEB128. Of that brotli makes about what it makes of the real wasm: what stands twice
costs once, and a factor that is fitted on built models stands for all that rustc does better.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from stylus_ai.cost.operators import leb128

NO_CODE = re.compile(r"//.*|^\s*#!?\[.*\]$|^\s*(?:pub )?use [^;]*;", re.MULTILINE)
FUNCTION = re.compile(r"^\s*(?:pub(?:\(crate\))? )?(?:const )?fn ", re.MULTILINE)
TOKEN = re.compile(
    r"(?P<number>-?\b\d(?:[\da-fx_]|(?<=_)[iu](?=\d))*)"
    r"|(?P<called>\.?\b[A-Za-z_]\w*(?=\())"
    r"|(?P<let>\blet (?:mut )?)"
    r"|(?P<quiet>\b(?:as|const|[iu]\d\d?|usize)\b)"
    r"|(?P<local>\b[a-z_]\w*)"
    r"|(?P<sign><<|>>|<=|>=|[&|^<>{}*!])"
)
SUFFIX = re.compile(r"_[iu]\d\d?$")

CONST, LOCAL_GET, LOCAL_SET = 0x41, 0x20, 0x21

NAMES = 0x80
"""Functions and signs take a byte each from here on, in order of their first appearance."""


@dataclass(frozen=True)
class Stream:
    """Code that was written down.

    Attributes:
        data: The bytes.
        operators: How many operators they stand for.
        functions: How many functions.
    """

    data: bytes
    operators: int
    functions: int


def write_down(sources: Iterable[str]) -> Stream:
    """Write down Rust modules, in order."""
    writer = _Writer()
    functions = 0
    for source in sources:
        bodies = FUNCTION.split(NO_CODE.sub("", source))[1:]
        functions += len(bodies)
        for body in bodies:
            writer.function(body)
    return Stream(bytes(writer.out), writer.operators, functions)


class _Writer:
    def __init__(self) -> None:
        self.out = bytearray()
        self.operators = 0
        self._names: dict[str, int] = {}

    def function(self, body: str) -> None:
        """Write a function down; its local variables count from 0."""
        local: dict[str, int] = {}
        access = LOCAL_GET
        for token in TOKEN.finditer(body):
            text = token.group()
            match token.lastgroup:
                case "let":
                    access = LOCAL_SET
                    continue
                case "quiet":
                    continue
                case "number":
                    self.out += bytes([CONST]) + leb128(int(SUFFIX.sub("", text), 0))
                case "local":
                    self.out += bytes([access]) + leb128(local.setdefault(text, len(local)))
                    access = LOCAL_GET
                case _:
                    self.out.append(self._names.setdefault(text, NAMES + len(self._names) % 0x80))
            self.operators += 1
