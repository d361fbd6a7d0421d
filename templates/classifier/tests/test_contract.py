"""The contract on a chain: what it answers, how it refuses, and the game."""

import time

import numpy as np
import pytest
from conftest import Fixture, OnChain
from eth_abi import decode, encode
from eth_utils import function_signature_to_4byte_selector as selector
from stylus_ai import chain
from stylus_ai.errors import Reverted
from stylus_ai.ir import Program

pytestmark = pytest.mark.chain


def drawing_call(program: Program, function: str, row: np.ndarray) -> bytes:
    """Calldata of a function that takes a drawing."""
    return selector(f"{function}(bytes)") + encode(["bytes"], [program.features.pack(row.tolist())])


def test_predict_answers_class_and_scores(
    program: Program, fixture: Fixture, on_chain: OnChain
) -> None:
    answer = on_chain.call(drawing_call(program, "predict", fixture.rows[7]))
    named, scores = decode(["uint16", "int64[10]"], answer)
    assert named == fixture.expected["class"][7] == int(np.argmax(scores))
    assert list(scores) == fixture.expected["logits"][7].tolist()


def test_the_contract_says_which_model_it_holds(program: Program, on_chain: OnChain) -> None:
    assert on_chain.call(selector("modelHash()")).hex() == program.digest
    types = ["uint16", "uint16", "uint16", "uint8", "uint8", "int64"]
    features, *_, family, _ = decode(types, on_chain.call(selector("modelInfo()")))
    assert (features, family) == (196, 5 if program.family == "cnn" else 4)


@pytest.mark.parametrize("function", ["predict(bytes)", "solve(bytes)"])
@pytest.mark.parametrize("change", [-1, 1])
def test_a_drawing_of_a_wrong_length_is_refused_by_name(
    program: Program, on_chain: OnChain, function: str, change: int
) -> None:
    packed = bytes(program.features.packed_length + change)
    with pytest.raises(Reverted, match="WrongLength"):
        on_chain.call(selector(function) + encode(["bytes"], [packed]))


@pytest.mark.parametrize(
    "data",
    [b"", b"\x01", selector("unknown()"), selector("predict(bytes)")],
    ids=["empty", "one byte", "unknown function", "no argument"],
)
def test_calldata_that_is_no_call_is_refused_by_name(on_chain: OnChain, data: bytes) -> None:
    with pytest.raises(Reverted, match="MalformedCalldata"):
        on_chain.call(data)


def test_who_draws_the_digit_of_the_day_has_solved_it(
    program: Program, fixture: Fixture, on_chain: OnChain
) -> None:
    key = chain.find_key(on_chain.client.network)
    wanted = int.from_bytes(on_chain.call(selector("digitOfTheDay()")), "big")
    named = fixture.expected["class"]
    right, wrong = np.flatnonzero(named == wanted)[0], np.flatnonzero(named != wanted)[0]

    def answer(number: int) -> bool:
        """What handing in a drawing would give."""
        data = drawing_call(program, "solve", fixture.rows[number])
        return bool(int.from_bytes(on_chain.call(data), "big"))

    assert (answer(right), answer(wrong)) == (True, False)
    data = drawing_call(program, "solve", fixture.rows[right])
    on_chain.client.receipt(on_chain.client.send(key, on_chain.deployment.address, data))
    day = on_chain.call(selector("solved(address)") + encode(["address"], [key.address]))
    assert int.from_bytes(day, "big") * 86_400 <= time.time() + 86_400
    assert int.from_bytes(day, "big") > 0
