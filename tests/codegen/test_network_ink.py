"""A network on the embedded chain, in a contract without any SDK: parity, and exact ink."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.convolutions import CONVOLUTIONS, measure
from bench.layers import KERNELS, digits, measure_layer, measure_network
from stylus_ai.chain import Client, Node
from stylus_ai.ir import random_rows
from tests.codegen.images import image_rows, small_cnn

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


def test_a_small_cnn_answers_as_the_interpreter_for_the_same_ink_on_every_row(
    tmp_path: Path,
) -> None:
    """``measure_network`` compares every answer, and all rows must cost the same."""
    program = small_cnn()
    with Node(port=0) as node:
        client = Client.connect(node.network)
        measure_network(program, image_rows(program, 10), client, tmp_path / "network")


def test_the_plan_knows_what_a_small_cnn_costs(tmp_path: Path) -> None:
    program = small_cnn()
    with Node(port=0) as node:
        client = Client.connect(node.network)
        found = measure_network(program, image_rows(program, 10), client, tmp_path / "network")
    assert 0.8 < found.predicted / found.ink < 1.2


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_the_plan_knows_what_a_convolution_costs(name: str, tmp_path: Path) -> None:
    """``measure`` compares every answer as well."""
    with Node(port=0) as node:
        client = Client.connect(node.network)
        found = measure(CONVOLUTIONS[name], client, tmp_path / "convolution")
    assert 0.9 < found.predicted / found.ink < 1.1
