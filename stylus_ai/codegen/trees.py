"""A sum of trees as Rust: ``sums.rs`` and ``leaves.rs``, one statement for each split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stylus_ai.codegen.text import Source, part_mark
from stylus_ai.ir import Program, Tree, TreeSum
from stylus_ai.plan import Plan
from stylus_ai.plan.plan import NESTING


@dataclass(frozen=True)
class Payload:
    """What reaching a leaf does, so that sums and leaf numbers share one writer.

    Attributes:
        what: Word for comments and names: ``sums`` or ``leaves``.
        values: Of a tree's number: the constants of each leaf.
        store: Statement that takes (tree number, position, expression) of a value.
        opening: Statements at the start of a function.
        closing: Statements at its end.
        pick: Kernel that picks between two values.
        above: Kernel that compares, for each feature.
    """

    what: str
    values: Callable[[int], Sequence[tuple[int, ...]]]
    store: Callable[[int, int, str], str]
    opening: tuple[str, ...]
    closing: tuple[str, ...]
    pick: str
    above: tuple[str, ...]


def sums_source(program: Program, op: TreeSum, plan: Plan, bits: int) -> str:
    """``sums.rs``: the accumulators.

    Args:
        program: For names and the order of trees.
        op: The program's only tree sum.
        plan: Which nodes branch, and which trees share a function.
        bits: 32 or 64, proven by ``verify``.
    """
    outputs = len(op.base)

    def store(number: int, k: int, value: str) -> str:
        column = op.trees[number].column + k
        return f"s{column} = s{column}.wrapping_add({value});"

    payload = Payload(
        what="sums",
        values=lambda number: op.trees[number].values,
        store=store,
        opening=tuple(f"let mut s{k} = 0_i{bits};" for k in range(outputs)),
        closing=tuple(f"sums[{k}] = sums[{k}].wrapping_add(s{k});" for k in range(outputs)),
        pick="pick" if bits == 32 else "pick_wide",
        above=_comparisons(program),
    )
    out = Source()
    out.line(f"//! The sums of `{program.name}`: equations 3 and 4 of stylus-ai's numerics.")
    out.line("//!")
    out.line(
        "//! `wrapping_add` never wraps: the program's verifier has bounded every partial sum."
    )
    out.line()
    _uses(out, op.trees, plan, payload)
    out.line("/// Accumulators of the outputs.")
    out.line(f"type Sums = [i{bits}; {outputs}];")
    out.line()
    out.line("/// Sum of the leaves that `row` reaches, for each output.")
    with out.block(f"pub(crate) fn accumulate(row: &Row) -> [i64; {outputs}]"):
        out.line(f"let mut sums: Sums = [0; {outputs}];")
        for k, start in enumerate(op.base):
            if start:
                out.line(f"sums[{k}] = {start};")
        for part in range(len(plan.parts)):
            out.line(f"part_{part}(row, &mut sums);")
        out.line("sums.map(i64::from)" if bits == 32 else "sums")
    _Writer(out, op.trees, plan, payload, "sums: &mut Sums").write()
    return out.text()


def leaves_source(program: Program, trees: Sequence[Tree], plan: Plan) -> str:
    """``leaves.rs``: the leaf that a row reaches in each tree, from left to right."""
    payload = Payload(
        what="leaves",
        values=lambda number: [(leaf,) for leaf in range(len(trees[number].values))],
        store=lambda number, _k, value: f"leaves[{number}] = {_leaf(value)};",
        opening=(),
        closing=(),
        pick="pick",
        above=_comparisons(program),
    )
    out = Source()
    out.line(f"//! The leaves that decide in `{program.name}`: the reason for a prediction.")
    out.line()
    if not trees:
        out.line("use crate::{Row, TREES};")
        out.line()
        out.line("/// A linear model has no leaves.")
        out.line("#[must_use]")
        with out.block("pub const fn leaves(_row: &Row) -> [u16; TREES]"):
            out.line("[]")
        return out.text()
    _uses(out, trees, plan, payload, also="TREES")
    out.line("/// Leaf that `row` reaches in each tree, counted from left to right.")
    out.line("#[must_use]")
    with out.block("pub fn leaves(row: &Row) -> [u16; TREES]"):
        out.line("let mut leaves = [0; TREES];")
        for part in range(len(plan.parts)):
            out.line(f"part_{part}(row, &mut leaves);")
        out.line("leaves")
    _Writer(out, trees, plan, payload, "leaves: &mut [u16; TREES]").write()
    return out.text()


def _leaf(value: str) -> str:
    """A leaf's number is an i32 in the kernels, and below 65,536 by the program's rules."""
    return value if value.isdecimal() else f"{value} as u16"


def _comparisons(program: Program) -> tuple[str, ...]:
    """The kernel that compares, for each feature: a threshold may be one below the range."""
    return tuple(
        "above" if column.q_top - column.q_low + 1 <= 1 << 30 else "above_far"
        for column in program.features
    )


def _uses(
    out: Source, trees: Sequence[Tree], plan: Plan, payload: Payload, also: str | None = None
) -> None:
    """Import the kernels that these trees need."""
    kernels = {
        payload.above[feature]
        for tree, tree_plan in zip(trees, plan.trees, strict=True)
        for node, feature in enumerate(tree.feature)
        if node not in frozenset(tree_plan.branching)
    }
    if kernels:
        out.line(f"use stylus_kernels::{{{', '.join([*sorted(kernels), payload.pick])}}};")
        out.line()
    out.line(f"use crate::{{Row, {also}}};" if also else "use crate::Row;")
    out.line()


class _Writer:
    """Writes the functions of all parts, and those of subtrees that lie too deep in them."""

    def __init__(
        self, out: Source, trees: Sequence[Tree], plan: Plan, payload: Payload, target: str
    ) -> None:
        self._out = out
        self._trees = trees
        self._plan = plan
        self._payload = payload
        self._target = target
        self._branching = [frozenset(tree.branching) for tree in plan.trees]
        # (tree, node): roots of subtrees that wait for a function of their own.
        self._waiting: list[tuple[int, int]] = []
        self._stored = False

    def write(self) -> None:
        """Write one function for each part, then those that came up on the way."""
        for part, (first, last) in enumerate(self._plan.parts):
            roots = [(number, self._trees[number].root) for number in range(first, last)]
            name = f"Trees {first} to {last - 1}" if last - first > 1 else f"Tree {first}"
            self._function(f"part_{part}", f"{name}.", roots)
        while self._waiting:
            number, node = self._waiting.pop()
            about = f"The part of tree {number} below node {node}."
            self._function(f"tree_{number}_{node}", about, [(number, node)])

    def _function(self, name: str, about: str, roots: Sequence[tuple[int, int]]) -> None:
        out, payload = self._out, self._payload
        out.line()
        out.line(f"/// {about}")
        out.line("#[inline(never)]")
        body = _Writer(Source(), self._trees, self._plan, payload, self._target)
        used: set[int] = set()
        for number, root in roots:
            body._out.line(part_mark(f"tree {number}"))
            used |= body._tree(number, root)
        self._waiting += body._waiting
        row = "row" if used or body._waiting else "_row"
        with out.block(f"fn {name}({row}: &Row, {self._target})"):
            out.lines(f"let x{feature} = row[{feature}];" for feature in sorted(used))
            if body._stored:
                out.lines(payload.opening)
            out.lines(body._out.text().splitlines())
            if body._stored:
                out.lines(payload.closing)

    def _tree(self, number: int, root: int) -> set[int]:
        """Write a subtree; returns the features that it looks at."""
        used: set[int] = set()
        self._arm(number, root, 0, used)
        return used

    def _arm(self, number: int, child: int, level: int, used: set[int]) -> None:
        """Write what happens from ``child`` on, up to storing the leaf's values."""
        out, tree = self._out, self._trees[number]
        if child not in self._branching[number]:
            self._store(number, self._values(number, tree, child, used))
            return
        if level == NESTING:
            self._waiting.append((number, child))
            out.line(f"tree_{number}_{child}(row, {self._payload.what});")
            return
        used.add(tree.feature[child])
        with out.block(f"if x{tree.feature[child]} <= {tree.threshold[child]}"):
            self._arm(number, tree.left[child], level + 1, used)
            out.otherwise()
            self._arm(number, tree.right[child], level + 1, used)

    def _values(self, number: int, tree: Tree, child: int, used: set[int]) -> list[str]:
        """Write the masks and picks below ``child``; returns its values as expressions."""
        if child < 0:
            return [str(value) for value in self._payload.values(number)[~child]]
        left = self._values(number, tree, tree.left[child], used)
        right = self._values(number, tree, tree.right[child], used)
        feature, pick = tree.feature[child], self._payload.pick
        used.add(feature)
        mask = f"{self._payload.above[feature]}(x{feature}, {tree.threshold[child]})"
        if len(left) == 1:
            self._out.line(f"let n{child} = {pick}({mask}, {left[0]}, {right[0]});")
            return [f"n{child}"]
        self._out.line(f"let m{child} = {mask};")
        names = []
        for k, (low, high) in enumerate(zip(left, right, strict=True)):
            names.append(f"n{child}_{k}")
            self._out.line(f"let {names[-1]} = {pick}(m{child}, {low}, {high});")
        return names

    def _store(self, number: int, values: Sequence[str]) -> None:
        self._stored = True
        for k, value in enumerate(values):
            self._out.line(self._payload.store(number, k, value))
