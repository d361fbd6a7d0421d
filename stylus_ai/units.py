"""Units as types, and the only conversions between them.

``Gas`` is what a transaction is billed in, ``Ink`` what Stylus meters in (rules 1.2: by default
10,000 ink are one gas), ``Wei`` is money, ``Bytes`` a size.
"""

from decimal import Decimal, InvalidOperation
from typing import NewType

Gas = NewType("Gas", int)
Ink = NewType("Ink", int)
Wei = NewType("Wei", int)
Bytes = NewType("Bytes", int)

INK_PER_GAS = 10_000
"""Default ink price (rules 1.2); a chain's owner may set another."""

WEI_PER_GWEI = 10**9
WEI_PER_ETHER = 10**18


def gas_of(ink: Ink, ink_per_gas: int = INK_PER_GAS) -> Gas:
    """Gas that is billed for ``ink``: rounded up, since a call keeps only whole gas (rules 12)."""
    return Gas(-(-ink // ink_per_gas))


def ink_of(gas: Gas, ink_per_gas: int = INK_PER_GAS) -> Ink:
    """Ink that ``gas`` buys."""
    return Ink(gas * ink_per_gas)


def fee_of(gas: Gas, price: Wei) -> Wei:
    """What ``gas`` costs at ``price`` wei per gas."""
    return Wei(gas * price)


def parse_ether(text: str) -> Wei:
    """Wei of an amount in ether, e.g. ``0.001``.

    Raises:
        ValueError: It is no number, negative, or finer than a wei.
    """
    try:
        wei = Decimal(text) * WEI_PER_ETHER
        if wei < 0 or wei != int(wei):
            raise ValueError(text)
    except (InvalidOperation, OverflowError):
        raise ValueError(text) from None
    return Wei(int(wei))
