"""A project on disk: ``stylus-ai.toml`` and the paths that hang on it.

The file belongs to the user. It is read and written by tomlkit, so comments and order survive.
What outlives this machine (a deployment on a public network) is recorded there, to be committed;
what does not (the embedded chain's deployments, the node's process id) goes to ``.stylus-ai/``,
which git ignores.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import tomlkit
from tomlkit.exceptions import TOMLKitError

from stylus_ai import strict_json
from stylus_ai.errors import ProjectError
from stylus_ai.words import RESERVED

FILE_NAME = "stylus-ai.toml"

CRATE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
"""What cargo accepts as a package name, less upper case; also the rule for a project's name."""

KEYS = ("name", "application", "train", "contract", "profile", "network", "interface", "compress")
"""Keys of ``[project]``."""

MODEL_ROLE = "contract"
"""Role of the contract that holds the model; the others are named in ``[contracts]``."""

DEPLOYED = "deployments"
"""Table of what is on public networks, by network."""

AS_TRAINED = "none"
"""``project.compress`` of a project whose model is only made integer."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_SIZED_TYPE = re.compile(r"(u?int|bytes)[0-9]+")


@dataclass(frozen=True)
class Companion:
    """A contract of the project beside the model's: deployed once, while models come and go.

    Attributes:
        role: Its name in ``[contracts]``. The one called ``registry`` holds the model's versions.
        crate: Folder and package of its crate.
        arguments: Of its constructor: ABI type and value. ``deployer`` and the roles before it
            stand for their addresses.
    """

    role: str
    crate: str
    arguments: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Project:
    """One generated repository.

    Attributes:
        root: Folder that holds ``stylus-ai.toml``, absolute.
        name: Name of the project; also of its contract.
        application: Template it came from, e.g. ``credit-score``.
        train_script: Training script, relative to the root.
        contract_crate: Folder and package of the contract crate.
        profile: Chain profile that sizes are checked against, e.g. ``arbos51``.
        network: Network that commands use unless told otherwise.
        interface: Name of the generated Solidity interface.
        compress: Rung of the ladder that ``train`` makes, see ``stylus-ai compress``; "none" for
            the model as it was trained.
        networks: User-defined networks: name -> row of the table.
        companions: Contracts beside the model's, in the order in which they are deployed.
        models: Models that were added: name -> folder, relative to the root.
    """

    root: Path
    name: str
    application: str
    train_script: str
    contract_crate: str
    profile: str
    network: str
    interface: str
    compress: str
    networks: Mapping[str, Mapping[str, Any]]
    companions: tuple[Companion, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def find(cls, start: Path) -> Project:
        """Open the project that ``start`` lies in.

        Raises:
            ProjectError: There is no ``stylus-ai.toml`` in ``start`` or above it, or it is broken.
        """
        start = start.resolve()
        for folder in (start, *start.parents):
            if (folder / FILE_NAME).is_file():
                return cls.open(folder)
        raise ProjectError(
            f"{start} is not inside a stylus-ai project: no {FILE_NAME} here or above.",
            "Make one with: stylus-ai new credit-score my-lender",
        )

    @classmethod
    def open(cls, root: Path) -> Project:
        """Open the project whose ``stylus-ai.toml`` lies in ``root``.

        Raises:
            ProjectError: The file is missing, is no TOML, has an unknown key in ``[project]``, or a
                value that will not do.
        """
        document = _read(root / FILE_NAME)
        project = _table(document, "project")
        _check_keys(project)
        name = _text(project, "project", "name")
        if not CRATE_NAME.fullmatch(name):
            raise ProjectError(
                f'{FILE_NAME}: project.name = "{name}" is no crate name.',
                "Use lower-case letters, digits, - and _, beginning with a letter.",
            )
        networks = _table(document, "networks", optional=True)
        models = _table(document, "models", optional=True)
        return cls(
            root=root.resolve(),
            name=name,
            application=_text(project, "project", "application"),
            train_script=_script(_text(project, "project", "train", "train.py")),
            contract_crate=_text(project, "project", "contract", "contract"),
            profile=_text(project, "project", "profile", "arbos51"),
            network=_text(project, "project", "network", "embedded"),
            interface=_interface(_text(project, "project", "interface", "IModel")),
            compress=_text(project, "project", "compress", AS_TRAINED),
            networks={
                key: _table(networks, key) for key, row in networks.items() if isinstance(row, dict)
            },
            companions=_companions(_table(document, "contracts", optional=True)),
            models={key: _folder(models, key) for key in models},
        )

    def members(self) -> tuple[Project, ...]:
        """This project, then each model that was added to it, on the same networks.

        Raises:
            ProjectError: A model's folder is no project, or not the one that the name says.
        """
        added = []
        for name, folder in self.models.items():
            member = Project.open(self.root / folder)
            if member.name != name:
                raise ProjectError(
                    f'{FILE_NAME}: models.{name} lies in {folder}, but is "{member.name}" there.',
                    f"Give both the same name, in {FILE_NAME} here or in {folder}.",
                )
            networks = {**self.networks, **member.networks}
            added.append(replace(member, networks=networks, network=self.network))
        return (self, *added)

    def record_model(self, name: str, folder: str) -> None:
        """List a model that was added."""
        path = self.root / FILE_NAME
        document = _read(path)
        models = document.setdefault("models", tomlkit.table(is_super_table=True))
        row = tomlkit.table()
        row["folder"] = folder
        models[name] = row
        write_text(path, tomlkit.dumps(document))

    @property
    def artifacts(self) -> Path:
        """Folder of everything that ``train`` and ``build`` write."""
        return self.root / "artifacts"

    @property
    def program_file(self) -> Path:
        """The integer program, canonical JSON, written by ``train``."""
        return self.artifacts / "program.json"

    @property
    def report_file(self) -> Path:
        """What ``train`` measured."""
        return self.artifacts / "training.json"

    @property
    def card_file(self) -> Path:
        """The model card, written by ``train`` and ``build``."""
        return self.root / "MODEL_CARD.md"

    @property
    def ladder_dir(self) -> Path:
        """Rungs that ``compress`` made: a program each, and ``ladder.json``."""
        return self.artifacts / "ladder"

    @property
    def ladder_draft(self) -> Path:
        """The same while it is made."""
        return self.artifacts / "ladder.new"

    @property
    def wasm_file(self) -> Path:
        """The contract's wasm as Stylus accepts it, uncompressed, written by ``build``."""
        return self.artifacts / "contract.wasm"

    @property
    def build_file(self) -> Path:
        """What ``build`` made: digests, sizes, facts about the wasm."""
        return self.artifacts / "build.json"

    def wasm_of(self, role: str) -> Path:
        """The wasm of the contract with that role."""
        return self.wasm_file if role == MODEL_ROLE else self.artifacts / f"{role}.wasm"

    def build_of(self, role: str) -> Path:
        """What ``build`` made of it."""
        return self.build_file if role == MODEL_ROLE else self.artifacts / f"{role}.build.json"

    def program_of(self, digest: str) -> Path:
        """The integer program of a published model, kept so that old answers can be had again.

        Args:
            digest: Of the program, 64 digits: what the contract answers as ``modelHash()``.
        """
        return self.artifacts / "programs" / f"{digest}.json"

    @property
    def model_dir(self) -> Path:
        """The generated model crate."""
        return self.root / "model"

    @property
    def fixtures(self) -> Path:
        """Rows with expected outputs, written by ``train``."""
        return self.root / "fixtures"

    @property
    def abi_dir(self) -> Path:
        """Generated Solidity interface and ABI."""
        return self.root / "abi"

    @property
    def snapshot_file(self) -> Path:
        """Gas and size as ``stylus-ai snapshot`` measured them; committed."""
        return self.root / ".stylus-snapshot"

    @property
    def state_dir(self) -> Path:
        """What belongs to this machine alone; git ignores it."""
        return self.root / ".stylus-ai"

    def choose_rung(self, name: str) -> None:
        """Write ``project.compress``, so that ``train`` makes this rung from now on."""
        path = self.root / FILE_NAME
        document = _read(path)
        cast("dict[str, Any]", document["project"])["compress"] = name
        write_text(path, tomlkit.dumps(document))

    def deployment(self, network: str) -> dict[str, Any] | None:
        """The recorded deployment on ``network``, or None."""
        local = self.state_dir / f"deployment-{network}.json"
        if local.is_file():
            return read_json(local)
        deployments = _table(_read(self.root / FILE_NAME), DEPLOYED, optional=True)
        return _table(deployments, network, optional=True) or None

    def companion(self, role: str, network: str) -> dict[str, Any] | None:
        """The recorded deployment of a contract beside the model's, or None."""
        local = self.state_dir / f"{role}-{network}.json"
        if local.is_file():
            return read_json(local)
        row = _table(_table(_read(self.root / FILE_NAME), "contracts"), role)
        return _table(_table(row, DEPLOYED, optional=True), network, optional=True) or None

    def record_companion(
        self, role: str, network: str, values: Mapping[str, Any], *, ephemeral: bool
    ) -> Path:
        """Remember where a contract beside the model's is, as `record_deployment` does."""
        if ephemeral:
            path = self.state_dir / f"{role}-{network}.json"
            write_json(path, values)
            return path
        return self._record(("contracts", role, DEPLOYED), network, values)

    def record_deployment(
        self, network: str, values: Mapping[str, Any], *, ephemeral: bool
    ) -> Path:
        """Remember a deployment; returns the file that holds it.

        Args:
            network: Name of the network.
            values: Plain values: strings, integers, None (left out).
            ephemeral: True for a chain that goes with its process.
        """
        plain = {key: value for key, value in values.items() if value is not None}
        if ephemeral:
            path = self.state_dir / f"deployment-{network}.json"
            write_json(path, plain)
            return path
        return self._record((DEPLOYED,), network, plain)

    def _record(self, tables: tuple[str, ...], network: str, values: Mapping[str, Any]) -> Path:
        """Put a row into a table of ``stylus-ai.toml``, and leave everything else as it is."""
        path = self.root / FILE_NAME
        document = _read(path)
        parent: Any = document
        for name in tables:
            parent = parent.setdefault(name, tomlkit.table(is_super_table=True))
        row = tomlkit.table()
        row.update(values)
        parent[network] = row
        write_text(path, tomlkit.dumps(document))
        return path


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object that a stylus-ai command wrote.

    Raises:
        ProjectError: The file is missing or is not a JSON object.
    """
    try:
        value = strict_json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProjectError(f"{path} does not exist.") from None
    except ValueError as error:
        raise ProjectError(
            f"{path} is not JSON: {error}", "Delete it and run the step again."
        ) from None
    if not isinstance(value, dict):
        raise ProjectError(
            f"{path} does not hold a JSON object.", "Delete it and run the step again."
        )
    return value


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON object, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, sort_keys=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all: an interrupted run leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _read(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProjectError(
            f"{path} does not exist.", "Make a project with: stylus-ai new"
        ) from None
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise ProjectError(f"{path} is not TOML: {error}", f"Mend {FILE_NAME}.") from None


def _table(parent: Mapping[str, Any], key: str, *, optional: bool = False) -> dict[str, Any]:
    value = parent.get(key, {} if optional else None)
    if not isinstance(value, dict):
        problem = "is missing" if value is None else "is not a table"
        raise ProjectError(f"{FILE_NAME}: [{key}] {problem}.", f"Mend {FILE_NAME}.")
    return cast("dict[str, Any]", value.unwrap() if hasattr(value, "unwrap") else value)


def _check_keys(project: Mapping[str, Any]) -> None:
    """Refuse a key that nothing reads: it is a typing error."""
    for key in project:
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, n=1)
            hint = f"Did you mean {near[0]}? " if near else ""
            raise ProjectError(
                f"{FILE_NAME}: project.{key} is unknown.", f"{hint}Known: {', '.join(KEYS)}."
            )


def _folder(models: Mapping[str, Any], name: str) -> str:
    """Folder of an added model, below the project's root."""
    folder = _text(_table(models, name), f"models.{name}", "folder")
    if Path(folder).is_absolute() or ".." in Path(folder).parts:
        raise ProjectError(
            f'{FILE_NAME}: models.{name}.folder = "{folder}" lies outside the project.',
            f'Name a folder below its root, e.g. folder = "models/{name}"',
        )
    return folder


def _script(name: str) -> str:
    """``name`` if it is a path below the project's root."""
    path = Path(name)
    if path.is_absolute() or ".." in path.parts:
        raise ProjectError(
            f'{FILE_NAME}: project.train = "{name}" lies outside the project.',
            'Name a script below its root, e.g. train = "train.py"',
        )
    return name


def _companions(table: Mapping[str, Any]) -> tuple[Companion, ...]:
    """The rows of ``[contracts]``."""
    found: list[Companion] = []
    for role in table:
        where = f"contracts.{role}"
        row = _table(table, role)
        known = ("crate", "constructor", DEPLOYED)
        if role == MODEL_ROLE or not CRATE_NAME.fullmatch(role) or not set(row) <= set(known):
            raise ProjectError(
                f"{FILE_NAME}: [{where}] is no contract beside the model's, or has other keys than "
                f"{', '.join(known)}.",
                'E.g. [contracts.registry] with constructor = ["address deployer"]',
            )
        arguments = row.get("constructor", [])
        if not isinstance(arguments, list):
            arguments = [arguments]
        pairs = tuple(_argument(where, argument) for argument in arguments)
        found.append(Companion(role, _text(row, where, "crate", role), pairs))
    return tuple(found)


def _argument(where: str, argument: object) -> tuple[str, str]:
    """Type and value of a constructor's argument, written ``"address registry"``."""
    kind, _, value = str(argument).partition(" ")
    if not isinstance(argument, str) or not value.strip():
        raise ProjectError(
            f"{FILE_NAME}: {where}.constructor holds {argument!r}, not a type and a value.",
            'E.g. constructor = ["address registry", "uint16 15000"]',
        )
    return kind, value.strip()


def _interface(name: str) -> str:
    """``name`` if Solidity takes it as the name of an interface; files in ``abi/`` bear it too."""
    reserved = name.lower() in RESERVED or _SIZED_TYPE.fullmatch(name)
    if reserved or not _IDENTIFIER.fullmatch(name):
        problem = "is a reserved word" if reserved else "is no identifier"
        raise ProjectError(
            f'{FILE_NAME}: project.interface = "{name}" {problem}.',
            'Use letters, digits and _, e.g. interface = "ICreditScore"',
        )
    return name


def _text(table: Mapping[str, Any], where: str, key: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or not value:
        raise ProjectError(
            f"{FILE_NAME}: {where}.{key} must be a non-empty text, not {value!r}.",
            f"Mend {FILE_NAME}.",
        )
    return value
