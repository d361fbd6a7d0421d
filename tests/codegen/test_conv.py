"""Convolutions and pools: native Rust against the interpreter, many random layers to a build."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stylus_ai.codegen.network import sources
from stylus_ai.ir import Program, verify
from stylus_ai.ir.interpreter import all_values
from stylus_ai.plan.conv import LoopLayer
from stylus_ai.plan.dense import DenseLayer
from stylus_ai.plan.network import Layer, plan_layers
from tests.codegen.images import Network, image_network, image_rows, images
from tests.codegen.layers import Case, check_formatted, run_layers

pytestmark = pytest.mark.registry  # cargo

ROWS = 5


def given_back(layer: Layer) -> str:
    """Rust that gives back what a layer would write into an array."""
    if isinstance(layer, DenseLayer | LoopLayer):
        return ""
    gives = layer.gives
    return f"""
pub(crate) fn layer(x: &{layer.takes.rust}) -> {gives.rust} {{
    let mut out = [{gives.pad}; {gives.length}];
    fill(x, &mut out);
    out
}}
"""


def assert_equal(programs: list[Program], folder: Path) -> None:
    """Every layer of every program gives, on every row, the interpreter's values."""
    cases, expected = [], []
    for program in programs:
        layers = plan_layers(program, verify(program))
        files = sources(program, layers)
        values = all_values(program, image_rows(program, ROWS))
        for number, layer in enumerate(layers):
            source = files[f"src/layer_{number}.rs"] + given_back(layer)
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
@given(st.lists(images, min_size=16, max_size=16))
def test_random_layers_equal_the_interpreter(drawn: list[Network]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert_equal([image_network(shape) for shape in drawn], Path(folder))
