"""Functions that were read, as the operators that LLVM makes of them.

A value is computed where it is first needed; one that is needed again is kept in a local variable
at that place (``local.tee``). What is needed in several arms is computed before the branch. A
variable is free again after its last use, and the lowest free one is taken next.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from stylus_ai.cost.graph import COMMUTING, Node
from stylus_ai.cost.operators import HEADER, OPERATORS, leb128, uleb128
from stylus_ai.cost.reader import Block, Branch, Call, Effect, Function, each_effect

PARAMETERS = 2
ROW, RESULTS = 0, 1
"""Local variables of the function's parameters."""

BLOCK_RANK = 1 << 16

EMPTY = 0x40
"""Type of a block without a result."""

TEST_INK = 75 + 1 + 170 + 765 + HEADER
"""Ink of a branch's test: a variable, a constant, a comparison, the branch."""

END_INK = 1 + HEADER
"""Ink of the end of an arm as a basic block."""

COPY_INK = 75 + 210
"""Ink of a variable that is copied."""

CALLED = 8
"""An index of a function, of one byte as most are."""


@dataclass
class Step:
    """An operator and its operand.

    Attributes:
        name: In ``OPERATORS``.
        operand: A constant, an offset, an index of a variable or of a label; None for none.
    """

    name: str
    operand: int | None = None


@dataclass
class Path:
    """What rows pay from a place on: ink, then branches and calls.

    Attributes:
        ink: Of the operators that all rows run.
        forks: Feature, threshold, what follows up to it and beyond.
        calls: Names of functions.
    """

    ink: int = 0
    forks: list[tuple[int, int, Path, Path]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Lowered:
    """A function as operators.

    Attributes:
        name: In Rust.
        data: Its bytes, as in the code section.
        operators: How many operators it has.
        blocks: How many basic blocks.
        path: What rows pay.
    """

    name: str
    data: bytes
    operators: int
    blocks: int
    path: Path


def lower(function: Function) -> Lowered:
    """Operators of a function."""
    writer = _Writer(function)
    path = writer.path(function.body)
    writer.step("end", path)
    data, declared = _encode(writer.steps, writer.bits)
    body = declared + data
    blocks = sum(OPERATORS[step.name].ends for step in writer.steps)
    return Lowered(function.name, uleb128(len(body)) + body, len(writer.steps), blocks, path)


class _Writer:
    def __init__(self, function: Function) -> None:
        self._graph = function.graph
        self._nodes = function.graph.nodes
        self.steps: list[Step] = []
        self.bits: list[int] = []
        self._local: dict[int, int] = {}
        self._uses: Counter[int] = Counter()
        self._home: dict[int, int] = {}
        self._place(function.body)

    def _place(self, body: Block) -> None:
        """Count uses, and find the block in which each node is computed."""
        users: dict[int, set[int]] = {}
        for block, effect in each_effect(body):
            users.setdefault(effect.value, set()).add(block.number)
            self._uses[effect.value] += 1
        self._tests(body, users)
        for at in range(len(self._nodes) - 1, -1, -1):
            if at not in users:
                continue
            blocks = users[at]
            # A phi is set in arms, and read from a variable wherever that is.
            home = next(iter(blocks)) if len(blocks) == 1 else self._graph.scope_of[at]
            self._home[at] = home
            for arg in self._nodes[at].args:
                self._uses[arg] += 1
                users.setdefault(arg, set()).add(home)
        self._ranks = self._ranked()
        self._away = {at for at, blocks in users.items() if blocks != {self._home[at]}}

    def _ranked(self) -> list[int]:
        """The order in which LLVM's reassociation sorts operands: what is read late ranks high."""
        ranks: list[int] = []
        for at, node in enumerate(self._nodes):
            if node.operation == "const":
                ranks.append(0)
            elif node.args:
                ranks.append(1 + max(ranks[arg] for arg in node.args))
            else:
                ranks.append((self._home.get(at, 0) + 1) * BLOCK_RANK + at)
        return ranks

    def _tests(self, block: Block, users: dict[int, set[int]]) -> None:
        for step in block.steps:
            if isinstance(step, Branch):
                at = step.tested
                users.setdefault(at, set()).add(block.number)
                self._uses[at] += 1
                self._tests(step.left, users)
                self._tests(step.right, users)

    def step(self, name: str, path: Path, operand: int | None = None) -> None:
        """Add an operator, which the rows of a path pay."""
        self.steps.append(Step(name, operand))
        operator = OPERATORS[name]
        path.ink += operator.ink + (HEADER if operator.ends else 0)

    def path(self, block: Block) -> Path:
        """Write a block; its last basic block is still open."""
        path = Path()
        for step in block.steps:
            match step:
                case Branch():
                    self._before(block, step, path)
                    self._branch(step, path)
                case Call():
                    self.step("local.get", path, ROW)
                    self.step("local.get", path, RESULTS)
                    self.step("call", path, CALLED)
                    path.calls.append(step.name)
                case Effect():
                    self._effect(step, path)
        return path

    def _before(self, block: Block, branch: Branch, path: Path) -> None:
        """Compute what the arms need from here."""
        for at in sorted(self._away):
            node = self._nodes[at]
            ready = at in self._local or node.operation in {"const", "phi"}
            if at < branch.known and not ready and self._home[at] == block.number:
                self._value(at, path, keep=True)

    def _effect(self, effect: Effect, path: Path) -> None:
        if effect.name == "set":
            variable = self._variable(effect.target)
            if self._local.get(effect.value) != variable:
                self._value(effect.value, path)
                self.step("local.set", path, variable)
            return
        self.step("local.get", path, RESULTS)
        if effect.adds:
            self.step("local.get", path, RESULTS)
            self.step(effect.name.replace("store", "load"), path, effect.target)
        self._value(effect.value, path)
        if effect.adds:
            self.step(effect.name.replace("store", "add"), path)
        self.step(effect.name, path, effect.target)

    def _branch(self, branch: Branch, path: Path) -> None:
        left, right = branch.left, branch.right
        lone = next((arm for arm in (left, right) if self._only_sets(arm)), None)
        self.step("block", path)
        if lone is not None:
            other = right if lone is left else left
            path.ink += self.path(lone).ink
            self._test(branch, path, stays=other is left)
            arm = self._arm(other)
            self.step("end", arm)
            arms = (arm, Path()) if other is left else (Path(), arm)
        else:
            self.step("block", path)
            self._test(branch, path, stays=False)
            second = self._arm(right)
            self.step("br", second, 1)
            self.steps.append(Step("end"))  # nobody comes by
            first = self._arm(left)
            self.step("end", first)
            arms = (first, second)
        path.forks.append((branch.feature, branch.threshold, *arms))

    def _arm(self, block: Block) -> Path:
        """Write an arm; the arms of a branch at its end leave it on their own."""
        path = self.path(block)
        for copies, step in enumerate(reversed(block.steps)):
            if isinstance(step, Branch):
                path.ink -= copies * COPY_INK + END_INK
                break
            if not isinstance(step, Effect) or self._nodes[step.value].operation != "phi":
                break
        return path

    def _only_sets(self, block: Block) -> bool:
        """Whether an arm computes nothing."""
        return all(
            isinstance(step, Effect)
            and step.name == "set"
            and self._nodes[step.value].operation in {"const", "phi"}
            for step in block.steps
        )

    def _test(self, branch: Branch, path: Path, *, stays: bool) -> None:
        """Leave the innermost block up to the threshold, or beyond it where ``stays``."""
        self._value(branch.tested, path)
        self.step("i32.const", path, branch.threshold + 1)
        self.step("i32.ge_s" if stays else "i32.lt_s", path)
        self.step("br_if", path, 0)

    def _variable(self, at: int) -> int:
        if at not in self._local:
            self._local[at] = PARAMETERS + len(self.bits)
            self.bits.append(self._nodes[at].bits)
        return self._local[at]

    def _operands(self, node: Node, path: Path) -> None:
        """Write an operator with what it takes."""
        if node.operation in {"add", "sub"}:
            self._sum(node, path)
            return
        args = node.args
        if node.operation in COMMUTING and self._ranks[args[0]] < self._ranks[args[1]]:
            args = args[::-1]
        for arg in args:
            self._value(arg, path)
        self.step(node.name, path)

    def _sum(self, node: Node, path: Path) -> None:
        """Write a chain of additions and subtractions, what was read first at its beginning."""
        terms: list[tuple[int, int]] = []
        constant = self._terms(node, 1, terms)
        terms.sort(key=lambda term: self._ranks[term[1]])
        if len(terms) > 1 and (terms[0][0] < 0 or not constant) and terms[1][0] > 0:
            terms[:2] = terms[1], terms[0]
        bits = node.bits
        if terms[0][0] < 0:
            self.step(f"i{bits}.const", path, constant)
            constant = 0
        for number, (sign, at) in enumerate(terms):
            self._value(at, path)
            if number or sign < 0:
                self.step(f"i{bits}.{'add' if sign > 0 else 'sub'}", path)
        if constant:
            self.step(f"i{bits}.const", path, self._graph.constant(constant, bits).number)
            self.step(f"i{bits}.add", path)

    def _terms(self, node: Node, sign: int, terms: list[tuple[int, int]]) -> int:
        """Collect what a chain adds up as (sign, node); returns the constants' sum."""
        constant = 0
        for arg, way in zip(node.args, (1, 1 if node.operation == "add" else -1), strict=True):
            inner = self._nodes[arg]
            if inner.operation == "const":
                constant += sign * way * inner.number
            elif (
                inner.operation in {"add", "sub"}
                and self._uses[arg] == 1
                and self._home[arg] == self._home[node.place]
            ):
                constant += self._terms(inner, sign * way, terms)
            else:
                terms.append((sign * way, arg))
        return constant

    def _value(self, at: int, path: Path, *, keep: bool = False) -> None:
        """Write what puts a node on the stack; only into its variable if ``keep``."""
        node = self._nodes[at]
        if node.operation == "const":
            self.step(node.name, path, node.number)
            return
        if at in self._local:
            self.step("local.get", path, self._local[at])
            return
        if node.name in {"i32.load", "i64.load32_s"}:
            self.step("local.get", path, ROW)
            self.step(node.name, path, node.number)
        else:
            self._operands(node, path)
        if keep:
            self.step("local.set", path, self._variable(at))
        elif self._uses[at] > 1:
            self.step("local.tee", path, self._variable(at))


def _encode(steps: list[Step], bits: list[int]) -> tuple[bytes, bytes]:
    """Bytes of the operators, and of the declaration of local variables."""
    names, counts = _coloured(steps, bits)
    renamed = [
        Step(step.name, names[step.operand])
        if step.name.startswith("local.") and step.operand is not None
        else step
        for step in steps
    ]
    groups = [(count, code) for count, code in zip(counts, (0x7F, 0x7E), strict=True) if count]
    declared = bytes([len(groups)]) + b"".join(
        uleb128(count) + bytes([code]) for count, code in groups
    )
    return encoded(renamed), declared


def encoded(steps: Iterable[Step]) -> bytes:
    """Bytes of operators whose local variables have their final numbers."""
    data = bytearray()
    for step in steps:
        data.append(OPERATORS[step.name].code)
        operand = step.operand
        if step.name == "block":
            data.append(EMPTY)
        elif operand is None:
            continue
        elif "const" in step.name:
            data += leb128(operand)
        else:
            if "load" in step.name or "store" in step.name:
                data.append(_alignment(step.name))
            data += uleb128(operand)
    return bytes(data)


def _alignment(name: str) -> int:
    return 1 if "16" in name else 0 if "8" in name else 2 if "32" in name else 3


def _coloured(steps: list[Step], bits: list[int]) -> tuple[list[int], tuple[int, int]]:
    """The number of each variable, the lowest that is free; and how many of 32 and 64 bits."""
    uses = [
        (at, step.operand)
        for at, step in enumerate(steps)
        if step.name.startswith("local.") and step.operand is not None
    ]
    last = {variable: at for at, variable in uses}
    names = list(range(PARAMETERS + len(bits)))
    wide = [False] * PARAMETERS + [width == 64 for width in bits]
    free: tuple[list[int], list[int]] = ([], [])
    counts = [0, 0]
    known = {ROW, RESULTS}
    for at, variable in uses:
        pool = int(wide[variable])
        if variable not in known:
            known.add(variable)
            if free[pool]:
                names[variable] = heapq.heappop(free[pool])
            else:
                names[variable] = counts[pool]
                counts[pool] += 1
        if last[variable] == at and variable >= PARAMETERS:
            heapq.heappush(free[pool], names[variable])
    for variable in range(PARAMETERS, len(names)):
        names[variable] += PARAMETERS + (counts[0] if wide[variable] else 0)
    return names, (counts[0], counts[1])
