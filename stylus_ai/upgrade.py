"""Models in versions: publish, roll back, ask an old one, keep the programs alive.

Applications ask the registry which model answers, so a new model needs no new application. Every
published program is kept in ``artifacts/programs/``: with its features an old answer can be had
again, from the same contract.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from stylus_ai import chain, pipeline
from stylus_ai.chain import Client, Constructed, Deployment, Key, Lifetime, Offer, Registry, Version
from stylus_ai.chain.journal import Journal
from stylus_ai.chain.registry import as_note
from stylus_ai.contracts import REGISTRY, load_companion
from stylus_ai.errors import ProjectError
from stylus_ai.ir import Program
from stylus_ai.ir.features import IntRows
from stylus_ai.ir.tensor import Ints
from stylus_ai.pipeline import OnStep
from stylus_ai.project import Companion, Project, write_text

Prompt = Callable[[str], str] | None


@dataclass(frozen=True)
class Release:
    """What `release` made or found.

    Attributes:
        deployment: The model's contract.
        version: The registry's current version; None without a registry.
        companions: The contracts beside the model's, by role.
    """

    deployment: Deployment
    version: Version | None
    companions: dict[str, Constructed]


def release(
    project: Project,
    network: str,
    *,
    on_step: OnStep,
    prompt: Prompt = None,
    cache: bool = False,
    offer: Offer = lambda least: least,
    note: str = "",
) -> Release:
    """Deploy the built model, what stands beside it if it is not there, and publish the version.

    A model that is the registry's current version already is left as it is.

    Args:
        project: Built by ``build``.
        network: Name of the network.
        on_step: Told what happens next.
        prompt: Asks a person for a key; None where nobody can be asked.
        cache: As of ``pipeline.deploy``.
        offer: As of ``pipeline.deploy``.
        note: About the version, for people; at most 32 bytes.

    Raises:
        ProjectError: There is no build of the model that was trained last.
        KeyRefused: The registry belongs to somebody else.
        ChainError: Any of its kinds; what was paid for is remembered and not paid twice.
    """
    as_note(note)
    artifact = pipeline.load_artifact(project)
    if not project.companions:
        made = pipeline.deploy(
            project, network, on_step=on_step, prompt=prompt, cache=cache, offer=offer
        )
        return Release(made, None, {})
    key = chain.find_key(chain.get_network(network, project.networks), prompt)
    client = pipeline.connect(project, network)
    current = _current(project, client)
    if current is not None and current.code_hash == artifact.code_hash:
        on_step(f"this model is version {current.number} already, and current")
        _, deployment = pipeline.find_deployment(project, network)
        if cache:
            pipeline.cache_deployment(client, deployment, key, offer=offer, on_step=on_step)
    else:
        if (registry := find_registry(project, client)) is not None:
            registry.insist_on_owner(key)  # before anything is paid
        deployment = pipeline.deploy(
            project, network, on_step=on_step, key=key, cache=cache, offer=offer
        )
    companions: dict[str, Constructed] = {}
    for companion in project.companions:
        addresses = {"deployer": key.address} | {r: c.address for r, c in companions.items()}
        companions[companion.role] = _ensure(
            project, client, companion, addresses, key=key, on_step=on_step
        )
        if companion.role == REGISTRY:
            current = _publish(
                project, client, companions[REGISTRY], deployment, key=key, note=note
            )
    return Release(deployment, current, companions)


def find_registry(project: Project, client: Client) -> Registry | None:
    """The project's registry, if it was deployed and is still there."""
    if all(companion.role != REGISTRY for companion in project.companions):
        return None
    found = _recorded(project, client, REGISTRY)
    return Registry(client, found.address) if found else None


def open_registry(project: Project, network: str) -> tuple[Client, Registry]:
    """The project's registry.

    Raises:
        ProjectError: There is none.
    """
    client = pipeline.connect(project, network)
    registry = find_registry(project, client)
    if registry is None:
        raise ProjectError(
            f"There is no registry of this project on {network}.",
            f"Name [contracts.registry] in stylus-ai.toml, then: stylus-ai deploy -n {network}",
        )
    return client, registry


def rollback(project: Project, network: str, number: int, prompt: Prompt = None) -> None:
    """Make a published version current again.

    Raises:
        KeyRefused: The registry belongs to somebody else.
        UsageError: There is no such version.
        Reverted: It is current already.
    """
    key = chain.find_key(chain.get_network(network, project.networks), prompt)
    _, registry = open_registry(project, network)
    registry.rollback(key, number)


def program_of(project: Project, network: str, version: int | None) -> Program:
    """The program of a published version, or the one trained last if that is None.

    Raises:
        ProjectError: It was published from elsewhere and is not in this repository.
    """
    if version is None:
        return pipeline.load_program(project)
    _, registry = open_registry(project, network)
    return _kept(project, registry.version(version))


def predict(
    project: Project, network: str, rows: IntRows, version: int | None = None
) -> dict[str, Ints]:
    """What a version answers, see ``pipeline.predict``; what was deployed last if it is None."""
    if version is None:
        return pipeline.predict(project, network, rows)
    client, deployment, program = _at(project, network, version)
    return chain.predict_rows(client, deployment, program, rows)


def explain(
    project: Project, network: str, rows: IntRows, version: int | None = None
) -> list[chain.ChainExplanation]:
    """The same answers with their reasons."""
    if version is None:
        return pipeline.explain(project, network, rows)
    client, deployment, program = _at(project, network, version)
    pipeline.insist_on_reasons(program)
    return [chain.explain_row(client, deployment, program.features, row) for row in rows.tolist()]


@dataclass(frozen=True)
class Watched:
    """A program of the project, and its time.

    Attributes:
        name: ``version 1``, or the role of a contract beside the model's.
        address: One contract of that code.
        code_hash: Of the code; contracts of the same code share their time.
        lifetime: What was left.
        done: ``kept alive``, ``activated``, or None if nothing was done.
    """

    name: str
    address: str
    code_hash: str
    lifetime: Lifetime
    done: str | None = None


def programs(project: Project, network: str) -> tuple[Client, list[Watched]]:
    """Every program that must live for the project to answer, old versions too.

    The versions are missing while the registry itself has expired: nobody can ask it then.
    """
    client, registry = open_registry(project, network)
    found: list[Watched] = []
    for companion in project.companions:
        made = _recorded(project, client, companion.role)
        if made is not None:
            time = chain.lifetime(client, made.address)
            found.append(Watched(companion.role, made.address, made.code_hash, time))
    if chain.lifetime(client, registry.address).seconds is None:
        return client, found
    for version in registry.versions():
        time = chain.lifetime(client, version.address)
        found.append(Watched(f"version {version.number}", version.address, version.code_hash, time))
    return client, found


def keep_alive(
    project: Project, network: str, *, every: bool, prompt: Prompt = None, on_step: OnStep
) -> list[Watched]:
    """Give another year to the programs that need it.

    Args:
        project: With a registry on the network.
        network: Its name.
        every: True for all that the chain extends now, not only those that are due or expired.
        prompt: Asks a person for a key.
        on_step: Told what happens next.
    """
    key = chain.find_key(chain.get_network(network, project.networks), prompt)
    client, watched = programs(project, network)
    result = _extend(client, watched, key, every=every, on_step=on_step)
    if any(entry.name == REGISTRY and entry.done == "activated" for entry in result):
        _, watched = programs(project, network)
        versions = [entry for entry in watched if entry.name not in {e.name for e in result}]
        result += _extend(client, versions, key, every=every, on_step=on_step)
    return result


def _extend(
    client: Client, watched: list[Watched], key: Key, *, every: bool, on_step: OnStep
) -> list[Watched]:
    """Each program with what was done for it; contracts of the same code are served at once."""
    done: dict[str, str] = {}
    result: list[Watched] = []
    for entry in watched:
        state = entry.lifetime.state
        wanted = state == "expired" or (entry.lifetime.can_extend and (every or state == "due"))
        if wanted and entry.code_hash not in done:
            on_step(f"{entry.name}: another year for {entry.address}")
            chain.keep_alive(client, entry.address, entry.code_hash, key)
            done[entry.code_hash] = "activated" if state == "expired" else "kept alive"
        result.append(replace(entry, done=done.get(entry.code_hash)))
    return result


def _at(project: Project, network: str, number: int) -> tuple[Client, Deployment, Program]:
    """A version as `chain.predict_rows` asks it."""
    client, registry = open_registry(project, network)
    version = registry.version(number)
    program = _kept(project, version)
    deployment = replace(
        Deployment.from_record(project.deployment(network) or {}),
        address=version.address,
        code_hash=version.code_hash,
        program_digest=version.model_hash,
    )
    chain.verify_model(client, version.address, version.model_hash)
    return client, deployment, program


def _kept(project: Project, version: Version) -> Program:
    path = project.program_of(version.model_hash)
    if not path.is_file():
        raise ProjectError(
            f"{path} is missing: version {version.number} was published from elsewhere.",
            "Fetch it from the repository that published it: git pull",
        )
    program = Program.from_json(path.read_text(encoding="utf-8"))
    if program.digest != version.model_hash:
        raise ProjectError(f"{path} is not the program of its name.", f"git checkout {path}")
    return program


def _current(project: Project, client: Client) -> Version | None:
    registry = find_registry(project, client)
    return registry.current if registry else None


def _publish(
    project: Project,
    client: Client,
    registry: Constructed,
    deployment: Deployment,
    *,
    key: Key,
    note: str,
) -> Version:
    """The version that holds the deployed model: published now, unless it is current already."""
    text = project.program_file.read_text(encoding="utf-8")
    write_text(project.program_of(deployment.program_digest), text)
    found = Registry(client, registry.address)
    current = found.current
    if current is not None and current.address == deployment.address:
        return current
    return found.publish(
        key, deployment.address, deployment.code_hash, deployment.program_digest, note
    )


def _recorded(project: Project, client: Client, role: str) -> Constructed | None:
    """A contract of an earlier run that is still on this chain."""
    record: dict[str, Any] | None = project.companion(role, client.network.name)
    if record is None:
        return None
    found = Constructed.from_record(record)
    return found if chain.has_code(client, found.address, found.code_hash) else None


def _ensure(
    project: Project,
    client: Client,
    companion: Companion,
    addresses: dict[str, str],
    *,
    key: Key,
    on_step: OnStep,
) -> Constructed:
    """A contract beside the model's: an earlier run's, or a new one."""
    found = _recorded(project, client, companion.role)
    if found is not None:
        return found
    on_step(f"deploying {companion.role}")
    artifact = load_companion(project, companion.role)
    name = client.network.name
    journal = Journal(
        project.state_dir / f"unfinished-{companion.role}-{name}.json", client, artifact.code_hash
    )
    arguments = [(kind, addresses.get(value, value)) for kind, value in companion.arguments]
    made = chain.construct(client, artifact, arguments, key, on_step=on_step, journal=journal)
    project.record_companion(
        companion.role, name, made.to_record(), ephemeral=client.network.ephemeral
    )
    return made
