"""A network on the embedded chain, in a contract without any SDK: parity, and exact ink."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.layers import KERNELS, digits, measure_layer, measure_network
from stylus_ai.chain import Client, Node
from stylus_ai.ir import random_rows

pytestmark = [pytest.mark.node, pytest.mark.wasm, pytest.mark.registry]


def test_a_digit_classifier_answers_as_the_interpreter_for_less_than_100_gas(
    tmp_path: Path,
) -> None:
    """``measure_network`` compares every answer, and all rows must cost the same."""
    program = digits()
    with Node(port=0) as node:
        client = Client.connect(node.network)
        found = measure_network(program, random_rows(program, 30), client, tmp_path / "network")
    assert found.ink < 1_000_000
    assert found.size < 24_576


@pytest.mark.parametrize("name", KERNELS)
def test_the_plan_knows_what_a_layer_costs(name: str, tmp_path: Path) -> None:
    with Node(port=0) as node:
        client = Client.connect(node.network)
        found = measure_layer(KERNELS[name](), client, tmp_path / "layer")
    assert 0.95 < found.predicted / found.ink < 1.05
