"""Where the operators of a built contract come from: functions, source lines, parts of the model.

Takes what the linker wrote, gives `Symbols`. The deployed wasm has neither names nor lines, since
they cost size; the profile of a call names its places by this file beside it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from stylus_ai.build.cargo import RawWasm
from stylus_ai.build.tools import find_native, output_of
from stylus_ai.errors import ProjectError
from stylus_ai.project import read_json, write_text

Parts = Mapping[str, Sequence[tuple[int, int, str]]]
"""By source file, relative to the model crate: first line, last line, label."""

UNKNOWN = "?"


@dataclass(frozen=True)
class Block:
    """A basic block of wasm.

    Attributes:
        shares: Ink that each run of it takes, by the place in the source: names of functions from
            the outermost to what was inlined last, parts of the model among them.
    """

    shares: tuple[tuple[tuple[str, ...], int], ...]

    @property
    def ink(self) -> int:
        """Ink of one run, what depends on a length at run time aside."""
        return sum(ink for _, ink in self.shares)


@dataclass(frozen=True)
class Symbols:
    """Names of one contract's wasm.

    Attributes:
        code_hash: The deployed code that they describe, 0x and 64 digits.
        raw: What ``stylus-devnode symbols`` says.
        parts: Lines of the generated crate that compute a part of the model.
    """

    code_hash: str
    raw: Mapping[str, Any]
    parts: Parts

    @classmethod
    def load(cls, path: Path) -> Symbols:
        """Read what `write_symbols` wrote.

        Raises:
            ProjectError: There is no such file, or it is damaged.
        """
        values = read_json(path)
        try:
            return cls(str(values["code_hash"]), dict(values["wasm"]), dict(values["parts"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ProjectError(f"{path} lacks a value: {error}", "Run: stylus-ai build") from None

    @property
    def part_labels(self) -> frozenset[str]:
        """All parts of the model that the code is marked with."""
        return frozenset(label for found in self.parts.values() for _, _, label in found)

    def function(self, index: int) -> str:
        """Name of a function, by its place among those with a body."""
        functions = self.raw["functions"]
        name = functions[index]["name"] if index < len(functions) else None
        return str(name) if name else f"function {index}"

    def block(self, index: int, number: int) -> Block:
        """A block of a function, both counted as profiles count them."""
        function = self.raw["functions"][index]
        shares = function["blocks"][number - function["first_block"]]
        return Block(tuple((self._names[stack], ink) for stack, ink in shares))

    @cached_property
    def _names(self) -> list[tuple[str, ...]]:
        return [self._name(stack) for stack in self.raw["stacks"]]

    def _name(self, stack: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        names: list[str] = []
        for frame in stack:
            names.append(frame["function"] or UNKNOWN)
            label = self._part(frame["file"] or "", frame["line"] or 0)
            if label:
                names.append(label)
        return tuple(names)

    def _part(self, file: str, line: int) -> str | None:
        for path, found in self.parts.items():
            if file.endswith(f"/model/{path}") or file == f"model/{path}":
                return next((label for first, last, label in found if first <= line <= last), None)
        return None


def symbols_path(wasm: Path) -> Path:
    """Where the symbols of a built contract lie, beside it."""
    return wasm.with_name(f"{wasm.stem}.symbols.json")


def write_symbols(raw: RawWasm, wasm: Path, code_hash: str, parts: Parts) -> Path:
    """Ask the native binary where the operators of ``raw`` come from, and write it down.

    Args:
        raw: What the linker wrote.
        wasm: The contract that was made of it.
        code_hash: Its code hash.
        parts: Marked lines of the generated crate.

    Raises:
        BuildError: The native binary is missing or refuses the module.
    """
    with tempfile.TemporaryDirectory(dir=wasm.parent, prefix=".symbols.") as folder:
        before = Path(folder) / "raw"
        before.write_bytes(raw.data)
        said = json.loads(output_of([find_native(), "symbols", before]))
    path = symbols_path(wasm)
    write_text(path, json.dumps({"code_hash": code_hash, "parts": parts, "wasm": said}) + "\n")
    return path
