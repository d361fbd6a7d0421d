"""The contract's interface on a chain: every function, and every way to call it wrongly."""

import numpy as np
import pytest
from conftest import Fixture, OnChain
from eth_abi import decode, encode
from eth_utils import function_signature_to_4byte_selector as selector
from stylus_ai.chain import explain_row, predict_rows
from stylus_ai.errors import Reverted
from stylus_ai.ir import Program, interpret

pytestmark = pytest.mark.chain


def test_assess_answers_as_predict_does(
    program: Program, fixture: Fixture, on_chain: OnChain
) -> None:
    types = "(" + ",".join(feature.solidity_type for feature in program.features) + ")"
    rows = fixture.rows[:20]
    predictions = predict_rows(on_chain.client, on_chain.deployment, program, rows)
    for number, row in enumerate(rows.tolist()):
        data = selector(f"assess({types})") + encode([types], [tuple(row)])
        answer = decode(["uint16", "bool"], on_chain.call(data))
        assert answer == (predictions["score"][number], predictions["decision"][number])


def test_explain_names_the_leaves_and_what_each_feature_did(
    program: Program, fixture: Fixture, on_chain: OnChain
) -> None:
    for number in range(0, len(fixture.rows), len(fixture.rows) // 20):
        row = fixture.rows[number]
        why = explain_row(on_chain.client, on_chain.deployment, program.features, row.tolist())
        # A model of very many splits names no leaves: their numbers would double the contract.
        assert list(why.leaves) in ([], fixture.leaves[number].tolist())
        # Each feature in turn takes the median applicant's value.
        changed = np.tile(row, (len(row), 1))
        np.fill_diagonal(changed, program.reference)
        expected = fixture.expected["score"][number] - interpret(program, changed)["score"]
        assert list(why.points) == expected.tolist()


def test_the_contract_says_which_model_it_holds(program: Program, on_chain: OnChain) -> None:
    assert on_chain.call(selector("modelHash()")).hex() == program.digest
    types = ["uint16", "uint16", "uint16", "uint8", "uint8", "int64"]
    features, trees, depth, *_ = decode(types, on_chain.call(selector("modelInfo()")))
    assert (features, trees, depth) == (len(program.features), len(program.trees), program.depth)


@pytest.mark.parametrize("function", ["predict(bytes)", "explain(bytes)"])
@pytest.mark.parametrize("change", [-1, 1])
def test_features_of_a_wrong_length_are_refused_by_name(
    program: Program, on_chain: OnChain, function: str, change: int
) -> None:
    packed = bytes(program.features.packed_length + change)
    with pytest.raises(Reverted, match="WrongLength"):
        on_chain.call(selector(function) + encode(["bytes"], [packed]))


def test_a_feature_out_of_range_is_refused_by_name(program: Program, on_chain: OnChain) -> None:
    packed = b"\xff" * program.features.packed_length
    with pytest.raises(Reverted, match="FeatureOutOfRange"):
        on_chain.call(selector("predict(bytes)") + encode(["bytes"], [packed]))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        selector("unknown()"),
        selector("predict(bytes)"),
        selector("predict(bytes)") + b"\xff" * 64,
    ],
    ids=["empty", "one byte", "unknown function", "no argument", "wild offset"],
)
def test_calldata_that_is_no_call_is_refused_by_name(on_chain: OnChain, data: bytes) -> None:
    with pytest.raises(Reverted, match="MalformedCalldata"):
        on_chain.call(data)
