"""Revert data in words: custom errors, Solidity's own, and bytes that fit nothing."""

from __future__ import annotations

from typing import Any

from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from stylus_ai.chain import decode_revert, errors_of

ABI: list[dict[str, Any]] = [
    {
        "type": "error",
        "name": "FeatureOutOfRange",
        "inputs": [
            {"name": "feature", "type": "uint16"},
            {"name": "value", "type": "int64"},
            {"name": "low", "type": "int64"},
            {"name": "high", "type": "int64"},
        ],
    },
    {"type": "function", "name": "predict", "inputs": [], "outputs": []},
]
KNOWN = errors_of(ABI)
OUT_OF_RANGE = KNOWN[0].selector + encode(["uint16", "int64", "int64", "int64"], [3, -1, 0, 72])


def test_a_contract_s_error_is_named_with_its_arguments() -> None:
    revert = decode_revert(OUT_OF_RANGE, KNOWN)
    assert str(revert) == "FeatureOutOfRange(feature=3, value=-1, low=0, high=72)"
    assert revert.arguments["value"] == -1


def test_without_the_abi_the_bytes_are_shown() -> None:
    assert str(decode_revert(OUT_OF_RANGE)) == f"unknown error 0x{OUT_OF_RANGE.hex()}"


def test_solidity_s_own_errors_are_known() -> None:
    text = bytes.fromhex("08c379a0") + encode(["string"], ["too late"])
    panic = bytes.fromhex("4e487b71") + encode(["uint256"], [0x11])
    assert str(decode_revert(text)) == '"too late"'
    assert str(decode_revert(panic)) == "panic 0x11: an arithmetic overflow"


def test_no_data_is_a_trap() -> None:
    assert "a trap" in str(decode_revert(b""))


@given(st.binary(max_size=200), st.sampled_from([b"", OUT_OF_RANGE[:4], b"\x08\xc3\x79\xa0"]))
def test_any_bytes_give_words_and_no_exception(tail: bytes, head: bytes) -> None:
    assert str(decode_revert(head + tail, KNOWN))
