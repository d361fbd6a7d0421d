"""The ArbOS precompiles that a deployment needs (rules 9)."""

from __future__ import annotations

from collections.abc import Mapping

from eth_abi.abi import decode, encode

from stylus_ai.chain.client import Client, selector
from stylus_ai.errors import Reverted
from stylus_ai.units import WEI_PER_ETHER, Wei

ARB_OWNER_PUBLIC = "0x000000000000000000000000000000000000006B"
ARB_WASM = "0x0000000000000000000000000000000000000071"
ARB_WASM_CACHE = "0x0000000000000000000000000000000000000072"

PLENTY = WEI_PER_ETHER
"""Value for asking the activation fee; what exceeds the fee is returned."""

INACTIVE = ("ProgramNotActivated", "ProgramExpired", "ProgramNeedsUpgrade")
"""Errors of ``codehashVersion`` that mean: activate it, or activate it again."""


def activate_data(address: str) -> bytes:
    """Calldata of ``ArbWasm.activateProgram``."""
    return selector("activateProgram(address)") + encode(["address"], [address])


def is_active(client: Client, code_hash: str) -> bool:
    """True if programs with this code hash can be called: activation is per code (rules 7)."""
    data = selector("codehashVersion(bytes32)") + bytes.fromhex(code_hash[2:])
    try:
        client.call(ARB_WASM, data)
    except Reverted as error:
        if any(name in error.cause for name in INACTIVE):
            return False
        raise
    return True


def activation_fee(
    client: Client,
    address: str,
    sender: str,
    imagined: Mapping[str, Mapping[str, str]] | None = None,
) -> Wei:
    """Data fee that activating the program at ``address`` costs now (rules 7.4).

    Args:
        client: The chain.
        address: Of the program.
        sender: Who asks; needs no money.
        imagined: State that the chain is to imagine, e.g. code at the address.

    Raises:
        Reverted: The chain refuses the program.
    """
    answer = client.call(
        ARB_WASM,
        activate_data(address),
        sender=sender,
        value=PLENTY,
        overrides={sender: {"balance": hex(2 * PLENTY)}, **(imagined or {})},
    )
    _, fee = decode(["uint16", "uint256"], answer)
    return Wei(int(fee))


def is_cached(client: Client, code_hash: str) -> bool:
    """True if calls of programs with this code hash pay no initialisation (rules 11)."""
    data = selector("codehashIsCached(bytes32)") + bytes.fromhex(code_hash[2:])
    return any(client.call(ARB_WASM_CACHE, data))


def cache_data(address: str) -> bytes:
    """Calldata of ``ArbWasmCache.cacheProgram``."""
    return selector("cacheProgram(address)") + encode(["address"], [address])


def evict_data(code_hash: str) -> bytes:
    """Calldata of ``ArbWasmCache.evictCodehash``."""
    return selector("evictCodehash(bytes32)") + bytes.fromhex(code_hash[2:])


def may_cache(client: Client, address: str) -> bool:
    """True if an account may cache programs without a bid: cache managers and chain owners."""
    account = encode(["address"], [address])
    return any(client.call(ARB_WASM_CACHE, selector("isCacheManager(address)") + account)) or any(
        client.call(ARB_OWNER_PUBLIC, selector("isChainOwner(address)") + account)
    )


def cache_managers(client: Client) -> tuple[str, ...]:
    """Accounts and contracts that may cache programs, in the order in which they were added."""
    answer = client.call(ARB_WASM_CACHE, selector("allCacheManagers()"))
    managers: tuple[str, ...] = decode(["address[]"], answer)[0]
    return managers
