"""One network: ask, send, wait. Everything else of this package goes through `Client`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.abi import function_signature_to_4byte_selector
from eth_utils.address import to_checksum_address
from web3 import Web3

from stylus_ai.chain.keys import Key
from stylus_ai.chain.networks import Network
from stylus_ai.chain.reverts import ErrorType
from stylus_ai.chain.rpc import Rpc, funds_hint, to_bytes
from stylus_ai.errors import ChainError, FundsError, NodeError, Reverted
from stylus_ai.units import WEI_PER_ETHER, Gas, Wei

GAS_MARGIN = 120
"""Percent of the estimate that a transaction may use; what is left over is not paid."""

FEE_MARGIN = 200
"""Percent of the gas price that a transaction offers at most; only the base fee is paid."""

PROFILER = "stylusProfiler"
"""Tracer of the embedded chain that says where ink goes."""

RECEIPT_SECONDS = 120.0

ARB_SYS = "0x0000000000000000000000000000000000000064"
ARBOS_OFFSET = 55
"""``ArbSys.arbOSVersion()`` answers this much more than the version (Nitro's first was 56)."""


@dataclass(frozen=True)
class Receipt:
    """What became of a transaction.

    Attributes:
        hash: Of the transaction, 0x and 64 digits.
        block: Number of its block.
        gas: What it used.
        l1_gas: The part of it that its data cost on L1; 0 where that is free.
        price: Wei paid per gas.
        contract: Address that it created, checksummed, or None.
        logs: As the node gives them.
    """

    hash: str
    block: int
    gas: Gas
    l1_gas: Gas
    price: Wei
    contract: str | None
    logs: tuple[Mapping[str, Any], ...]

    @property
    def fee(self) -> Wei:
        """What it cost, without the value that it sent."""
        return Wei(self.gas * self.price)


class Client(Rpc):
    """A connection to one network, whose chain id has been checked.

    Attributes:
        network: What it is connected to.
        errors: Errors of the contract in use, by which reverts are decoded.
        web3: The same connection for those who want to use web3.py directly.
    """

    def __init__(self, network: Network, errors: Sequence[ErrorType] = ()) -> None:
        super().__init__(network, errors)
        self.web3 = Web3(self.provider)

    @classmethod
    def connect(cls, network: Network, errors: Sequence[ErrorType] = ()) -> Client:
        """Connect and make sure that it is the right chain.

        Raises:
            NodeError: Nobody answers.
            ChainError: The chain id is another one.
        """
        client = cls(network, errors)
        found = client.chain_id()
        if found != network.chain_id:
            raise ChainError(
                f"{network.shown} is chain {found}, but {network.name} is chain "
                f"{network.chain_id}.",
                "Choose the network that the address belongs to: --network, or [networks] in "
                "stylus-ai.toml.",
            )
        return client

    def with_errors(self, errors: Sequence[ErrorType]) -> Client:
        """The same connection, decoding a contract's own errors."""
        return Client(self.network, errors)

    # asking

    def chain_id(self) -> int:
        """Chain id that the node answers."""
        return self.number("eth_chainId")

    def block_number(self) -> int:
        """Number of the newest block."""
        return self.number("eth_blockNumber")

    def block_time(self, block: int) -> int:
        """Seconds since 1970 at which a block was made."""
        found = self.request("eth_getBlockByNumber", hex(block), False)
        return int(found["timestamp"], 16)

    def balance(self, address: str) -> Wei:
        """What an account holds."""
        return Wei(self.number("eth_getBalance", address, "latest"))

    def code(self, address: str) -> bytes:
        """Code of a contract; empty if there is none."""
        return to_bytes(self.request("eth_getCode", address, "latest"))

    def gas_price(self) -> Wei:
        """What a gas costs now."""
        return Wei(self.number("eth_gasPrice"))

    def arbos(self) -> int:
        """ArbOS version of the chain."""
        answer = self.call(ARB_SYS, selector("arbOSVersion()"))
        return int.from_bytes(answer) - ARBOS_OFFSET

    def call(
        self,
        to: str,
        data: bytes,
        *,
        sender: str | None = None,
        value: int = 0,
        overrides: Mapping[str, Any] | None = None,
    ) -> bytes:
        """What a contract answers, without a transaction.

        Raises:
            Reverted: The contract reverted.
        """
        params: list[Any] = [transaction(to, data, sender, value), "latest"]
        if overrides:
            params.append(overrides)
        return to_bytes(self.request("eth_call", *params))

    def estimate(
        self, to: str | None, data: bytes, *, sender: str | None = None, value: int = 0
    ) -> Gas:
        """Gas that a transaction would use; the least limit with which it succeeds.

        Raises:
            Reverted: It would revert.
            FundsError: The sender does not have ``value``.
        """
        return Gas(self.number("eth_estimateGas", transaction(to, data, sender, value)))

    def profile_call(self, to: str, data: bytes, *, sender: str | None = None) -> dict[str, Any]:
        """Where the ink of a call goes, see ``stylus_ai.reports``; also of a call that fails.

        Raises:
            ChainError: The node has no profiler.
        """
        return self._profile("debug_traceCall", transaction(to, data, sender, 0), "latest")

    def profile_transaction(self, tx: str) -> dict[str, Any]:
        """Where the ink of a transaction in a block went.

        Raises:
            ChainError: The node has no profiler, or no such transaction.
        """
        return self._profile("debug_traceTransaction", tx)

    def _profile(self, method: str, *params: Any) -> dict[str, Any]:
        try:
            return dict(self.request(method, *params, {"tracer": PROFILER}))
        except (NodeError, Reverted):
            raise
        except ChainError as error:
            if self.network.name == "embedded":
                raise ChainError(
                    error.cause, "An embedded chain knows what happened since its node started."
                ) from None
            raise ChainError(
                f"{self.network.name} has no profiler of ink: {error.cause}",
                "Profile on the embedded chain, which charges the same: stylus-ai deploy, then "
                "stylus-ai profile",
            ) from None

    # sending

    def send(
        self,
        key: Key,
        to: str | None,
        data: bytes,
        *,
        value: int = 0,
        on_signed: Callable[[str], None] = lambda _: None,
    ) -> str:
        """Sign and send a transaction; gives its hash without waiting for it.

        Args:
            key: Who signs and pays.
            to: Contract to call; None to create one from ``data``.
            data: Calldata or init code.
            value: Wei to send along.
            on_signed: Told the hash before the transaction is sent.

        Raises:
            FundsError: The account cannot pay for it; nothing was sent.
            Reverted: It would revert; nothing was sent.
        """
        price = self.gas_price() * FEE_MARGIN // 100
        held = self.balance(key.address)
        if held < value:
            raise self._too_poor(key, held, value)
        gas = self.estimate(to, data, sender=key.address, value=value) * GAS_MARGIN // 100
        if held < value + gas * price:
            raise self._too_poor(key, held, value + gas * price)
        fields: dict[str, Any] = {
            "type": 2,
            "chainId": self.network.chain_id,
            "nonce": self.number("eth_getTransactionCount", key.address, "pending"),
            "gas": gas,
            "maxFeePerGas": price,
            "maxPriorityFeePerGas": 0,
            "value": value,
            "data": data,
        }
        if to is not None:
            fields["to"] = to_checksum_address(to)
        signed = key.sign(fields)
        on_signed(signed.hash)
        return str(self.request("eth_sendRawTransaction", signed.raw))

    def receipt(self, tx: str, timeout: float = RECEIPT_SECONDS) -> Receipt:
        """Wait for a transaction.

        Raises:
            Reverted: It was included, and failed.
            ChainError: It was not included within ``timeout`` seconds.
        """
        end = time.monotonic() + timeout
        pause = 0.002  # the embedded chain has it at once, a public one in a quarter of a second
        while (found := self.find_receipt(tx)) is None:
            if time.monotonic() > end:
                raise ChainError(
                    f"Transaction {tx} is not in a block after {timeout:.0f} s.",
                    "It may still come: run the command again, it goes on from there.",
                )
            time.sleep(pause)
            pause = min(2 * pause, 1.0)
        return found

    def find_receipt(self, tx: str) -> Receipt | None:
        """Receipt of a transaction, or None if it is in no block.

        Raises:
            Reverted: It is in a block, and failed.
        """
        found = self.request("eth_getTransactionReceipt", tx)
        if found is None:
            return None
        if int(found["status"], 16) != 1:
            raise self._failure(tx)
        contract = found.get("contractAddress")
        return Receipt(
            hash=tx,
            block=int(found["blockNumber"], 16),
            gas=Gas(int(found["gasUsed"], 16)),
            l1_gas=Gas(int(found.get("gasUsedForL1", "0x0"), 16)),
            price=Wei(int(found["effectiveGasPrice"], 16)),
            contract=to_checksum_address(contract) if contract else None,
            logs=tuple(found["logs"]),
        )

    def _failure(self, tx: str) -> ChainError:
        """Why an included transaction failed: it is run again as a call, at the newest block."""
        sent = self.request("eth_getTransactionByHash", tx)
        fields = {name: sent[name] for name in ("from", "to", "value") if sent.get(name)}
        try:
            self.request(
                "eth_call", {**fields, "data": sent["input"], "gas": sent["gas"]}, "latest"
            )
        except ChainError as error:
            return Reverted(f"Transaction {tx} failed. {error.cause}", error.next_step)
        return Reverted(f"Transaction {tx} failed; run again now it would not.", "Try it again.")

    def _too_poor(self, key: Key, held: int, wanted: int) -> FundsError:
        return FundsError(
            f"{key.address} holds {ether(held)} ETH on {self.network.name}; this takes up to "
            f"{ether(wanted)} ETH.",
            funds_hint(self.network),
        )


def transaction(to: str | None, data: bytes, sender: str | None, value: int) -> dict[str, str]:
    """A call or transaction as ``eth_call`` and ``eth_estimateGas`` take it."""
    fields = {"data": "0x" + data.hex(), "value": hex(value)}
    if to is not None:
        fields["to"] = to
    if sender is not None:
        fields["from"] = sender
    return fields


def selector(signature: str) -> bytes:
    """First four bytes of the calldata of a function, e.g. ``predict(bytes)``."""
    return bytes(function_signature_to_4byte_selector(signature))


def ether(wei: int) -> str:
    """Wei as ether, exactly."""
    whole, rest = divmod(wei, WEI_PER_ETHER)
    return f"{whole:,}.{rest:018}".rstrip("0").removesuffix(".")
