"""Predictions from a contract: every row, in order, and a refused row named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from eth_abi.abi import encode

from stylus_ai.chain import (
    Client,
    Deployment,
    Key,
    deploy,
    explain_row,
    predict_gas,
    predict_rows,
)
from stylus_ai.errors import ChainError, FeatureError, Reverted
from stylus_ai.ir.features import Feature, Features
from tests.chain.conftest import DIGEST, MakeArtifact, activated
from tests.chain.test_deploy import DEPLOYMENT
from tests.chain.tiny_wasm import answer, model
from tests.ir.test_verify import program

pytestmark = pytest.mark.node

FEATURES = Features((Feature("score", 0, 255), Feature("amount", 0, 60_000)))
PROGRAM = replace(program(), features=FEATURES)
REFUSED = 200


@pytest.fixture
def deployed(client: Client, key: Key, artifact: MakeArtifact) -> Deployment:
    """A contract that answers each row with its first feature."""
    return deploy(client, artifact(model(DIGEST, REFUSED).build()), key)


def rows(count: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    scores = np.arange(count) * 7 % REFUSED
    return np.column_stack([scores, np.arange(count)]).astype(np.int64)


def test_every_row_is_answered_in_order(client: Client, deployed: Deployment) -> None:
    done: list[tuple[int, int]] = []
    asked = rows(250)
    found = predict_rows(client, deployed, PROGRAM, asked, lambda *state: done.append(state))
    np.testing.assert_array_equal(found["score"], asked[:, 0])
    np.testing.assert_array_equal(found["decision"], np.ones(250))
    assert done == [(100, 250), (200, 250), (250, 250)]


def test_no_rows_are_no_predictions(client: Client, deployed: Deployment) -> None:
    found = predict_rows(client, deployed, PROGRAM, rows(0))
    assert {name: values.tolist() for name, values in found.items()} == {
        "score": [],
        "decision": [],
    }


def test_a_row_that_the_contract_refuses_is_named(client: Client, deployed: Deployment) -> None:
    asked = rows(130)
    asked[117, 0] = REFUSED
    with pytest.raises(Reverted, match="Row 117"):
        predict_rows(client, deployed, PROGRAM, asked)


def test_a_row_that_does_not_fit_the_features_is_refused_before_it_is_sent(
    client: Client, deployed: Deployment
) -> None:
    with pytest.raises(FeatureError, match="amount"):
        predict_rows(client, deployed, PROGRAM, np.array([[1, 60_001]]))


def test_the_gas_of_one_prediction_is_intrinsic_calldata_and_the_program(
    client: Client, deployed: Deployment
) -> None:
    # 21,000; 100 bytes of calldata of which 7 are not zero; rules 6: at least 8,832 + 352 to enter
    gas = predict_gas(client, deployed, FEATURES, [1, 0])
    assert 21_000 + 93 * 4 + 7 * 16 + 9_184 < gas < 33_000


def test_an_explanation_is_decoded(client: Client, key: Key) -> None:
    types = ["uint16", "bool", "uint16[]", "int32[]"]
    values = encode(types, [7_000, True, [3, 60_000], [-120, 5]])
    there = replace(DEPLOYMENT, address=activated(client, key, answer(values).build()))
    found = explain_row(client, there, FEATURES, [1, 2])
    assert (found.score, found.approved) == (7_000, True)
    assert found.leaves == (3, 60_000)
    assert found.points == (-120, 5)


def test_an_address_without_contract_is_a_clear_error(client: Client) -> None:
    with pytest.raises(ChainError, match="no prediction") as caught:
        predict_rows(client, DEPLOYMENT, PROGRAM, rows(2))
    assert "stylus-ai deploy" in caught.value.next_step
