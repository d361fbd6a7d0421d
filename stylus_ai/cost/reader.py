"""Straight-line functions of generated Rust, read back as values and branches.

What is read here is only what ``stylus_ai.codegen`` writes for trees, tables and weighted sums: one
statement a line, names that are set once or added to, and ``if`` with or without ``else``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from stylus_ai.cost.graph import Graph, Node, Value

WORD = 4
"""Bytes of a feature in a row."""

_LET = re.compile(r"let (?:mut )?(\w+)(?:: \w+)? = (.*);")
_SET = re.compile(r"(\w+) = (.*);")
_MORE = re.compile(r"(\w+) \|= (.*);")
_STORE = re.compile(r"(\w+)\[(\d+)\] = (.*);")
_IF = re.compile(r"if (\w+) (<=|>) (-?\d+) \{")
_CALL = re.compile(r"(\w+)\(row, \w+\);")
_SUFFIX = re.compile(r"(?<!\w)(\d\w*?)_?[iu](?:8|16|32|64)\b")
_ROW = re.compile(r"row\[(\d+)\]")

_OPERATIONS = {
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.LShift: "shl",
    ast.RShift: "shr_s",
}
_METHODS = {"add": "add", "sub": "sub", "mul": "mul", "shl": "shl", "shr": "shr_s"}


@dataclass(frozen=True)
class Effect:
    """A store into results, or a phi that is set.

    Attributes:
        name: Operator of a store, or ``set``.
        value: Node that is stored or set.
        target: Offset of a store, or node of a phi.
        adds: Whether the store adds to what is there.
    """

    name: str
    value: int
    target: int
    adds: bool = False


@dataclass(frozen=True)
class Call:
    """A call of another function of the module, with the same parameters."""

    name: str


@dataclass
class Block:
    """Effects and branches in order; ``number`` is the scope of its nodes."""

    number: int
    steps: list[Effect | Call | Branch] = field(default_factory=list)


@dataclass
class Branch:
    """An ``if``.

    Attributes:
        feature: What is tested, or the column that was made of features.
        threshold: Up to it the left arm is taken.
        tested: The feature's node.
        left: Up to the threshold; may be empty.
        right: Beyond it; may be empty.
        known: How many nodes there were before it.
    """

    feature: int
    threshold: int
    tested: int
    left: Block
    right: Block
    known: int


@dataclass
class Function:
    """A function of a module.

    Attributes:
        name: In Rust.
        graph: Its values.
        body: What it does with them.
    """

    name: str
    graph: Graph
    body: Block


def read_functions(source: str) -> list[Function]:
    """All functions of a module that take a row and results to add to, in order."""
    heads = re.finditer(r"^fn (\w+)\((?:_?row): &Row, (\w+): &mut [^)]*\) \{\n", source, re.M)
    return [_Reader(head[1], source[head.end() :]).function() for head in heads]


class _Reader:
    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._graph = Graph()
        self._blocks = 0
        self._names: dict[str, Value] = {}
        self._shadowed: list[dict[str, Value | None]] = []
        body = text[: text.index("\n}\n") + 2]
        lines = (line.strip() for line in body.splitlines())
        self._lines = iter([line for line in lines if line and not line.startswith("//")])

    def function(self) -> Function:
        """Read it whole."""
        body, _ = self._block()
        return Function(self._name, self._graph, body)

    def _new(self) -> Block:
        self._blocks += 1
        return Block(self._blocks - 1)

    def _block(self) -> tuple[Block, str]:
        """Statements up to the closing line, which is returned as well."""
        block, closing = self._new(), "}"
        self._shadowed.append({})
        with self._graph.scope(block.number):
            for line in self._lines:
                if line.startswith("}"):
                    closing = line
                    break
                self._statement(block, line)
        for name, value in self._shadowed.pop().items():
            if value is None:
                del self._names[name]
            else:
                self._names[name] = value
        return block, closing

    def _statement(self, block: Block, line: str) -> None:
        if found := _IF.fullmatch(line):
            block.steps.append(self._branch(found[1], found[2], int(found[3])))
        elif found := _CALL.fullmatch(line):
            block.steps.append(Call(found[1]))
        elif found := _STORE.fullmatch(line):
            self._store(block, found[1], int(found[2]), found[3])
        elif found := _LET.fullmatch(line):
            value = self._value(found[2])
            self._shadowed[-1].setdefault(found[1], self._names.get(found[1]))
            self._names[found[1]] = value
        elif found := _MORE.fullmatch(line):
            more = self._value(found[2])
            self._names[found[1]] = self._graph.apply("or", self._names[found[1]], more)
        elif found := _SET.fullmatch(line):
            self._names[found[1]] = self._value(found[2])
        else:
            raise ValueError(line)

    def _store(self, block: Block, array: str, place: int, text: str) -> None:
        added = re.fullmatch(rf"{array}\[{place}\]\.wrapping_add\((.*)\)", text)
        value = self._value(added[1] if added else text)
        if array == "leaves":
            node = self._node(value, 32)
            block.steps.append(Effect("i32.store16", node.place, 2 * place))
            return
        node = self._node(value, 32)
        name = f"i{node.bits}.store"
        block.steps.append(Effect(name, node.place, node.bits // 8 * place, adds=True))

    def _node(self, value: Value, bits: int) -> Node:
        return self._graph.constant(value, bits) if isinstance(value, int) else value

    def _branch(self, name: str, sign: str, threshold: int) -> Branch:
        tested = self._node(self._names[name], 32)
        known = len(self._graph.nodes)
        before = dict(self._names)
        first, closing = self._block()
        after, self._names = self._names, dict(before)
        second, _ = self._block() if "else" in closing else (self._new(), "")
        left, right = (first, second) if sign == "<=" else (second, first)
        for each, old in before.items():
            one, two = after[each], self._names[each]
            if one == two:
                self._names[each] = old
                continue
            bits = next((x.bits for x in (one, two, old) if isinstance(x, Node)), 32)
            phi = self._graph.phi(bits)
            for arm, value in ((first, one), (second, two)):
                at = self._node(value, bits).place
                arm.steps.append(Effect("set", at, phi.place))
            self._names[each] = phi
        return Branch(int(name.removeprefix("x")), threshold, tested.place, left, right, known)

    def _value(self, text: str) -> Value:
        """An expression, which reads like Python's but for a few signs."""
        text = text.replace("stylus_kernels::", "").replace("!", "~").replace("::", "_")
        text = _SUFFIX.sub(r"\1", text)
        text = text.replace(" as u16", "").replace(" as i32", " @ 32")
        return self._expression(ast.parse(text, mode="eval").body)

    def _expression(self, tree: ast.expr) -> Value:  # noqa: PLR0911 - a table
        apply = self._graph.apply
        match tree:
            case ast.Constant(value=int(number)):
                return number
            case ast.Name(id=name):
                return self._names[name]
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
                return -number
            case ast.UnaryOp(op=ast.Invert(), operand=inner):
                return apply("xor", self._expression(inner), -1)
            case ast.BinOp(left=left, op=ast.MatMult()):
                return self._graph.narrowed(self._expression(left))
            case ast.BinOp() | ast.Compare() | ast.Call(func=ast.Attribute(), args=[_]):
                operation, left, right = _operation(tree)
                return apply(operation, self._expression(left), self._expression(right))
            case ast.Subscript(value=ast.Name(id="row"), slice=ast.Constant(value=int(number))):
                return self._graph.load("i32.load", WORD * number)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._kernel(name, [self._expression(each) for each in arguments])
            case _:
                raise ValueError(ast.dump(tree))

    def _kernel(self, name: str, given: list[Value]) -> Value:  # noqa: PLR0911 - a table
        """What a function of stylus-kernels does."""
        apply = self._graph.apply
        match name, given:
            case (("above" | "above_wide" | "above_far"), [x, threshold]):
                by = {"above": 30, "above_wide": 62, "above_far": 31}[name]
                return apply("shr_s", apply("sub", threshold, x), by)
            case (("up_to" | "up_to_far"), [x, threshold]):
                by = 30 if name == "up_to" else 31
                return apply("shr_s", apply("sub", apply("sub", x, threshold), 1), by)
            case (("pick" | "pick_wide"), [mask, left, right]):
                return apply("add", left, apply("and", apply("sub", right, left), mask))
            case "lane", [word, at, int(bits)]:
                return apply("and", apply("shr_u", word, at), (1 << bits) - 1)
            case "i64_from", [x]:
                return self._graph.widened(x)
            case "u16_from", [x]:
                return x
            case _, [x, *limits]:  # a column made of a feature: about an operator for each limit
                for limit in limits:
                    x = apply("sub", x, limit)
                return x
            case _:
                raise ValueError(name)


def _operation(tree: ast.expr) -> tuple[str, ast.expr, ast.expr]:
    """What an operator, a comparison or a method computes, and of what."""
    match tree:
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATIONS[type(op)], left, right
        case ast.Compare(left=left, comparators=[right]):
            return "gt_s", left, right
        case ast.Call(func=ast.Attribute(value=left, attr=attr), args=[right]):
            return _METHODS[attr.removeprefix("wrapping_")], left, right
        case _:
            raise ValueError(ast.dump(tree))


def each_effect(block: Block) -> Iterator[tuple[Block, Effect]]:
    """All effects of a block and of its arms, with the block in which each stands."""
    for step in block.steps:
        match step:
            case Effect():
                yield block, step
            case Branch():
                yield from each_effect(step.left)
                yield from each_effect(step.right)
            case Call():
                pass
