"""A project's contract with other models in it, built and called apart from the project."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from stylus_ai import build as builder
from stylus_ai import chain, pipeline
from stylus_ai.chain import Client, Node
from stylus_ai.codegen import blobs_of
from stylus_ai.compress.fit import Measured
from stylus_ai.errors import ProjectError
from stylus_ai.ir import Program
from stylus_ai.project import Project, write_text
from stylus_ai.reports import read_profile

LEFT = (".git", ".venv", ".stylus-ai", "artifacts", "fixtures", "target", "node_modules")
"""Of a project, what its contract is not built from."""

MODEL = "model::predict::predict"
"""The model function, as the build's symbols name it."""


@dataclass(frozen=True)
class Trial:
    """A copy of a project, and an embedded node of its own.

    Attributes:
        project: The copy.
        client: Of the node.
    """

    project: Project
    client: Client

    @classmethod
    @contextmanager
    def of(cls, project: Project) -> Iterator[Trial]:
        """Copy a project and start a node; both are gone at the end.

        Raises:
            NodeError: The node does not start.
        """
        with tempfile.TemporaryDirectory(prefix="stylus-ai-trial-") as folder:
            copy = Path(folder) / "trial"
            shutil.copytree(project.root, copy, ignore=shutil.ignore_patterns(*LEFT))
            with Node(port=0) as node:
                yield cls(Project.open(copy), Client.connect(node.network))

    @staticmethod
    def insist(project: Project) -> None:
        """Say early whether there is something to build.

        Raises:
            ProjectError: The project has no contract.
        """
        if not (project.root / "Cargo.lock").is_file():
            raise ProjectError(
                f"{project.root} has no Cargo.lock, so no contract can be built to measure.",
                "Leave out --measure, or get it back: git checkout Cargo.lock",
            )

    def measured(self, rung: Measured, program: Program) -> Measured:
        """A rung with what the node says in the place of predictions.

        Of a contract that the chain refuses, or that reads blobs, only the size is measured.

        Raises:
            BuildError: The contract does not compile.
        """
        write_text(self.project.program_file, program.to_json())
        _, chosen, crate = pipeline.compile_model(self.project)
        raw = builder.build_contract(self.project.root, self.project.contract_crate)
        artifact = builder.assemble(
            raw,
            self.project.wasm_file,
            program_digest=program.digest,
            crate_digest=crate.digest,
            profile=self.project.profile,
        )
        sized = replace(rung, size=artifact.size_compressed)
        refused = not builder.check_wasm(artifact.path, self.project.profile).ok
        if refused or blobs_of(chosen) is not None:
            return sized
        key = chain.find_key(self.client.network)
        deployment = chain.deploy(self.client, artifact, key)
        chain.cache(self.client, deployment, key)
        data = chain.predict_data(program.features, program.reference)
        paid = self.client.receipt(self.client.send(key, deployment.address, data))
        symbols = builder.write_symbols(raw, artifact.path, artifact.code_hash, crate.parts)
        profile = read_profile(
            self.client.profile_call(deployment.address, data), [builder.Symbols.load(symbols)]
        )
        inside = [line.total for line in profile.functions() if line.name == MODEL]
        return replace(
            sized,
            gas=sum(inside) / profile.ink_price if inside else rung.gas,
            call=paid.gas,
            deploy=deployment.gas_deploy + deployment.gas_activate,
            measured=True,
        )
