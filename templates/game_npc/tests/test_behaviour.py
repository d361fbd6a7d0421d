"""What a designer expects of the rules, and that a book with a mistake is refused."""

from pathlib import Path

import numpy as np
import pytest

from game import rulebook
from game.arena import ACTIONS
from train import FEATURES

ROOT = Path(__file__).resolve().parent.parent


def read(folder: Path, text: str) -> rulebook.Rulebook:
    """A book from its text."""
    (folder / "book.yaml").write_text(text)
    return rulebook.load(folder / "book.yaml", FEATURES, ACTIONS)


def test_the_tree_of_the_shipped_rules_differs_from_them_in_no_state() -> None:
    book = rulebook.load(ROOT / "rules.yaml", FEATURES, ACTIONS)
    fitted = rulebook.fit(book, 7, ACTIONS)
    assert fitted.different == 0


def test_the_proof_notices_a_single_wrong_threshold(tmp_path: Path) -> None:
    right = read(tmp_path, "rules: [{when: {health: 1..5}, do: flee}, {do: attack}]")
    wrong = read(tmp_path, "rules: [{when: {health: 1..6}, do: flee}, {do: attack}]")
    found = list(rulebook.differences(right, rulebook.fit(wrong, 7, ACTIONS).tree))
    states = rulebook.volume(right.everything)
    assert sum(rulebook.volume(box) for box in found) == states // 20  # health 6, of 1 to 20


def test_an_action_that_no_rule_names_keeps_its_number(tmp_path: Path) -> None:
    book = read(tmp_path, "rules: [{when: {health: 1..5}, do: shoot}, {do: attack}]")
    tree = rulebook.fit(book, 7, ACTIONS).tree
    assert tuple(tree.classes_) == ACTIONS


def test_the_first_rule_that_fits_decides(tmp_path: Path) -> None:
    book = read(
        tmp_path,
        "rules: [{when: {role: archer, distance: '>= 3'}, do: shoot},"
        " {when: {distance: [0, 3]}, do: attack}, {do: approach}]",
    )
    rows = np.array([[20, distance, 7, 0, 1, 30, 0, 0, 0, 0, 0] for distance in (0, 2, 3)])
    assert book.decide(rows).tolist() == ["attack", "approach", "shoot"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("rules: [{do: dance}]", "no action 'dance'"),
        ("rules: [{when: {hunger: 1}, do: flee}, {do: attack}]", "no feature 'hunger'"),
        ("rules: [{when: {health: 0..99}, do: flee}, {do: attack}]", "leaves 1..20"),
        ("rules: [{when: {role: wizard}, do: flee}, {do: attack}]", "none of brute, archer"),
        ("rules: [{when: {health: 3}, do: flee}]", "must fit always"),
        (
            "rules: [{when: {trust: 1..9}, do: flee}, {when: {trust: 3}, do: mend}, {do: rally}]",
            "Rule 2 .* never decides",
        ),
    ],
)
def test_a_book_with_a_mistake_is_refused_by_rule(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(rulebook.RuleError, match=reason):
        read(tmp_path, text)
