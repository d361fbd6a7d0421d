"""Program: a trained model as integer operations, with what is needed to trace and explain it."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from stylus_ai.errors import ModelError
from stylus_ai.ir.feature import MAX_TEXT
from stylus_ai.ir.features import Features
from stylus_ai.ir.ops import Affine, AtLeast, Op, Requantise, TreeSum
from stylus_ai.ir.tree import Tree

Task = Literal["binary", "multiclass", "regression"]
Family = Literal["tree", "forest", "boosting", "linear", "mlp", "cnn"]

OUTPUTS: dict[Task, tuple[tuple[str, ...], ...]] = {
    "binary": (("logit", "score", "decision"),),
    "multiclass": (("logits", "class"), ("logits", "scores", "class")),
    "regression": (("value",), ("values",)),
}
"""Names of a program's outputs, by task, in order: one of these choices."""

WIDE_OUTPUTS = frozenset({"logits", "scores", "values"})
"""Outputs that are one number for each class or target; the others are one number."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Program:
    """A model as integer operations in SSA order.

    Attributes:
        name: Lower-case name, as a crate's.
        features: Meaning of the input row.
        task: What is predicted; decides the outputs.
        family: Kind of the trained model, for ``modelInfo``.
        ops: Operations; op ``i`` writes value ``i + 1``, value 0 is the row.
        outputs: (name, value) for each name of a choice of ``OUTPUTS[task]``.
        reference: Integer row that explanations compare with: the training rows' median.
        classes: Labels. binary: (negative, positive). multiclass: by index. regression: none,
            or the names of several targets.
        source: Library, version and type of the trained model.
        parent: Digest of the FloatModel.
        rounding_bound: Proven bound on how far rounding moves the accumulator from the float
            model's, in the float's own unit (probability, log-odds or the target's unit). None
            for a network: what rounding does to it is measured, not proven.
    """

    name: str
    features: Features
    task: Task
    family: Family
    ops: tuple[Op, ...]
    outputs: tuple[tuple[str, int], ...]
    reference: tuple[int, ...]
    classes: tuple[str, ...]
    source: str
    parent: str
    rounding_bound: float | None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ModelError(
                f"Program name {self.name!r} is not a crate name.",
                "Use lower-case letters, digits, - and _, beginning with a letter.",
            )
        if self.task not in get_args(Task) or self.family not in get_args(Family):
            raise ModelError(f"Unknown task {self.task!r} or family {self.family!r}.")
        if not _DIGEST.fullmatch(self.parent):
            raise ModelError("A program's parent is a SHA-256 digest of 64 hex digits.")
        if max(map(len, (self.source, *self.classes))) > MAX_TEXT:
            raise ModelError(f"A class label or the source is longer than {MAX_TEXT} characters.")
        if not all(text.isprintable() for text in (self.source, *self.classes)):
            raise ModelError("A class label or the source holds a line break or a control code.")
        bound = self.rounding_bound
        if bound is not None and not (math.isfinite(bound) and bound >= 0):
            raise ModelError(f"The rounding bound {bound!r} is no distance.")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, 64 hex digits: the contract's ``modelHash``."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @property
    def trees(self) -> tuple[Tree, ...]:
        """All trees, in order; empty for a linear model."""
        return tuple(tree for op in self.ops if isinstance(op, TreeSum) for tree in op.trees)

    @property
    def depth(self) -> int:
        """Depth of the deepest tree; 0 without trees."""
        return max((tree.depth for tree in self.trees), default=0)

    @property
    def frac_bits(self) -> int:
        """Fractional bits of the accumulator; 0 for a network's logits, in a scale of their own."""
        scaled = (op for op in self.ops if isinstance(op, TreeSum | Affine | Requantise))
        return max((op.frac_bits for op in scaled), default=0)

    @property
    def divisor(self) -> int:
        """By what the accumulator is to be divided beside its fraction bits, see ``scale``."""
        return max((op.divisor for op in self.ops if isinstance(op, TreeSum)), default=1)

    @property
    def scale(self) -> float:
        """Steps of the accumulator per unit: its float value is ``accumulator / scale``."""
        return self.divisor * 2.0**self.frac_bits

    @property
    def cutoff(self) -> int:
        """Smallest accumulator that decides yes; 0 unless the task is binary."""
        return next((op.threshold for op in self.ops if isinstance(op, AtLeast)), 0)

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces, ASCII, one line and a newline."""
        from stylus_ai.ir.serial import dump  # noqa: PLC0415 - serial builds Programs

        return dump(self)

    @classmethod
    def from_json(cls, text: str) -> Program:
        """Read what ``to_json`` wrote.

        Raises:
            ModelError: Not such a file; names the place by its JSON path. The program is
                verified as well.
        """
        from stylus_ai.ir.serial import load  # noqa: PLC0415 - serial builds Programs

        return load(text)
