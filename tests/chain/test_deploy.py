"""Deployments: exact gas, nothing paid twice, nothing recorded that is not so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stylus_ai.blobs import init_code
from stylus_ai.chain import Client, Deployment, Key, Node, deploy, find_key, is_live
from stylus_ai.chain.client import selector
from stylus_ai.chain.journal import Journal
from stylus_ai.errors import FundsError, ParityError, ProjectError, Reverted
from stylus_ai.units import Gas, Wei
from tests.chain.conftest import DIGEST, MakeArtifact
from tests.chain.tiny_wasm import DROP, F64_ADD, MODEL_HASH_BYTE, Tiny, const, model

pytestmark = pytest.mark.node


def nonce(client: Client, key: Key) -> int:
    return int(client.request("eth_getTransactionCount", key.address, "latest"), 16)


def test_the_hand_made_contract_knows_the_selector() -> None:
    assert selector("modelHash()")[0] == MODEL_HASH_BYTE


def test_a_contract_is_created_activated_and_verified(
    client: Client, key: Key, artifact: MakeArtifact
) -> None:
    made = artifact(model(DIGEST, refused=1).build())
    steps: list[str] = []

    found = deploy(client, made, key, on_step=steps.append)

    assert client.code(found.address) == made.code
    assert client.call(found.address, selector("modelHash()")) == DIGEST
    assert (found.network, found.chain_id) == ("embedded", 412346)
    assert found.activate_tx is not None
    assert found.gas_activate > 1_747_826  # rules 7.1, without the engine's share
    assert found.data_fee_wei > 0
    assert len(steps) == 3
    assert is_live(client, found)


def test_the_gas_of_creating_is_the_sum_of_the_rules(
    client: Client, key: Key, artifact: MakeArtifact
) -> None:
    made = artifact(model(DIGEST, refused=2).build())
    start = init_code(made.code)
    calldata = sum(16 if byte else 4 for byte in start)
    words = -(-len(made.code) // 32)
    execution = 18 + 3 * words + 3 * words + words * words // 512
    # rules 8: intrinsic, init code words, calldata, execution, 200 gas a byte of code
    expected = 53_000 + 2 * -(-len(start) // 32) + calldata + execution + 200 * len(made.code)
    assert deploy(client, made, key).gas_deploy == expected


def test_the_same_code_is_activated_once(client: Client, key: Key, artifact: MakeArtifact) -> None:
    made = artifact(model(DIGEST, refused=3).build())
    first, second = deploy(client, made, key), deploy(client, made, key)
    assert first.address != second.address
    assert first.activate_tx is not None
    assert second.activate_tx is None
    assert (second.gas_activate, second.data_fee_wei) == (0, 0)


def test_the_data_fee_is_what_was_paid_and_the_rest_came_back(
    client: Client, key: Key, artifact: MakeArtifact
) -> None:
    before = client.balance(key.address)
    found = deploy(client, artifact(model(DIGEST, refused=4).build()), key)
    price = client.gas_price()
    gas = found.gas_deploy + found.gas_activate
    assert before - client.balance(key.address) == gas * price + found.data_fee_wei


@pytest.mark.parametrize("place", ["activating", "asking the contract for its model"])
def test_an_interrupted_deployment_goes_on_where_it_was(
    client: Client, key: Key, artifact: MakeArtifact, tmp_path: Path, place: str
) -> None:
    made = artifact(model(DIGEST, refused=50 + len(place)).build())
    journal = tmp_path / "unfinished.json"
    before = nonce(client, key)

    def interrupt(step: str) -> None:
        if step == place:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deploy(client, made, key, on_step=interrupt, journal=journal)
    found = deploy(client, made, key, journal=journal)

    assert nonce(client, key) == before + 2, "one creation, one activation"
    assert client.code(found.address) == made.code
    assert found.activate_tx is not None, "what an earlier run paid belongs to the deployment"
    assert found.gas_activate > 1_747_826
    assert not journal.exists()


def test_a_transaction_is_noted_before_it_is_sent(
    client: Client, key: Key, artifact: MakeArtifact, tmp_path: Path
) -> None:
    made = artifact(model(DIGEST, refused=6).build())
    notes = Journal(tmp_path / "unfinished.json", client, made.code_hash)
    before = nonce(client, key)

    def killed(tx: str) -> None:
        notes.note("create", tx)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.send(key, None, init_code(made.code), on_signed=killed)
    assert nonce(client, key) == before
    assert (
        deploy(client, made, key, journal=tmp_path / "unfinished.json").code_hash == made.code_hash
    )
    assert nonce(client, key) == before + 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"chain_id": 1, "code_hash": "0x", "transactions": {"create": "0x"}}',
        '{"chain_id": 412346, "code_hash": "HASH", "transactions": {"create": "no hash"}}',
        '{"chain_id": 412346, "code_hash": "HASH", "transactions": {"create": "0xUNKNOWN"}}',
        '{"chain_id": 412346, "code_hash": "HASH", "transactions": ["create"]}',
    ],
)
def test_a_journal_of_something_else_is_not_gone_on_from(
    client: Client, key: Key, artifact: MakeArtifact, tmp_path: Path, text: str
) -> None:
    made = artifact(model(DIGEST, refused=7).build())
    journal = tmp_path / "unfinished.json"
    journal.write_text(text.replace("HASH", made.code_hash).replace("UNKNOWN", "12" * 32))
    before = nonce(client, key)
    assert client.code(deploy(client, made, key, journal=journal).address) == made.code
    assert nonce(client, key) > before


def test_a_creation_that_failed_on_the_chain_is_done_again(
    client: Client, key: Key, artifact: MakeArtifact, tmp_path: Path
) -> None:
    made = artifact(model(DIGEST, refused=8).build())
    fields = {
        "type": 2,
        "chainId": 412346,
        "nonce": nonce(client, key),
        "gas": client.estimate(None, init_code(made.code), sender=key.address) - 1,
        "maxFeePerGas": client.gas_price() * 2,
        "maxPriorityFeePerGas": 0,
        "value": 0,
        "data": init_code(made.code),
    }
    failed = client.request("eth_sendRawTransaction", key.sign(fields).raw)
    assert client.request("eth_getTransactionReceipt", failed)["status"] == "0x0"
    journal = tmp_path / "unfinished.json"
    Journal(journal, client, made.code_hash).note("create", failed)
    assert deploy(client, made, key, journal=journal).deploy_tx != failed


def test_a_contract_with_another_model_is_no_deployment(
    client: Client, key: Key, artifact: MakeArtifact
) -> None:
    made = artifact(model(DIGEST, refused=20).build(), digest=bytes(32))
    with pytest.raises(ParityError, match=DIGEST.hex()):
        deploy(client, made, key)


def test_a_program_that_stylus_refuses_is_no_deployment(
    client: Client, key: Key, artifact: MakeArtifact
) -> None:
    double = b"\x44" + bytes(8)
    floats = Tiny(double + double + F64_ADD + DROP + const(0)).build()
    with pytest.raises(Reverted, match="refuses to activate this program") as caught:
        deploy(client, artifact(floats), key)
    assert "stylus-ai check" in caught.value.next_step


def test_without_funds_nothing_is_sent(client: Client, poor: Key, artifact: MakeArtifact) -> None:
    with pytest.raises(FundsError, match=poor.address):
        deploy(client, artifact(model(DIGEST, refused=21).build()), poor)
    assert nonce(client, poor) == 0


def test_a_deployment_of_an_earlier_node_is_not_live(
    client: Client, key: Key, artifact: MakeArtifact
) -> None:
    found = deploy(client, artifact(model(DIGEST, refused=11).build()), key)
    with Node() as other:
        assert not is_live(Client.connect(other.network), found)


DEPLOYMENT = Deployment(
    network="embedded",
    chain_id=412346,
    address="0x52908400098527886E0F7030069857D2E4169EE7",
    code_hash="0x" + "11" * 32,
    program_digest="22" * 32,
    deploy_tx="0x" + "33" * 32,
    activate_tx=None,
    gas_deploy=Gas(1),
    gas_activate=Gas(0),
    gas_l1=Gas(0),
    data_fee_wei=Wei(10**30),  # beyond what TOML's integers hold
    block=3,
    time="2026-01-01T00:00:00+00:00",
)


def test_what_is_recorded_is_what_is_read() -> None:
    assert Deployment.from_record(DEPLOYMENT.to_record()) == DEPLOYMENT
    with_tx = replace(DEPLOYMENT, activate_tx="0x" + "44" * 32)
    assert Deployment.from_record(with_tx.to_record()) == with_tx


def test_a_record_of_before_l1_data_was_recorded_is_read() -> None:
    record = {key: value for key, value in DEPLOYMENT.to_record().items() if key != "gas_l1"}
    assert Deployment.from_record(record) == DEPLOYMENT


def test_the_part_of_the_gas_for_data_on_l1_is_told(artifact: MakeArtifact) -> None:
    built = artifact(model(DIGEST, refused=12).build())
    with Node() as free, Node(l1_price="1gwei") as priced:
        made = [
            deploy(Client.connect(node.network), built, find_key(node.network, environ={}))
            for node in (free, priced)
        ]
    assert made[0].gas_l1 == 0 < made[1].gas_l1
    assert made[1].gas_deploy + made[1].gas_activate - made[1].gas_l1 == (
        made[0].gas_deploy + made[0].gas_activate
    )


@pytest.mark.parametrize("name", ["address", "chain_id", "deploy_tx", "data_fee_wei"])
def test_a_damaged_record_is_a_clear_error(name: str) -> None:
    record = DEPLOYMENT.to_record()
    missing = {key: value for key, value in record.items() if key != name}
    for broken in (missing, {**record, "address": "0x12", "chain_id": "x"}):
        with pytest.raises(ProjectError, match="damaged"):
            Deployment.from_record(broken)
