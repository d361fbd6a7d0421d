"""The Solidity interface and its ABI JSON say the same."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from web3 import Web3

from stylus_ai.codegen import abi_json, solidity_interface
from stylus_ai.ir import Affine, Program, answers, tensor
from tests.codegen.networks import classifier, features_of, network, trained_like, with_scores
from tests.frontends.data import FEATURES
from tests.ir.test_verify import program

CREDIT = program()


def test_the_source_is_as_specified() -> None:
    text = re.sub(r" *//.*", "", solidity_interface(CREDIT, "ICreditScore"))
    plain = " ".join(text.split())
    assert "interface ICreditScore { struct Applicant { uint8 age; int8 debt; }" in plain
    for signature in (
        "error MalformedCalldata();",
        "error WrongLength(uint256 got, uint256 expected);",
        "error FeatureOutOfRange(uint16 feature, int64 value, int64 low, int64 high);",
        "function predict(bytes calldata features) external view "
        "returns (uint16 score, bool approved);",
        "function assess(Applicant calldata applicant) external view "
        "returns (uint16 score, bool approved);",
        "function explain(bytes calldata features) external view returns "
        "(uint16 score, bool approved, uint16[] memory leaves, int32[] memory points);",
        "function modelHash() external view returns (bytes32 hash);",
        "function modelInfo() external view returns (uint16 features, uint16 trees, "
        "uint16 depth, uint8 fracBits, uint8 family, int64 cutoff);",
    ):
        assert signature in plain


def test_the_abi_has_the_same_members_and_the_right_selectors() -> None:
    abi = abi_json(CREDIT)
    text = solidity_interface(CREDIT)
    for entry in abi:
        assert f"{entry['type']} {entry['name']}(" in text
    contract = Web3().eth.contract(abi=abi)
    selector = Web3.keccak(text="assess((uint8,int8))")[:4]
    assert contract.get_function_by_selector(selector).fn_name == "assess"


def test_fields_are_camel_case_in_feature_order() -> None:
    columns = replace(FEATURES[0], name="wallet_age_days")
    one = replace(CREDIT, features=replace(CREDIT.features, columns=(columns, CREDIT.features[1])))
    assert "uint8 walletAgeDays;" in solidity_interface(one)


def test_text_of_a_unit_cannot_leave_its_comment() -> None:
    column = replace(CREDIT.features[0], unit="x\n} evil")
    one = replace(CREDIT, features=replace(CREDIT.features, columns=(column, CREDIT.features[1])))
    for line in solidity_interface(one).splitlines():
        assert "evil" not in line or line.lstrip().startswith("uint8 age; //")


DIGITS = classifier([trained_like((5, 7), 2, 7, 0), trained_like((3, 5), 2, 7, 1)], bits=4, act=15)
NUMBER = network(features_of(4, 4), [Affine(0, tensor(((1, 2, 3, 4),)), tensor((0,)))])
PAIR = network(features_of(2, 4), [Affine(0, tensor(((1, 2), (3, 4))), tensor((0, 0)))])


@pytest.mark.parametrize(
    ("one", "returned"),
    [
        (DIGITS, "uint16 class, int64[3] memory scores"),
        (with_scores(DIGITS, 8), "uint16 class, uint16[3] memory scores"),
        (NUMBER, "int64 value"),
        (PAIR, "int64[2] memory values"),
    ],
    ids=["classes", "shares", "number", "numbers"],
)
def test_predict_returns_what_the_program_answers(one: Program, returned: str) -> None:
    plain = " ".join(re.sub(r" *//.*", "", solidity_interface(one)).split())
    assert f"function predict(bytes calldata features) external view returns ({returned});" in plain
    functions = {entry["name"]: entry for entry in abi_json(one) if entry["type"] == "function"}
    assert set(functions) == {"predict", "modelHash", "modelInfo"}
    outputs = functions["predict"]["outputs"]
    assert [value["type"] for value in outputs] == [answer.type for answer in answers(one)]


def test_a_row_of_shared_bytes_is_described_as_such() -> None:
    said = "Predicts from 7 values of 4 bits, the first in the highest bits, 4 bytes."
    assert said in solidity_interface(DIGITS)
