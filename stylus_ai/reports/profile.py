"""Where a call's ink goes, by name.

The node's profiler counts ink by program, wasm function and basic block (``stylusProfiler``); the
build kept which source lines each block comes from. Joined, they give a tree of places with what
was inlined told apart, down to the tree or layer of the model. Nothing is sampled: all figures are
exact and sum up to the transaction's gas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stylus_ai.build import Symbols
from stylus_ai.errors import ChainError
from stylus_ai.units import Gas, Ink

KINDS = {
    "transaction": "transaction",
    "start": "start of the program",
    "memory": "memory pages",
    "lost": "lost: out of ink or stack depth",
}
"""What the node's places without a name are called."""

WITHIN = frozenset({"inlined", "part"})
"""Kinds whose ink is that of the function they stand in."""

ROUNDING = "rounded up to gas"
FEES = ("transaction", "start", "memory")
"""What is paid before anything runs."""


@dataclass
class Place:
    """One way of getting somewhere, and what was paid there.

    Attributes:
        name: Function, host function, part of the model or what else it is.
        kind: ``transaction``, ``program``, ``contract``, ``precompile``, ``function`` (of wasm),
            ``inlined`` (into one), ``part`` (of the model), ``host``, ``start``, ``memory``,
            ``lost`` or ``rounding``.
        calls: How often it was called; 0 where that is not known, as of inlined code.
        ink: Ink paid here, not by what was called from here.
        total: Ink paid here and by everything that was called from here.
        children: What was called from here, by name and kind.
    """

    name: str
    kind: str
    calls: int = 0
    ink: int = 0
    total: int = 0
    children: dict[tuple[str, str], Place] = field(default_factory=dict)

    def child(self, name: str, kind: str) -> Place:
        """The place of this name below this one, made if there is none."""
        return self.children.setdefault((name, kind), Place(name, kind))

    def walk(self) -> Iterator[tuple[tuple[Place, ...], Place]]:
        """Every place with the places above it, callers first, the dearest of a caller first.

        Recursion on the chain may be thousands of places deep, so there is none here.
        """
        waiting: list[tuple[tuple[Place, ...], Place]] = [((), self)]
        while waiting:
            path, place = waiting.pop()
            yield path, place
            children = sorted(place.children.values(), key=lambda child: child.total)
            waiting += [((*path, place), child) for child in children]


@dataclass(frozen=True)
class Line:
    """A line of a table.

    Attributes:
        name: What it is about.
        kind: As of `Place`.
        calls: As of `Place`; the sum over all ways.
        ink: Ink paid there.
        total: Ink paid there and by what was called from there.
    """

    name: str
    kind: str
    calls: int
    ink: Ink
    total: Ink


@dataclass(frozen=True)
class Profile:
    """A call's ink by place.

    Attributes:
        root: The transaction.
        gas: Gas that it used, before refunds.
        ink_price: Ink per gas.
        success: Whether it succeeded.
        error: Why it failed; None if it did not.
        truncated: Whether there were more places than the node keeps.
    """

    root: Place
    gas: Gas
    ink_price: int
    success: bool
    error: str | None
    truncated: bool

    def parts(self) -> list[Line]:
        """The parts of the model, in the model's order: those of one name together."""
        lines = self._lines({"part"})
        return sorted(lines, key=lambda line: _natural(line.name))

    def functions(self) -> list[Line]:
        """Everything that ran, the dearest first; what was inlined counts for its function."""
        return self._lines({"contract", "precompile", "function", "host", "lost"})

    def bill(self) -> list[Line]:
        """What else was paid, in the order of payment, and what ran as one line."""
        running = sum(line.ink for line in self.functions())
        lines = {line.kind: line for line in self._lines({*FEES, "rounding"})}
        ran = Line("running it", "running", 1, Ink(running), Ink(running))
        return [
            *(lines[kind] for kind in FEES if kind in lines),
            ran,
            *(lines[kind] for kind in ("rounding",) if kind in lines),
        ]

    def _lines(self, kinds: set[str]) -> list[Line]:
        """Places of these kinds, those of one name together, what is of other kinds for them."""
        found: dict[tuple[str, str], list[int]] = {}
        for path, place in self.root.walk():
            holder = next(
                p for p in (place, *reversed(path)) if p.kind in kinds or p.kind not in WITHIN
            )
            if holder.kind not in kinds:
                continue
            calls, ink, total = found.setdefault((holder.name, holder.kind), [0, 0, 0])
            if holder is place:
                calls += place.calls
                # A place within one of the same name is in that one's total already.
                if not any((p.name, p.kind) == (place.name, place.kind) for p in path):
                    total += place.total
            found[holder.name, holder.kind] = [calls, ink + place.ink, total]
        lines = [
            Line(name, kind, calls, Ink(ink), Ink(total))
            for (name, kind), (calls, ink, total) in found.items()
        ]
        return sorted(lines, key=lambda line: (-line.ink, line.name))

    def running(self) -> Place:
        """The places without what is paid before anything runs: what graphs show."""
        kept = Place(self.root.name, self.root.kind)
        places = {id(self.root): kept}
        for path, place in self.root.walk():
            if not path or place.kind in FEES or place.kind == "rounding":
                continue
            mine = places[id(path[-1])].child(place.name, place.kind)
            mine.calls, mine.ink = place.calls, place.ink
            places[id(place)] = mine
        _sum_up(kept)
        return kept


def _sum_up(root: Place) -> None:
    for path, place in list(root.walk()):
        for at in (*path, place):
            at.total += place.ink


def _natural(name: str) -> list[tuple[int, int | str]]:
    """Key by which "tree 2" comes before "tree 10"."""
    return [(0, int(word)) if word.isdecimal() else (1, word) for word in name.split()]


def read_profile(answer: Mapping[str, Any], symbols: Sequence[Symbols] = ()) -> Profile:
    """Join what the node counted with the names that builds kept.

    Args:
        answer: Result of the tracer ``stylusProfiler``.
        symbols: Of the contracts that may have run; others keep their functions' numbers.

    Raises:
        ChainError: The answer is none of that tracer's.
    """
    known = {entry.code_hash.lower(): entry for entry in symbols}
    try:
        root = _tree(answer["nodes"], known)
        _sum_up(root)
        return Profile(
            root=root,
            gas=Gas(int(answer["gasUsed"])),
            ink_price=int(answer["inkPrice"]),
            success=bool(answer["success"]),
            error=answer["error"],
            truncated=bool(answer["truncated"]),
        )
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise ChainError(
            f"The node's answer is no profile: {error!r}.",
            "Use the stylus-devnode of this version.",
        ) from None


def _tree(nodes: Sequence[Mapping[str, Any]], known: Mapping[str, Symbols]) -> Place:
    places: list[Place] = []
    names: list[Symbols | None] = []  # of the program that each place belongs to
    for number, node in enumerate(nodes):
        parent = int(node["parent"])
        mine = names[parent] if number else None
        if node["kind"] == "program":
            mine = known.get(str(node["codeHash"]).lower())
        names.append(mine)
        name = _name(node, mine)
        place = places[parent].child(name, node["kind"]) if number else Place(name, node["kind"])
        places.append(place)
        place.calls += int(node["calls"])
        if node["kind"] == "program":
            place.child(ROUNDING, "rounding").ink += int(node["ink"])
        elif node["kind"] == "function" and mine is not None:
            _spread(place, node, mine)
        else:
            place.ink += int(node["ink"])
    return places[0]


def _name(node: Mapping[str, Any], symbols: Symbols | None) -> str:
    match node["kind"]:
        case "function":
            index = int(node["function"])
            return symbols.function(index) if symbols else f"function {index}"
        case "host":
            return str(node["name"])
        case "program" | "contract" | "precompile":
            return f"{node['kind']} {node['address']}"
        case kind:
            return KINDS[kind]


def _spread(place: Place, node: Mapping[str, Any], symbols: Symbols) -> None:
    """Put the ink of a function's blocks where their operators come from."""
    parts = symbols.part_labels
    rest = int(node["ink"])
    for number, times, ink in node["blocks"]:
        block = symbols.block(int(node["function"]), number)
        # A block that could not be paid was counted and not charged.
        paid = min(times, ink // block.ink) if block.ink else 0
        for names, share in block.shares if paid else ():
            at = place
            for name in names[1:]:
                at = at.child(name, "part" if name in parts else "inlined")
            at.ink += paid * share
            rest -= paid * share
    # Lengths at run time (memory.fill, memory.copy), and blocks beyond those that the node keeps.
    place.ink += rest
