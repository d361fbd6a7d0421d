"""A sum of trees as Rust: ``sums.rs`` and ``leaves.rs``."""

from __future__ import annotations

from collections.abc import Sequence

from stylus_ai.codegen.forest import Body, Deep, Payload
from stylus_ai.codegen.tables import table_leaves, table_sums
from stylus_ai.codegen.text import Source, array
from stylus_ai.ir import Program, Tree, TreeSum
from stylus_ai.plan import Forest, ForestPart, Plan, Split, TablePart


def sums_source(program: Program, op: TreeSum, plan: Plan) -> str:
    """``sums.rs``: the accumulators.

    Args:
        program: For names and ranges.
        op: The program's only tree sum.
        plan: How the trees are run.
    """
    words = plan.words
    payload = Payload(
        what="sums",
        target="sums: &mut Sums",
        bits=words.bits,
        words=[[words.pack(leaf) for leaf in tree.values] for tree in op.trees],
        wrap=words.wrap,
    )
    functions = _Functions(program, op.trees, plan, payload)
    kernels = functions.kernels | ({"lanes"} if words.lanes > 1 else set())
    out = Source()
    out.line(f"//! The sums of `{program.name}`: equations 3 and 4 of stylus-ai's numerics.")
    out.line("//!")
    out.line("//! They are added modulo a power of two, in any order and with differences between,")
    out.line("//! which is exact: the program's verifier has proven that the results fit.")
    out.line()
    _uses(out, kernels, "Row")
    out.line("/// Accumulators of the outputs.")
    out.line(f"type Sums = [i{words.bits}; {words.count(len(op.base))}];")
    out.line()
    out.line("/// Sum of the leaves that `row` reaches, for each output.")
    with out.block(f"pub(crate) fn accumulate(row: &Row) -> [i64; {len(op.base)}]"):
        out.lines(array("let mut sums: Sums = ", [str(word) for word in words.pack(op.base)]))
        out.lines(f"part_{part}(row, &mut sums);" for part in range(len(plan.parts)))
        if words.lanes == 1:
            out.line("sums.map(i64::from)" if words.bits == 32 else "sums")
        else:
            _unpack(out, plan, len(op.base))
    out.lines(functions.lines())
    return out.text()


def _unpack(out: Source, plan: Plan, outputs: int) -> None:
    """Take the lanes of each word apart."""
    words = plan.words
    names = [f"y{k}" for k in range(outputs)]
    for word in range(words.count(outputs)):
        lanes = ", ".join(names[word * words.lanes : (word + 1) * words.lanes])
        number = f"i64::from(sums[{word}])" if words.bits == 32 else f"sums[{word}]"
        out.line(f"let [{lanes}] = lanes({number}, {words.lane_bits});")
    out.lines(array("", names, tail=""))


def leaves_source(program: Program, trees: Sequence[Tree], plan: Plan) -> str:
    """``leaves.rs``: the leaf that a row reaches in each tree, from left to right."""
    out = Source()
    out.line(f"//! The leaves that decide in `{program.name}`: the reason for a prediction.")
    out.line()
    if not trees or not plan.leaf_numbers:
        out.line("use crate::Row;")
        out.line()
        out.line(
            "/// Number of leaves that `leaves` names: none of a model without trees, and none of"
        )
        out.line("/// a large one, whose leaf numbers would double the contract.")
        out.line("pub const LEAVES: usize = 0;")
        out.line()
        out.line("/// Leaf that `row` reaches in each tree; none here.")
        out.line("#[must_use]")
        with out.block("pub const fn leaves(_row: &Row) -> [u16; LEAVES]"):
            out.line("[]")
        return out.text()
    payload = Payload(
        what="leaves",
        target="leaves: &mut [u16; TREES]",
        bits=32,
        words=[[(leaf,) for leaf in range(len(tree.values))] for tree in trees],
        wrap=lambda number: number,
    )
    functions = _Functions(program, trees, plan, payload)
    _uses(out, functions.kernels, "{Row, TREES}")
    out.line("/// Number of leaves that `leaves` names: one for each tree.")
    out.line("pub const LEAVES: usize = TREES;")
    out.line()
    out.line("/// Leaf that `row` reaches in each tree, counted from left to right.")
    out.line("#[must_use]")
    with out.block("pub fn leaves(row: &Row) -> [u16; LEAVES]"):
        out.line("let mut leaves = [0; TREES];")
        out.lines(f"part_{part}(row, &mut leaves);" for part in range(len(plan.parts)))
        out.line("leaves")
    out.lines(functions.lines())
    return out.text()


def _uses(out: Source, kernels: set[str], ours: str) -> None:
    if kernels:
        names = ", ".join(sorted(kernels))
        out.line(f"use stylus_kernels::{names if len(kernels) == 1 else f'{{{names}}}'};")
        out.line()
    out.line(f"use crate::{ours};")
    out.line()


class _Functions:
    """The functions of all parts, and of forests that lie too deep in them."""

    def __init__(
        self, program: Program, trees: Sequence[Tree], plan: Plan, payload: Payload
    ) -> None:
        self._trees = trees
        self._payload = payload
        # A threshold may be one below the range.
        self._far = frozenset(
            feature
            for feature, column in enumerate(program.features)
            if column.q_top - column.q_low + 1 > 1 << 30
        )
        self._out = Source()
        self.kernels: set[str] = set()
        for index, part in enumerate(plan.parts):
            self._write(f"part_{index}", part)

    def lines(self) -> list[str]:
        """All functions."""
        return self._out.rows()

    def _write(self, name: str, part: ForestPart | TablePart) -> None:
        numbers = part.trees
        about = f"Tree {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} trees"
        if isinstance(part, ForestPart):
            waiting = self._forest(name, f"{about}.", part.forest, part.shared)
            while waiting:
                deep = waiting.pop()
                waiting += self._forest(deep.name, f"Below `{name}`.", deep.forest, ())
            return
        self._head(f"{about}, each of them a table.")
        if self._payload.what == "leaves":
            table_leaves(self._out, name, part)
            return
        table_sums(self._out, name, part, self._payload.bits)
        self.kernels |= {"above_wide", "lane"}

    def _head(self, about: str) -> None:
        self._out.line()
        self._out.line(f"/// {about}")
        self._out.line("#[inline(never)]")

    def _forest(self, name: str, about: str, forest: Forest, shared: Sequence[Split]) -> list[Deep]:
        """Write a function; returns what waits for one of its own."""
        payload, out = self._payload, self._out
        body = Body(self._trees, payload, self._far, name, shared)
        constants = body.forest(forest)
        masks = body.masks()  # before the features, which they use
        self.kernels |= body.kernels
        row = "row" if body.features or body.deep else "_row"
        self._head(about)
        with out.block(f"fn {name}({row}: &Row, {payload.target})"):
            out.lines(f"let x{feature} = row[{feature}];" for feature in sorted(body.features))
            out.lines(masks)
            if payload.what == "leaves":
                out.lines(body.lines())
                return body.deep
            columns = sorted({*constants, *body.changing})
            for column in columns:
                mut = "mut " if column in body.changing else ""
                start = payload.wrap(constants[column])
                out.line(f"let {mut}s{column} = {start}_i{payload.bits};")
            out.lines(body.lines())
            for column in columns:
                out.line(f"sums[{column}] = sums[{column}].wrapping_add(s{column});")
        return body.deep
