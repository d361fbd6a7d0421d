"""Plans of convolutions: common sums, heaps and scales, run on Python's integers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stylus_ai.ir import Interval, Requantise, Windows
from stylus_ai.plan.channels import Heap, Lanes, plan_lanes
from stylus_ai.plan.conv import taps
from stylus_ai.plan.image import Image
from stylus_ai.plan.scale import Scale, scale
from stylus_ai.plan.shared import Ints, share
from tests.codegen.networks import weights_of


@given(st.integers(1, 12), st.integers(1, 10), st.integers(0, 2**32 - 1), st.integers(0, 20))
def test_common_sums_leave_every_row_as_it_is(rows: int, inputs: int, seed: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    signs = rng.integers(-1, 2, (rows, inputs))
    low, high = rng.integers(-3, 1, inputs), rng.integers(0, 15, inputs)
    found = share(signs, low, high, most=most, span=40)
    symbols = np.eye(inputs, dtype=np.int64)
    for pair in found.pairs:
        right = symbols[pair.right] * (-1 if pair.minus else 1)
        symbols = np.vstack([symbols, symbols[pair.left] + right])
    np.testing.assert_array_equal(found.rows @ symbols, signs)
    assert len(found.pairs) <= most
    for symbol in range(inputs, len(symbols)):
        ends = np.stack([symbols[symbol] * low, symbols[symbol] * high])
        assert found.low[symbol] == ends.min(axis=0).sum()
        assert found.high[symbol] == ends.max(axis=0).sum()
        assert found.high[symbol] - found.low[symbol] <= 40


def run_scale(found: Scale, total: int, bits: int) -> int:
    """What the lanes make of a sum; fails where a lane overflows."""
    if found.multiplier == 0:
        return found.low
    wide = 2 * bits
    v = total * found.multiplier + found.start
    assert 0 <= v < 1 << wide
    if found.floor == wide:
        v = max(v - (1 << (wide - 1)), 0)
    if found.early is not None:
        early = found.early
        v = min(v, early.most)
        more = 0
        if early.fine is not None:
            m, r, k = early.fine
            assert 0 <= v * m + r < 1 << wide
            more = (v * m + r) >> k
        v = v * early.multiplier + early.start + more
        assert 0 <= v < 1 << wide
    v >>= found.shift
    if found.top_bits == wide:
        assert v < 1 << (wide - 1)
        v = min(v, found.top)
    assert 0 <= v < 1 << bits
    if found.floor == bits:
        v = max(v - (1 << (bits - 1)), 0)
    if found.top_bits == bits:
        assert v < 1 << (bits - 1)
        v = min(v, found.top)
    return v + found.low


@settings(max_examples=300, deadline=None)
@given(
    st.tuples(st.integers(0, 40_000), st.integers(0, 40_000)),
    st.tuples(st.integers(1, 2**15), st.integers(0, 22)),
    st.sampled_from(((0, 15), (0, 1), (-8, 7), (-128, 127), (0, 255))),
    st.integers(-3, 3),
    st.sampled_from((8, 16, 32)),
)
def test_small_constants_step_where_the_program_s_do(
    sums: tuple[int, int], real: tuple[int, int], ends: tuple[int, int], zero: int, bits: int
) -> None:
    (below, above), (factor, shift) = sums, real
    op = Requantise(1, (factor,), shift, *ends, zero)
    found = scale(op, factor, Interval(-below, above), bits)
    if found is None:
        assert bits < 32
        return
    places = np.unique(np.linspace(-below, above, 200).astype(int))
    for total in places.tolist():
        scaled = ((total * factor + ((1 << shift) >> 1)) >> shift) + zero
        assert run_scale(found, total, bits) == min(max(scaled, ends[0]), ends[1])


def heap_ends(heap: Heap, low: list[int], high: list[int]) -> tuple[int, int]:
    """Least and greatest that a heap can hold."""
    least = most = heap.start
    for term in heap.terms:
        for sign, at in term.inputs:
            ends = sorted((sign * term.factor * low[at], sign * term.factor * high[at]))
            least, most = least + ends[0], most + ends[1]
    return least, most


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 20),
    st.sampled_from((1, 9, 40, 200)),
    st.sampled_from(("one", "ternary", "four bits", "sparse", "edge", "int8")),
    st.sampled_from((1, 15, 255)),
    st.integers(0, 2**32 - 1),
)
def test_no_heap_leaves_its_lane_and_all_of_them_are_the_sum(
    outputs: int, inputs: int, kind: str, top: int, seed: int
) -> None:
    weights = weights_of(kind, (outputs, inputs), seed)
    bias = np.random.default_rng(seed).integers(-99, 99, outputs)
    low, high = np.zeros((1, inputs), dtype=np.int64), np.full((1, inputs), top)
    found = plan_lanes(weights, bias, (low, high), Requantise(1, (3,), 9, 0, 15), 1)
    x = np.random.default_rng(seed).integers(0, top + 1, inputs)
    assert_sums(found, weights @ x + bias, x, (low[0], high[0]))


def assert_sums(
    found: Lanes,
    sums: Ints,
    x: Ints,
    ends: tuple[Ints, Ints],
) -> None:
    for part in found.parts:
        totals = list(part.starts)
        for one in part.passes:
            value, low, high = x.tolist(), ends[0].tolist(), ends[1].tolist()
            for pair in one.pairs:
                sign = -1 if pair.minus else 1
                value.append(value[pair.left] + sign * value[pair.right])
                right = sorted((sign * low[pair.right], sign * high[pair.right]))
                low.append(low[pair.left] + right[0])
                high.append(high[pair.left] + right[1])
            for at, output in enumerate(one.outputs):
                for factor, heaps in output.heaps:
                    for heap in heaps:
                        least, most = heap_ends(heap, low, high)
                        assert least >= 0
                        assert most < 1 << found.bits
                        inner = heap.start + sum(
                            term.factor * sign * value[i]
                            for term in heap.terms
                            for sign, i in term.inputs
                        )
                        totals[at] += factor * inner
        for channel, fit, total in zip(part.channels, part.scales, totals, strict=True):
            if fit.multiplier:
                assert total == int(sums[channel]) * fit.multiplier + fit.start


@pytest.mark.parametrize(
    ("source", "stride", "expected"),
    [
        (Image(1, 1, 14, 2), 2, [(1, -1), (0, 0), (1, 0)]),
        (Image(1, 1, 14, 2), 1, [(1, -1), (0, 0), (1, 0)]),
        (Image(1, 1, 7, 1), 2, [(0, -1), (0, 0), (0, 1)]),
        (Image(1, 1, 4, 1, spread=2), 1, [(0, -2), (0, 0), (0, 2)]),
    ],
)
def test_a_window_s_columns_are_words_moved_by_lanes(
    source: Image, stride: int, expected: list[tuple[int, int]]
) -> None:
    windows = Windows(1, 1, source.width, (1, 3), (1, stride), (0, 1, 0, 1))
    assert [(tap.phase, tap.move) for tap in taps(windows, source, 0)] == expected


def test_pixels_that_a_stride_leaves_keep_their_lanes() -> None:
    image = Image(2, 1, 4, 1, spread=2)
    assert image.lanes == 7
    assert image.layout.position == (0, 2, 4, 6, 8, 10, 12, 14)
