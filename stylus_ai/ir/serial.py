"""Programs as canonical JSON. Reading is strict and bounded: every surprise is a ModelError.

The same program always gives the same text, so that its SHA-256 can stand for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar, assert_never

from stylus_ai import strict_json
from stylus_ai.errors import ModelError
from stylus_ai.ir.feature import Feature
from stylus_ai.ir.features import Features
from stylus_ai.ir.ops import Affine, Argmax, AtLeast, Op, Requantise, Sigmoid, TreeSum
from stylus_ai.ir.program import Program
from stylus_ai.ir.tree import Tree
from stylus_ai.ir.verify import verify

FORMAT = "stylus-ai program 1"
MAX_CHARACTERS = 256 * 1024 * 1024
MAX_ITEMS = 4_000_000

INT64 = 2**63

_T = TypeVar("_T")
_NEXT = "Make the file again with: stylus-ai train"


def dump(program: Program) -> str:
    """Canonical JSON of a program."""
    value = {
        "format": FORMAT,
        "name": program.name,
        "features": [_feature(column) for column in program.features],
        "task": program.task,
        "family": program.family,
        "ops": [_op(op) for op in program.ops],
        "outputs": [[name, at] for name, at in program.outputs],
        "reference": program.reference,
        "classes": program.classes,
        "source": program.source,
        "parent": program.parent,
        "rounding_bound": float(program.rounding_bound),
    }
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False) + "\n"


def load(text: str) -> Program:
    """Read a program and verify it.

    Raises:
        ModelError: Not a program's canonical JSON; names the place by its JSON path.
    """
    if len(text) > MAX_CHARACTERS:
        raise ModelError(f"A program of {len(text)} characters is too long.", _NEXT)
    try:
        value = strict_json.loads(text)
    except ValueError as error:
        raise ModelError(f"The program is not JSON: {error}.", _NEXT) from None
    root = _Node(value, "$")
    if root.get("format").text() != FORMAT:
        raise ModelError(f'$.format is not "{FORMAT}".', _NEXT)
    try:
        program = Program(
            name=root.get("name").text(),
            features=Features(tuple(root.get("features").each(_read_feature))),
            task=root.get("task").text(),  # type: ignore[arg-type]  # Program checks it
            family=root.get("family").text(),  # type: ignore[arg-type]  # Program checks it
            ops=tuple(root.get("ops").each(_read_op)),
            outputs=tuple(root.get("outputs").each(_read_output)),
            reference=root.get("reference").integers(),
            classes=tuple(root.get("classes").each(_Node.text)),
            source=root.get("source").text(),
            parent=root.get("parent").text(),
            rounding_bound=root.get("rounding_bound").number(),
        )
        root.no_more()
        verify(program)
    except ModelError as error:
        raise ModelError(f"Bad program: {error.cause}", error.next_step or _NEXT) from None
    return program


def _feature(column: Feature) -> dict[str, Any]:
    return {
        "name": column.name,
        "low": float(column.low),
        "high": float(column.high),
        "scale": column.scale,
        "unit": column.unit,
        "labels": column.labels,
        "about": column.about,
    }


def _op(op: Op) -> dict[str, Any]:
    head = {"op": type(op).__name__, "source": op.source}
    match op:
        case TreeSum():
            body: dict[str, Any] = {
                "trees": [_tree(tree) for tree in op.trees],
                "base": op.base,
                "frac_bits": op.frac_bits,
                "divisor": op.divisor,
            }
        case Affine():
            body = {"weights": op.weights, "bias": op.bias, "frac_bits": op.frac_bits}
        case Requantise():
            body = {
                "multiplier": op.multiplier,
                "shift": op.shift,
                "low": op.low,
                "high": op.high,
            }
        case Sigmoid():
            body = {"frac_bits": op.frac_bits}
        case AtLeast():
            body = {"threshold": op.threshold}
        case Argmax():
            body = {}
        case _:
            assert_never(op)
    return head | body


def _tree(tree: Tree) -> dict[str, Any]:
    return {
        "feature": tree.feature,
        "threshold": tree.threshold,
        "left": tree.left,
        "right": tree.right,
        "values": tree.values,
        "leaf_ids": tree.leaf_ids,
        "column": tree.column,
    }


class _Node:
    """A JSON value with its path; each accessor checks the type, and objects what was read."""

    def __init__(self, value: Any, path: str) -> None:
        self._value = value
        self._path = path
        self._read: set[str] = set()

    def refuse(self, wanted: str) -> NoReturn:
        raise ModelError(f"{self._path} is not {wanted}.", _NEXT)

    def get(self, key: str) -> _Node:
        if not isinstance(self._value, dict):
            self.refuse("an object")
        if key not in self._value:
            self.refuse(f"complete: {key} is missing")
        self._read.add(key)
        return _Node(self._value[key], f"{self._path}.{key}")

    def no_more(self) -> None:
        """Refuse an object that has keys which nobody read."""
        unknown = sorted(set(self._value) - self._read)
        if unknown:
            self.refuse(f"as expected: {unknown[0][:40]!r} is unknown")

    def each(self, read: Callable[[_Node], _T]) -> list[_T]:
        if not isinstance(self._value, list) or len(self._value) > MAX_ITEMS:
            self.refuse(f"a list of at most {MAX_ITEMS} items")
        return [read(_Node(item, f"{self._path}[{i}]")) for i, item in enumerate(self._value)]

    def text(self) -> str:
        if not isinstance(self._value, str):
            self.refuse("a text")
        return self._value

    def integer(self) -> int:
        if type(self._value) is not int or not -INT64 <= self._value < INT64:
            self.refuse("a 64-bit integer")
        return self._value

    def number(self) -> float:
        if type(self._value) is not float:
            self.refuse("a number with a decimal point")
        return self._value

    def integers(self) -> tuple[int, ...]:
        """A list of 64-bit integers, checked at one go: trees are large."""
        value = self._value
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            self.refuse(f"a list of at most {MAX_ITEMS} items")
        if not all(type(item) is int and -INT64 <= item < INT64 for item in value):
            self.refuse("a list of 64-bit integers")
        return tuple(value)


def _read_feature(node: _Node) -> Feature:
    feature = Feature(
        name=node.get("name").text(),
        low=node.get("low").number(),
        high=node.get("high").number(),
        scale=node.get("scale").integer(),
        unit=node.get("unit").text(),
        labels=tuple(node.get("labels").each(_Node.text)),
        about=node.get("about").text(),
    )
    node.no_more()
    return feature


def _read_output(node: _Node) -> tuple[str, int]:
    pair = node.each(lambda item: item)
    if len(pair) != 2:
        node.refuse("a pair of name and value")
    return pair[0].text(), pair[1].integer()


def _read_op(node: _Node) -> Op:
    kind = node.get("op").text()
    reader = _READERS.get(kind)
    if reader is None:
        node.get("op").refuse(f"one of {', '.join(sorted(_READERS))}")
    op = reader(node, node.get("source").integer())
    node.no_more()
    return op


def _read_tree(node: _Node) -> Tree:
    tree = Tree(
        feature=node.get("feature").integers(),
        threshold=node.get("threshold").integers(),
        left=node.get("left").integers(),
        right=node.get("right").integers(),
        values=tuple(node.get("values").each(_Node.integers)),
        leaf_ids=node.get("leaf_ids").integers(),
        column=node.get("column").integer(),
    )
    node.no_more()
    return tree


def _read_tree_sum(node: _Node, source: int) -> Op:
    return TreeSum(
        source=source,
        trees=tuple(node.get("trees").each(_read_tree)),
        base=node.get("base").integers(),
        frac_bits=node.get("frac_bits").integer(),
        divisor=node.get("divisor").integer(),
    )


def _read_affine(node: _Node, source: int) -> Op:
    return Affine(
        source=source,
        weights=tuple(node.get("weights").each(_Node.integers)),
        bias=node.get("bias").integers(),
        frac_bits=node.get("frac_bits").integer(),
    )


def _read_requantise(node: _Node, source: int) -> Op:
    return Requantise(
        source=source,
        multiplier=node.get("multiplier").integer(),
        shift=node.get("shift").integer(),
        low=node.get("low").integer(),
        high=node.get("high").integer(),
    )


_READERS: dict[str, Callable[[_Node, int], Op]] = {
    "TreeSum": _read_tree_sum,
    "Affine": _read_affine,
    "Requantise": _read_requantise,
    "Sigmoid": lambda node, source: Sigmoid(source, node.get("frac_bits").integer()),
    "AtLeast": lambda node, source: AtLeast(source, node.get("threshold").integer()),
    "Argmax": lambda _node, source: Argmax(source),
}
