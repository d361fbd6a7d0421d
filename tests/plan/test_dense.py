"""Plans of dense layers, run word by word: no slot overflows, and nothing else is promised less."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings

from stylus_ai.ir import Affine, Program, tensor, verify
from stylus_ai.ir.interpreter import all_values
from stylus_ai.plan import plan
from stylus_ai.plan.dense import DenseLayer
from stylus_ai.plan.lanes import Mode, Node, Scheme, Segment, build_group
from stylus_ai.plan.network import plan_layers
from tests.codegen.networks import (
    Shape,
    extreme_rows,
    features_of,
    network,
    network_of,
    shapes,
    trained_like,
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


def test_outputs_with_zeros_in_the_same_places_share_words() -> None:
    """Four kinds of outputs, each with its quarter of the inputs, in no order."""
    kinds = np.random.default_rng(0).permutation(np.arange(64) % 4)
    inputs = np.arange(192) // 48
    weights = trained_like((64, 192), 2, 7, 0)
    pruned = np.where(kinds[:, np.newaxis] == inputs, weights, 0)
    inks = [
        plan(network(features_of(192, 4), [Affine(0, tensor(w), tensor(w[:, 0]))])).ink
        for w in (weights, pruned)
    ]
    assert inks[1] < 0.45 * inks[0]  # the reading of inputs and the outputs stay


def test_sums_that_no_slot_is_proven_for_take_whole_words() -> None:
    program = network(features_of(3, 4), [Affine(0, tensor([[2**40, 1, 1]]), tensor([0]))])
    (layer,) = plan_layers(program, verify(program))
    assert isinstance(layer, DenseLayer)
    assert layer.scheme.bits == 64
    assert_sums(program, extreme_rows(program, 4))


@pytest.mark.parametrize(("weight", "fits"), [(17, True), (18, False)])
def test_a_slot_of_8_bits_takes_products_up_to_255(weight: int, fits: bool) -> None:
    scheme = Scheme(Mode.SINGLE, 8, 1)
    ends = (np.zeros(1, dtype=np.int64), np.full(1, 15))
    group = build_group(scheme, (0,), np.array([[weight]]), [(0,)], ends)
    assert (group is not None) == fits
