"""A designer's rules: read from YAML, applied to states, compared with a tree in every state.

There are far too many states to look at each: trillions. But rules and trees cut them
into boxes (a range of whole numbers for each feature), so that a comparison goes box by box: where
a rule fits a part of a box only, the box is cut in two. `differences` is therefore a proof over
every state there is, not a sample.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import stylus_ai as sa
import yaml
from sklearn.tree import DecisionTreeClassifier

Span = tuple[int, int]
"""Whole numbers from the first to the second, both included."""

Box = tuple[Span, ...]
"""A span for each feature."""

SAMPLES = 20_000
ROUNDS = 30


class RuleError(ValueError):
    """A rule that cannot be read; says which, and what would do."""


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        about: In the designer's words.
        when: Position of a feature -> spans of values that fit, in ascending order.
        do: The action.
    """

    about: str
    when: Mapping[int, tuple[Span, ...]]
    do: str


@dataclass(frozen=True)
class Rulebook:
    """Rules in order of priority; the last one fits everything.

    Attributes:
        features: What a state is.
        rules: At least one.
    """

    features: sa.Features
    rules: tuple[Rule, ...]

    @property
    def everything(self) -> Box:
        """The box of all states."""
        return tuple((feature.q_low, feature.q_high) for feature in self.features)

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that some rule names, each once."""
        return tuple(dict.fromkeys(rule.do for rule in self.rules))

    def pieces(self, box: Box) -> Iterator[tuple[Box, int]]:
        """Cut a box into boxes that one rule decides; gives the rule's position with each."""
        waiting = [(box, 0)]
        while waiting:
            part, number = waiting.pop()
            cut = _cut(part, self.rules[number].when)
            if cut is True:
                yield part, number
            elif cut is False:
                waiting.append((part, number + 1))
            else:
                waiting += [(half, number) for half in cut]

    def decide(self, rows: np.ndarray) -> np.ndarray:
        """The action for each row of int64[n, features], as text."""
        decided = np.full(len(rows), self.rules[-1].do, dtype=object)
        for rule in reversed(self.rules):
            fits = np.ones(len(rows), dtype=bool)
            for feature, spans in rule.when.items():
                value = rows[:, feature]
                fits &= np.any([(low <= value) & (value <= high) for low, high in spans], axis=0)
            decided[fits] = rule.do
        return decided


def _cut(box: Box, when: Mapping[int, tuple[Span, ...]]) -> bool | tuple[Box, Box]:
    """True where the whole box fits, False where nothing does, else the box in two."""
    for feature, spans in when.items():
        low, high = box[feature]
        met = [span for span in spans if span[0] <= high and low <= span[1]]
        if not met:
            return False
        first, last = met[0]
        if first <= low and high <= last:
            continue
        edge = first if first > low else last + 1
        below = (*box[:feature], (low, edge - 1), *box[feature + 1 :])
        above = (*box[:feature], (edge, high), *box[feature + 1 :])
        return below, above
    return True


def volume(box: Box) -> int:
    """How many states lie in a box."""
    count = 1
    for low, high in box:
        count *= high - low + 1
    return count


# Reading


def load(path: Path, features: sa.Features, actions: Sequence[str]) -> Rulebook:
    """Read rules from a YAML file.

    Raises:
        RuleError: A rule makes no sense; says which and why.
    """
    text = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(text, dict) or not isinstance(text.get("rules"), list) or not text["rules"]:
        raise RuleError(f"{path.name} holds no list of rules below `rules:`.")
    rules = []
    for number, given in enumerate(text["rules"], start=1):
        try:
            rules.append(_rule(given, features, actions))
        except RuleError as error:
            raise RuleError(f"Rule {number} of {path.name}: {error}") from None
    book = Rulebook(features, tuple(rules))
    _insist(book, path.name)
    return book


def _insist(book: Rulebook, name: str) -> None:
    """Refuse a book that leaves states undecided, or rules that never decide anything."""
    if book.rules[-1].when:
        raise RuleError(f"The last rule of {name} must fit always: leave its `when` out.")
    used = {number for _, number in book.pieces(book.everything)}
    for number, rule in enumerate(book.rules):
        if number not in used:
            raise RuleError(
                f"Rule {number + 1} of {name} ({rule.about or rule.do}) never decides: the rules "
                "above it fit whenever it does. Move it up, or remove it."
            )


def _rule(given: Any, features: sa.Features, actions: Sequence[str]) -> Rule:
    if not isinstance(given, dict) or set(given) - {"about", "when", "do"} or "do" not in given:
        raise RuleError("it must have `do`, and may have `about` and `when`; nothing else.")
    do, when = given["do"], given.get("when") or {}
    if do not in actions:
        raise RuleError(f"there is no action {do!r}; there are {', '.join(actions)}.")
    if not isinstance(when, dict):
        raise RuleError("`when` must be a mapping, such as {distance: 0..1}.")
    spans = {}
    for name, value in when.items():
        if name not in features.names:
            raise RuleError(f"there is no feature {name!r}; there are {', '.join(features.names)}.")
        feature = features[features.names.index(name)]
        parts = value if isinstance(value, list) else [value]
        spans[features.names.index(name)] = _joined([_span(feature, part) for part in parts])
    return Rule(str(given.get("about", "")), spans, do)


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    """The same values in ascending spans that neither overlap nor touch."""
    joined: list[Span] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return tuple(joined)


def _span(feature: sa.Feature, value: object) -> Span:
    low, high = feature.q_low, feature.q_high
    if value in feature.labels:
        low = high = low + feature.labels.index(str(value))
        return low, high
    found = re.fullmatch(r"(>=|<=|>|<|)\s*(\d+)|(\d+)\.\.(\d+)", str(value).strip())
    if isinstance(value, bool) or not found or feature.labels:
        allowed = feature.labels or ("a number", "2..5", '">= 8"', '"< 3"')
        raise RuleError(f"{feature.name}: {value!r} is none of {', '.join(allowed)}.")
    if found[3]:
        span = int(found[3]), int(found[4])
    else:
        number = int(found[2])
        span = {
            "": (number, number),
            ">=": (number, high),
            ">": (number + 1, high),
            "<=": (low, number),
            "<": (low, number - 1),
        }[found[1]]
    if not low <= span[0] <= span[1] <= high:
        raise RuleError(f"{feature.name}: {value!r} leaves {low}..{high}, or fits no value.")
    return span


# From rules to a tree


@dataclass(frozen=True)
class Fitted:
    """A tree made of a rulebook.

    Attributes:
        tree: It.
        states: How many states there are.
        different: In how many of them the tree does not do what the rules say.
        rows: The states that it was fitted on, int64[n, features].
        rounds: How often it was fitted.
    """

    tree: DecisionTreeClassifier
    states: int
    different: int
    rows: np.ndarray
    rounds: int


def fit(book: Rulebook, seed: int, actions: Sequence[str]) -> Fitted:
    """Fit a tree on states that the rules decide, until it decides as they do in every state.

    Each round proves the tree against the rules; the states where they differ join the sample.
    """
    rng = np.random.default_rng(seed)
    rows = sample(book, SAMPLES, rng)
    for round_ in range(1, ROUNDS + 1):
        tree = fit_tree(
            DecisionTreeClassifier(random_state=seed), rows, book.decide(rows).astype(str), actions
        )
        found = list(differences(book, tree))
        if not found or round_ == ROUNDS:
            break
        corners = [[side[0] for side in box] for box in found]
        corners += [[side[1] for side in box] for box in found]
        rows = np.vstack([rows, np.array(corners, dtype=np.int64)])
    different = sum(volume(box) for box in found)
    return Fitted(tree, volume(book.everything), different, rows, round_)


def fit_tree(
    tree: DecisionTreeClassifier, x: np.ndarray, y: np.ndarray, actions: Sequence[str]
) -> DecisionTreeClassifier:
    """Fit a tree that knows every action, so that the contract's numbers never shift.

    An action that no row has is shown once, with no weight: the tree can name it, and never does.
    """
    absent = [action for action in actions if action not in y]
    return tree.fit(
        np.vstack([x, np.repeat(x[:1], len(absent), axis=0)]),
        np.concatenate([y, np.array(absent, dtype=str)]),
        sample_weight=[1] * len(y) + [0] * len(absent),
    )


def sample(book: Rulebook, count: int, rng: np.random.Generator) -> np.ndarray:
    """States at the rules' edges, int64[n, features]: both sides of every bound that a rule has."""
    columns = []
    for feature, (low, high) in enumerate(book.everything):
        edges = {low, high}
        for rule in book.rules:
            for first, last in rule.when.get(feature, ()):
                edges |= {first - 1, first, last, last + 1}
        columns.append(rng.choice([edge for edge in sorted(edges) if low <= edge <= high], count))
    return np.unique(np.column_stack(columns).astype(np.int64), axis=0)


def leaves(tree: DecisionTreeClassifier, everything: Box) -> Iterator[tuple[Box, str]]:
    """The box of every leaf, and its action."""
    nodes = tree.tree_
    waiting = [(0, everything)]
    while waiting:
        node, box = waiting.pop()
        if nodes.children_left[node] < 0:
            yield box, str(tree.classes_[nodes.value[node, 0].argmax()])
            continue
        feature = int(nodes.feature[node])
        edge = int(np.floor(nodes.threshold[node]))
        low, high = box[feature]
        below = (*box[:feature], (low, min(edge, high)), *box[feature + 1 :])
        above = (*box[:feature], (max(edge + 1, low), high), *box[feature + 1 :])
        children = (nodes.children_left[node], below), (nodes.children_right[node], above)
        waiting += [(int(child), half) for child, half in children if _full(half[feature])]


def _full(span: Span) -> bool:
    return span[0] <= span[1]


def differences(book: Rulebook, tree: DecisionTreeClassifier) -> Iterator[Box]:
    """Boxes in which the tree does not do what the rules say; none is a proof that it does."""
    for box, action in leaves(tree, book.everything):
        for piece, number in book.pieces(box):
            if book.rules[number].do != action:
                yield piece


def shares(book: Rulebook) -> Counter[int]:
    """How many of all states each rule decides, by its position."""
    counts: Counter[int] = Counter()
    for box, number in book.pieces(book.everything):
        counts[number] += volume(box)
    return counts
