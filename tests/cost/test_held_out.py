"""Prices of models that took no part in fitting, against what the node said of them."""

from __future__ import annotations

import json

import pytest

from bench.cost import GOAL, KEPT, Case, measured, page
from bench.cost_measure import Measured
from bench.cost_models import FITTING, HELD_OUT, IN_SDK_HELD_OUT

RECORDED = json.loads(KEPT.read_text(encoding="ascii"))
"""Written by ``python -m bench.cost``: every sixth of the 40 models."""


def test_no_model_is_in_both_lists() -> None:
    names = [model.name for model in (*FITTING, *HELD_OUT)]
    assert len(HELD_OUT) == 40
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", RECORDED)
def test_prices_are_as_the_node_said_when_it_was_asked(name: str) -> None:
    (model,) = (model for model in HELD_OUT if model.name == name)
    case = Case(model, model.make(), Measured(**RECORDED[name]))
    assert max(map(abs, case.errors(case.predicted()).values())) <= GOAL


@pytest.mark.slow
@pytest.mark.node
@pytest.mark.wasm
@pytest.mark.registry
def test_prices_of_40_models_are_within_5_per_cent_of_the_node() -> None:
    cases = measured(HELD_OUT)
    errors = [max(map(abs, case.errors(case.predicted()).values())) for case in cases]
    assert max(errors) <= GOAL, page(cases)


@pytest.mark.slow
@pytest.mark.node
@pytest.mark.wasm
@pytest.mark.registry
def test_prices_of_contracts_with_the_sdk_are_within_5_per_cent_of_the_node() -> None:
    for case in measured(IN_SDK_HELD_OUT, sdk=True):
        errors = case.errors(case.predicted(contract="sdk"))
        assert max(map(abs, errors.values())) <= GOAL, case.model.name
