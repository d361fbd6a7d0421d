"""Amounts that people type."""

from __future__ import annotations

import pytest

from stylus_ai.units import parse_ether


@pytest.mark.parametrize(
    ("text", "wei"),
    [
        ("0", 0),
        ("1", 10**18),
        ("0.001", 10**15),
        ("1e-18", 1),
        ("120000000.5", 1200000005 * 10**17),
    ],
)
def test_an_amount_in_ether_is_exact(text: str, wei: int) -> None:
    assert parse_ether(text) == wei


@pytest.mark.parametrize("text", ["1 ETH", "x", "-1", "1e-19", "nan", "inf"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        parse_ether(text)
