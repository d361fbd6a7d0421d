"""Values of straight-line code as a graph, folded as LLVM folds what the generated code does.

Equal values are one node, as far as one is computed before the other on all paths. Only those rules
of the optimiser stand here that generated code meets often enough to be seen in its price.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

FAR = -1
"""Bits that may be set: all."""

COMMUTING = frozenset(("add", "and", "or", "xor", "mul"))


@dataclass(frozen=True)
class Node:
    """A value.

    Attributes:
        name: Operator that gives it; ``phi`` for one that arms of a branch set.
        args: Nodes that it reads.
        number: A constant, the offset of a load, or the number of a phi.
        possible: Bits that may be 1, as far as they are known.
        place: In the graph.
    """

    name: str
    args: tuple[int, ...] = ()
    number: int = 0
    possible: int = FAR
    place: int = field(default=-1, compare=False)

    @property
    def bits(self) -> int:
        """32 or 64."""
        return 64 if self.name.startswith("i64") else 32

    @property
    def operation(self) -> str:
        """The operator without its width."""
        return self.name.rpartition(".")[2]


Value = int | Node
"""A number whose width is not said yet, or a node."""


class Graph:
    """Nodes in the order in which they were made.

    Attributes:
        nodes: All of them; a node is named by its place.
        scope_of: Number of the scope in which each was made.
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.scope_of: list[int] = []
        self._known: list[dict[Node, Node]] = [{}]
        self._scopes = [0]
        self._phis = 0

    @contextmanager
    def scope(self, number: int) -> Iterator[None]:
        """Nodes that are made within are not known outside."""
        self._known.append({})
        self._scopes.append(number)
        yield
        self._known.pop()
        self._scopes.pop()

    def keep(self, node: Node) -> Node:
        """The node as it stands in the graph, added if it is new here."""
        for known in reversed(self._known):
            if node in known:
                return known[node]
        kept = replace(node, place=len(self.nodes))
        self.nodes.append(kept)
        self.scope_of.append(self._scopes[-1])
        self._known[-1][kept] = kept
        return kept

    def phi(self, bits: int) -> Node:
        """A value that the arms of a branch set; ``bits`` wide."""
        self._phis += 1
        return self.keep(Node(f"i{bits}.phi", number=self._phis))

    def constant(self, value: int, bits: int) -> Node:
        """A number of so many bits."""
        half = 1 << (bits - 1)
        value = (value + half) % (2 * half) - half
        return self.keep(Node(f"i{bits}.const", (), value, value))

    def load(self, name: str, offset: int) -> Node:
        """A number from the row."""
        return self.keep(Node(name, (), offset))

    def widened(self, value: Value) -> Value:
        """A value of 32 bits in 64."""
        if isinstance(value, int) or value.bits == 64:
            return value
        if value.name == "i32.load":
            return self.load("i64.load32_s", value.number)
        return self._made("i64.extend_i32_s", value, possible=value.possible)

    def narrowed(self, value: Value) -> Value:
        """A value of 64 bits in 32."""
        if isinstance(value, int) or value.bits == 32:
            return value
        return self._made("i32.wrap_i64", value, possible=FAR)

    def apply(self, operation: str, left: Value, right: Value) -> Value:
        """Two values in an operation; a number takes the width of the other side."""
        if isinstance(left, int) and isinstance(right, int):
            return _NUMBERS[operation](left, right)
        bits = next(side.bits for side in (left, right) if isinstance(side, Node))
        one = self.constant(left, bits) if isinstance(left, int) else left
        two = self.constant(right, bits) if isinstance(right, int) else right
        if one.operation == "const" and two.operation == "const":
            return self.constant(_NUMBERS[operation](one.number, two.number), bits)
        if operation in COMMUTING and one.operation == "const":
            one, two = two, one
        match operation:
            case "add":
                return self._add(one, two)
            case "sub":
                return self._sub(one, two)
            case "and":
                return self._and(one, two)
            case _:
                return self._simple(operation, one, two)

    def _made(self, name: str, *args: Node, possible: int = FAR) -> Node:
        return self.keep(Node(name, tuple(arg.place for arg in args), 0, possible))

    def _added(self, node: Node) -> tuple[Node, int]:
        """A node as another and a constant that is added."""
        if node.operation in {"add", "or"}:
            one, two = (self.nodes[arg] for arg in node.args)
            if two.operation == "const" and (
                node.operation == "add" or not one.possible & two.number
            ):
                return one, two.number
        return node, 0

    def _plus(self, node: Node, more: int) -> Node:
        constant = self.constant(more, node.bits)
        if constant.number == 0:
            return node
        if node.possible >= 0 and not node.possible & constant.number:
            possible = node.possible | constant.number
            if node.operation == "and" and (node.possible, constant.number) == (1, 2):
                node = self.nodes[node.args[0]]  # of two bits that are equal one is set
            return self._made(f"i{node.bits}.or", node, constant, possible=possible)
        return self._made(f"i{node.bits}.add", node, constant)

    def _add(self, one: Node, two: Node) -> Node:
        if two.operation == "const":
            inner, more = self._added(one)
            return self._plus(inner, more + two.number)
        (one, first), (two, second) = self._added(one), self._added(two)
        return self._plus(self._made(f"i{one.bits}.add", one, two), first + second)

    def _sub(self, one: Node, two: Node) -> Node:
        if two.operation == "const":
            return self._add(one, self.constant(-two.number, one.bits))
        if one.operation == "const":
            two, more = self._added(two)
            start = self.constant(one.number - more, one.bits)
            return self._made(f"i{one.bits}.sub", start, two)
        (one, first), (two, second) = self._added(one), self._added(two)
        return self._plus(self._made(f"i{one.bits}.sub", one, two), first - second)

    def _and(self, one: Node, two: Node) -> Node:
        if two.operation != "const":
            return self._made(f"i{one.bits}.and", one, two, possible=_lower(one, two))
        if two.number == -1:
            return one
        if one.operation == "shr_s":
            source, by = (self.nodes[arg] for arg in one.args)
            if 0 <= two.number < 1 << (one.bits - by.number):
                # Copies of the sign are not asked for.
                shifted = self._made(f"i{one.bits}.shr_u", source, by)
                return self._made(f"i{one.bits}.and", shifted, two, possible=two.number)
        return self._made(f"i{one.bits}.and", one, two, possible=two.number)

    def _simple(self, operation: str, one: Node, two: Node) -> Node:
        if two.operation == "const" and two.number == 0 and operation != "mul":
            return one
        possible = FAR
        if operation == "or" and one.possible >= 0 and two.possible >= 0:
            possible = one.possible | two.possible
        if operation == "shl" and one.possible >= 0 and two.operation == "const":
            possible = one.possible << two.number
        return self._made(f"i{one.bits}.{operation}", one, two, possible=possible)


def _lower(one: Node, two: Node) -> int:
    """Bits that both may have."""
    return one.possible & two.possible


_NUMBERS: dict[str, Callable[[int, int], int]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
    "shl": operator.lshift,
    "shr_s": operator.rshift,
    "shr_u": operator.rshift,
    "gt_s": operator.gt,
}
