"""What a dense layer costs: ink and bytes of its words, and of what makes elements of them."""

from __future__ import annotations

import numpy as np

from stylus_ai.plan import prices
from stylus_ai.plan.dense_inputs import Task, chunks_of, rows_of, units_of
from stylus_ai.plan.grouping import arranged
from stylus_ai.plan.lanes import WORD, Flush, Mode, Node, Scheme, Segment, rough_group
from stylus_ai.plan.rescale import Rescale
from stylus_ai.units import Ink

TERM_BYTES = 13
"""Of a local, a constant of 64 bits and two operators."""

FLUSH_BYTES = 18

EXTRACT_INK = Ink(prices.LOCAL_GET + 3 * prices.I64_BY_CONST + prices.STORE_WORD)
"""A sum out of its lane into an array."""

PART_WORD_INK = Ink(prices.STORE_WORD + prices.LOAD_WORD + prices.I64_ALU)
"""A word of sums from one function to the other."""

SCALAR_INK = Ink(EXTRACT_INK + 3_000)
"""A sum out of its lane, requantised by itself, into a byte."""

CLAMPS_INK = Ink(1_430)
"""Both clamps of a word."""

NARROW_INK = Ink(470)
"""Products that fit their lanes."""

STEPS_INK = Ink(1_600)
"""A word split in two, two products, and the way back."""

STEP_INK = Ink(850)
"""The product of a single lane."""


def sum_ink(node: Node, words: frozenset[int], mode: Mode) -> int:
    """Of some words of a group."""
    if isinstance(node, Segment):
        kind = "and" if mode is Mode.MASK else "multiply"
        return sum(_term_ink(term.constant, kind) for term in node.terms) + prices.CONST
    origins = node.origins(words)
    below = sum(sum_ink(part, origins, mode) for part in node.parts)
    each = (
        prices.FLUSH_BOTH if node.keeps_even(origin, words) else prices.FLUSH_ODD
        for origin in origins
    )
    # The first part begins the wider sums: it is added to nothing.
    return below + len(node.parts) * sum(each) - len(origins) * prices.I64_ALU


def _term_ink(constant: int, kind: str) -> int:
    """Of a product; the compiler makes a shift of a power of two, and nothing of 1."""
    size = min(constant, (1 << WORD) - constant)
    if kind == "and" or size & (size - 1):
        return prices.TERM[kind]
    return prices.LOCAL_GET + prices.I64_ALU + (prices.I64_BY_CONST if size > 1 else 0)


def sum_bytes(node: Node) -> int:
    """Raw wasm of the words of a group."""
    if isinstance(node, Flush):
        below = sum(sum_bytes(part) for part in node.parts)
        return below + len(node.parts) * len(node.masks) * FLUSH_BYTES
    return (len(node.terms) + 1) * TERM_BYTES


def estimate(task: Task, scheme: Scheme) -> int | None:
    """About the ink of a scheme; None where a slot could overflow."""
    used = np.flatnonzero(np.abs(task.weights).sum(axis=0))
    chunks = chunks_of(units_of(task, scheme, used), scheme.mode)
    groups = arranged(task.weights, task.wanted, scheme)
    kind = "and" if scheme.mode is Mode.MASK else "multiply"
    # Groups are in the order of their sums' sizes, so that a few of them stand for all.
    sample = sorted({0, len(groups) // 2, len(groups) - 1})
    ink = 0.0
    for number in sample:
        weights = rows_of(task, groups[number])
        for chunk in chunks:
            rough = rough_group(scheme, weights, chunk, (task.low, task.high))
            if rough is None:
                return None
            ink += rough.terms * prices.TERM[kind] + rough.flushes * prices.FLUSH_ODD
            ink += rough.both * (prices.FLUSH_BOTH - prices.FLUSH_ODD)
    units = sum(len(chunk) for chunk in chunks)
    words = len(groups) * (1 << scheme.flushes) // (2 if scheme.mode is Mode.PAIR else 1)
    total = ink * len(groups) / len(sample) + units * prices.UNPACK
    if len(chunks) > 1:
        total += len(chunks) * words * PART_WORD_INK
    return round(total) + _rough_finish(task, scheme, words)


def _rough_finish(task: Task, scheme: Scheme, words: int) -> int:
    """About the ink from words to elements."""
    if task.stage.requantise is None:
        return len(task.weights) * EXTRACT_INK
    if scheme.pitch in {16, 32}:
        return words * (CLAMPS_INK + STEPS_INK)
    return len(task.weights) * SCALAR_INK


def finish_ink(
    task: Task, chunks: int, words: int, rescales: tuple[Rescale, ...], pitch: int
) -> int:
    """From words to elements."""
    outputs = len(task.weights)
    adding = (chunks - 1) * words * prices.I64_ALU
    if rescales:
        if len({(r.multiplier, r.half, r.shift) for r in rescales}) > 1:
            each = outputs * STEP_INK // words
        else:
            each = NARROW_INK if max(r.lane for r in rescales) <= pitch else STEPS_INK
        return adding + words * (CLAMPS_INK + each) + -(-words // 2) * prices.STORE_WORD
    each = SCALAR_INK if task.stage.requantise is not None else EXTRACT_INK
    return adding + outputs * each
