"""Dense layers: native Rust against the interpreter, many random layers to a build."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stylus_ai.codegen.network import sources
from stylus_ai.ir import Affine, Op, Program, Requantise, tensor, verify
from stylus_ai.ir.interpreter import all_values
from stylus_ai.plan import blob
from stylus_ai.plan import dense as plans
from stylus_ai.plan.dense import DenseLayer, plan_layer
from stylus_ai.plan.layout import Layout, of_features
from stylus_ai.plan.network import Layer, plan_layers, reads_packed, stages
from tests.codegen.layers import Case, check_formatted, run_layers
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
ROWS = 12


def layers_of(program: Program) -> tuple[Layer, ...]:
    return plan_layers(program, verify(program))


def assert_equal(programs: list[Program], folder: Path) -> None:
    """Every layer of every program gives, on every row, the interpreter's values."""
    assert_layers_equal([(program, layers_of(program)) for program in programs], folder)


def assert_layers_equal(given: Sequence[tuple[Program, tuple[Layer, ...]]], folder: Path) -> None:
    """The same for layers that were planned in another way."""
    cases, expected = [], []
    for program, layers in given:
        files = sources(program, layers)
        values = all_values(program, extreme_rows(program, ROWS))
        for number, layer in enumerate(layers):
            # A moved zero point leaves no layer behind: the next one reads the same array.
            source = files[f"src/layer_{number}.rs"]
            cases.append(Case(source, layer.takes, layer.gives, values[layer.stage.source]))
            expected.append(values[layer.stage.value])
    check_formatted([case.source for case in cases], folder)
    for case, found, wanted in zip(cases, run_layers(cases, folder), expected, strict=True):
        np.testing.assert_array_equal(found, wanted, case.source[:200])


@settings(
    max_examples=2,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(shapes, min_size=16, max_size=16))
def test_random_layers_equal_the_interpreter(drawn: list[Shape]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert_equal([network_of(shape) for shape in drawn], Path(folder))


def dense(weights: Ints, bits: int | None = 4, *then: Op) -> Program:
    """One dense layer of inputs that take every value of their bits, and what follows it."""
    inputs = weights.shape[1]
    first = Affine(0, tensor(weights), tensor(np.arange(len(weights))))
    return network(features_of(inputs, bits), [first, *then])


@pytest.fixture
def weights_stay_in_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer that would go to blobs is dense code all the same."""
    monkeypatch.setattr(blob, "CODE_BUDGET", 1_000_000)


@pytest.mark.usefixtures("weights_stay_in_code")
def test_layers_at_the_ends_of_their_slots_equal_the_interpreter(tmp_path: Path) -> None:
    ones = np.ones((9, 17), dtype=np.int64)
    assert_equal(
        [
            dense(17 * ones),  # 15 * 17 = 255 fills a slot of 8 bits
            dense(-17 * ones),
            dense(ones * 2**40),  # beyond all slots
            dense(0 * ones),
            network(
                features_of(1, 1),
                [Affine(0, tensor([[-(2**63)], [2**63 - 1]]), tensor([0, 0]))],
            ),
            dense(257 * ones, None),  # 255 * 257 = 65,535 fills a slot of 16 bits
            dense(ones, 1),
            dense(np.eye(9, 500, dtype=np.int64) * 7 - 3, 1),
            dense(trained_like((40, 450), 2, 7, 5)),  # two functions
            dense(trained_like((20, 64), 2, 7, 5), 4, Requantise(1, (1,), 5, 0, 15)),
            dense(trained_like((20, 64), 2, 7, 5), 4, Requantise(1, (3,), 0, -7, 200, 4)),
            *(
                dense(trained_like((20, 64), 2, 7, 5), 4, Requantise(1, (m,), shift, 0, high))
                for m, shift, high in ((1, 3, 255), (1, 8, 3), (1, 10, 1), (77, 11, 15), (5, 13, 1))
            ),
            dense(trained_like((9, 64), 36, 127, 5), None, Requantise(1, (1,), 16, -9, 9)),
            dense(trained_like((9, 64), 36, 127, 5), None, Requantise(1, (1,), 12, 0, 255)),
            dense(trained_like((5, 64), 2, 7, 5), 4, Requantise(1, (9, 8, 7, 6, 5), 8, 0, 15)),
            dense(trained_like((5, 64), 2, 7, 5), 4, Requantise(1, (9,), 1, -(2**62), 2**62)),
        ],
        tmp_path,
    )


@pytest.mark.usefixtures("weights_stay_in_code")
def test_a_layer_may_be_many_functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut by inputs and by outputs, with and without a requantisation."""
    monkeypatch.setattr(plans, "PART_TERMS", 300)
    weights = trained_like((40, 450), 2, 7, 5)
    programs = [dense(weights), dense(weights, 4, Requantise(1, (3,), 9, 0, 15))]
    for (layer,) in map(layers_of, programs):
        assert isinstance(layer, DenseLayer)
        assert len(layer.parts) > 4
    assert_equal(programs, tmp_path)


def test_a_requantised_row_is_a_layer_or_another_zero_point(tmp_path: Path) -> None:
    weights, bias = tensor(trained_like((6, 9), 2, 7, 1)), tensor(np.zeros(6, dtype=np.int64))
    scaled: list[Op] = [Requantise(0, tuple(range(1, 10)), 4, -15, 15), Affine(1, weights, bias)]
    moved: list[Op] = [Requantise(0, (1,), 0, -8, 7, -8), Affine(1, weights, bias)]
    programs = [
        network(features_of(9, None, low=-300, high=300), list(scaled)),
        network(features_of(9, 4), list(scaled)),
        network(features_of(9, 4), list(moved)),
    ]
    assert [len(layers_of(program)) for program in programs] == [2, 2, 1]
    assert_equal(programs, tmp_path)


def test_a_wanted_order_is_obeyed(tmp_path: Path) -> None:
    program = dense(trained_like((16, 64), 2, 7, 5), 4, Requantise(1, (1,), 4, 0, 15))
    bounds = verify(program)
    (stage,) = stages(program)
    given: list[tuple[Program, tuple[Layer, ...]]] = []
    for wanted in (
        Layout("u8", 16, tuple(range(16))),
        Layout("u8", 24, tuple(range(16))),
        Layout("u8", 24, tuple(range(3, 19)), pad=7),
        Layout("u8", 17, tuple(reversed(range(16)))),
        Layout("u8", 16, tuple(range(16)), offset=-3),
    ):
        layer = plan_layer(
            stage, bounds, of_features(program.features, packed=reads_packed(program)), wanted
        )
        assert layer.gives == wanted
        given.append((program, (layer,)))
    assert_layers_equal(given, tmp_path)
