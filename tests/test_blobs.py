"""Bytes spread over accounts: where they stand, and that one address names them all."""

from __future__ import annotations

import pytest

from stylus_ai.blobs import MAX_CODE, PAYLOAD, blob_chain, create2_address, factory_data, init_code


def read(first: str, codes: dict[str, bytes]) -> bytes:
    """Follow a chain of blobs as a contract does."""
    data, at = b"", first
    while int(at, 16):
        code = codes[at.lower()]
        data += code[1:-20]
        at = "0x" + code[-20:].hex()
    return data


@pytest.mark.parametrize("size", [0, 1, PAYLOAD - 1, PAYLOAD, PAYLOAD + 1, 3 * PAYLOAD + 5])
def test_following_the_addresses_gives_the_bytes_back(size: int) -> None:
    data = bytes(k * k % 251 for k in range(size))
    chain = blob_chain(data)
    codes = {
        address.lower(): code for address, code in zip(chain.addresses, chain.codes, strict=True)
    }
    assert read(chain.first, codes) == data


def test_a_blob_cannot_run_and_is_no_larger_than_a_contract_may_be() -> None:
    chain = blob_chain(bytes([0xFE]) * (2 * PAYLOAD + 1))
    assert {code[0] for code in chain.codes} == {0}
    assert [len(code) for code in chain.codes] == [MAX_CODE, MAX_CODE, 22]


def test_another_last_byte_gives_another_first_address() -> None:
    data = bytes(3 * PAYLOAD)
    assert blob_chain(data).first != blob_chain(data[:-1] + b"\1").first


def test_the_address_is_the_one_that_the_factory_s_rule_gives() -> None:
    """keccak256(0xff, factory, salt, keccak256(init code)), by the numbers of EIP-1014."""
    code = b"\0hello"
    assert factory_data(code) == bytes(32) + init_code(code)
    assert create2_address(code) == "0x7197282AB05A79B583c284Cbcb51879f66a37d6D"
