"""What a contract answers, by task, and what its integers mean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stylus_ai.ir import Affine, Program, TreeSum, answers, interpret, random_rows, tensor
from tests.codegen.networks import classifier, features_of, network, trained_like, with_scores
from tests.ir.test_verify import STUMP, program

CLASSES = classifier([trained_like((5, 7), 2, 7, 0), trained_like((3, 5), 2, 7, 1)], bits=4, act=15)
PAIR = network(features_of(2, 4), [Affine(0, tensor(((1, 2), (3, 4))), tensor((0, 0)))])


def told(one: Program) -> list[tuple[str, str, str]]:
    """Name, output and meaning of each answer."""
    return [(answer.name, answer.output, answer.meaning) for answer in answers(one)]


def test_a_yes_or_no_model_answers_score_and_decision() -> None:
    assert told(program()) == [
        ("score", "score", "basis points"),
        ("approved", "decision", "decision"),
    ]


def test_a_classifier_answers_the_class_and_a_number_for_each() -> None:
    assert told(CLASSES) == [("class", "class", "class"), ("scores", "logits", "number")]
    shares = with_scores(CLASSES, 8)
    assert told(shares) == [("class", "class", "class"), ("scores", "scores", "basis points")]
    assert all(answer.labels == CLASSES.classes for answer in answers(CLASSES))


def test_an_answer_is_an_array_exactly_where_the_interpreter_gives_one() -> None:
    for one in (program(), CLASSES, with_scores(CLASSES, 8), PAIR):
        found = interpret(one, random_rows(one, 3))
        for answer in answers(one):
            width = (len(answer.labels),) if answer.wide else ()
            assert found[answer.output].shape == (3, *width), answer


def test_the_steps_of_a_number_are_those_of_the_accumulator() -> None:
    tree = replace(
        program(TreeSum(0, (STUMP,), (0,), 4, divisor=3)),
        task="regression",
        outputs=(("value", 1),),
        classes=(),
    )
    (answer,) = answers(tree)
    assert answer.scale == 3 * 16
    value = interpret(tree, np.array([[0, 0]]))["value"][0] / answer.scale
    assert value == 5 / 48
