"""Which kernel runs each part of a program, and what it will cost, before anything is compiled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stylus_ai.errors import UsageError
from stylus_ai.ir import Affine, Program, Requantise, Sigmoid, Tree, TreeSum, verify
from stylus_ai.plan import prices
from stylus_ai.plan.blob import BlobLayer, reading_ink
from stylus_ai.plan.forest import ForestPart, forest_part, masked_ink
from stylus_ai.plan.network import Layer, is_network, plan_layers
from stylus_ai.plan.oblivious import Table, TablePart, table_of, table_parts
from stylus_ai.plan.words import Words, words_for
from stylus_ai.units import Bytes, Ink

PROFILES = ("arbos51", "arbos60", "arbos61")
"""Chain profiles by name; the kernels here cost the same on all of them."""

PART_NODES = 3_000
"""Nodes in one function: a third of what 65,536 operators would hold (rules 3)."""

PART_FEATURES = 60
"""Features in one function: each may take a local variable, beside the shared masks (rules 3)."""

LEAF_COMPARISONS = 1_500
"""Up to so many comparisons, a contract can name leaves: their numbers need code of their own."""

WEIGHT_BYTES = 10
"""Bytes of wasm, counted in what rustc makes of the kernel."""

ENTRY_INK = 10_000
"""Entry of the model function, its stack frame and the stores of its results."""

SIGMOID_INK = 14_000
"""The logistic function: four steps of a polynomial and a division, in 64 bits."""


@dataclass(frozen=True)
class Plan:
    """The plan of a program.

    Attributes:
        program: Digest of the program.
        profile: Chain profile.
        words: How the sums of trees are held.
        parts: Functions of trees.
        leaf_numbers: True if the contract can name the leaves that a row reaches.
        layers: Of a network, in order; else empty.
        ink: Of the model function, from entry to return, on the worst path.
        bytes: Raw wasm of the model's sums, without leaves, checks and explanation.
    """

    program: str
    profile: str
    words: Words
    parts: tuple[ForestPart | TablePart, ...]
    leaf_numbers: bool
    ink: Ink
    bytes: Bytes
    layers: tuple[Layer, ...] = ()


def plan(program: Program, profile: str = "arbos51", *, leaf_numbers: bool | None = None) -> Plan:
    """Choose kernels for a program.

    Args:
        program: Any verified program.
        profile: Chain profile, one of ``PROFILES``.
        leaf_numbers: Whether the contract can name leaves; None for up to ``LEAF_COMPARISONS``.

    Raises:
        UsageError: Unknown profile.
        ModelError: The program is malformed.
    """
    if profile not in PROFILES:
        raise UsageError(
            f"There is no chain profile {profile!r}.", f"Use one of: {', '.join(PROFILES)}."
        )
    bounds = verify(program)
    words = Words(32, 1, 32)
    parts: tuple[ForestPart | TablePart, ...] = ()
    layers = plan_layers(program, bounds) if is_network(program) else ()
    for position, op in enumerate(program.ops):
        if isinstance(op, TreeSum):
            words = words_for(op, bounds.values[position + 1])
            parts = _parts(op.trees, words)
    if leaf_numbers is None:
        leaf_numbers = sum(part.comparisons for part in parts) <= LEAF_COMPARISONS
    far = sum(layer.size for layer in layers if isinstance(layer, BlobLayer))
    return Plan(
        program=program.digest,
        profile=profile,
        words=words,
        parts=parts,
        leaf_numbers=leaf_numbers,
        ink=Ink(
            sum(layer.ink for layer in layers) + reading_ink(far) + ENTRY_INK
            if layers
            else sum(part.ink for part in parts) + _rest_ink(program)
        ),
        bytes=Bytes(
            sum(layer.bytes for layer in layers)
            if layers
            else sum(part.bytes for part in parts) + _linear_bytes(program)
        ),
        layers=layers,
    )


def _parts(trees: Sequence[Tree], words: Words) -> tuple[ForestPart | TablePart, ...]:
    """Trees that share a function: tables where they cost less, the others with equal roots."""
    tables: list[Table] = []
    others: list[int] = []
    for number, tree in enumerate(trees):
        table = table_of(number, tree)
        if table is None or not _is_cheaper(table, tree, words):
            others.append(number)
        else:
            tables.append(table)
    roots = [(tree.feature[:1], tree.threshold[:1]) for tree in trees]
    others.sort(key=lambda number: roots[number])
    parts: list[ForestPart | TablePart] = []
    chosen: list[int] = []
    size = 0
    features: set[int] = set()
    for number in others:
        tree = trees[number]
        size += len(tree.feature)
        features |= set(tree.feature)
        if chosen and (size > PART_NODES or len(features) > PART_FEATURES):
            parts.append(forest_part(trees, sorted(chosen), words))
            chosen, size, features = [], len(tree.feature), set(tree.feature)
        chosen.append(number)
    if chosen:
        parts.append(forest_part(trees, sorted(chosen), words))
    return (*parts, *table_parts(tables))


def _is_cheaper(table: Table, tree: Tree, words: Words) -> bool:
    masks = len(table.splits) * prices.WIDE_MASK
    return table.ink + masks < masked_ink(tree, words, frozenset())[0]


def _rest_ink(program: Program) -> int:
    """Everything beside the trees: entry, linear sums, score and decision."""
    ink = ENTRY_INK
    for op in program.ops:
        if isinstance(op, Affine):
            term = prices.FEATURE + prices.I64_ALU + prices.LOCAL_GET + prices.MUL + prices.I64_ALU
            ink += op.weights.array.size * term
        elif isinstance(op, Sigmoid):
            ink += SIGMOID_INK
        elif isinstance(op, Requantise):
            ink += prices.REQUANTISE
    return ink


def _linear_bytes(program: Program) -> int:
    return sum(op.weights.array.size * WEIGHT_BYTES for op in program.ops if isinstance(op, Affine))
