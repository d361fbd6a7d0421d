"""Which layers go to blobs, and in what shape."""

from __future__ import annotations

import numpy as np
import pytest

from stylus_ai.ir import Affine, Bounds, Requantise, tensor
from stylus_ai.ir.intervals import Intervals
from stylus_ai.ir.tensor import Ints
from stylus_ai.plan.blob import BlobLayer, code_bytes, far_stages, plan_layer, reading_ink
from stylus_ai.plan.layout import Layout
from stylus_ai.plan.stage import Stage


def stage_of(weights: Ints, requantise: Requantise | None = None) -> Stage:
    bias = tensor(np.zeros(len(weights), dtype=np.int64))
    return Stage(Affine(0, tensor(weights), bias), requantise, 0, 1 if requantise is None else 2)


def planned(
    weights: Ints,
    *,
    high: int = 15,
    low: int = 0,
    takes: Layout | None = None,
    wanted: Layout | None = None,
    requantise: Requantise | None = None,
    sums: int = 1000,
) -> BlobLayer | None:
    """A layer for inputs of ``low..high``, with sums up to ``sums``."""
    outputs, inputs = weights.shape
    results = Intervals.same(0, 15, outputs)
    values = (Intervals.same(low, high, inputs), Intervals.same(-sums, sums, outputs), results)
    layout = takes or Layout("u8", inputs, tuple(range(inputs)))
    return plan_layer(stage_of(weights, requantise), Bounds(values, ()), layout, wanted)


def ends(low: int, high: int, shape: tuple[int, int] = (3, 40)) -> Ints:
    """Weights of which some are the least and some the largest."""
    weights = np.full(shape, low)
    weights[:, ::2] = high
    return weights


def test_code_is_filled_before_blobs_and_the_largest_layer_goes_first() -> None:
    rng = np.random.default_rng(0)
    small, large = (stage_of(rng.integers(-7, 8, shape)) for shape in ((10, 64), (64, 784)))
    assert far_stages([small]) == set()
    assert far_stages([large, small]) == {0}
    assert far_stages([small, large, large]) == {1, 2}


def test_weights_that_repeat_take_less_code() -> None:
    assert code_bytes(stage_of(np.ones((64, 784), dtype=np.int64))) == 0
    binary = code_bytes(stage_of(ends(-1, 1, (64, 784))))
    assert binary == pytest.approx(64 * 784 / 3)


@pytest.mark.parametrize(
    ("low", "high", "inputs", "terms"),
    [(-7, 7, 15, 1), (-7, 7, 9, 2), (-7, 7, 10, 1), (-8, 7, 8, 2), (-7, 7, 4, 4), (-1, 1, 15, 4)],
)
def test_as_many_products_are_added_in_a_lane_as_fit(
    low: int, high: int, inputs: int, terms: int
) -> None:
    layer = planned(ends(low, high), high=inputs)
    assert layer is not None
    assert layer.terms == terms
    assert layer.terms * (high - low) * inputs <= 255
    assert layer.most * (high - low) * inputs <= 65_535


@pytest.mark.parametrize(
    "refused",
    [
        planned(ends(-8, 8)),
        planned(ends(-7, 7), high=16),
        planned(ends(-7, 7), low=-1),
        planned(ends(-7, 7), sums=2**30),
        planned(ends(-7, 7), takes=Layout("i32", 40, tuple(range(40)))),
        planned(ends(-7, 7), takes=Layout("u8", 41, tuple(range(40)), pad=16)),
        planned(ends(-7, 7), wanted=Layout("u8", 3, (2, 1, 0))),
        planned(ends(2, 17), takes=Layout("u8", 41, tuple(range(40)))),
    ],
    ids=["weights", "inputs", "below 0", "sums", "words", "pad", "order", "0 beside large ones"],
)
def test_what_the_kernel_cannot_hold_is_left_to_others(refused: BlobLayer | None) -> None:
    assert refused is None


def test_an_offset_of_the_inputs_is_allowed_for() -> None:
    takes = Layout("u8", 40, tuple(range(40)), offset=-5)
    layer = planned(ends(-7, 7), low=-5, high=10, takes=takes)
    assert layer is not None
    assert layer.places == list(range(40))


def test_halves_of_bytes_are_read_high_ones_first() -> None:
    layer = planned(ends(-7, 7, (3, 5)), takes=Layout("u4", 5, tuple(range(5))))
    assert layer is not None
    assert layer.inputs == 6
    assert layer.places == [0, 3, 1, 4, 2]


def test_inputs_are_cut_into_equal_blocks_of_at_most_512() -> None:
    layer = planned(ends(-7, 7, (3, 1025)))
    assert layer is not None
    assert layer.rows == 342


def test_the_price_of_reading_counts_whole_blobs() -> None:
    one, full, two = reading_ink(1), reading_ink(24_555), reading_ink(24_556)
    assert two - full > 33_000_000
    assert full - one == 30 * 24_554
