"""A forest as Rust statements: one for each split, children before parents.

A value is written as ``constant + name``: a leaf has no name, the difference of two leaves is one
constant, and what is added to all paths alike moves up and ends in the start of the sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stylus_ai.codegen.text import Source, part_mark
from stylus_ai.ir import Tree
from stylus_ai.plan import Branch, Forest, Split

NESTING = 8
"""Branch levels in one function; what lies deeper becomes a function of its own."""

CALL_WIDTH = 60
"""rustfmt's ``fn_call_width``: longer arguments would stand on lines of their own."""

ABOVE, UP_TO = "above", "up_to"
"""Kernels that compare: all ones if the value is above, or up to, the threshold."""


@dataclass(frozen=True)
class Payload:
    """What reaching a leaf does, so that sums and leaf numbers share one writer.

    Attributes:
        what: ``sums`` or ``leaves``: the variable that takes the results.
        target: The parameter of that name.
        bits: 32 or 64, of the words that a leaf holds.
        words: Of each tree: the words of each leaf.
        wrap: A number modulo ``2^bits``, signed.
    """

    what: str
    target: str
    bits: int
    words: Sequence[Sequence[tuple[int, ...]]]
    wrap: Callable[[int], int]


@dataclass(frozen=True)
class Value:
    """``constant + name``; the constant alone without a name."""

    constant: int
    name: str | None = None

    def plus(self, more: int) -> str:
        """The name and a number, as an expression; the number alone without a name."""
        if self.name is None:
            return str(more)
        return f"{self.name}.wrapping_add({more})" if more else self.name


@dataclass(frozen=True)
class Deep:
    """A forest that lies too deep in its function: it gets one of its own."""

    name: str
    forest: Forest


class Body:
    """The statements of one function.

    Attributes:
        features: What is read from the row.
        kernels: Functions of stylus-kernels that are used.
        changing: Words whose sum changes after its start.
        deep: Forests that wait for a function.
    """

    def __init__(
        self,
        trees: Sequence[Tree],
        payload: Payload,
        far: frozenset[int],
        name: str,
        shared: Sequence[Split],
    ) -> None:
        """Begin a function.

        Args:
            trees: All trees of the sum.
            payload: What the leaves hold.
            far: Features whose range needs the dearer comparison.
            name: Of the function.
            shared: Splits whose masks are variables.
        """
        self._trees = trees
        self._payload = payload
        self._far = far
        self._name = name
        self._shared = {split: f"m{index}" for index, split in enumerate(shared)}
        self._read: set[Split] = set()
        self._forms: Counter[tuple[Split, str]] = Counter()
        self._out = Source()
        self.features: set[int] = set()
        self.kernels: set[str] = set()
        self.changing: set[int] = set()
        self.deep: list[Deep] = []

    def lines(self) -> list[str]:
        """What was written so far."""
        return self._out.rows()

    def masks(self) -> list[str]:
        """The shared masks that were read."""
        return [
            f"let {name} = {self._compared(split, ABOVE)};"
            for split, name in self._shared.items()
            if split in self._read
        ]

    def forest(self, forest: Forest, level: int = 0) -> Counter[int]:
        """Write a forest; returns what is to be added to each word beside."""
        constants: Counter[int] = Counter()
        for number, child in forest.masked:
            outer, self._out = self._out, Source()
            for word, value in enumerate(self._value(number, child)):
                self._store(number, word, value, constants)
            lines, self._out = self.lines(), outer
            if lines:
                outer.line(part_mark(f"tree {number}"))
                outer.lines(lines)
        for branch in forest.branches:
            self._branch(branch, level, constants)
        return constants

    def _store(self, number: int, word: int, value: Value, constants: Counter[int]) -> None:
        if self._payload.what == "leaves":
            # A leaf's number is below 65,536 by the program's rules.
            cast = " as u16" if value.name else ""
            self._out.line(f"leaves[{number}] = {value.plus(value.constant)}{cast};")
            return
        column = self._trees[number].column + word
        constants[column] += value.constant
        if value.name:
            self._add(column, value.name)

    def _add(self, column: int, what: str) -> None:
        self.changing.add(column)
        self._out.line(f"s{column} = s{column}.wrapping_add({what});")

    def _branch(self, branch: Branch, level: int, constants: Counter[int]) -> None:
        """Write both arms; what the left one adds on all paths, the right one need not."""
        feature, threshold = branch.split
        self.features.add(feature)
        outer, self._out = self._out, Source()
        always = self._arm(branch.left, level + 1)
        left, self._out = self.lines(), Source()
        also = self._arm(branch.right, level + 1)
        for column in sorted({*always, *also}):
            constants[column] += always[column]
            if step := self._payload.wrap(also[column] - always[column]):
                self._add(column, str(step))
        right, self._out = self.lines(), outer
        outer.line(part_mark("branches"))
        if left:
            with outer.block(f"if x{feature} <= {threshold}"):
                outer.lines(left)
                if right:
                    outer.otherwise()
                    outer.lines(right)
        elif right:
            with outer.block(f"if x{feature} > {threshold}"):
                outer.lines(right)

    def _arm(self, forest: Forest, level: int) -> Counter[int]:
        if level < NESTING or not forest.branches:
            return self.forest(forest, level)
        name = f"{self._name}_{len(self.deep)}"
        self.deep.append(Deep(name, forest))
        self._out.line(f"{name}(row, {self._payload.what});")
        return Counter()

    def _value(self, number: int, child: int) -> list[Value]:
        """Write what computes a subtree; returns its words."""
        words = self._payload.words[number]
        if child < 0:
            return [Value(word) for word in words[~child]]
        tree = self._trees[number]
        left = self._value(number, tree.left[child])
        right = self._value(number, tree.right[child])
        split = tree.feature[child], tree.threshold[child]
        if len(left) == 1:
            return [self._combined(split, f"n{child}", left[0], right[0])]
        return [
            self._combined(split, f"n{child}_{word}", *sides)
            for word, sides in enumerate(zip(left, right, strict=True))
        ]

    def _combined(self, split: Split, name: str, left: Value, right: Value) -> Value:
        """Write the choice between two values; returns it."""
        step = self._payload.wrap(right.constant - left.constant)
        if left.name is None and right.name is None and not step:
            return left
        # A value that is there in one case only starts from the other case's constant.
        if (left.name is None) == (right.name is None):
            kernel = self._unused_form(split)
        else:
            kernel = ABOVE if left.name is None else UP_TO
        if kernel == UP_TO:
            left, right, step = right, left, self._payload.wrap(-step)
        mask = self._mask(split, kernel)
        if left.name is None:
            kept = right.plus(step)
            self._out.line(f"let {name} = {mask if kept == '-1' else f'{mask} & {kept}'};")
        else:
            pick = "pick" if self._payload.bits == 32 else "pick_wide"
            self.kernels.add(pick)
            arguments = f"{left.name}, {right.plus(step)}"
            if len(mask) + 2 + len(arguments) > CALL_WIDTH:
                self._out.line(f"let m = {mask};")
                mask = "m"
            self._out.line(f"let {name} = {pick}({mask}, {arguments});")
        return Value(left.constant, name)

    def _unused_form(self, split: Split) -> str:
        """The comparison to use where both will do.

        The compiler makes equal comparisons once and keeps the mask in a local variable, of which
        there are too few. It does not see that the two forms are each other's complement.
        """
        used = self._forms[split, ABOVE] > self._forms[split, UP_TO]
        return UP_TO if used and split not in self._shared else ABOVE

    def _mask(self, split: Split, kernel: str) -> str:
        if split not in self._shared:
            self._forms[split, kernel] += 1
            mask = self._compared(split, kernel)
            return mask if self._payload.bits == 32 else f"i64::from({mask})"
        self._read.add(split)
        mask = self._shared[split] if kernel == ABOVE else f"!{self._shared[split]}"
        return mask if self._payload.bits == 32 else f"i64::from({mask})"

    def _compared(self, split: Split, kernel: str) -> str:
        feature, threshold = split
        self.features.add(feature)
        kernel += "_far" if feature in self._far else ""
        self.kernels.add(kernel)
        return f"{kernel}(x{feature}, {threshold})"
