"""Plans of dense layers, run word by word: no slot overflows, and nothing else is promised less."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings

from stylus_ai.ir import Program, verify
from stylus_ai.ir.interpreter import all_values
from stylus_ai.plan.dense import DenseLayer
from stylus_ai.plan.lanes import Node, Segment
from stylus_ai.plan.network import plan_layers
from tests.codegen.networks import (
    Shape,
    extreme_rows,
    network_of,
    shapes,
)

Ints = npt.NDArray[np.int64]
WORD = 2**64


def words_of(layer: DenseLayer, row: list[int]) -> list[int]:
    """All words of sums, by the plan's own definition, on Python's integers."""
    total: dict[int, list[int]] = {}
    for part in layer.parts:
        found = [word for group in part.sums for word in run(layer, group.total, row)]
        sums = total.setdefault(part.groups[0], [0] * len(found))
        total[part.groups[0]] = [(a + b) % WORD for a, b in zip(sums, found, strict=True)]
    return [word for _, words in sorted(total.items()) for word in words]


def run(layer: DenseLayer, node: Node, row: list[int]) -> list[int]:
    """Words of a node."""
    if isinstance(node, Segment):
        bits = layer.scheme.bits
        return [
            (
                node.start
                + sum(
                    sum(row[i] << (bits * k) for k, i in enumerate(term.inputs)) * term.constant
                    for term in node.terms
                )
            )
            % WORD
        ]
    parts = [run(layer, part, row) for part in node.parts]
    found = []
    for origin, mask in enumerate(node.masks):
        odd = sum((words[origin] >> node.bits) & mask for words in parts) % WORD
        if not node.only_odd:
            whole = sum(words[origin] for words in parts)
            found.append((whole - (odd << node.bits)) % WORD)
        found.append(odd)
    return found


def sums_of(layer: DenseLayer, row: Ints) -> list[int]:
    """The layer's sums of a row of values."""
    words = words_of(layer, [value - layer.takes.offset for value in row.tolist()])
    sums = []
    for slot in layer.slots:
        field = (words[slot.word] >> slot.shift) % (1 << slot.width)
        total = field + slot.add
        # A sum that has a word to itself is in two's complement.
        sums.append((total + 2**63) % WORD - 2**63 if slot.width == 64 else total)
    return sums


def assert_sums(program: Program, rows: Ints) -> None:
    values = all_values(program, rows)
    for layer in plan_layers(program, verify(program)):
        assert isinstance(layer, DenseLayer)
        for row, wanted in zip(values[layer.stage.source], values[layer.stage.sums], strict=True):
            assert sums_of(layer, row) == wanted.tolist()


@settings(max_examples=60, deadline=None)
@given(shapes)
def test_the_words_of_a_plan_hold_the_sums(shape: Shape) -> None:
    program = network_of(shape)
    assert_sums(program, extreme_rows(program, 4))
