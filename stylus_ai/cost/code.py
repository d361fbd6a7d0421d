"""About the bytes of a contract around a model, and about its operators, before it is compiled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import brotli

from stylus_ai.codegen import Crate
from stylus_ai.cost.lower import Lowered, lower
from stylus_ai.cost.reader import read_functions
from stylus_ai.cost.shell import unpacking, weighted
from stylus_ai.cost.stream import write_down
from stylus_ai.ir import Affine, Program
from stylus_ai.plan.network import is_network

BROTLI_QUALITY = 11
BROTLI_WINDOW = 22

COUNTED = 12
"""Operators that instrumentation puts before each basic block (rules 2.2)."""

SUMS, LEAVES = "src/sums.rs", "src/leaves.rs"
LAYER = "src/layer_"
EXPLANATION = "src/explain.rs"


@dataclass(frozen=True)
class Code:
    """What a contract is expected to consist of, without what every contract has.

    Attributes:
        parts: Bytes, in the order of the wasm: what is beside the model, leaf numbers, sums.
        operators: How many there will be after instrumentation.
        sums: Functions of trees, as far as the model has any.
    """

    parts: tuple[bytes, ...]
    operators: int
    sums: tuple[Lowered, ...]

    @property
    def data(self) -> bytes:
        """All bytes."""
        return b"".join(self.parts)

    @cached_property
    def compressed(self) -> int:
        """How many bytes brotli makes of it."""
        return _compressed(self.data)

    @cached_property
    def apart(self) -> int:
        """How many it would make of the parts one by one."""
        return sum(_compressed(part) for part in self.parts if part)


def _compressed(data: bytes) -> int:
    return len(brotli.compress(data, quality=BROTLI_QUALITY, lgwin=BROTLI_WINDOW))


def expected_code(program: Program, crate: Crate, *, explained: bool) -> Code:
    """Lower what can be read back, and write down the rest token by token.

    Args:
        program: Any verified program.
        crate: Its generated crate.
        explained: Whether the contract offers explanations.
    """
    others = [name for name in sorted(crate.files) if name.startswith(LAYER)]
    if explained and EXPLANATION in crate.files:
        others.append(EXPLANATION)
    sums: tuple[Lowered, ...] = ()
    leaves: tuple[Lowered, ...] = ()
    first = b""
    if program.trees:
        sums = _lowered(crate.files[SUMS])
        leaves = _lowered(crate.files[LEAVES])
    elif is_network(program):
        others.append(SUMS)
    else:
        first = b"".join(weighted(op.weights.array) for op in program.ops if isinstance(op, Affine))
    written = write_down(crate.files[name] for name in others)
    around = unpacking(program) + first + written.data
    blocks = sum(function.blocks for function in (*leaves, *sums))
    count = sum(function.operators for function in (*leaves, *sums)) + COUNTED * blocks
    parts = (around, _joined(leaves), _joined(sums))
    return Code(parts, written.operators + count, sums)


def _lowered(source: str) -> tuple[Lowered, ...]:
    return tuple(lower(function) for function in read_functions(source))


def _joined(functions: tuple[Lowered, ...]) -> bytes:
    return b"".join(function.data for function in functions)
