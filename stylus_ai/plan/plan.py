"""Which kernel runs each tree, and what that will cost, before anything is compiled.

A split can be a *mask* (compute both sides, pick one) or a *branch* (go one way). Masks are
cheaper near the leaves, branches near the root of a deep tree. The price formula, per node, with
``c`` the comparison and ``k`` the number of values a leaf holds:

    masked(n)   = c + k * pick + masked(left) + masked(right)
    branched(n) = level + max(best(left), best(right))
    best(n)     = min(masked(n), branched(n))

so the nodes that branch form the top of the tree. A tree without them is MASKED, else NESTED, and
pays for the block that follows its branches. Ink is that of the worst path. Equal comparisons in
the masked trees of one function are made once, since the compiler merges them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from stylus_ai.errors import UsageError
from stylus_ai.ir import Affine, Program, Requantise, Sigmoid, Tree, verify
from stylus_ai.plan import prices
from stylus_ai.plan.network import Layer, is_network, plan_layers
from stylus_ai.units import Bytes, Ink

PROFILES = ("arbos51", "arbos60", "arbos61")
"""Chain profiles by name; the kernels here cost the same on all of them."""

PART_NODES = 512
"""Nodes in one function: far below 65,536 operators, and few comparisons to share (rules 3)."""

PART_FEATURES = 128
"""Features in one function: each may take a local variable, of which there are 348 (rules 3)."""

NESTING = 8
"""Branch levels in one function; a deeper subtree becomes a function of its own."""

# Bytes of wasm, counted in what rustc makes of the kernels.
MASK_BYTES = 9
PICK_BYTES = 4
NESTED_BYTES = 14
WEIGHT_BYTES = 10


FEATURE_INK = prices.LOCAL_GET + prices.I32_LOAD + prices.LOCAL_SET
"""Reading a feature into a local variable."""

PART_INK = prices.CALL + prices.BLOCK + 8_000
"""A function of trees: call, block, and the sums that it reads from and writes to memory."""

ENTRY_INK = 10_000
"""Entry of the model function, its stack frame and the stores of its results."""

SIGMOID_INK = 14_000
"""The logistic function: four steps of a polynomial and a division, in 64 bits."""


class Kernel(Enum):
    """How a tree is run."""

    MASKED = "masked"
    NESTED = "nested"


@dataclass(frozen=True)
class TreePlan:
    """The plan of one tree.

    Attributes:
        branching: Nodes that branch, ascending; the others are masks.
        ink: Worst path of the tree.
        bytes: Raw wasm of it.
    """

    branching: tuple[int, ...]
    ink: Ink
    bytes: Bytes

    @property
    def kernel(self) -> Kernel:
        """NESTED if any node branches."""
        return Kernel.NESTED if self.branching else Kernel.MASKED


@dataclass(frozen=True)
class Plan:
    """The plan of a program.

    Attributes:
        program: Digest of the program.
        profile: Chain profile.
        trees: One for each tree, in order.
        parts: Ranges (first, last + 1) of trees that share a function.
        layers: Of a network, in order; else empty.
        ink: Of the model function, from entry to return, on the worst path.
        bytes: Raw wasm of the model's sums, without leaves, checks and explanation.
    """

    program: str
    profile: str
    trees: tuple[TreePlan, ...]
    parts: tuple[tuple[int, int], ...]
    ink: Ink
    bytes: Bytes
    layers: tuple[Layer, ...] = ()


def plan(program: Program, profile: str = "arbos51") -> Plan:
    """Choose kernels for a program.

    Args:
        program: Any verified program.
        profile: Chain profile, one of ``PROFILES``.

    Raises:
        UsageError: Unknown profile.
        ModelError: The program is malformed.
    """
    if profile not in PROFILES:
        raise UsageError(
            f"There is no chain profile {profile!r}.", f"Use one of: {', '.join(PROFILES)}."
        )
    bounds = verify(program)
    if is_network(program):
        layers = plan_layers(program, bounds)
        return Plan(
            program=program.digest,
            profile=profile,
            trees=(),
            parts=(),
            ink=Ink(sum(layer.ink for layer in layers) + ENTRY_INK),
            bytes=Bytes(sum(layer.bytes for layer in layers)),
            layers=layers,
        )
    trees = tuple(_plan_tree(tree) for tree in program.trees)
    parts = _parts(program.trees)
    return Plan(
        program=program.digest,
        profile=profile,
        trees=trees,
        parts=parts,
        ink=Ink(
            sum(tree.ink for tree in trees)
            + sum(_part_ink(program, trees, *part) for part in parts)
            + _rest_ink(program)
        ),
        bytes=Bytes(sum(tree.bytes for tree in trees) + _linear_bytes(program)),
    )


def _plan_tree(tree: Tree) -> TreePlan:
    """Children come after their parents in preorder, so one pass backwards prices all nodes."""
    nodes = len(tree.feature)
    pick = [0] * nodes
    masked = [0] * nodes
    best = [0] * nodes
    for node in reversed(range(nodes)):
        children = (tree.left[node], tree.right[node])
        inner = [child for child in children if child >= 0]
        price = prices.PICK_VALUES if inner else prices.PICK_CONSTANTS
        pick[node] = tree.width * price
        masked[node] = prices.MASK + pick[node] + sum(masked[child] for child in inner)
        branched = prices.NESTED_LEVEL + max((best[child] for child in inner), default=0)
        best[node] = min(masked[node], branched)
    branching = []
    stack = [0] if nodes else []
    while stack:
        node = stack.pop()
        if best[node] < masked[node]:
            branching.append(node)
            stack += [child for child in (tree.left[node], tree.right[node]) if child >= 0]
    size = len(branching) * NESTED_BYTES
    size += (nodes - len(branching)) * (MASK_BYTES + tree.width * PICK_BYTES)
    size += sum(_leb_bytes(value) for row in tree.values for value in row)
    add = tree.width * (prices.I32_ALU + prices.CONST)
    worst = best[0] if nodes else 0
    if branching:
        worst += prices.BLOCK
    return TreePlan(tuple(sorted(branching)), Ink(worst + add), Bytes(size))


def _leb_bytes(value: int) -> int:
    """Bytes of a signed LEB128 constant."""
    return (value if value >= 0 else ~value).bit_length() // 7 + 1


def _parts(trees: Sequence[Tree]) -> tuple[tuple[int, int], ...]:
    """Consecutive trees that share a function, within the limits above or one tree."""
    parts: list[tuple[int, int]] = []
    first = size = 0
    features: set[int] = set()
    for position, tree in enumerate(trees):
        size += len(tree.feature)
        features |= set(tree.feature)
        if position > first and (size > PART_NODES or len(features) > PART_FEATURES):
            parts.append((first, position))
            first, size, features = position, len(tree.feature), set(tree.feature)
    return (*parts, (first, len(trees))) if trees else ()


def _part_ink(program: Program, plans: Sequence[TreePlan], first: int, last: int) -> int:
    """What the trees ``first .. last - 1`` cost together beyond their own prices."""
    trees = program.trees[first:last]
    used = {feature for tree in trees for feature in tree.feature}
    masked = [
        split
        for tree, tree_plan in zip(trees, plans[first:last], strict=True)
        if tree_plan.kernel is Kernel.MASKED
        for split in zip(tree.feature, tree.threshold, strict=True)
    ]
    repeated = len(masked) - len(set(masked))
    saved = repeated * (prices.MASK - prices.LOCAL_GET)
    return PART_INK + len(used) * FEATURE_INK - saved


def _rest_ink(program: Program) -> int:
    """Everything beside the trees: entry, linear sums, score and decision."""
    ink = ENTRY_INK
    for op in program.ops:
        if isinstance(op, Affine):
            term = FEATURE_INK + prices.I64_ALU + prices.LOCAL_GET + prices.MUL + prices.I64_ALU
            ink += op.weights.array.size * term
        elif isinstance(op, Sigmoid):
            ink += SIGMOID_INK
        elif isinstance(op, Requantise):
            ink += prices.REQUANTISE
    return ink


def _linear_bytes(program: Program) -> int:
    return sum(op.weights.array.size * WEIGHT_BYTES for op in program.ops if isinstance(op, Affine))
