"""What a decision costs, measured and compared with README.md.

`UPDATE_GAS=1 stylus-ai test tests/test_gas.py` writes what it measured into README.md.
"""

import os

import pytest
from conftest import ROOT, OnChain
from eth_abi import encode
from eth_utils import function_signature_to_4byte_selector as selector
from stylus_ai import chain
from tables import OpenTable, open_table

from game import arena

__all__ = ["open_table"]  # a fixture

README = ROOT / "README.md"
BEGIN, END = "<!-- gas -->\n", "<!-- end of gas -->"
CROWDS = (1, 8, 64)

pytestmark = pytest.mark.chain


def test_the_readme_states_the_gas_of_a_decision(on_chain: OnChain, open_table: OpenTable) -> None:
    client, model = on_chain.client, on_chain.deployment
    key = chain.find_key(client.network)
    chain.cache(client, model, key)
    lines = [
        "| bandits | one call for all | per decision | whole turn (`act`) | per bandit |",
        "|---:|---:|---:|---:|---:|",
    ]
    for bandits in CROWDS:
        rows = b"".join(bytes(row) for row in arena.rows(arena.start(bandits)))
        data = selector("predictMany(bytes)") + encode(["bytes"], [rows])
        asked = client.receipt(client.send(key, model.address, data)).gas
        turn = open_table(bandits, bytes([bandits]) * 32).turn(1, arena.GUARD, 0, b"\7" * 32)
        each = (asked // bandits, turn // bandits)
        lines.append(f"| {bandits} | {asked:,} | {each[0]:,} | {turn:,} | {each[1]:,} |")
    table = "\n".join(lines) + "\n"
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    stated, after = rest.split(END)
    if os.environ.get("UPDATE_GAS"):
        README.write_text(before + BEGIN + table + END + after, encoding="utf-8")
    else:
        assert stated == table
