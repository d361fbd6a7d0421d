"""Upgrade of a deployed model, rollback, old answers had again, programs kept alive."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from scaffold.templates import create
from stylus_ai import chain, pipeline, upgrade
from stylus_ai.chain import Client
from stylus_ai.chain.client import selector
from stylus_ai.chain.construct import constructor_data
from stylus_ai.chain.keys import parse_key
from stylus_ai.chain.registry import ERRORS
from stylus_ai.errors import KeyRefused, Reverted, UsageError
from stylus_ai.fixtures import fixture_rows
from stylus_ai.ir import Program, interpret
from stylus_ai.project import Project

pytestmark = [pytest.mark.wasm, pytest.mark.node]

STRANGER = "0x" + "11" * 32
DAY = 86_400


@dataclass(frozen=True)
class Upgraded:
    """A project whose model was deployed, trained anew, and deployed again.

    Attributes:
        project: The repository.
        first: What the first deployment made.
        second: What the second made.
        programs: Both integer programs.
    """

    project: Project
    first: upgrade.Release
    second: upgrade.Release
    programs: tuple[Program, Program]

    @property
    def client(self) -> Client:
        """The embedded chain."""
        return pipeline.connect(self.project, "embedded")


def silent(_: str) -> None:
    """Nobody listens."""


def round_trip(project: Project, model: str, note: str) -> tuple[upgrade.Release, Program]:
    """Train, build and deploy one of ``train.py``'s models."""
    script = project.root / project.train_script
    script.write_text(re.sub(r'(?m)^MODEL = ".*"$', f'MODEL = "{model}"', script.read_text()))
    pipeline.train(project, silent)
    built = pipeline.build(project, silent)
    return upgrade.release(project, "embedded", on_step=silent, note=note), built.program


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    """Version 1 is a tree, version 2 a logistic regression."""
    folder = tmp_path_factory.mktemp("upgrade") / "lender"
    opened = Project.open(create(folder, {"application": "credit-score"}, git=False).folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        rpc = f"http://127.0.0.1:{probe.getsockname()[1]}"
    project = replace(opened, networks={"embedded": {"rpc": rpc}})
    try:
        first, one = round_trip(project, "tree", "the first")
        second, two = round_trip(project, "logistic", "")
        yield Upgraded(project, first, second, (one, two))
    finally:
        chain.stop_node(project)


def test_a_new_model_becomes_a_version_and_the_registry_stays(upgraded: Upgraded) -> None:
    first, second = upgraded.first, upgraded.second
    assert first.companions["registry"] == second.companions["registry"]
    assert first.deployment.address != second.deployment.address
    _, registry = upgrade.open_registry(upgraded.project, "embedded")
    found = registry.versions()
    assert [version.number for version in found] == [1, 2]
    assert [version.model_hash for version in found] == [p.digest for p in upgraded.programs]
    assert [version.note for version in found] == ["the first", ""]
    assert registry.current == found[1]


def test_the_same_model_is_not_deployed_again(upgraded: Upgraded) -> None:
    again = upgrade.release(upgraded.project, "embedded", on_step=silent)
    assert again == upgraded.second


def test_old_answers_are_had_again_after_upgrade_and_rollback(upgraded: Upgraded) -> None:
    project = upgraded.project
    _, registry = upgrade.open_registry(project, "embedded")
    upgrade.rollback(project, "embedded", 1)
    assert registry.current == registry.version(1)
    for number, program in enumerate(upgraded.programs, start=1):
        assert upgrade.program_of(project, "embedded", number) == program
        rows = fixture_rows(project.fixtures / "test.csv", program.features)
        answers = upgrade.predict(project, "embedded", rows, number)
        assert answers["score"].tolist() == interpret(program, rows)["score"].tolist()
    with pytest.raises(Reverted, match="AlreadyCurrent"):
        upgrade.rollback(project, "embedded", 1)
    upgrade.rollback(project, "embedded", 2)
    assert registry.current == registry.version(2)


def test_a_version_that_was_never_published_is_refused(upgraded: Upgraded) -> None:
    for number in (0, 3):
        with pytest.raises(UsageError, match=f"no version {number}: the registry has 2"):
            upgrade.rollback(upgraded.project, "embedded", number)


def test_a_stranger_can_change_nothing(upgraded: Upgraded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLUS_AI_PRIVATE_KEY", STRANGER)
    with pytest.raises(KeyRefused, match="may not change the registry"):
        upgrade.rollback(upgraded.project, "embedded", 1)
    address = upgraded.first.companions["registry"].address
    client = upgraded.client.with_errors(ERRORS)
    sender = parse_key(STRANGER, "the test").address
    for function, arguments in (
        ("rollback(uint32)", 32),
        ("publish(address,bytes32,bytes32,bytes32)", 128),
    ):
        with pytest.raises(Reverted, match="NotOwner"):
            client.call(address, selector(function) + bytes(arguments), sender=sender)
    constructor = constructor_data([("address", sender)])
    with pytest.raises(Reverted):
        client.call(address, constructor, sender=sender)


def test_the_registry_asks_the_chain_what_is_published(upgraded: Upgraded) -> None:
    client = upgraded.client
    key = chain.find_key(client.network, environ={})
    registry = chain.Registry(client, upgraded.first.companions["registry"].address)
    one, two = upgraded.first.deployment, upgraded.second.deployment
    with pytest.raises(Reverted, match="WrongCode"):
        registry.publish(key, one.address, two.code_hash, one.program_digest, "")
    with pytest.raises(Reverted, match="WrongModel"):
        registry.publish(key, one.address, one.code_hash, two.program_digest, "")
    with pytest.raises(Reverted, match="NoModel"):
        registry.publish(
            key, registry.address, upgraded.first.companions["registry"].code_hash, "00" * 32, ""
        )


def test_programs_are_kept_alive_and_activated_again(upgraded: Upgraded) -> None:
    project, client = upgraded.project, upgraded.client

    def later(days: int) -> None:
        client.request("evm_increaseTime", hex(days * DAY))
        client.request("evm_mine")

    def run(*, every: bool = False) -> list[tuple[str, str | None]]:
        found = upgrade.keep_alive(project, "embedded", every=every, on_step=silent)
        return [(entry.lifetime.state, entry.done) for entry in found]

    assert run(every=True) == [("alive", None)] * 3  # too young to be extended
    later(32)
    assert run() == [("alive", None)] * 3
    assert run(every=True) == [("alive", "kept alive")] * 3
    later(310)
    assert run() == [("due", "kept alive")] * 3
    later(366)
    _, watched = upgrade.programs(project, "embedded")
    assert [(entry.name, entry.lifetime.days) for entry in watched] == [("registry", None)]
    assert run() == [("expired", "activated")] * 3  # the registry first: it knows the others
    program = upgraded.programs[0]
    rows = fixture_rows(project.fixtures / "test.csv", program.features)
    answers = upgrade.predict(project, "embedded", rows, 1)
    assert answers["score"].tolist() == interpret(program, rows)["score"].tolist()
