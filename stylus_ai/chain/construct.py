"""Contracts with a constructor: created, activated and initialised in one transaction.

StylusDeployer does it (rules 9), so nobody can come between creation and initialisation and make
himself the owner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import EncodingError, ParseError
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from stylus_ai.blobs import init_code
from stylus_ai.build.artifact import WasmArtifact
from stylus_ai.chain import precompiles
from stylus_ai.chain.client import Client, Receipt, selector
from stylus_ai.chain.deploy import FEE_MARGIN, OnStep, has_code
from stylus_ai.chain.journal import Journal
from stylus_ai.chain.keys import Key
from stylus_ai.errors import ChainError, ParityError, ProjectError
from stylus_ai.units import Gas

STYLUS_DEPLOYER = "0xcEcba2F1DC234f70Dd89F2041029807F8D03A990"
CONTRACT_DEPLOYED = keccak(text="ContractDeployed(address)")
CONSTRUCTOR = "stylus_constructor()"
"""Name by which the SDK's router knows the constructor, whatever its arguments (rules 9)."""

_NOWHERE = "0x000000000000000000000000000000000000c0de"
"""An address without a contract, where one is imagined when the activation's fee is asked for."""


@dataclass(frozen=True)
class Constructed:
    """A contract that was created with its constructor.

    Attributes:
        address: Checksummed.
        code_hash: Of its code.
        tx: The transaction.
        gas: What it used.
        block: In which it is.
    """

    address: str
    code_hash: str
    tx: str
    gas: Gas
    block: int

    def to_record(self) -> dict[str, Any]:
        """Plain values, as `Project.record_companion` takes them."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Constructed:
        """Read what `to_record` gave.

        Raises:
            ProjectError: A value is missing or of the wrong kind.
        """
        try:
            return cls(
                address=to_checksum_address(record["address"]),
                code_hash=str(record["code_hash"]),
                tx=str(record["tx"]),
                gas=Gas(int(record["gas"])),
                block=int(record["block"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ProjectError(
                f"A recorded contract is damaged: {error!r}.", "Deploy again: stylus-ai deploy"
            ) from None


def constructor_data(arguments: Sequence[tuple[str, str]]) -> bytes:
    """Calldata of a constructor.

    Args:
        arguments: ABI type and value of each, the value as a person writes it.

    Raises:
        ProjectError: A value is none of its type, or there is no such type.
    """
    types = [kind for kind, _ in arguments]
    try:
        values = [_value(kind, text) for kind, text in arguments]
        return selector(CONSTRUCTOR) + encode(types, values)
    except (EncodingError, ParseError, ValueError) as error:
        shown = ", ".join(f"{kind} {text}" for kind, text in arguments)
        raise ProjectError(
            f"These are no arguments of a constructor: {shown}. {error}",
            "Mend stylus-ai.toml, [contracts].",
        ) from None


def _value(kind: str, text: str) -> object:
    if kind.startswith(("uint", "int")):
        return int(text, 0)
    if kind.startswith("bytes"):
        return bytes.fromhex(text.removeprefix("0x"))
    if kind == "bool":
        return {"true": True, "false": False}[text] if text in ("true", "false") else text
    return text


def construct(
    client: Client,
    artifact: WasmArtifact,
    arguments: Sequence[tuple[str, str]],
    key: Key,
    *,
    on_step: OnStep = lambda _: None,
    journal: Journal | None = None,
) -> Constructed:
    """Create a contract, activate its code if need be, and run its constructor.

    Args:
        client: The chain.
        artifact: What to deploy.
        arguments: Of the constructor, see `constructor_data`.
        key: Who pays.
        on_step: Told what happens next.
        journal: What an earlier run may have sent already.

    Raises:
        FundsError: The account cannot pay.
        Reverted: The chain or the constructor refuses.
        ChainError: The chain has no StylusDeployer.
        ParityError: The chain holds another code than was sent.
    """
    journal = journal or Journal(None, client, artifact.code_hash)
    receipt = journal.finished("construct")
    if receipt is None:
        if not client.code(STYLUS_DEPLOYER):
            raise ChainError(
                f"{client.network.name} has no StylusDeployer at {STYLUS_DEPLOYER}.",
                "Without it a constructor could be called by somebody else first. Deploy it there, "
                "or use another network.",
            )
        on_step(f"sending {artifact.size_compressed:,} bytes of code, with the constructor's call")
        data = _deploy_data(artifact.code, constructor_data(arguments))
        tx = client.send(
            key,
            STYLUS_DEPLOYER,
            data,
            value=_fee(client, artifact, key),
            on_signed=lambda tx: journal.note("construct", tx),
        )
        receipt = client.receipt(tx)
    address = _address(receipt)
    if not has_code(client, address, artifact.code_hash):
        raise ParityError(f"The code at {address} is not the code that was sent.", "Deploy again.")
    journal.close()
    return Constructed(address, artifact.code_hash, receipt.hash, receipt.gas, receipt.block)


def _fee(client: Client, artifact: WasmArtifact, key: Key) -> int:
    """What to send along for the activation; what is left over comes back."""
    if precompiles.is_active(client, artifact.code_hash):
        return 0
    code = {_NOWHERE: {"code": "0x" + artifact.code.hex()}}
    fee = precompiles.activation_fee(client, _NOWHERE, key.address, code)
    return fee * FEE_MARGIN // 100


def _deploy_data(code: bytes, constructor: bytes) -> bytes:
    """Calldata of ``StylusDeployer.deploy`` without value and salt."""
    types = ["bytes", "bytes", "uint256", "bytes32"]
    return selector(f"deploy({','.join(types)})") + encode(
        types, [init_code(code), constructor, 0, bytes(32)]
    )


def _address(receipt: Receipt) -> str:
    """The new contract's address, in StylusDeployer's event."""
    for log in receipt.logs:
        if bytes.fromhex(log["topics"][0][2:]) == CONTRACT_DEPLOYED:
            (address,) = decode(["address"], bytes.fromhex(log["data"][2:]))
            return to_checksum_address(address)
    raise ChainError(f"Transaction {receipt.hash} created no contract.", "Deploy again.")
