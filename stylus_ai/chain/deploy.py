"""From a `WasmArtifact` to a contract that answers: create, activate, verify.

Two transactions at most; a program whose code is active already needs one. What is sent is written
down first (`Journal`), so that an interrupted run goes on instead of paying twice, and a
`Deployment` exists only after the chain has confirmed code and model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eth_abi.abi import decode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from stylus_ai.blobs import init_code
from stylus_ai.build.artifact import WasmArtifact, hash_of
from stylus_ai.chain import precompiles
from stylus_ai.chain.client import Client, Receipt, selector
from stylus_ai.chain.journal import Journal
from stylus_ai.chain.keys import Key
from stylus_ai.errors import ParityError, ProjectError, Reverted
from stylus_ai.units import Gas, Wei

FEE_MARGIN = 120
"""Percent of the data fee that is sent: the fee may rise before inclusion, the rest comes back."""

PROGRAM_ACTIVATED = keccak(text="ProgramActivated(bytes32,bytes32,address,uint256,uint16)")

OnStep = Callable[[str], None]


@dataclass(frozen=True)
class Deployment:
    """A contract that answers on a chain.

    Attributes:
        network: Name of the network.
        chain_id: Its chain id.
        address: Of the contract, checksummed.
        code_hash: Of its code.
        program_digest: Of the integer program inside, as ``modelHash()`` answers it.
        deploy_tx: Transaction that created it.
        activate_tx: Transaction that activated it; None if this code was active already.
        gas_deploy: Gas of the first.
        gas_activate: Gas of the second; 0 if there was none.
        gas_l1: The part of both that their data cost on L1.
        data_fee_wei: Fee of the activation, without gas.
        block: In which the contract was created.
        time: When, ISO 8601 in UTC.
    """

    network: str
    chain_id: int
    address: str
    code_hash: str
    program_digest: str
    deploy_tx: str
    activate_tx: str | None
    gas_deploy: Gas
    gas_activate: Gas
    gas_l1: Gas
    data_fee_wei: Wei
    block: int
    time: str

    def to_record(self) -> dict[str, Any]:
        """Plain values, as `Project.record_deployment` takes them."""
        return {**asdict(self), "data_fee_wei": str(self.data_fee_wei)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Deployment:
        """Read what `to_record` gave.

        Raises:
            ProjectError: A value is missing or of the wrong kind.
        """
        try:
            return cls(
                network=str(record["network"]),
                chain_id=int(record["chain_id"]),
                address=to_checksum_address(record["address"]),
                code_hash=str(record["code_hash"]),
                program_digest=str(record["program_digest"]),
                deploy_tx=str(record["deploy_tx"]),
                activate_tx=record.get("activate_tx"),
                gas_deploy=Gas(int(record["gas_deploy"])),
                gas_activate=Gas(int(record["gas_activate"])),
                gas_l1=Gas(int(record.get("gas_l1", 0))),  # 0.1.0 did not record it
                data_fee_wei=Wei(int(record["data_fee_wei"])),
                block=int(record["block"]),
                time=str(record["time"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ProjectError(
                f"The recorded deployment is damaged: {error!r}.", "Deploy again: stylus-ai deploy"
            ) from None


def deploy(
    client: Client,
    artifact: WasmArtifact,
    key: Key,
    *,
    on_step: OnStep = lambda _: None,
    journal: Path | None = None,
) -> Deployment:
    """Create the contract, activate its code if it is not, and check both on the chain.

    Args:
        client: The chain.
        artifact: What to deploy.
        key: Who pays.
        on_step: Told what happens next.
        journal: File that remembers an unfinished deployment; a second run goes on from it.

    Raises:
        FundsError: The account cannot pay.
        Reverted: The chain refuses the program.
        ParityError: The chain holds another code or another model than was sent.
    """
    notes = Journal(journal, client, artifact.code_hash)
    created = _create(client, artifact, key, on_step=on_step, journal=notes)
    address = created.contract or ""
    if client.code(address) != artifact.code:
        raise ParityError(f"The code at {address} is not the code that was sent.", "Deploy again.")
    activated = _activate(client, artifact, address, key, on_step=on_step, journal=notes)
    on_step("asking the contract for its model")
    verify_model(client, address, artifact.program_digest)
    notes.close()
    seconds = client.block_time(created.block)
    return Deployment(
        network=client.network.name,
        chain_id=client.network.chain_id,
        address=address,
        code_hash=artifact.code_hash,
        program_digest=artifact.program_digest,
        deploy_tx=created.hash,
        activate_tx=activated.hash if activated else None,
        gas_deploy=created.gas,
        gas_activate=activated.gas if activated else Gas(0),
        gas_l1=Gas(created.l1_gas + (activated.l1_gas if activated else 0)),
        data_fee_wei=_fee_paid(activated) if activated else Wei(0),
        block=created.block,
        time=datetime.fromtimestamp(seconds, UTC).isoformat(),
    )


def has_code(client: Client, address: str, code_hash: str) -> bool:
    """True if the code at an address has that hash; its program may have expired."""
    return hash_of(client.code(address)) == code_hash


def is_live(client: Client, deployment: Deployment) -> bool:
    """True if the contract of a recorded deployment still answers on this chain.

    An embedded chain begins anew when its node does; then the record is of the past.
    """
    return has_code(client, deployment.address, deployment.code_hash) and precompiles.is_active(
        client, deployment.code_hash
    )


def verify_model(client: Client, address: str, program_digest: str) -> None:
    """Make sure that the contract's ``modelHash()`` is the program's digest.

    Raises:
        ParityError: It is another one.
    """
    answer = client.call(address, selector("modelHash()")).hex()
    if answer != program_digest:
        raise ParityError(
            f"The contract at {address} holds model {answer}, not {program_digest}.",
            "Build again, then deploy: stylus-ai build && stylus-ai deploy",
        )


def _create(
    client: Client, artifact: WasmArtifact, key: Key, *, on_step: OnStep, journal: Journal
) -> Receipt:
    """The transaction that creates the contract: an earlier run's if it is on the chain."""
    earlier = journal.finished("create")
    if earlier is not None and client.code(earlier.contract or "") == artifact.code:
        on_step(f"going on from {earlier.contract}, created by an earlier run")
        return earlier
    on_step(f"sending {artifact.size_compressed:,} bytes of code")
    start = init_code(artifact.code)
    return client.receipt(
        client.send(key, None, start, on_signed=lambda tx: journal.note("create", tx))
    )


def _activate(
    client: Client,
    artifact: WasmArtifact,
    address: str,
    key: Key,
    *,
    on_step: OnStep,
    journal: Journal,
) -> Receipt | None:
    """Activate the code; None if it was active before this deployment."""
    earlier = journal.finished("activate")
    if precompiles.is_active(client, artifact.code_hash):
        on_step("this code is active already")
        return earlier
    try:
        fee = precompiles.activation_fee(client, address, key.address)
    except Reverted as error:
        raise Reverted(
            f"{client.network.name} refuses to activate this program. {error.cause}",
            "Which rule it breaks: stylus-ai check",
        ) from None
    on_step("activating")
    tx = client.send(
        key,
        precompiles.ARB_WASM,
        precompiles.activate_data(address),
        value=fee * FEE_MARGIN // 100,
        on_signed=lambda tx: journal.note("activate", tx),
    )
    return client.receipt(tx)


def _fee_paid(receipt: Receipt) -> Wei:
    """Data fee in the ``ProgramActivated`` event (rules 9)."""
    for log in receipt.logs:
        if bytes.fromhex(log["topics"][0][2:]) == PROGRAM_ACTIVATED:
            types = ["bytes32", "address", "uint256", "uint16"]
            return Wei(int(decode(types, bytes.fromhex(log["data"][2:]))[2]))
    return Wei(0)
