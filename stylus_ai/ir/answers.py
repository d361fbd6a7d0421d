"""What a contract answers: the one description that interface, chain, report and terminal follow.

A program has outputs; `predict(bytes)` returns some of them. `answers` says which, in which order,
under which names and Solidity types, and what their numbers mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, assert_never

from stylus_ai.ir.program import Program

Meaning = Literal["basis points", "decision", "class", "number"]
"""What an integer of an answer is: a share of 10,000; yes or no; a position in ``labels``; a fixed
point number."""


@dataclass(frozen=True)
class Answer:
    """One value that ``predict(bytes)`` returns.

    Attributes:
        name: In Solidity, in JSON and on the terminal.
        output: Output of the program that it is, see ``interpret``.
        type: In Solidity.
        meaning: What its integers are.
        about: A line for whoever calls the contract.
        labels: Names of the classes, or of what an array holds; none for a plain number.
        scale: Of a number: integer steps per unit.
    """

    name: str
    output: str
    type: str
    meaning: Meaning
    about: str
    labels: tuple[str, ...] = ()
    scale: float = 1.0

    @property
    def wide(self) -> bool:
        """Whether it is an array, with an integer for each label."""
        return self.type.endswith("]")


def answers(program: Program) -> tuple[Answer, ...]:
    """What the contract of a program answers, in order."""
    match program.task:
        case "binary":
            return (
                Answer(
                    "score",
                    "score",
                    "uint16",
                    "basis points",
                    "Probability of yes in basis points, 0 to 10000.",
                ),
                Answer(
                    "approved",
                    "decision",
                    "bool",
                    "decision",
                    "True if the probability reaches the cut-off.",
                ),
            )
        case "multiclass":
            return (
                Answer(
                    "class",
                    "class",
                    "uint16",
                    "class",
                    "Number of the class with the largest score, from 0; the first of equals.",
                    program.classes,
                ),
                _scores(program),
            )
        case "regression":
            return (_values(program),)
    assert_never(program.task)


def _scores(program: Program) -> Answer:
    """A number for each class: its share where the program has shares, else its sum."""
    count = len(program.classes)
    if "scores" in dict(program.outputs):
        about = "Share of each class in basis points."
        return Answer(
            "scores", "scores", f"uint16[{count}]", "basis points", about, program.classes
        )
    about = "The model's sum for each class: the larger, the likelier."
    return Answer(
        "scores", "logits", f"int64[{count}]", "number", about, program.classes, program.scale
    )


def _values(program: Program) -> Answer:
    scale = program.scale
    steps = f"in steps of 1/{scale:.0f}" if scale != 1 else "as it is"
    if program.classes:
        kind = f"int64[{len(program.classes)}]"
        about = f"Prediction for each target, {steps}."
        return Answer("values", "values", kind, "number", about, program.classes, scale)
    return Answer("value", "value", "int64", "number", f"Prediction, {steps}.", (), scale)
